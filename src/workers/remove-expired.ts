// The task that removes expired codes, challenges, counters and sessions, once an hour.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { removeExpired } from '../domain/expiry.ts'

export const removeExpiredTask =
  (bank: Bank): Task =>
  async () => {
    const books = await bank.db.query<{ book_id: number }>('books', 'select book_id from books order by book_id')
    for (const { book_id: bookId } of books) await removeExpired(bank, bookId)
  }
