// Remittances and their recipients: the queues that wait for a decision, those that are uncertain, one with what deciding
// takes. Deciding is checking its approval (kinds `recipient_review`, `remittance_review`); a note that begins with one of
// `rejections` tells the customer that reason.

import { Type as T } from 'typebox'
import { formatAmount } from '../../base/money.ts'
import type { Bank } from '../../domain/context.ts'
import type { Approval } from '../../domain/operator/approval.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { CNH_SCALE } from '../../domain/remittance/quote-remittance.ts'
import { type Recipient, recipientQueue, reviewStatuses } from '../../domain/remittance/recipient.ts'
import { maskAccount } from '../../domain/remittance/recipient-fields.ts'
import { recipientRejections } from '../../domain/remittance/recipient-words.ts'
import { type Remittance, remittanceQueue, remittanceStatuses } from '../../domain/remittance/remittance-order.ts'
import { remittanceRejections } from '../../domain/remittance/remittance-words.ts'
import { askAgain, seeRecipient, seeRemittance } from '../../domain/remittance/see-remittance.ts'
import {
  amountText,
  Bilingual,
  type ConsoleServer,
  Data,
  Done,
  done,
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

const tags = ['console: remittances']

const RecipientRow = T.Object({
  id: T.String(),
  uid: T.String(),
  version: T.Integer(),
  bank_code: T.String(),
  account_number: T.String({ description: 'masked' }),
  review_status: T.String(),
  status: T.String(),
  reason: T.String(),
  note: T.String(),
  approval: OrNull(T.String()),
  created_at: Instant,
  updated_at: Instant,
})
const Review = OrNull(
  T.Object({ approval: T.String(), hash: T.String(), status: T.String(), checks_needed: T.Integer() }),
)
const Rejections = T.Array(T.Object({ code: T.String(), tells: Bilingual }))
const WholeRecipient = T.Object({
  ...RecipientRow.properties,
  account_holder: T.String(),
  account_number_whole: T.String(),
  id_number: T.String(),
  phone: T.String(),
  email: T.String(),
  currency: T.String(),
  cnaps_code: T.String(),
  review: Review,
  rejections: Rejections,
})

const Order = T.Object({
  id: T.String(),
  uid: T.String(),
  recipient: T.String(),
  to: T.String(),
  status: T.String(),
  reason: T.String(),
  note: T.String({ description: 'what the vendor or operators say' }),
  principal: T.String(),
  fee: T.String(),
  rate: T.String(),
  cnh: T.String(),
  payout: OrNull(T.String()),
  vendor_status: T.String(),
  approval: OrNull(T.String()),
  created_at: Instant,
  settled_at: OrNull(Instant),
})
const WholeOrder = T.Object({
  ...Order.properties,
  account_holder: T.String(),
  bank_name: T.String(),
  account_number_whole: T.String(),
  timeline: T.Array(
    T.Object({ from: OrNull(T.String()), to: T.String(), reason: T.String(), note: T.String(), at: Instant }),
  ),
  review: Review,
  vendor: OrNull(
    T.Object(
      {
        status: T.String({ description: 'unknown when the vendor does not answer, or knows no such payout' }),
        amount: OrNull(T.String()),
        currency: OrNull(T.String()),
        failure: OrNull(T.String()),
        returned: OrNull(T.String()),
      },
      { description: 'what the vendor says just now' },
    ),
  ),
  rejections: Rejections,
})

const params = strict({ id: Id })

export function remittanceConsoleRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/remittance-recipients',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListRecipients',
        summary:
          '收款人列表;review_status=pending 为待审核,先到先审 / Recipients, newest first; pending is the queue, oldest first',
        querystring: strict({
          review_status: T.Optional(T.Union(reviewStatuses.map((status) => T.Literal(status)))),
          ...pageQuery,
        }),
        response: { 200: Items(RecipientRow) },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const reviewStatus = request.query.review_status as Recipient['review_status'] | undefined
      const found = await recipientQueue(bank, bank.db, bookId, { reviewStatus, offset, size })
      return { data: { items: found.map(recipientRow), page, size } }
    },
  )

  app.get(
    '/remittance-recipients/:id',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleShowRecipient',
        summary: '收款人详情(每次查看均记录)/ A recipient, whole; every look is logged',
        params,
        response: { 200: Data(WholeRecipient) },
      },
    },
    async (request) => {
      const { recipient, approval } = await seeRecipient(bank, operatorOf(request), readId(request.params.id))
      const { details } = recipient
      return {
        data: {
          ...recipientRow(recipient),
          account_holder: details.holder,
          account_number_whole: details.account,
          id_number: details.idNumber,
          phone: details.phone,
          email: details.email,
          currency: details.currency,
          cnaps_code: details.cnaps,
          review: reviewOf(approval),
          rejections: Object.entries(recipientRejections).map(([code, tells]) => ({ code, tells })),
        },
      }
    },
  )

  app.get(
    '/remittances',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListRemittances',
        summary:
          '汇款列表;status=review 为待审核,status=uncertain 为结果未知 / Remittances, newest first; review is the queue, oldest first; uncertain are those whose outcome nobody knows',
        querystring: strict({
          status: T.Optional(T.Union(remittanceStatuses.map((status) => T.Literal(status)))),
          ...pageQuery,
        }),
        response: { 200: Items(Order) },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const status = request.query.status as Remittance['status'] | undefined
      const found = await remittanceQueue(bank, bank.db, bookId, { status, offset, size })
      return { data: { items: found.map(orderRow), page, size } }
    },
  )

  app.get(
    '/remittances/:id',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleShowRemittance',
        summary:
          '汇款详情、时间线与渠道实时状态(每次查看均记录)/ A remittance with its timeline and what the vendor says now; every look is logged',
        params,
        response: { 200: Data(WholeOrder) },
      },
    },
    async (request) => {
      const { order, events, approval, vendor } = await seeRemittance(
        bank,
        operatorOf(request),
        readId(request.params.id),
      )
      const said = vendor === 'unknown' ? undefined : vendor
      return {
        data: {
          ...orderRow(order),
          account_holder: order.recipient.holder,
          bank_name: order.recipient.bankName,
          account_number_whole: order.recipient.account,
          timeline: events.map((event) => ({
            from: event.from_status,
            to: event.to_status,
            reason: event.reason,
            note: event.note,
            at: instantText(event.at),
          })),
          review: reviewOf(approval),
          vendor: vendor && {
            status: said?.status ?? 'unknown',
            amount: said?.amount ?? null,
            currency: said?.currency ?? null,
            failure: said?.failure ?? null,
            returned: said?.returned ?? null,
          },
          rejections: Object.entries(remittanceRejections).map(([code, tells]) => ({ code, tells })),
        },
      }
    },
  )

  app.post(
    '/remittances/:id/ask',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleAskAboutRemittance',
        summary: '立即向渠道查询 / Have the vendor asked about it now',
        params,
        response: { 200: Done },
      },
    },
    async (request) => {
      await askAgain(bank, operatorOf(request), readId(request.params.id))
      return done
    },
  )
}

