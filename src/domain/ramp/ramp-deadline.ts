// Orders of the ramp that wait for the house for longer than they may: fiat that is to be paid out, USDT that are to be
// released. Till then the clearing account does not come back to zero, or a customer's money stays held, and operators hear
// of it. Must stay true: one open alert; it closes when nothing is late any more.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { settingsOf } from '../setting.ts'
import { lateOrders } from './ramp-order.ts'

const KEY = 'ramp_overdue'

/** Answers how many are late. */
export async function watchRampDeadline(bank: Bank, bookId: number): Promise<number> {
  const allowed = (await settingsOf(bank, bookId)).units('ramp.deadlineHours')
  const { count, units, oldest, since } = await lateOrders(bank.db, bookId, bank.clock.now(), allowed)
  if (count === 0 || !since) {
    await closeAlert(bank.db, bookId, KEY)
    return 0
  }
  await raiseAlert(bank.db, bookId, {
    key: KEY,
    kind: 'ramp_overdue',
    severity: 'warning',
    data: { orders: count, usdt: formatAmount(units, assets.USDT.scale, 2), oldest, since: since.toISOString() },
  })
  return count
}
