// The task that pays the yield of every day that is over: soon after midnight (UTC), and again through the day, so that a
// night on which no worker ran is made up for. Run twice it finds the day paid.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { accrueYields } from '../domain/earn/accrue-yields.ts'
import { bookIds } from '../ledger/books.ts'

export const accrueYieldsTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) {
      const days = await accrueYields(bank, bookId)
      if (days > 0) bank.log.info({ bookId, days }, 'yields paid')
    }
  }
