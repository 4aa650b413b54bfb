// The treasury: wallets with what books and chain say of them, the orders that move tokens between them, and a run now.
// Stopping it is stopping money out (POST /money-out/stop); thresholds are settings, changed by approval.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { formatAmount } from '../../base/money.ts'
import { showAddress } from '../../domain/chain/address.ts'
import { coinDecimals } from '../../domain/chain/coin.ts'
import { explorerUrl, networkOf } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { runNow, type TreasuryView, treasuryOrderView, treasuryView } from '../../domain/treasury/show-treasury.ts'
import {
  type TreasuryKind,
  type TreasuryOrder,
  type TreasuryStatus,
  treasuryOrders,
  treasuryTransitions,
} from '../../domain/treasury/treasury-order.ts'
import {
  amountText,
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

const tags = ['console: treasury']
const statuses = Object.keys(treasuryTransitions) as TreasuryStatus[]
const kinds = ['sweep', 'top_up', 'cold_move'] as const satisfies TreasuryKind[]

const Wallets = T.Object({
  network: T.String(),
  name: T.String(),
  wallets: T.Array(
    T.Object({
      where: T.String(),
      address: OrNull(T.String()),
      books: T.String({ description: 'USDT' }),
      chain: OrNull(T.String({ description: 'USDT at that block; null where it was not read' })),
    }),
  ),
  coin: T.Object({
    code: T.String(),
    hot: OrNull(T.String({ description: 'in the hot wallet, on chain' })),
    books: T.String({ description: 'on all of our addresses' }),
  }),
  block: OrNull(T.Integer({ description: 'final; what chain says is of this block' })),
  seen_at: OrNull(Instant),
  hot: T.Object({
    status: T.String({ description: 'fine, low or high' }),
    promised: T.String(),
    arriving: T.String(),
    too_much: T.String(),
    missing: T.String(),
    floor: T.String(),
    target: T.String(),
    ceiling: T.String(),
  }),
  sweeps: T.Object({
    above: T.String(),
    addresses: T.Integer({ description: 'deposit addresses with something on them' }),
    under_way: T.Integer(),
  }),
  stopped: OrNull(T.String()),
  note: T.String({ description: 'why nothing is swept' }),
  ran_at: OrNull(Instant),
})

const Order = T.Object({
  id: T.String(),
  kind: T.String(),
  network: T.String(),
  asset: T.String(),
  status: T.String(),
  reason: T.String(),
  amount: T.String(),
  from_address: T.String(),
  to_address: T.String(),
  to: T.String({ description: 'hot, cold or deposit' }),
  attempt: T.Integer(),
  journal: OrNull(T.String()),
  created_at: Instant,
  settled_at: OrNull(Instant),
})

const FullOrder = T.Object({
  ...Order.properties,
  timeline: T.Array(T.Object({ from: OrNull(T.String()), to: T.String(), reason: T.String(), at: Instant })),
  payment: OrNull(
    T.Object({
      id: T.String(),
      status: T.String(),
      reason: T.String(),
      transactions: T.Array(
        T.Object({
          tx_hash: T.String(),
          explorer_url: OrNull(T.String()),
          status: T.String(),
          nonce: OrNull(T.Integer()),
          signed_at: Instant,
        }),
      ),
    }),
  ),
  top_ups: T.Array(Order),
})

export function treasuryRoutes(app: ConsoleServer, bank: Bank) {
  const orderOf = (order: TreasuryOrder) => {
    const network = networkOf(bank.networks, order.network)
    const isToken = order.asset === 'token'
    return {
      id: order.id,
      kind: order.kind,
      network: order.network,
      asset: isToken ? 'USDT' : network.coin,
      status: order.status,
      reason: order.reason,
      amount: isToken ? amountText(order.amount) : formatAmount(order.value, coinDecimals(network)),
      from_address: showAddress(network, order.from_address),
      to_address: showAddress(network, order.to_address),
      to: order.to_purpose,
      attempt: order.attempt,
      journal: order.journal_id,
      created_at: instantText(order.created_at),
      settled_at: instantOrNull(order.settled_at),
    }
  }

  app.get(
    '/treasury/wallets',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleTreasuryWallets',
        summary: '热、冷钱包与充值地址余额(账面与链上)/ Wallets by network: what the books and the chain say',
        response: { 200: Data(T.Array(Wallets)) },
      },
    },
    async (request) => ({ data: (await treasuryView(bank, operatorOf(request).bookId)).map(walletsOf) }),
  )

  app.get(
    '/treasury/orders',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListTreasuryOrders',
        summary: '归集、补充手续费、转冷 / Sweeps, top-ups and moves to the cold wallet, newest first',
        querystring: strict({
          kind: T.Optional(T.Union(kinds.map((kind) => T.Literal(kind)))),
          status: T.Optional(T.Union(statuses.map((status) => T.Literal(status)))),
          network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })),
          ...pageQuery,
        }),
        response: { 200: Items(Order) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { kind, network } = request.query
      const status = request.query.status as TreasuryStatus | undefined
      const orders = await treasuryOrders(bank.db, operatorOf(request).bookId, { kind, status, network, offset, size })
      return { data: { items: orders.map(orderOf), page, size } }
    },
  )

  app.get(
    '/treasury/orders/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowTreasuryOrder',
        summary: '归集等订单详情 / One of them, with its timeline, its payment and its top-ups',
        params: strict({ id: Id }),
        response: { 200: Data(FullOrder) },
      },
    },
    async (request) => {
      const view = await treasuryOrderView(bank, operatorOf(request).bookId, readId(request.params.id))
      if (!view) throw new Refusal('NotFound')
      const { order, events, payment, transactions, topUps } = view
      const network = networkOf(bank.networks, order.network)
      return {
        data: {
          ...orderOf(order),
          timeline: events.map(({ from_status, to_status, reason, at }) => ({
            from: from_status,
            to: to_status,
            reason,
            at: instantText(at),
          })),
          payment: payment
            ? {
                id: payment.id,
                status: payment.status,
                reason: payment.reason,
                transactions: transactions.map(({ tx_hash, status, nonce, signed_at }) => ({
                  tx_hash,
                  explorer_url: explorerUrl(network, tx_hash),
                  status,
                  nonce,
                  signed_at: instantText(signed_at),
                })),
              }
            : null,
          top_ups: topUps.map(orderOf),
        },
      }
    },
  )

  app.post(
    '/treasury/run',
    {
      config: { roles: ['finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleRunTreasury',
        summary: '立即归集与调拨一次 / Run the treasury now: what is due by the settings, and nothing else',
        body: strict({ network: T.Optional(T.String({ maxLength: 10, examples: ['BSC'] })) }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await runNow(bank, operatorOf(request), request.body.network)
      return done
    },
  )
}

function walletsOf(view: TreasuryView) {
  const { network, settings } = view
  return {
    network: network.code,
    name: network.name,
    wallets: view.wallets.map(({ address, ...wallet }) => ({
      ...wallet,
      address: address && showAddress(network, address),
    })),
    coin: { code: network.coin, ...view.coin },
    block: view.block,
    seen_at: instantOrNull(view.seenAt),
    hot: {
      status: view.status,
      promised: view.promised,
      arriving: view.arriving,
      too_much: view.tooMuch,
      missing: view.missing,
      floor: amountText(settings.hotFloor),
      target: amountText(settings.hotTarget),
      ceiling: amountText(settings.hotCeiling),
    },
    sweeps: {
      above: amountText(settings.sweepAbove),
      addresses: view.addressesToSweep,
      under_way: view.underWay,
    },
    stopped: view.stopped ?? null,
    note: view.note,
    ran_at: instantOrNull(view.ranAt),
  }
}
