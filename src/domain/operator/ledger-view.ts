// The books as operators read them. An account or a journal may be a customer's, so each look at one is logged.
// Must stay true: nothing here writes but the audit log; the balance of a past instant is what it is known to be today.

import { after, days } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { accountByName, accountName } from '../../ledger/accounts.ts'
import {
  type AccountState,
  accountStates,
  balanceAsOf,
  type EntryLine,
  entriesOf,
  type JournalView,
  journalById,
} from '../../ledger/balances.ts'
import { journalsBetween } from '../../ledger/volumes.ts'
import type { Bank } from '../context.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

export interface AccountView {
  state: AccountState
  at: Date
  /** At that instant. */
  balance: bigint
  /** Newest first, none recorded later. */
  entries: EntryLine[]
}

/** An account now, or as of an instant. Refuses `NotFound` what is no account or was never used. */
export async function seeAccount(
  bank: Bank,
  operator: Operator,
  name: string,
  { until, offset, size }: { until: Date | undefined; offset: number; size: number },
): Promise<AccountView> {
  const { bookId } = operator
  const account = accountByName(name)
  const [state] = account === undefined ? [] : await accountStates(bank.db, bookId, [account])
  if (account === undefined || !state) throw new Refusal('NotFound')
  await logAudit(bank, bank.db, operator, { action: 'account.seen', subject: `account:${accountName(account)}` })
  return {
    state,
    at: until ?? bank.clock.now(),
    balance: until ? await balanceAsOf(bank.db, bookId, account, until) : state.balance,
    entries: await entriesOf(bank.db, bookId, [account], { offset, size, until }),
  }
}

/** Refuses `JournalUnknown`. */
export async function seeJournal(bank: Bank, operator: Operator, id: string): Promise<JournalView> {
  const journal = await journalById(bank.db, operator.bookId, id)
  await logAudit(bank, bank.db, operator, { action: 'journal.seen', subject: `journal:${id}` })
  return journal
}

/** What was booked on a day (UTC), of one kind or all; the newest first. */
export async function listJournals(
  bank: Bank,
  operator: Operator,
  { day, kind, offset, size }: { day: Date; kind: string | undefined; offset: number; size: number },
): Promise<JournalView[]> {
  const subject = `journals:${day.toISOString().slice(0, 10)}`
  await logAudit(bank, bank.db, operator, { action: 'journal.seen', subject, data: { kind: kind ?? null } })
  return journalsBetween(bank.db, operator.bookId, { from: day, until: after(day, days(1)), kind, offset, size })
}
