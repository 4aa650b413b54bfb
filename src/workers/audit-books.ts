// The task that proves every book and its audit log, each ten minutes; rarer where books have grown so large that proving them would keep
// the database busy for more than a twentieth of the time.

import type { Task } from 'graphile-worker'
import { auditBook, lastAudits } from '../domain/audit-book.ts'
import type { Bank } from '../domain/context.ts'
import { verifyAuditLog } from '../domain/operator/watch-audit-log.ts'
import { bookIds } from '../ledger/books.ts'

const SHARE = 20

export const auditBooksTask =
  (bank: Bank): Task =>
  async () => {
    const last = new Map((await lastAudits(bank.db)).map((audit) => [audit.book_id, audit]))
    for (const bookId of await bookIds(bank.db)) {
      const before = last.get(bookId)
      const rested = before ? bank.clock.now().getTime() - before.at.getTime() : Number.POSITIVE_INFINITY
      if (before && before.faults === 0 && rested < before.milliseconds * SHARE) continue
      await auditBook(bank, bookId)
      await verifyAuditLog(bank, bookId)
    }
  }
