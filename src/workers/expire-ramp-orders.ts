// The task that ends ramp orders whose customer did not pay in time, every minute, book by book.
// Missing a run costs nothing but the order's customer a wait.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { expireRampOrders } from '../domain/ramp/expire-orders.ts'
import { bookIds } from '../ledger/books.ts'

export const expireRampOrdersTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) await expireRampOrders(bank, bookId)
  }
