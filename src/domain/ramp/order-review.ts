// What operators decide about an order of the ramp. Each is an approval for one order, with what was shown in its hash:
// `ramp_review` (the bank asks whether an order goes on), `ramp_payment` (fiat arrived, or was paid out), `ramp_release`
// (USDT go to the customer, or to the house), `ramp_refund` (an approved order comes to nothing).
// Must stay true: an order that is not what was shown is not moved; names and bank accounts are in none of the payloads.

import { type Static, Type as T } from 'typebox'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Bank } from '../context.ts'
import { approvalKind, type Words } from '../operator/approval-kind.ts'
import type { Role } from '../operator/role.ts'
import { type Partner, partnerById } from './partner.ts'
import { FIAT_SCALE } from './price.ts'
import { personOf, rampCustomerById } from './ramp-customer.ts'
import { lockRampOrder, type RampOrder, type RampStatus, rampOrderById } from './ramp-order.ts'
import {
  approveOrder,
  paymentJournal,
  recordPayment,
  rejectOrder,
  releaseJournal,
  releaseOrder,
} from './settle-order.ts'

export const RAMP_REVIEW = 'ramp_review'

const { scale } = assets.USDT
const usdt = (units: bigint) => formatAmount(units, scale, 2)
const fiatOf = ({ legal, fiat }: Pick<RampOrder, 'legal' | 'fiat'>) => `${formatAmount(legal, FIAT_SCALE, 2)} ${fiat}`

const Payload = T.Object(
  {
    order: T.String(),
    partner: T.String(),
    order_no: T.String(),
    direction: T.Union([T.Literal('in'), T.Literal('out')]),
    amount: T.String(),
    fee: T.String(),
    fiat: T.String(),
    large: T.Boolean({ description: 'two operators must agree' }),
  },
  { additionalProperties: false },
)
type ReviewPayload = Static<typeof Payload>

/** `secondReviewAbove` was read before the order's transaction: one that holds a connection must not wait for another. */
export const reviewPayload = (
  order: RampOrder,
  partner: Pick<Partner, 'name'>,
  secondReviewAbove: bigint,
): ReviewPayload => ({
  order: order.id,
  partner: partner.name,
  order_no: order.order_no,
  direction: order.direction,
  amount: formatAmount(order.amount, scale),
  fee: formatAmount(order.fee + order.channel_fee, scale),
  fiat: fiatOf(order),
  large: order.amount > secondReviewAbove,
})

const said = ({ direction, amount, fiat }: Pick<ReviewPayload, 'direction' | 'amount' | 'fiat'>) =>
  direction === 'in' ? `${fiat} → ${amount} USDT` : `${amount} USDT → ${fiat}`

const subjectOf = (id: string) => `ramp:${id}`

function inState<S extends RampStatus>(order: RampOrder, ...wanted: S[]): RampOrder & { status: S } {
  const { status } = order
  const found = wanted.find((one) => one === status)
  if (found === undefined) throw new Refusal('Outdated', { status })
  return { ...order, status: found }
}

