// The audit log's regular anchoring and proof, with the alert that stays open until it is whole again.
// Must stay true: nothing is mended here; a log that was rewritten is for people.

import { anchorFile } from '../../ledger/anchor-file.ts'
import { type AnchorPlace, SealBroken } from '../../ledger/seal.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { type AuditLogProof, anchorAuditLog, proveAuditLog } from './prove-audit-log.ts'

const KEY = 'audit_log_broken'

export const auditAnchors = (bank: Bank): AnchorPlace => anchorFile(bank.config.DATA_DIR, 'audit-log')

/** Writes down where the log ends now. */
export async function anchorLog(bank: Bank, bookId: number): Promise<void> {
  try {
    await anchorAuditLog(bank.db, bookId, auditAnchors(bank), bank.clock.now())
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error
    await tell(bank, bookId, error.message)
  }
}

/** The whole proof. */
export async function verifyAuditLog(bank: Bank, bookId: number): Promise<AuditLogProof> {
  const proof = await proveAuditLog(bank.db, bookId, auditAnchors(bank))
  const [first] = proof.faults
  if (first) await tell(bank, bookId, first)
  else await closeAlert(bank.db, bookId, KEY)
  return proof
}

async function tell(bank: Bank, bookId: number, reason: string): Promise<void> {
  bank.log.error({ bookId, reason }, 'the audit log is not as it was written')
  await raiseAlert(bank.db, bookId, { key: KEY, kind: 'audit_log_broken', severity: 'critical', data: { reason } })
}