const recipientRow = (recipient: Recipient) => ({
  id: recipient.id,
  uid: `U${recipient.person_no}`,
  version: recipient.version,
  bank_code: recipient.bank_code,
  account_number: maskAccount(recipient.details.account),
  review_status: recipient.review_status,
  status: recipient.status,
  reason: recipient.reason,
  note: recipient.note,
  approval: recipient.approval_id,
  created_at: instantText(recipient.created_at),
  updated_at: instantText(recipient.updated_at),
})

const orderRow = (order: Remittance) => ({
  id: order.id,
  uid: `U${order.person_no}`,
  recipient: order.recipient_id,
  to: `${order.recipient.bankCode} ${maskAccount(order.recipient.account)}`,
  status: order.status,
  reason: order.reason,
  note: order.note,
  principal: amountText(order.principal),
  fee: amountText(order.fee),
  rate: formatAmount(order.rate, 6, 4),
  cnh: formatAmount(order.cnh, CNH_SCALE, 2),
  payout: order.payout_id,
  vendor_status: order.vendor_status,
  approval: order.approval_id,
  created_at: instantText(order.created_at),
  settled_at: instantOrNull(order.settled_at),
})

const reviewOf = (approval: Approval | null) =>
  approval && {
    approval: approval.id,
    hash: approval.hash,
    status: approval.status,
    checks_needed: approval.checksNeeded,
  }
