// An operator wants books and chain compared at once.
// Must stay true: who asked is in the audit log; a worker does it.

import type { Bank } from '../context.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { askForReconciliation } from './reconciliation-state.ts'

/** One network, or all of them and the books by themselves. */
export async function askToCompare(bank: Bank, operator: Operator, network: string | undefined): Promise<void> {
  const networks = network === undefined ? ['', ...bank.networks.map(({ code }) => code)] : [network]
  await bank.db.transaction(async (tx) => {
    await askForReconciliation(tx, operator.bookId, networks)
    await logAudit(bank, tx, operator, {
      action: 'reconciliation.asked',
      subject: `reconciliation:${network ?? 'ALL'}`,
    })
  })
}
