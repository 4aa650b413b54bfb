// The node programme's orders as an operator finds them by id: purchases, cashback, commissions, yields.
// Must stay true: what is shown is what the rows say; nothing is worked out here.

import type { Queries } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { type Asset, assets } from '../../ledger/accounts.ts'
import { rewardById } from '../earn/commission.ts'
import { cashbackById, nodeOrderById } from '../earn/node-order.ts'
import { yieldById } from '../earn/node-yield.ts'
import { rateText } from '../earn/rate.ts'
import type { FoundOrder } from './order-view.ts'

const text = (units: bigint, asset: Asset = 'USDT') => formatAmount(units, assets[asset].scale, 2)

/** An order that is what it is from the beginning has one step. */
const bornAs = (status: string, at: Date) => [{ from: null, to: status, note: '', at }]

export const earnFinders = [
  async (q: Queries, bookId: number, id: string): Promise<FoundOrder | undefined> => {
    const order = await nodeOrderById(q, bookId, id)
    return (
      order && {
        kind: 'node_purchase',
        status: order.status,
        people: [order.person_no],
        createdAt: order.created_at,
        fields: {
          quantity: `${order.quantity}`,
          total: text(order.total),
          fee: text(order.fee),
          upt: text(order.upt, 'UPT'),
          parts: order.parts.map(({ tier, units, price }) => `${tier}: ${units} × ${text(price)}`).join(', '),
        },
        steps: bornAs(order.status, order.created_at),
      }
    )
  },
  async (q: Queries, bookId: number, id: string): Promise<FoundOrder | undefined> => {
    const order = await cashbackById(q, bookId, id)
    return (
      order && {
        kind: 'node_cashback',
        status: order.status,
        people: [order.person_no, order.from_no],
        createdAt: order.created_at,
        fields: {
          amount: text(order.amount),
          base: text(order.base),
          rate: rateText(order.rate),
          order: order.order_id,
        },
        steps: bornAs(order.status, order.created_at),
      }
    )
  },
  async (q: Queries, bookId: number, id: string): Promise<FoundOrder | undefined> => {
    const order = await rewardById(q, bookId, id)
    if (!order) return undefined
    const { reversed_at: reversedAt, created_at: createdAt } = order
    return {
      kind: 'commission',
      status: order.status,
      people: [order.person_no, order.payer_no],
      createdAt,
      fields: {
        amount: text(order.amount),
        base: text(order.base),
        rate: rateText(order.rate),
        layer: `${order.layer}`,
        source: order.source,
        order: order.order_id,
        owed: text(order.owed),
      },
      steps: [
        ...bornAs('paid', createdAt),
        ...(reversedAt ? [{ from: 'paid', to: order.status, note: order.reason, at: reversedAt }] : []),
      ],
    }
  },
  async (q: Queries, bookId: number, id: string): Promise<FoundOrder | undefined> => {
    const order = await yieldById(q, bookId, id)
    return (
      order && {
        kind: 'node_yield',
        status: 'paid',
        people: [order.person_no],
        createdAt: order.created_at,
        fields: {
          day: order.day,
          amount: text(order.amount),
          nodes: `${order.nodes}`,
          principal: text(order.principal),
          level: `${order.level}`,
          rate: rateText(order.rate),
        },
        steps: bornAs('paid', order.created_at),
      }
    )
  },
] as const
