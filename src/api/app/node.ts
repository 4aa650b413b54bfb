// 节点 of the app document: the shop, quotes, purchases, cashback, holdings; and yields, which the document does not list.
// Wire ↔ domain only: the rules are those of domain/earn/. UPT are JSON numbers, as the document prints them.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { buyNodes } from '../../domain/earn/buy-nodes.ts'
import { cashbacks, nodeOrders } from '../../domain/earn/node-order.ts'
import type { Part, Tier } from '../../domain/earn/node-tier.ts'
import { yieldsOf } from '../../domain/earn/node-yield.ts'
import { nodeDashboard, nodeStanding, quoteNodes } from '../../domain/earn/quote-nodes.ts'
import { rateText } from '../../domain/earn/rate.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
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
  pointsNumber,
  readPoints,
  strict,
  TotpCode,
  wireId,
} from './wire.ts'

const tags = ['节点']

/** Beyond what any tier holds; the domain says how many there are and how many one may have. */
const MOST = 1_000_000

const PartAnswer = T.Object({ tier: T.Integer(), units: T.Integer(), unit_price: T.String(), subtotal: T.String() })
const partOf = ({ tier, units, price }: Part) => ({
  tier,
  units,
  unit_price: amountText(price),
  subtotal: amountText(BigInt(units) * price),
})

const TierAnswer = T.Object({ tier: T.Integer(), unit_price: T.String(), units: T.Integer(), available: T.Integer() })
const tierOf = ({ tier, units, sold, price }: Tier) => ({
  tier,
  unit_price: amountText(price),
  units,
  available: units - sold,
})

const Quote = T.Object({
  qty: T.Integer(),
  unit_price_first_tier: T.String(),
  total_usdt: T.String({ description: '各档小计之和 / the sum of the subtotals' }),
  tiers: T.Array(PartAnswer),
  upt_granted: T.Number(),
  available: T.Integer(),
  remaining_for_user: T.Integer({ description: '您还可购买 / how many you may still buy' }),
})

