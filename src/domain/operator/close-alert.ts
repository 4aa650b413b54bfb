// An operator's word that a trouble was looked into.
// Must stay true: it mends nothing; who said so, and why, stands in the audit log.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { closeAlertById } from '../alert.ts'
import type { Bank } from '../context.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

/** Refuses `NotFound` what is not open. */
export async function closeAlertFor(bank: Bank, operator: Operator, id: string, reason: string): Promise<void> {
  if (!isId(id)) throw new Refusal('NotFound')
  await bank.db.transaction(async (tx) => {
    const { key, kind } = await closeAlertById(tx, operator.bookId, id)
    await logAudit(bank, tx, operator, { action: 'alert.closed', subject: `alert:${id}`, data: { key, kind, reason } })
  })
}
