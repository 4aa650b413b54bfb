// USDT 提现 of the app document: submit and list; and beyond it the quote, what each network offers, one order with its
// timeline, and cancelling. Wire ↔ domain only: the rules are those of domain/withdrawal.

import { Type as T } from 'typebox'
import { showAddress } from '../../domain/chain/address.ts'
import { explorerUrl, networkOf } from '../../domain/chain/network.ts'
import type { Bank, Locale } from '../../domain/context.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
import { cancelOwnWithdrawal } from '../../domain/withdrawal/cancel-withdrawal.ts'
import { submitWithdrawal } from '../../domain/withdrawal/submit-withdrawal.ts'
import {
  netOf,
  ownWithdrawal,
  type Withdrawal,
  type WithdrawalStatus,
  withdrawalEvents,
  withdrawalStatuses,
  withdrawalsOf,
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
      const orders = await withdrawalsOf(bank.db, actor.bookId, actor.personNo, filter)
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
      const order = await ownWithdrawal(bank, actor, readWireId('w', request.params.id))
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
      const order = await cancelOwnWithdrawal(bank, actorOf(request), readWireId('w', request.params.id))
      return ok(wireOrder(bank, order, request.origin.locale))
    },
  )
}

function wireOrder(bank: Bank, order: Withdrawal, locale: Locale) {
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
    can_cancel: order.status === 'review' || order.status === 'approved',
    tx_hash: order.tx_hash,
    explorer_url: order.tx_hash === null ? null : explorerUrl(network, order.tx_hash),
    confirmations: 0,
    confirmations_required: network.confirmations,
    created_at: instantText(order.created_at),
    settled_at: order.settled_at && instantText(order.settled_at),
  }
}
