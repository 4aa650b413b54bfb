// USDT 提现 of the app document: submit and list; and beyond it the quote, what each network offers, one order with its
// timeline, and cancelling. Wire ↔ domain only: the rules are those of domain/withdrawal.

import { Type as T } from 'typebox'
import { showAddress } from '../../domain/chain/address.ts'
import { explorerUrl, networkOf } from '../../domain/chain/network.ts'
import type { Bank, Locale } from '../../domain/context.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
import { confirmWithdrawal } from '../../domain/withdrawal/await-owner.ts'
import { cancelOwnWithdrawal } from '../../domain/withdrawal/cancel-withdrawal.ts'
import {
  type Offer,
  type Quote,
  quoteWithdrawal,
  warningCodes,
  warningWords,
  withdrawalOffers,
} from '../../domain/withdrawal/quote-withdrawal.ts'
import { ownWithdrawals, type ShownWithdrawal, showOwnWithdrawal } from '../../domain/withdrawal/show-withdrawal.ts'
import { submitWithdrawal } from '../../domain/withdrawal/submit-withdrawal.ts'
import {
  netOf,
  type WithdrawalStatus,
  withdrawalEvents,
  withdrawalStatuses,
} from '../../domain/withdrawal/withdrawal.ts'
import { nextStep, reasonWords } from '../../domain/withdrawal/withdrawal-words.ts'
import { assets } from '../../ledger/accounts.ts'
import {
  Amount,
  type AppServer,
  actorOf,
  amountText,
  Chain,
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

const tags = ['USDT 提现']

export const ToAddress = T.String({ minLength: 1, maxLength: 128, description: '收款地址 / address' })
const Status = T.Enum([...withdrawalStatuses])

const Order = T.Object({
  id: T.String(),
  chain: T.String(),
  network: T.String(),
  asset: T.String(),
  to_address: T.String(),
  amount: T.String(),
  fee: T.String(),
  amount_net: T.String({ description: '实际到账 / what arrives' }),
  status: Status,
  reason: T.String({ description: '状态说明 / why it is in this state; may be empty' }),
  next_step: T.String({ description: '接下来 / what happens or is to be done next' }),
  can_cancel: T.Boolean(),
  tx_hash: T.Union([T.String(), T.Null()]),
  explorer_url: T.Union([T.String(), T.Null()]),
  confirmations: T.Integer(),
  confirmations_required: T.Integer(),
  created_at: Instant,
  settled_at: T.Union([Instant, T.Null()]),
})

const Warned = T.Array(T.Object({ code: T.Enum([...warningCodes]), message: T.String() }))

const Quoted = T.Object({
  chain: T.String(),
  network: T.String(),
  to_address: T.Union([T.String(), T.Null()], { description: '服务器读到的地址 / the address as the server reads it' }),
  amount: T.String(),
  fee: T.String(),
  amount_net: T.String({ description: '实际到账 / what arrives' }),
  min: T.String(),
  max: T.String(),
  available: T.String(),
  limit_per_day: T.String(),
  left_today: T.String(),
  needs_review: T.Boolean({ description: '需要人工审核 / operators look at it first' }),
  eta_seconds: T.Union([T.Integer(), T.Null()], { description: '预计到账秒数 / usual time until it arrives' }),
  warnings: Warned,
  similar_to: T.Union([T.String(), T.Null()], { description: '与之相似的已知地址 / the known address it resembles' }),
})

const Offered = T.Object({
  chain: T.String(),
  network: T.String(),
  family: T.String(),
  contract: T.String(),
  enabled: T.Boolean({ description: '现在可以提交 / can be submitted now' }),
  delayed: T.Boolean({ description: '转出暂停,会排队 / paused, would wait' }),
  fee: T.String(),
  min: T.String(),
  max: T.String(),
  auto_up_to: T.String({ description: '不超过此额无需人工审核 / up to this nobody has to look at it' }),
  confirmations_required: T.Integer(),
  eta_seconds: T.Integer(),
})

const Timeline = T.Array(
  T.Object({
    status: Status,
    at: Instant,
    reason: T.String(),
    next_step: T.String(),
    tx_hash: T.Union([T.String(), T.Null()]),
  }),
)

export function withdrawalRoutes(app: AppServer, bank: Bank) {
  app.post(
    '/api/withdrawal/usdt',
    {
      schema: {
        tags,
        operationId: 'submitWithdrawal',
        summary: '提交提现 / Withdraw USDT to an address',
        description:
          'expected_fee 与当前手续费不同时拒绝;地址与用过的地址首尾相同时需 confirm_lookalike / Another fee than expected_fee is refused; an address that looks like a known one needs confirm_lookalike.',
        headers: MoneyHeaders,
        body: strict({
          chain: Chain,
          to_address: ToAddress,
          amount: Amount,
          expected_fee: T.Optional(Amount),
          confirm_lookalike: T.Optional(T.Boolean()),
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: {
          200: Ok(
            T.Object({
              order_id: T.String(),
              chain: T.String(),
              to_address: T.String(),
              amount: T.String(),
              fee: T.String(),
              amount_net: T.String(),
              status: T.Literal('submitted'),
              created_at: Instant,
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { chain, to_address, amount, expected_fee, confirm_lookalike, payment_password, totp_code } = request.body
      const { answer, replayed } = await submitWithdrawal(bank, actor, {
        network: chain,
        asset: 'USDT',
        to: to_address,
        amount,
        expectedFee: expected_fee,
        confirmLookalike: confirm_lookalike ?? false,
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(
          request.headers['idempotency-key'],
          `app:${actor.personId}:withdrawal`,
          request.body,
        ),
      })
      markReplay(reply, replayed)
      return ok({
        order_id: wireId('w', `${answer.id}`),
        chain: `${answer.chain}`,
        to_address: `${answer.to_address}`,
        amount: `${answer.amount}`,
        fee: `${answer.fee}`,
        amount_net: `${answer.amount_net}`,
        status: 'submitted' as const,
        created_at: `${answer.created_at}`,
      })
    },
  )

  app.get(
    '/api/withdrawal/usdt/networks',
    {
      schema: {
        tags,
        operationId: 'listWithdrawalNetworks',
        summary: '可提现的网络与费用 / Networks, fees and limits',
        response: {
          200: Ok(
            T.Object({
              items: T.Array(Offered),
              kyc_level: T.String(),
              limit_per_day: T.String(),
              left_today: T.String(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { offers, level, perDay, leftToday } = await withdrawalOffers(bank, actorOf(request))
      return ok({
        items: offers.map(wireOffer),
        kyc_level: level,
        limit_per_day: amountText(perDay),
        left_today: amountText(leftToday),
      })
    },
  )

  app.get(
    '/api/withdrawal/usdt/quote',
    {
      schema: {
        tags,
        operationId: 'quoteWithdrawal',
        summary: '提现试算 / What a withdrawal would cost',
        description:
          '金额与地址的错误与提交时相同;其余以 warnings 说明。提交时带上 expected_fee 可避免手续费变更 / Amount and address are refused as at submission, all else is told in warnings. Give the fee back as expected_fee.',
        querystring: strict({ chain: Chain, amount: Amount, to_address: T.Optional(ToAddress) }),
        response: { 200: Ok(Quoted) },
      },
    },
    async (request) => {
      const { chain, amount, to_address } = request.query
      const quote = await quoteWithdrawal(bank, actorOf(request), {
        network: chain,
        asset: 'USDT',
        amount,
        to: to_address,
      })
      return ok(wireQuote(quote, request.origin.locale))
    },
  )

  app.get(
    '/api/withdrawal/usdt/orders',
    {
      schema: {
        tags,
        operationId: 'listWithdrawals',
        summary: '提现记录 / Withdrawals, newest first',
        querystring: strict({
          status: T.Optional(T.Enum([...withdrawalStatuses], { description: '状态过滤 / only this status' })),
          ...pageQuery,
        }),
        response: { 200: Ok(T.Object({ items: T.Array(Order), page: T.Integer(), size: T.Integer() })) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const status = request.query.status as WithdrawalStatus | undefined
      const filter = { asset: 'USDT', status, offset, size } as const
      const orders = await ownWithdrawals(bank, actor, filter)
      return ok({ items: orders.map((order) => wireOrder(bank, order, request.origin.locale)), page, size })
    },
  )

  const params = strict({ id: T.String({ maxLength: 64 }) })

  app.get(
    '/api/withdrawal/usdt/orders/:id',
    {
      schema: {
        tags,
        operationId: 'getWithdrawal',
        summary: '提现详情与时间线 / One withdrawal with its timeline',
        params,
        response: { 200: Ok(T.Object({ ...Order.properties, timeline: Timeline })) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { locale } = request.origin
      const order = await showOwnWithdrawal(bank, actor, readWireId('w', request.params.id))
      const events = await withdrawalEvents(bank.db, actor.bookId, order.id)
      return ok({
        ...wireOrder(bank, order, locale),
        timeline: events.map((event) => ({
          status: event.to_status,
          at: instantText(event.at),
          reason: reasonWords(event.reason, locale),
          next_step: nextStep(event.to_status, locale),
          tx_hash: event.tx_hash,
        })),
      })
    },
  )

  app.post(
    '/api/withdrawal/usdt/orders/:id/confirm',
    {
      schema: {
        tags,
        operationId: 'confirmWithdrawal',
        summary: '确认程序发起的提现 / Confirm a withdrawal that a program asked for',
        description:
          '状态为 verification 的订单须在 24 小时内确认 / One whose status is verification, within 24 hours.',
        params,
        body: strict({ payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) }),
        response: { 200: Ok(Order) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const id = readWireId('w', request.params.id)
      const { payment_password, totp_code } = request.body
      await confirmWithdrawal(bank, actor, id, { paymentPassword: payment_password, totpCode: totp_code })
      return ok(wireOrder(bank, await showOwnWithdrawal(bank, actor, id), request.origin.locale))
    },
  )

  app.post(
    '/api/withdrawal/usdt/orders/:id/cancel',
    {
      schema: {
        tags,
        operationId: 'cancelWithdrawal',
        summary: '取消提现(发送前)/ Cancel a withdrawal that is not sent yet',
        params,
        body: strict({}),
        response: { 200: Ok(Order) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const id = readWireId('w', request.params.id)
      await cancelOwnWithdrawal(bank, actor, id)
      return ok(wireOrder(bank, await showOwnWithdrawal(bank, actor, id), request.origin.locale))
    },
  )
}

function wireQuote(quote: Quote, locale: Locale) {
  const { network, settings, to, lookalike } = quote
  return {
    chain: network.code,
    network: network.name,
    to_address: to && showAddress(network, to),
    amount: amountText(quote.amount),
    fee: amountText(quote.fee),
    amount_net: amountText(quote.net),
    min: amountText(settings.min),
    max: amountText(settings.max),
    available: amountText(quote.available),
    limit_per_day: amountText(quote.perDay),
    left_today: amountText(quote.leftToday),
    needs_review: quote.needsReview,
    eta_seconds: quote.eta === null ? null : Math.ceil(quote.eta / 1000),
    warnings: quote.warnings.map((code) => ({ code, message: warningWords(code, locale) })),
    similar_to: lookalike && showAddress(network, lookalike),
  }
}

const wireOffer = ({ network, settings, open, delayed, eta }: Offer) => ({
  chain: network.code,
  network: network.name,
  family: network.family,
  contract: showAddress(network, network.contract),
  enabled: open,
  delayed,
  fee: amountText(settings.fee),
  min: amountText(settings.min),
  max: amountText(settings.max),
  auto_up_to: amountText(settings.autoBelow),
  confirmations_required: network.confirmations,
  eta_seconds: Math.ceil(eta / 1000),
})

function wireOrder(bank: Bank, order: ShownWithdrawal, locale: Locale) {
  const network = networkOf(bank.networks, order.network)
  const { scale } = assets[order.asset]
  return {
    id: wireId('w', order.id),
    chain: network.code,
    network: network.name,
    asset: order.asset,
    to_address: showAddress(network, order.to_address),
    amount: amountText(order.amount, scale),
    fee: amountText(order.fee, scale),
    amount_net: amountText(netOf(order), scale),
    status: order.status,
    reason: reasonWords(order.reason, locale),
    next_step: nextStep(order.status, locale),
    can_cancel: order.canCancel,
    tx_hash: order.tx_hash,
    explorer_url: order.tx_hash === null ? null : explorerUrl(network, order.tx_hash),
    confirmations: order.confirmations,
    confirmations_required: order.confirmationsRequired,
    created_at: instantText(order.created_at),
    settled_at: order.settled_at && instantText(order.settled_at),
  }
}