export function nodeRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/node/dashboard',
    {
      schema: {
        tags,
        operationId: 'getNodeDashboard',
        summary: '节点总览 / Price, stock, and what I hold',
        response: {
          200: Ok(
            T.Object({
              is_node: T.Boolean(),
              node_count: T.Integer(),
              effective_level: T.Integer(),
              current_unit_price: T.String(),
              available_stock: T.Integer(),
              upt_balance: T.Number(),
              remaining_for_user: T.Integer(),
              max_per_user: T.Integer(),
              tiers: T.Array(TierAnswer),
            }),
          ),
        },
      },
    },
    async (request) => {
      const shown = await nodeDashboard(bank, actorOf(request))
      return ok({
        is_node: shown.nodes > 0,
        node_count: shown.nodes,
        effective_level: shown.level,
        current_unit_price: amountText(shown.price),
        available_stock: shown.available,
        upt_balance: pointsNumber(shown.upt),
        remaining_for_user: shown.remaining,
        max_per_user: shown.perPerson,
        tiers: shown.tiers.map(tierOf),
      })
    },
  )

  const quote = async (request: Parameters<typeof actorOf>[0], quantity: number) => {
    const { parts, total, upt, available, remaining } = await quoteNodes(bank, actorOf(request), quantity)
    return ok({
      qty: quantity,
      unit_price_first_tier: amountText(parts[0]?.price ?? 0n),
      total_usdt: amountText(total),
      tiers: parts.map(partOf),
      upt_granted: pointsNumber(upt),
      available,
      remaining_for_user: remaining,
    })
  }

  app.get(
    '/api/node/quote',
    {
      schema: {
        tags,
        operationId: 'quoteNodes',
        summary: '购买报价(可跨档)/ What so many nodes cost now; they may span tiers',
        querystring: strict({
          qty: T.String({ pattern: '^[1-9][0-9]{0,5}$', description: '数量 / how many (integer)', examples: ['1'] }),
        }),
        response: { 200: Ok(Quote) },
      },
    },
    async (request) => quote(request, Number.parseInt(request.query.qty, 10)),
  )

  app.post(
    '/api/node/quote',
    {
      schema: {
        tags,
        operationId: 'quoteNodesByPost',
        summary: '购买报价(可跨档)/ The same, asked with a body',
        body: strict({ qty: T.Integer({ minimum: 1, maximum: MOST, description: '数量 / how many' }) }),
        response: { 200: Ok(Quote) },
      },
    },
    async (request) => quote(request, request.body.qty),
  )

  app.post(
    '/api/node/buy',
    {
      schema: {
        tags,
        operationId: 'buyNodes',
        summary:
          '购买节点;总价与 expected_total_usdt 不同则拒绝 / Buy nodes from the main account; refused when the total is another one',
        headers: MoneyHeaders,
        body: strict({
          quantity: T.Integer({ minimum: 1, maximum: MOST, description: '数量 / how many' }),
          expected_total_usdt: Amount,
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: {
          200: Ok(
            T.Object({
              order_id: T.String(),
              quantity: T.Integer(),
              total_usdt: T.String(),
              upt_granted: T.Number(),
              status: T.Literal('paid'),
              created_at: Instant,
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { quantity, expected_total_usdt, payment_password, totp_code } = request.body
      const { answer, replayed } = await buyNodes(bank, actor, {
        quantity,
        expectedTotal: expected_total_usdt,
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(request.headers['idempotency-key'], `app:${actor.personId}:node-buy`, request.body),
      })
      markReplay(reply, replayed)
      return ok({
        order_id: wireId('n', `${answer.id}`),
        quantity: Number(answer.quantity),
        total_usdt: `${answer.total_usdt}`,
        upt_granted: readPoints(`${answer.upt}`),
        status: 'paid' as const,
        created_at: `${answer.created_at}`,
      })
    },
  )

  app.get(
    '/api/node/orders',
    {
      schema: {
        tags,
        operationId: 'listNodeOrders',
        summary: '购买记录 / My purchases',
        querystring: strict(pageQuery),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  quantity: T.Integer(),
                  total_usdt: T.String(),
                  tiers: T.Array(PartAnswer),
                  upt_granted: T.Number(),
                  status: T.String(),
                  created_at: Instant,
                }),
              ),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId, personNo } = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const orders = await nodeOrders(bank.db, bookId, { personNo, offset, size })
      return ok({
        items: orders.map((order) => ({
          id: wireId('n', order.id),
          quantity: order.quantity,
          total_usdt: amountText(order.total),
          tiers: order.parts.map(partOf),
          upt_granted: pointsNumber(order.upt),
          status: order.status,
          created_at: instantText(order.created_at),
        })),
        page,
        size,
      })
    },
  )

  app.get(
    '/api/node/cashback',
    {
      schema: {
        tags,
        operationId: 'listCashback',
        summary: '邀请返现 / Cashback for those whom I invited',
        querystring: strict(pageQuery),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  amount: T.String(),
                  rate: T.String(),
                  base: T.String({ description: '对方支付的总价 / what was paid for the nodes' }),
                  from_uid: T.String(),
                  status: T.String(),
                  created_at: Instant,
                }),
              ),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId, personNo } = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const rows = await cashbacks(bank.db, bookId, personNo, { offset, size })
      return ok({
        items: rows.map((row) => ({
          id: wireId('cb', row.id),
          amount: amountText(row.amount),
          rate: rateText(row.rate),
          base: amountText(row.base),
          from_uid: `U${row.from_no}`,
          status: row.status,
          created_at: instantText(row.created_at),
        })),
        page,
        size,
      })
    },
  )

  app.get(
    '/api/node/holdings',
    {
      schema: {
        tags,
        operationId: 'getNodeHoldings',
        summary: '我的节点 / What I hold',
        response: {
          200: Ok(
            T.Object({
              count: T.Integer(),
              upt_balance: T.Number(),
              is_node: T.Boolean(),
              effective_level: T.Integer(),
              principal_usdt: T.String({ description: '购买价款合计 / what was paid for them' }),
              team_count: T.Integer({ description: '团队持有节点 / nodes in my team' }),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { nodes, teamNodes, principal, upt, level } = await nodeStanding(bank, actorOf(request))
      return ok({
        count: nodes,
        upt_balance: pointsNumber(upt),
        is_node: nodes > 0,
        effective_level: level,
        principal_usdt: amountText(principal),
        team_count: teamNodes,
      })
    },
  )

  app.get(
    '/api/node/yields',
    {
      schema: {
        tags,
        operationId: 'listNodeYields',
        summary: '每日收益 / Daily yield of my nodes',
        querystring: strict(pageQuery),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  day: T.String({ description: 'UTC, YYYY-MM-DD' }),
                  amount: T.String(),
                  rate: T.String(),
                  principal_usdt: T.String(),
                  level: T.Integer(),
                  created_at: Instant,
                }),
              ),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId, personNo } = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const rows = await yieldsOf(bank.db, bookId, personNo, { offset, size })
      return ok({
        items: rows.map((row) => ({
          id: wireId('y', row.id),
          day: row.day,
          amount: amountText(row.amount),
          rate: rateText(row.rate),
          principal_usdt: amountText(row.principal),
          level: row.level,
          created_at: instantText(row.created_at),
        })),
        page,
        size,
      })
    },
  )
}
