// Orders of ramp partners: what waits for operators, and one with all that deciding takes. Deciding is checking the
// approval that the bank made (`ramp_review`), or proposing one: `ramp_payment`, `ramp_release`, `ramp_refund`.

import { Type as T } from 'typebox'
import { formatAmount } from '../../base/money.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { FIAT_SCALE, RATE_SCALE } from '../../domain/ramp/price.ts'
import { sellsAll, speaksFor } from '../../domain/ramp/ramp-customer.ts'
import {
  type Direction,
  type RampOrder,
  type RampStatus,
  rampQueue,
  rampStatuses,
} from '../../domain/ramp/ramp-order.ts'
import { seeRampOrder } from '../../domain/ramp/see-order.ts'
import {
  amountText,
  type ConsoleServer,
  Data,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: ramp']

const Row = T.Object({
  id: T.String(),
  partner: T.String(),
  source: T.String(),
  order_no: T.String(),
  direction: T.String({ description: 'in: fiat for USDT; out: USDT for fiat' }),
  uid: T.String(),
  status: T.String(),
  reason: T.String(),
  note: T.String(),
  amount: T.String({ description: 'USDT, fees included' }),
  fee: T.String(),
  channel_fee: T.String(),
  fiat: T.String(),
  fiat_amount: T.String(),
  rate: T.String(),
  release: T.String(),
  note_code: T.String({ description: 'what the payer writes on the bank transfer' }),
  approval: OrNull(T.String()),
  created_at: Instant,
  deadline_at: OrNull(Instant),
  paid_at: OrNull(Instant),
  issued_at: OrNull(Instant),
})
const rowOf = (order: RampOrder) => ({
  id: order.id,
  partner: order.partner_id,
  source: order.source,
  order_no: order.order_no,
  direction: order.direction,
  uid: `U${order.person_no}`,
  status: order.status,
  reason: order.reason,
  note: order.note,
  amount: amountText(order.amount),
  fee: amountText(order.fee),
  channel_fee: amountText(order.channel_fee),
  fiat: order.fiat,
  fiat_amount: formatAmount(order.legal, FIAT_SCALE, 2),
  rate: formatAmount(order.rate, RATE_SCALE, 2),
  release: order.release,
  note_code: order.details.noteCode ?? '',
  approval: order.approval_id,
  created_at: instantText(order.created_at),
  deadline_at: instantOrNull(order.deadline_at),
  paid_at: instantOrNull(order.paid_at),
  issued_at: instantOrNull(order.issued_at),
})

const Whole = T.Object({
  ...Row.properties,
  partner_name: T.String(),
  account: T.String({ description: "the partner's own name for the customer" }),
  details: T.Record(T.String(), T.String(), { description: 'who pays, or who is paid and where' }),
  customer: OrNull(
    T.Object({
      id: T.String(),
      masked_name: T.String(),
      status: T.String(),
      kyc_level: T.String(),
      was_here_before: T.Boolean(),
      partner_speaks_for: T.Boolean({ description: 'the customer let it, or it brought the customer' }),
      partner_sells_all: T.Boolean({ description: 'else only what it brought itself' }),
    }),
  ),
  timeline: T.Array(
    T.Object({ from: OrNull(T.String()), to: T.String(), reason: T.String(), note: T.String(), at: Instant }),
  ),
  review: OrNull(T.Object({ approval: T.String(), hash: T.String(), status: T.String(), checks_needed: T.Integer() })),
})

export function rampOrderRoutes(app: ConsoleServer, bank: Bank): void {
  app.get(
    '/ramp-orders',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListRampOrders',
        summary:
          '出入金订单;status=review、awaiting_payment、awaiting_release 为待办,先到先办 / Orders of ramp partners, newest first; what waits, oldest first',
        querystring: strict({
          status: T.Optional(T.Union(rampStatuses.map((status) => T.Literal(status)))),
          direction: T.Optional(T.Union([T.Literal('in'), T.Literal('out')])),
          partner: T.Optional(Id),
          ...pageQuery,
        }),
        response: { 200: Items(Row) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { status, direction, partner } = request.query
      const found = await rampQueue(bank, bank.db, operatorOf(request).bookId, {
        status: status as RampStatus | undefined,
        direction: direction as Direction | undefined,
        partnerId: partner === undefined ? undefined : readId(partner),
        offset,
        size,
      })
      return { data: { items: found.map(rowOf), page, size } }
    },
  )

  app.get(
    '/ramp-orders/:id',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleShowRampOrder',
        summary: '出入金订单详情与时间线(每次查看均记录)/ An order of a ramp partner, whole; every look is logged',
        params: strict({ id: Id }),
        response: { 200: Data(Whole) },
      },
    },
    async (request) => {
      const dossier = await seeRampOrder(bank, operatorOf(request), readId(request.params.id))
      const { order, partner, customer, person, events, approval } = dossier
      return {
        data: {
          ...rowOf(order),
          partner_name: partner.name,
          account: customer.account,
          details: { ...order.details },
          customer: person
            ? {
                id: person.id,
                masked_name: person.maskedName,
                status: person.status,
                kyc_level: person.kycLevel,
                was_here_before: customer.origin === 'matched',
                partner_speaks_for: speaksFor(customer),
                partner_sells_all: sellsAll(customer),
              }
            : null,
          timeline: events.map(({ from_status, to_status, reason, note, at }) => ({
            from: from_status,
            to: to_status,
            reason,
            note,
            at: instantText(at),
          })),
          review: approval && {
            approval: approval.id,
            hash: approval.hash,
            status: approval.status,
            checks_needed: approval.checksNeeded,
          },
        },
      }
    },
  )
}
