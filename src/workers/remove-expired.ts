// The task that removes expired codes, challenges, counters, sessions and events, once an hour, book by book.
// Missing a run costs nothing but space.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { removeExpired } from '../domain/expiry.ts'
import { bookIds } from '../ledger/books.ts'

export const removeExpiredTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) await removeExpired(bank, bookId)
  }
