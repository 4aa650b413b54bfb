// The node programme: price list and stock, sales, commissions, yields, prices of UPT, levels. All of it to look at: it is
// changed by approvals (kinds `node_tier`, `upt_price`, `level_override`) and settings (`node.…`, `commission.…`,
// `yield.…`, `level.…`).

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import type { Reward } from '../../domain/earn/commission.ts'
import type { NodeOrder } from '../../domain/earn/node-order.ts'
import { tierChanges, tiersOf } from '../../domain/earn/node-tier.ts'
import { yieldRuns } from '../../domain/earn/node-yield.ts'
import { rateText } from '../../domain/earn/rate.ts'
import { pricePoints, uptPrices } from '../../domain/earn/upt-price.ts'
import { isDay } from '../../domain/earn/utc-day.ts'
import { listRewards, listSales, listYields, seeLevels } from '../../domain/operator/earn-list.ts'
import { operatorNames } from '../../domain/operator/operator.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { effectiveLevel } from '../../domain/people/people.ts'
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

const tags = ['console: nodes']
const Somebody = T.Object({ id: T.String(), name: T.String() })
const Uid = T.Optional(T.String({ maxLength: 20, examples: ['U10001'], description: 'UID' }))

const Sale = T.Object({
  id: T.String(),
  uid: T.String(),
  quantity: T.Integer(),
  total: T.String(),
  fee: T.String({ description: 'the share that commissions are paid out of' }),
  upt: T.String(),
  status: T.String(),
  parts: T.Array(T.Object({ tier: T.Integer(), units: T.Integer(), price: T.String() })),
  created_at: Instant,
})
const saleOf = (order: NodeOrder) => ({
  id: order.id,
  uid: `U${order.person_no}`,
  quantity: order.quantity,
  total: amountText(order.total),
  fee: amountText(order.fee),
  upt: amountText(order.upt, 'UPT'),
  status: order.status,
  parts: order.parts.map(({ tier, units, price }) => ({ tier, units, price: amountText(price) })),
  created_at: instantText(order.created_at),
})

const Commission = T.Object({
  id: T.String(),
  uid: T.String(),
  layer: T.Integer(),
  source: T.String(),
  order_id: T.String({ description: 'whose fee it was' }),
  payer: T.String(),
  base: T.String(),
  rate: T.String(),
  amount: T.String(),
  status: T.String(),
  owed: T.String({ description: 'taken back, and not there any more' }),
  reason: T.String(),
  created_at: Instant,
  reversed_at: OrNull(Instant),
})
const commissionOf = (reward: Reward) => ({
  id: reward.id,
  uid: `U${reward.person_no}`,
  layer: reward.layer,
  source: reward.source,
  order_id: reward.order_id,
  payer: `U${reward.payer_no}`,
  base: amountText(reward.base),
  rate: rateText(reward.rate),
  amount: amountText(reward.amount),
  status: reward.status,
  owed: amountText(reward.owed),
  reason: reward.reason,
  created_at: instantText(reward.created_at),
  reversed_at: instantOrNull(reward.reversed_at),
})