export const rampReview = approvalKind({
  kind: RAMP_REVIEW,
  title: { zh: '出入金订单审核', en: 'Order of a ramp partner' },
  payload: Payload,
  makers: [], // the bank itself asks
  checkers: ['risk', 'finance', 'admin'],
  lasts: null, // an order waits until somebody decides
  checks: ({ large }) => (large ? 2 : 1),
  subject: (payload) => subjectOf(payload.order),
  prepare: async (_bank, _tx, _bookId, payload) => payload,
  describe: (payload) => ({
    zh: `${payload.partner} 订单 ${payload.order_no}:${said(payload)}`,
    en: `Order ${payload.order_no} of ${payload.partner}: ${said(payload)}`,
  }),
  async preview(bank, q, bookId, payload) {
    const order = inState(await rampOrderById(bank, q, bookId, payload.order), 'review')
    const partner = await partnerById(q, bookId, order.partner_id)
    await refuseUnknown(bank, q, bookId, order)
    const { payMinutes } = partner
    return {
      journals: [],
      effects: [
        order.direction === 'in'
          ? {
              zh: `客户须在 ${payMinutes} 分钟内付款 ${fiatOf(order)}`,
              en: `The customer has ${payMinutes} minutes to pay ${fiatOf(order)}`,
            }
          : {
              zh: `须在 ${payMinutes} 分钟内向客户付款 ${fiatOf(order)};${usdt(order.amount)} USDT 已冻结`,
              en: `${fiatOf(order)} are to be paid to the customer within ${payMinutes} minutes; ${usdt(order.amount)} USDT are held`,
            },
      ],
    }
  },
  async apply(bank, tx, { bookId, payload, note, at }) {
    const order = inState(await lockShown(bank, tx, bookId, payload), 'review')
    const partner = await partnerById(tx, bookId, order.partner_id)
    if (partner.status !== 'active') throw new Refusal('Forbidden', { reason: 'the partner is disabled' })
    await refuseUnknown(bank, tx, bookId, order)
    await approveOrder(bank, tx, bookId, order, partner, { reason: 'operators', note, at })
  },
  async reject(bank, tx, { bookId, payload, note, at }) {
    const order = inState(await lockShown(bank, tx, bookId, payload), 'review')
    await rejectOrder(tx, bookId, order, { reason: 'declined', note, at })
  },
})

async function lockShown(bank: Bank, tx: Tx, bookId: number, payload: ReviewPayload): Promise<RampOrder> {
  const order = await lockRampOrder(bank, tx, bookId, payload.order)
  if (usdt(order.amount) !== usdt(parseAmount(payload.amount, scale)) || fiatOf(order) !== payload.fiat)
    throw new Refusal('Outdated', { reason: 'the order is not what was shown' })
  return order
}

/** Nobody whose identity is not known gets further than the review. */
async function refuseUnknown(bank: Bank, q: Queries, bookId: number, order: RampOrder): Promise<void> {
  const person = await personOf(bank, bookId, await rampCustomerById(bank, q, bookId, order.customer_id))
  if (person?.status !== 'active') throw new Refusal('PersonFrozen')
  if (person.kycLevel === 'none') throw new Refusal('IdentityRequired')
}

// --- what operators propose ---

const OrderPayload = T.Object(
  { order: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }) },
  { additionalProperties: false },
)
const makers: readonly Role[] = ['finance']
const checkers: readonly Role[] = ['finance', 'admin']

async function orderIn<S extends RampStatus>(bank: Bank, q: Queries, bookId: number, id: string, ...wanted: S[]) {
  if (!isId(id)) throw new Refusal('NotFound')
  return inState(await rampOrderById(bank, q, bookId, id), ...wanted)
}

const lockIn = async <S extends RampStatus>(bank: Bank, tx: Tx, bookId: number, id: string, ...wanted: S[]) =>
  inState(await lockRampOrder(bank, tx, bookId, id), ...wanted)

const about = (zh: string, en: string, id: string): Words => ({ zh: `${zh} ${id}`, en: `${en} ${id}` })

