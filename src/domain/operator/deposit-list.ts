// Deposits of many customers side by side: the queue of those in review, and what else arrived.
// Must stay true: who listed what is in the audit log before it is shown.

import type { Bank } from '../context.ts'
import { type ForeignDeposit, foreignDeposits } from '../deposit/deposit.ts'
import { type DepositFilter, type DepositRecord, depositRecords } from '../deposit/deposit-record.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

export async function listDeposits(
  bank: Bank,
  operator: Operator,
  filter: Pick<DepositFilter, 'status' | 'network'> & { offset: number; size: number },
): Promise<DepositRecord[]> {
  await listed(bank, operator, { ...filter })
  return depositRecords(bank.db, operator.bookId, filter)
}

/** Other tokens that came to our addresses. */
export async function listForeignDeposits(bank: Bank, operator: Operator, limit: number): Promise<ForeignDeposit[]> {
  await listed(bank, operator, { foreign: limit })
  return foreignDeposits(bank.db, operator.bookId, limit)
}

const listed = (bank: Bank, operator: Operator, data: Record<string, unknown>) =>
  logAudit(bank, bank.db, operator, { action: 'deposit.listed', subject: 'deposits', data })
