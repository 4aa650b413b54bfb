// The task that releases holds whose time is over. Each in a transaction of its own: one that cannot be released keeps
// no other from it, and one that was captured or voided meanwhile has ended as it should.

import type { Task } from 'graphile-worker'
import { isRefusal } from '../base/errors.ts'
import type { Bank } from '../domain/context.ts'
import { bookIds } from '../ledger/books.ts'
import { dueHolds, voidHold } from '../ledger/holds.ts'

const AT_ONCE = 200

export const expireHoldsTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) {
      for (let due = await dueHolds(bank.db, bookId, bank.clock.now(), AT_ONCE); due.length > 0; ) {
        const released = await expire(bank, bookId, due)
        // holds that cannot be released stand first in the list again and again: the next run tries them
        due = released > 0 ? await dueHolds(bank.db, bookId, bank.clock.now(), AT_ONCE) : []
      }
    }
  }

async function expire(bank: Bank, bookId: number, holds: readonly string[]): Promise<number> {
  let released = 0
  for (const holdId of holds) {
    try {
      await bank.db.transaction((tx) => voidHold(tx, bookId, holdId, 'expired'))
      released++
    } catch (error) {
      if (!isRefusal(error, 'HoldNotOpen')) bank.log.error({ err: error, bookId, holdId }, 'a hold cannot be released')
    }
  }
  return released
}
