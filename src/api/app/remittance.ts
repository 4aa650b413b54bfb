// 跨境汇款 of the app document, second half: preview, submission, orders; and beyond it each order's timeline and receipt.
// Wire ↔ domain only: the rules are those of domain/remittance.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import type { Actor, Bank, Locale } from '../../domain/context.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
import { CNH_SCALE, feeInFen, previewRemittance, type Quote } from '../../domain/remittance/quote-remittance.ts'
import { receiptPdf } from '../../domain/remittance/receipt.ts'
import { maskAccount } from '../../domain/remittance/recipient-fields.ts'
import {
  ownRemittance,
  type Remittance,
  remittanceEvents,
  remittancesOf,
} from '../../domain/remittance/remittance-order.ts'
import { nextStep, reasonWords, shownStatus, shownStatuses } from '../../domain/remittance/remittance-words.ts'
import { submitRemittance } from '../../domain/remittance/submit-remittance.ts'
import {
  Amount,
  type AppServer,
  actorOf,
  amountText,
  Instant,
  instantText,
  MoneyHeaders,
  markReplay,
  Ok,
  ok,
  PaymentPassword,
  pageOf,
  pageQuery,
  readWireId,
  strict,
  TotpCode,
  wireId,
} from './wire.ts'

const tags = ['跨境汇款']
const RecipientId = T.String({ minLength: 1, maxLength: 60, description: '收款人' })
const Status = T.Enum([...shownStatuses])

const Quoted = T.Object({
  quote_id: T.String(),
  expires_at: Instant,
  principal: T.String(),
  recipient_cnh: T.String({ description: 'principal × rate,舍去分以下 / rounded down to the fen' }),
  rate: T.String({ description: '1 USDT 兑 CNH / CNH for one USDT' }),
  rate_at: Instant,
  fee_usdt: T.String(),
  total_debit: T.String({ description: 'principal + fee_usdt' }),
  display_fee_cny: T.String({ description: 'fee_usdt × rate,进位到分 / rounded up to the fen' }),
})

const Order = T.Object({
  id: T.String(),
  recipient_id: T.String(),
  account_holder: T.String(),
  bank_name: T.String(),
  account_number: T.String({ description: 'masked' }),
  principal_usdt: T.String(),
  fee_usdt: T.String(),
  total_debit: T.String(),
  rate: T.String(),
  amount_cnh: T.String(),
  status: Status,
  reason: T.String({ description: '状态说明 / why it is in this state; may be empty' }),
  next_step: T.String({ description: '接下来 / what happens or is to be done next' }),
  created_at: Instant,
  settled_at: T.Union([Instant, T.Null()]),
})

const previewQuery = { recipient_id: RecipientId, amount: Amount }
const OrderId = strict({ id: T.String({ minLength: 1, maxLength: 60 }) })

