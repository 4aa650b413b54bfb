// The task that makes the day's snapshot of reserves, book by book. It is tried every hour and does something in the first
// one of a day (UTC) in which it can: one that failed is told by its alert and tried again.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { buildReserves } from '../domain/reserves/build-reserves.ts'
import type { SenderOf } from '../domain/reserves/holdings.ts'
import { publishedSnapshots } from '../domain/reserves/reserve-snapshot.ts'
import { bookIds } from '../ledger/books.ts'

export const buildReservesTask =
  (bank: Bank, senderOf: SenderOf): Task =>
  async () => {
    const today = new Date(bank.clock.now().toISOString().slice(0, 10))
    let failed: unknown
    for (const bookId of await bookIds(bank.db)) {
      const [newest] = await publishedSnapshots(bank.db, bookId, { offset: 0, size: 1 })
      if (newest && newest.at >= today) continue
      try {
        const { id, size, root } = await buildReserves(bank, bookId, senderOf)
        bank.log.info({ bookId, snapshot: id, customers: size, root }, 'reserves published')
      } catch (error) {
        bank.log.error({ err: error, bookId }, 'no proof of reserves')
        failed = error
      }
    }
    if (failed) throw failed // the queue tries again
  }
