// The task that seals what is new in every book, and anchors the audit log. It puts itself on the queue again, because ten seconds is finer than
// cron; cron starts it after whatever ended it.

import type { Task } from 'graphile-worker'
import { after, seconds } from '../base/clock.ts'
import { addJob } from '../base/jobs.ts'
import { sealNew } from '../domain/audit-book.ts'
import type { Bank } from '../domain/context.ts'
import { anchorLog } from '../domain/operator/watch-audit-log.ts'
import { bookIds } from '../ledger/books.ts'

export const SEAL_BOOKS = 'seal-books'
const EVERY = seconds(10)

export const sealBooksTask =
  (bank: Bank): Task =>
  async () => {
    const due = after(bank.clock.now(), EVERY)
    try {
      for (const bookId of await bookIds(bank.db)) {
        await sealNew(bank, bookId)
        await anchorLog(bank, bookId)
      }
    } finally {
      await addJob(bank.db, SEAL_BOOKS, {}, { key: SEAL_BOOKS, queue: SEAL_BOOKS, runAt: due, maxAttempts: 1 })
    }
  }