export function remittanceRoutes(app: AppServer, bank: Bank) {
  const preview = async (actor: Actor, input: { recipient_id: string; amount: string }) => {
    const recipientId = readWireId('rc', input.recipient_id)
    const { quote } = await previewRemittance(bank, actor, { recipientId, amount: input.amount })
    return ok(quoted(quote))
  }
  const schema = { tags, summary: '汇款预览 / What a remittance costs and what arrives', response: { 200: Ok(Quoted) } }
  app.post(
    '/api/remittance/preview',
    { schema: { ...schema, operationId: 'previewRemittance', body: strict(previewQuery) } },
    async (request) => preview(actorOf(request), request.body),
  )
  // the document lost its verbs; both are as likely
  app.get(
    '/api/remittance/preview',
    { schema: { ...schema, operationId: 'getRemittancePreview', querystring: strict(previewQuery) } },
    async (request) => preview(actorOf(request), request.query),
  )

  app.post(
    '/api/remittance/submit',
    {
      schema: {
        tags,
        operationId: 'submitRemittance',
        summary: '提交汇款 / Send a remittance',
        description:
          '价格以预览为准:报价有效期内按报价;过期且价格已变则拒绝,除非给出两个预期金额 / What was last previewed is charged while it holds; a price that changed since is refused unless both expected amounts say the new one.',
        headers: MoneyHeaders,
        body: strict({
          recipient_id: RecipientId,
          amount: Amount,
          quote_id: T.Optional(T.String({ minLength: 1, maxLength: 60 })),
          expected_total_debit: T.Optional(Amount),
          expected_recipient_cnh: T.Optional(Amount),
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: {
          200: Ok(
            T.Object({
              id: T.String(),
              principal_usdt: T.String(),
              fee_usdt: T.String(),
              total_debit: T.String(),
              rate: T.String(),
              amount_cnh: T.String(),
              status: Status,
              created_at: Instant,
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { recipient_id, amount, payment_password, totp_code, ...expected } = request.body
      const { answer, replayed } = await submitRemittance(bank, actor, {
        recipientId: readWireId('rc', recipient_id),
        amount,
        expected: {
          quoteId: expected.quote_id === undefined ? undefined : readQuoteId(expected.quote_id),
          totalDebit: expected.expected_total_debit,
          recipientCnh: expected.expected_recipient_cnh,
        },
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(
          request.headers['idempotency-key'],
          `app:${actor.personId}:remittance`,
          request.body,
        ),
      })
      markReplay(reply, replayed)
      return ok({
        id: wireId('rm', `${answer.id}`),
        principal_usdt: `${answer.principal_usdt}`,
        fee_usdt: `${answer.fee_usdt}`,
        total_debit: `${answer.total_debit}`,
        rate: `${answer.rate}`,
        amount_cnh: `${answer.amount_cnh}`,
        status: answer.status === 'review' ? ('review' as const) : ('processing' as const),
        created_at: `${answer.created_at}`,
      })
    },
  )

  app.get(
    '/api/remittance/orders',
    {
      schema: {
        tags,
        operationId: 'listRemittances',
        summary: '汇款订单 / Remittances, newest first',
        querystring: strict(pageQuery),
        response: { 200: Ok(T.Object({ items: T.Array(Order), page: T.Integer(), size: T.Integer() })) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const orders = await remittancesOf(bank, actorOf(request), { offset, size })
      return ok({ items: orders.map((order) => orderOf(order, request.origin.locale)), page, size })
    },
  )

  app.get(
    '/api/remittance/orders/:id',
    {
      schema: {
        tags,
        operationId: 'showRemittance',
        summary: '汇款订单详情与时间线 / One remittance with its timeline',
        params: OrderId,
        response: {
          200: Ok(
            T.Object({
              ...Order.properties,
              timeline: T.Array(T.Object({ status: Status, reason: T.String(), next_step: T.String(), at: Instant })),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { locale } = request.origin
      const actor = actorOf(request)
      const order = await ownRemittance(bank, bank.db, actor, readWireId('rm', request.params.id))
      const events = await remittanceEvents(bank.db, actor.bookId, order.id)
      // the bank's own steps look alike to the customer: the first of those in a row is shown
      const steps = events.filter((event, i) => {
        const before = events[i - 1]
        return (
          event.to_status !== 'submitted' &&
          shownStatus(event.to_status) !==
            (before?.to_status === 'submitted' ? undefined : before && shownStatus(before.to_status))
        )
      })
      return ok({
        ...orderOf(order, locale),
        timeline: steps.map((event) => ({
          status: shownStatus(event.to_status),
          reason: reasonWords(event.reason, locale),
          next_step: nextStep(event.to_status, locale),
          at: instantText(event.at),
        })),
      })
    },
  )

  app.get(
    '/api/remittance/orders/:id/receipt',
    {
      schema: {
        tags,
        operationId: 'getRemittanceReceipt',
        summary: '汇款回单(PDF),完成后可下载 / The receipt of a completed remittance, as PDF',
        params: OrderId,
        response: {
          200: {
            description: 'PDF',
            content: { 'application/pdf': { schema: T.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
          },
        },
      },
    },
    async (request, reply) => {
      const order = await ownRemittance(bank, bank.db, actorOf(request), readWireId('rm', request.params.id))
      if (order.status !== 'completed' && order.status !== 'returned')
        throw new Refusal('Outdated', {
          reason: 'there is a receipt when it is completed',
          status: shownStatus(order.status),
        })
      reply.header('content-type', 'application/pdf')
      reply.header('content-disposition', `attachment; filename="${wireId('rm', order.id)}.pdf"`)
      reply.header('cache-control', 'no-store')
      return reply.send(receiptPdf(order))
    },
  )
}

/** Anything that is no quote's id is a quote that holds no more. */
function readQuoteId(text: string): string {
  const id = text.startsWith('rq-') ? text.slice(3) : ''
  if (!isId(id)) throw new Refusal('QuoteExpired', { pointer: '/quote_id' })
  return id
}

const cnh = (fen: bigint) => formatAmount(fen, CNH_SCALE, 2)

const quoted = (quote: Quote) => ({
  quote_id: wireId('rq', quote.id),
  expires_at: instantText(quote.expires_at),
  principal: amountText(quote.principal),
  recipient_cnh: cnh(quote.cnh),
  rate: formatAmount(quote.rate, 6, 4),
  rate_at: instantText(quote.rate_at),
  fee_usdt: amountText(quote.fee),
  total_debit: amountText(quote.principal + quote.fee),
  display_fee_cny: cnh(feeInFen(quote)),
})

const orderOf = (order: Remittance, locale: Locale) => ({
  id: wireId('rm', order.id),
  recipient_id: wireId('rc', order.recipient_id),
  account_holder: order.recipient.holder,
  bank_name: order.recipient.bankName,
  account_number: maskAccount(order.recipient.account),
  principal_usdt: amountText(order.principal),
  fee_usdt: amountText(order.fee),
  total_debit: amountText(order.principal + order.fee),
  rate: formatAmount(order.rate, 6, 4),
  amount_cnh: cnh(order.cnh),
  status: shownStatus(order.status),
  reason: reasonWords(order.reason, locale),
  next_step: nextStep(order.status, locale),
  created_at: instantText(order.created_at),
  settled_at: order.settled_at && instantText(order.settled_at),
})
