// The task that gives back withdrawals which programs asked for and nobody confirmed in time, every minute, book by book.
// A run that is missed is made up for by the next.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { expireUnconfirmed } from '../domain/withdrawal/await-owner.ts'
import { bookIds } from '../ledger/books.ts'

export const expireWithdrawalsTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) await expireUnconfirmed(bank, bookId)
  }
