// The task that compares the books with the chains, every minute, book by book.
// Must stay true: run late, twice or not to its end it does no harm: what is found again keeps its row.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { reconcile } from '../domain/reconciliation/reconcile.ts'
import type { SenderOf } from '../domain/reserves/holdings.ts'
import { bookIds } from '../ledger/books.ts'

export const reconcileTask =
  (bank: Bank, senderOf: SenderOf): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) await reconcile(bank, bookId, senderOf)
  }
