// Ends orders whose customer did not pay in time. Money that arrives all the same is sent back by hand, or is another order.
// Must stay true: an order that was paid, or is just being confirmed, is left alone: it is looked at again under its lock.

import { isTransient } from '../../base/database.ts'
import type { Bank } from '../context.ts'
import { lockRampOrder, overdueOrders } from './ramp-order.ts'
import { rejectOrder } from './settle-order.ts'

const AT_ONCE = 100

/** Answers how many ended. */
export async function expireRampOrders(bank: Bank, bookId: number): Promise<number> {
  let ended = 0
  for (const id of await overdueOrders(bank.db, bookId, bank.clock.now(), AT_ONCE)) {
    try {
      if (await expire(bank, bookId, id)) ended++
    } catch (error) {
      // one that cannot be ended now keeps no other from it; the next run tries it again
      if (!isTransient(error))
        bank.log.error({ err: error, bookId, order: id }, 'an overdue ramp order cannot be ended')
    }
  }
  return ended
}

const expire = (bank: Bank, bookId: number, id: string): Promise<boolean> =>
  bank.db.transaction(async (tx) => {
    const at = bank.clock.now()
    const order = await lockRampOrder(bank, tx, bookId, id)
    const { status, deadline_at: deadline } = order
    if (status !== 'awaiting_payment' || order.direction !== 'in' || !deadline || deadline > at) return false
    await rejectOrder(tx, bookId, { ...order, status }, { reason: 'not_paid', note: '', at })
    return true
  })
