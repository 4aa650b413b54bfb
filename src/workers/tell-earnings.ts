// The task that tells customers what they earned yesterday, twice a day: the second time finds who was left out, e.g. since
// a yield was paid late. Nobody is told of a day twice.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { tellEarnings } from '../domain/earn/daily-earnings.ts'
import { bookIds } from '../ledger/books.ts'

export const tellEarningsTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) await tellEarnings(bank, bookId)
  }
