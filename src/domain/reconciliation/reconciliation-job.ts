// An operator's wish to have the books compared with the chains now. Must stay true: it is logged, and asked for twice it
// is done once.

import { addJob } from '../../base/jobs.ts'
import type { Bank } from '../context.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'

export const RECONCILE = 'reconcile'

export async function askReconciliation(bank: Bank, operator: Operator): Promise<void> {
  await bank.db.transaction(async (tx) => {
    await logAudit(bank, tx, operator, { action: 'reconciliation.asked', subject: `book:${operator.bookId}`, data: {} })
    await addJob(tx, RECONCILE, {}, { key: 'reconcile-now', queue: RECONCILE, maxAttempts: 1 })
  })
}