export function nodeRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/nodes/tiers',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListTiers',
        summary: '节点价格档位与库存 / Tiers of nodes with their stock',
        response: {
          200: Data(
            T.Array(
              T.Object({
                tier: T.Integer(),
                units: T.Integer(),
                sold: T.Integer(),
                available: T.Integer(),
                price: T.String(),
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const tiers = await tiersOf(bank.db, operatorOf(request).bookId)
      return {
        data: tiers.map(({ tier, units, sold, price }) => ({
          tier,
          units,
          sold,
          available: units - sold,
          price: amountText(price),
        })),
      }
    },
  )

  app.get(
    '/nodes/tiers/history',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleTierHistory',
        summary: '档位变更记录 / Changes of tiers, newest first',
        querystring: strict(pageQuery),
        response: {
          200: Items(
            T.Object({
              tier: T.Integer(),
              units_before: OrNull(T.Integer()),
              price_before: OrNull(T.String()),
              units: T.Integer(),
              price: T.String(),
              reason: T.String(),
              made_by: Somebody,
              checked_by: T.Array(Somebody),
              approval_id: T.String(),
              changed_at: Instant,
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const rows = await tierChanges(bank.db, bookId, { offset, size })
      const people = rows.flatMap((row) => [row.made_by, ...row.checked_by])
      const names = await operatorNames(bank, bookId, people)
      const somebody = (id: string) => ({ id, name: names.get(id) ?? '' })
      const items = rows.map((row) => ({
        tier: row.tier,
        units_before: row.units_before,
        price_before: row.price_before === null ? null : amountText(row.price_before),
        units: row.units,
        price: amountText(row.price),
        reason: row.reason,
        made_by: somebody(row.made_by),
        checked_by: row.checked_by.map(somebody),
        approval_id: row.approval_id,
        changed_at: instantText(row.changed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/nodes/sales',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListNodeSales',
        summary: '节点销售记录(每次查看均记录)/ Purchases of nodes, newest first; every look is logged',
        querystring: strict({ uid: Uid, ...pageQuery }),
        response: { 200: Items(Sale) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const rows = await listSales(bank, operatorOf(request), { uid: request.query.uid, offset, size })
      return { data: { items: rows.map(saleOf), page, size } }
    },
  )

  app.get(
    '/commissions',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListCommissions',
        summary:
          '返佣记录,可按客户或手续费所属订单 / Commissions, newest first: all, a customer’s, or those on an order’s fee; every look is logged',
        querystring: strict({ uid: Uid, order: T.Optional(Id), ...pageQuery }),
        response: { 200: Items(Commission) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { uid, order } = request.query
      if (uid !== undefined && order !== undefined) {
        throw new Refusal('InvalidParams', { pointer: '/querystring', reason: 'uid or order' })
      }
      const orderId = order === undefined ? undefined : readId(order)
      const rows = await listRewards(bank, operatorOf(request), { uid, orderId, offset, size })
      return { data: { items: rows.map(commissionOf), page, size } }
    },
  )

  app.get(
    '/yields',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListYieldRuns',
        summary: '每日收益批次 / Days (UTC) that yields were paid for, newest first',
        querystring: strict(pageQuery),
        response: {
          200: Items(
            T.Object({
              day: T.String(),
              people: T.Integer(),
              paid: T.String(),
              started_at: Instant,
              finished_at: OrNull(Instant),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const rows = await yieldRuns(bank.db, operatorOf(request).bookId, { offset, size })
      const items = rows.map((run) => ({
        day: run.day,
        people: run.people,
        paid: amountText(run.paid),
        started_at: instantText(run.started_at),
        finished_at: instantOrNull(run.finished_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/yields/:day',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowYields',
        summary: '某日的收益明细(每次查看均记录)/ What was paid for a day, customer by customer; every look is logged',
        params: strict({ day: T.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2026-06-28'] }) }),
        querystring: strict(pageQuery),
        response: {
          200: Items(
            T.Object({
              id: T.String(),
              uid: T.String(),
              nodes: T.Integer(),
              principal: T.String(),
              level: T.Integer(),
              rate: T.String(),
              amount: T.String(),
              created_at: Instant,
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { day } = request.params
      if (!isDay(day)) throw new Refusal('NotFound')
      const rows = await listYields(bank, operatorOf(request), day, { offset, size })
      const items = rows.map((row) => ({
        id: row.id,
        uid: `U${row.person_no}`,
        nodes: row.nodes,
        principal: amountText(row.principal),
        level: row.level,
        rate: rateText(row.rate),
        amount: amountText(row.amount),
        created_at: instantText(row.created_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/upt-prices',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListUptPrices',
        summary: 'UPT 价格记录 / Recorded prices of UPT, newest first',
        querystring: strict(pageQuery),
        response: {
          200: Data(
            T.Object({
              last: T.String(),
              default: T.String(),
              items: T.Array(
                T.Object({
                  price: T.String(),
                  source: T.String(),
                  order_id: OrNull(T.String()),
                  approval_id: OrNull(T.String()),
                  at: Instant,
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
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const [prices, rows] = await Promise.all([
        uptPrices(bank.db, bookId),
        pricePoints(bank.db, bookId, { offset, size }),
      ])
      const items = rows.map(({ price, source, order_id, approval_id, at }) => ({
        price: amountText(price),
        source,
        order_id,
        approval_id,
        at: instantText(at),
      }))
      return { data: { last: amountText(prices.last), default: amountText(prices.default), items, page, size } }
    },
  )

  app.get(
    '/customers/:id/levels',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleCustomerLevels',
        summary: '客户等级及由来(每次查看均记录)/ A customer’s level and how it came about; every look is logged',
        params: strict({ id: Id }),
        querystring: strict(pageQuery),
        response: {
          200: Data(
            T.Object({
              uid: T.String(),
              is_node: T.Boolean(),
              system: T.Integer(),
              manual: OrNull(T.Integer()),
              effective: T.Integer(),
              items: T.Array(
                T.Object({
                  system: T.Integer(),
                  manual: OrNull(T.Integer()),
                  is_node: T.Boolean(),
                  reason: T.String(),
                  approval_id: OrNull(T.String()),
                  changed_at: Instant,
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
      const { page, size, offset } = pageOf(request.query)
      const id = readId(request.params.id)
      const { person, changes } = await seeLevels(bank, operatorOf(request), id, { offset, size })
      return {
        data: {
          uid: person.uid,
          is_node: person.isNode,
          system: person.levelSystem,
          manual: person.levelManual,
          effective: effectiveLevel(person),
          items: changes.map(({ no: _, changed_at, ...change }) => ({
            ...change,
            changed_at: instantText(changed_at),
          })),
          page,
          size,
        },
      }
    },
  )
}