export const rampPayment = approvalKind({
  kind: 'ramp_payment',
  title: { zh: '出入金到账/打款确认', en: "Payment of a ramp partner's order" },
  payload: T.Object(
    {
      ...OrderPayload.properties,
      paid: T.String({
        maxLength: 40,
        description: 'what arrived or was paid, in the order’s currency',
        examples: ['1000.00'],
      }),
      reference: T.String({
        minLength: 1,
        maxLength: 120,
        description: "the bank's reference",
        examples: ['TX-20260102-7'],
      }),
    },
    { additionalProperties: false },
  ),
  makers,
  checkers,
  checks: () => 1,
  subject: ({ order }) => subjectOf(order),
  async prepare(bank, tx, bookId, payload) {
    const order = await orderIn(bank, tx, bookId, payload.order, 'awaiting_payment')
    refusePartOf(order, payload.paid)
    return payload
  },
  describe: ({ order, paid }) => about(`确认付款 ${paid}:订单`, `Confirm payment of ${paid} for order`, order),
  async preview(bank, q, bookId, payload) {
    const order = await orderIn(bank, q, bookId, payload.order, 'awaiting_payment')
    const partner = await partnerById(q, bookId, order.partner_id)
    const released = order.release === 'automatic'
    return {
      journals: [paymentJournal(order, partner), ...(released ? [releaseJournal(order, partner)] : [])],
      effects: [
        released
          ? { zh: '确认后自动放币', en: 'Its USDT are released with it' }
          : { zh: '确认后待放币', en: 'Its USDT wait for their release' },
      ],
    }
  },
  async apply(bank, tx, { bookId, payload, note, at }) {
    const order = await lockIn(bank, tx, bookId, payload.order, 'awaiting_payment')
    refusePartOf(order, payload.paid)
    await recordPayment(bank, tx, bookId, order, {
      reason: 'operators',
      note: `${payload.reference} ${note}`.trim(),
      at,
    })
  },
})

/** An order is paid as a whole or not at all. */
function refusePartOf(order: RampOrder, paid: string): void {
  const units = parseAmount(paid, FIAT_SCALE, '/payload/paid')
  if (units !== order.legal)
    throw new Refusal('InvalidAmount', { pointer: '/payload/paid', reason: `the order is of ${fiatOf(order)}` })
}

export const rampRelease = approvalKind({
  kind: 'ramp_release',
  title: { zh: '出入金放币', en: "Release of a ramp partner's order" },
  payload: OrderPayload,
  makers,
  checkers,
  checks: () => 1,
  subject: ({ order }) => subjectOf(order),
  async prepare(bank, tx, bookId, payload) {
    await orderIn(bank, tx, bookId, payload.order, 'awaiting_release')
    return payload
  },
  describe: ({ order }) => about('放币:订单', 'Release order', order),
  async preview(bank, q, bookId, payload) {
    const order = await orderIn(bank, q, bookId, payload.order, 'awaiting_release')
    return { journals: [releaseJournal(order, await partnerById(q, bookId, order.partner_id))], effects: [] }
  },
  async apply(bank, tx, { bookId, payload, note, at }) {
    const order = await lockIn(bank, tx, bookId, payload.order, 'awaiting_release')
    await releaseOrder(bank, tx, bookId, order, { reason: 'operators', note, at })
  },
})

export const rampRefund = approvalKind({
  kind: 'ramp_refund',
  title: { zh: '出入金撤销退回', en: "Ending of a ramp partner's order" },
  payload: OrderPayload,
  makers,
  checkers,
  checks: () => 1,
  subject: ({ order }) => subjectOf(order),
  async prepare(bank, tx, bookId, payload) {
    await orderIn(bank, tx, bookId, payload.order, 'awaiting_payment', 'awaiting_release')
    return payload
  },
  describe: ({ order }) => about('撤销并退回:订单', 'End and give back order', order),
  async preview(bank, q, bookId, payload) {
    const order = await orderIn(bank, q, bookId, payload.order, 'awaiting_payment', 'awaiting_release')
    const partner = await partnerById(q, bookId, order.partner_id)
    const undone = paymentJournal(order, partner)
    const legs = undone.legs.map(({ account, amount }) => ({ account, amount: -amount }))
    return {
      journals: order.paid_journal_id === null ? [] : [{ kind: 'reversal', memo: '', legs }],
      effects: [
        order.direction === 'out'
          ? { zh: `${usdt(order.amount)} USDT 退回客户`, en: `${usdt(order.amount)} USDT go back to the customer` }
          : { zh: '订单结束;已收法币须另行退回', en: 'The order ends; fiat that arrived is to be sent back by hand' },
      ],
    }
  },
  async apply(bank, tx, { bookId, payload, reason, at }) {
    const order = await lockIn(bank, tx, bookId, payload.order, 'awaiting_payment', 'awaiting_release')
    await rejectOrder(tx, bookId, order, { reason: 'ended', note: reason, at })
  },
})
