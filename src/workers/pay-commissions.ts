// The task that pays commissions on fees, book by book: put on the queue by purchases of nodes, and every minute for the
// fees that are earned by the hundred. Run twice it finds nothing left to do.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { payCommissions } from '../domain/earn/pay-commissions.ts'
import { bookIds } from '../ledger/books.ts'

export const payCommissionsTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) {
      const paid = await payCommissions(bank, bookId)
      if (paid > 0) bank.log.info({ bookId, paid }, 'commissions paid')
    }
  }
