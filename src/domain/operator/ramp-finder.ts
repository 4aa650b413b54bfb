// An order of a ramp partner as an operator finds it by id.
// Must stay true: what is shown is what the rows say; names and bank accounts are not among it.

import type { Queries } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { FIAT_SCALE } from '../ramp/price.ts'
import { rampEvents, rampOrderMoney } from '../ramp/ramp-order.ts'
import type { FoundOrder } from './order-view.ts'

const text = (units: bigint) => formatAmount(units, assets.USDT.scale, 2)

export const rampFinder = async (q: Queries, bookId: number, id: string): Promise<FoundOrder | undefined> => {
  const order = await rampOrderMoney(q, bookId, id)
  if (!order) return undefined
  return {
    kind: 'ramp',
    status: order.status,
    people: [order.person_no],
    createdAt: order.created_at,
    fields: {
      partner: order.partner_id,
      source: order.source,
      order_no: order.order_no,
      direction: order.direction,
      amount: text(order.amount),
      fee: text(order.fee + order.channel_fee),
      fiat: `${formatAmount(order.legal, FIAT_SCALE, 2)} ${order.fiat}`,
      reason: order.reason,
      approval: order.approval_id,
    },
    steps: (await rampEvents(q, bookId, id)).map(({ from_status, to_status, reason, note, at }) => ({
      from: from_status,
      to: to_status,
      note: [reason, note].filter((one) => one).join(' · '),
      at,
    })),
  }
}
