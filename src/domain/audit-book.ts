// The regular proof of a book: seals, verifies, remembers what came of it, and raises an alert that stays open until the
// books are sound again. Nothing is mended here: a fault in the books is for people.

import type { Queries } from '../base/database.ts'
import { anchorFile } from '../ledger/anchor-file.ts'
import { type AuditReport, type Check, verifyLedger } from '../ledger/audit.ts'
import { SealBroken, sealBook } from '../ledger/seal.ts'
import { closeAlert, raiseAlert } from './alert.ts'
import { cardChecks } from './card/card-checks.ts'
import type { Bank } from './context.ts'
import { depositChecks } from './deposit/deposit.ts'
import { earnChecks } from './earn/earn-checks.ts'
import { adjustmentChecks } from './operator/adjustment.ts'
import { rampChecks } from './ramp/ramp-checks.ts'
import { reconciliationChecks } from './reconciliation/reconciliation-checks.ts'
import { remittanceChecks } from './remittance/remittance-checks.ts'
import { transferChecks } from './transfer.ts'
import { treasuryChecks } from './treasury/treasury-checks.ts'
import { withdrawalChecks } from './withdrawal/withdrawal-checks.ts'

/** Every module's proof that its orders and the journals agree (I7). */
export const orderChecks: readonly Check[] = [
  ...transferChecks,
  ...depositChecks,
  ...adjustmentChecks,
  ...withdrawalChecks,
  ...remittanceChecks,
  ...rampChecks,
  ...treasuryChecks,
  ...earnChecks,
  ...cardChecks,
  ...reconciliationChecks,
]

const TOLD = 5

/**
 * Seals what is new and anchors the head. When the chain is not the one that was anchored, nothing is sealed any more and
 * a person has to look: the past was rewritten, or an old backup came back.
 */
export async function sealNew(bank: Bank, bookId: number): Promise<void> {
  try {
    const run = await sealBook(bank.db, bookId, anchorFile(bank.config.DATA_DIR))
    if (run.sealed > 0) bank.log.debug({ bookId, sealed: run.sealed, head: run.head?.no.toString() }, 'journals sealed')
    if (run.waiting) bank.log.debug({ bookId }, 'sealing waits for a transaction')
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error
    bank.log.error({ bookId, reason: error.message }, 'the ledger is no longer sealed')
    await raiseAlert(bank.db, bookId, {
      key: 'seal_broken',
      kind: 'seal_broken',
      severity: 'critical',
      data: { reason: error.message },
    })
  }
}

export async function auditBook(bank: Bank, bookId: number): Promise<AuditReport> {
  await sealNew(bank, bookId)
  const anchors = await anchorFile(bank.config.DATA_DIR).all(bookId)
  const report = await verifyLedger(bank.db, { bookId, anchors, orders: orderChecks })
  await remember(bank.db, report)
  const [first] = report.faults
  if (!first) {
    await closeAlert(bank.db, bookId, 'ledger_fault')
    await closeAlert(bank.db, bookId, 'seal_broken')
    return report
  }
  const told = report.faults.slice(0, TOLD)
  bank.log.error({ bookId, faults: report.faults.length, first: told }, 'the books do not add up')
  await raiseAlert(bank.db, bookId, {
    key: 'ledger_fault',
    kind: 'ledger_fault',
    severity: 'critical',
    data: { faults: report.faults.length, invariant: first.invariant, first: first.detail },
  })
  return report
}

export interface LastAudit {
  book_id: number
  at: Date
  milliseconds: number
  journals: bigint
  entries: bigint
  sealed: bigint
  faults: number
}

async function remember(q: Queries, report: AuditReport): Promise<void> {
  const { bookId, at, milliseconds, journals, entries, sealed, faults } = report
  await q.query(
    'audit-remember',
    `insert into audits (book_id, at, milliseconds, journals, entries, sealed, faults) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (book_id) do update set at = excluded.at, milliseconds = excluded.milliseconds, journals = excluded.journals,
       entries = excluded.entries, sealed = excluded.sealed, faults = excluded.faults`,
    [bookId, at.toISOString(), milliseconds, journals, entries, sealed, faults.length],
  )
}

export const lastAudits = (q: Queries): Promise<LastAudit[]> =>
  q.query<LastAudit>('audit-last', 'select * from audits order by book_id')
