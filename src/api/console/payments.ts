// Payments out on chains: what is on its way and why it waits, and one of them with what was signed for it. Giving one up is
// an approval (POST /approvals/give_up_payment); stopping all of them is stopping money out.

import { Type as T } from 'typebox'
import { formatAmount } from '../../base/money.ts'
import { showAddress } from '../../domain/chain/address.ts'
import { coinDecimals } from '../../domain/chain/coin.ts'
import { explorerUrl, networkOf } from '../../domain/chain/network.ts'
import type { ChainPayment } from '../../domain/chain-payment/chain-payment.ts'
import { openPayments, paymentView } from '../../domain/chain-payment/show-payments.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import {
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

const tags = ['console: payments out']

const Payment = T.Object({
  id: T.String(),
  network: T.String(),
  order: T.Object({ kind: T.String(), id: T.String() }),
  asset: T.String(),
  amount: T.String({ description: 'that is sent' }),
  from_address: T.String(),
  to_address: T.String(),
  status: T.String(),
  reason: T.String({ description: 'why it waits, or ended so' }),
  giving_up: OrNull(T.String({ description: 'void or again: an operator’s wish that is being carried out' })),
  created_at: Instant,
  settled_at: OrNull(Instant),
})

const FullPayment = T.Object({
  ...Payment.properties,
  timeline: T.Array(
    T.Object({
      from: OrNull(T.String()),
      to: T.String(),
      reason: T.String(),
      tx_hash: OrNull(T.String()),
      at: Instant,
    }),
  ),
  transactions: T.Array(
    T.Object({
      tx_hash: T.String(),
      explorer_url: OrNull(T.String()),
      status: T.String(),
      nonce: OrNull(T.Integer()),
      expires_at: OrNull(Instant),
      block: OrNull(T.Integer()),
      success: OrNull(T.Boolean()),
      fee: OrNull(T.String({ description: 'coin' })),
      signed_at: Instant,
      sent_at: OrNull(Instant),
      last_sent_at: OrNull(Instant),
    }),
  ),
})

export function paymentRoutes(app: ConsoleServer, bank: Bank) {
  const paymentOf = (payment: ChainPayment) => {
    const network = networkOf(bank.networks, payment.network)
    const isToken = payment.asset === 'token'
    return {
      id: payment.id,
      network: payment.network,
      order: { kind: payment.order_kind, id: payment.order_id },
      asset: isToken ? 'USDT' : network.coin,
      amount: formatAmount(payment.value, isToken ? network.decimals : coinDecimals(network)),
      from_address: showAddress(network, payment.from_address),
      to_address: showAddress(network, payment.to_address),
      status: payment.status,
      reason: payment.reason,
      giving_up: payment.give_up,
      created_at: instantText(payment.created_at),
      settled_at: instantOrNull(payment.settled_at),
    }
  }

  app.get(
    '/payments',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListPayments',
        summary: '在途链上付款及其等待原因 / Payments out that are on their way, the oldest first',
        querystring: strict({
          network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })),
          ...pageQuery,
        }),
        response: { 200: Items(Payment) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { network } = request.query
      const payments = await openPayments(bank.db, operatorOf(request).bookId, { network, offset, size })
      return { data: { items: payments.map(paymentOf), page, size } }
    },
  )

  app.get(
    '/payments/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowPayment',
        summary: '链上付款详情 / One of them, with its timeline and its transactions',
        params: strict({ id: Id }),
        response: { 200: Data(FullPayment) },
      },
    },
    async (request) => {
      const { payment, transactions, events } = await paymentView(
        bank.db,
        operatorOf(request).bookId,
        readId(request.params.id),
      )
      const network = networkOf(bank.networks, payment.network)
      return {
        data: {
          ...paymentOf(payment),
          timeline: events.map(({ from_status, to_status, reason, tx_hash, at }) => ({
            from: from_status,
            to: to_status,
            reason,
            tx_hash,
            at: instantText(at),
          })),
          transactions: transactions.map((one) => ({
            tx_hash: one.tx_hash,
            explorer_url: explorerUrl(network, one.tx_hash),
            status: one.status,
            nonce: one.nonce,
            expires_at: instantOrNull(one.expires_at),
            block: one.block_number,
            success: one.success,
            fee: one.fee_paid === null ? null : formatAmount(one.fee_paid, coinDecimals(network)),
            signed_at: instantText(one.signed_at),
            sent_at: instantOrNull(one.sent_at),
            last_sent_at: instantOrNull(one.last_sent_at),
          })),
        },
      }
    },
  )
}
