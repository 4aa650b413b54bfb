// Customers as operators see them: found by UID, id or exact contact; masked, with what is theirs.
// Must stay true: a contact is never shown here and never written down, not even the one that was searched for; who
// searched for or looked at whom is in the audit log before it is shown.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { type AccountState, accountsOfOwner, type EntryLine, entriesOf } from '../../ledger/balances.ts'
import { type Hold, openHolds } from '../../ledger/holds.ts'
import type { Bank } from '../context.ts'
import { type DepositRecord, depositRecords } from '../deposit/deposit-record.ts'
import { readSecurityLog, type SecurityEntry } from '../notice/security-log.ts'
import { maskContact, readContact } from '../people/contact.ts'
import { contactsOf, findContact } from '../people/directory.ts'
import { effectiveLevel, type Person, personById, personByUid } from '../people/people.ts'
import { type TeamSummary, teamSummary } from '../people/referral.ts'
import { type Device, devicesOf } from '../sign-in/device.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

/** The customer whom a UID, an id, an e-mail address or a phone number names, exactly; or nobody. */
export async function findCustomer(bank: Bank, operator: Operator, text: string): Promise<Person | undefined> {
  const { bookId } = operator
  const typed = text.trim()
  const by = /^U\d/.test(typed) ? 'uid' : isId(typed) ? 'id' : 'contact'
  const person =
    by === 'uid'
      ? await personByUid(bank, bookId, typed)
      : await personById(bank, bookId, by === 'id' ? typed : await ownerOf(bank, bookId, typed))
  await logAudit(bank, bank.db, operator, {
    action: 'person.searched',
    subject: person ? `person:${person.id}` : 'person:',
    data: { by },
  })
  return person
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

async function ownerOf(bank: Bank, bookId: number, contact: string): Promise<string> {
  const found = await findContact(
    bank.db,
    readContact(bank, { contact, kind: contact.includes('@') ? 'email' : 'mobile' }),
  )
  return found && found.bookId === bookId ? found.personId : NOBODY
}

export interface CustomerView {
  person: Person
  level: number
  /** "u***@example.com", "138****1234" */
  contacts: { kind: string; masked: string }[]
  accounts: AccountState[]
  holds: Hold[]
  devices: Device[]
  team: TeamSummary
}

/** Refuses `NotFound`. */
export async function seeCustomer(bank: Bank, operator: Operator, id: string): Promise<CustomerView> {
  const { bookId } = operator
  const person = await logged(bank, operator, id, 'all')
  const accounts = await accountsOfOwner(bank.db, bookId, person.no)
  const [contacts, holds, devices, team] = await Promise.all([
    contactsOf(bank, bank.db, bookId, id),
    openHolds(
      bank.db,
      bookId,
      accounts.map((account) => account.id),
    ),
    devicesOf(bank, { bookId, personId: id, sessionId: '' }),
    teamSummary(bank, bookId, person.no),
  ])
  return {
    person,
    level: effectiveLevel(person),
    contacts: contacts.map(({ kind, value }) => ({ kind, masked: maskContact(kind, value) })),
    accounts,
    holds,
    devices,
    team,
  }
}

interface Page {
  offset: number
  size: number
}

/** Entries of all the customer's accounts, newest first. */
export async function seeEntries(bank: Bank, operator: Operator, id: string, page: Page): Promise<EntryLine[]> {
  const person = await logged(bank, operator, id, 'entries')
  const accounts = await accountsOfOwner(bank.db, operator.bookId, person.no)
  return entriesOf(
    bank.db,
    operator.bookId,
    accounts.map((account) => account.id),
    page,
  )
}

/** The customer's deposits, newest first. */
export async function seeDeposits(bank: Bank, operator: Operator, id: string, page: Page): Promise<DepositRecord[]> {
  const { no: personNo } = await logged(bank, operator, id, 'deposits')
  return depositRecords(bank.db, operator.bookId, { personNo, ...page })
}

export async function seeSecurityLog(bank: Bank, operator: Operator, id: string, page: Page): Promise<SecurityEntry[]> {
  await logged(bank, operator, id, 'security log')
  return readSecurityLog(bank, { bookId: operator.bookId, personId: id }, page)
}

async function logged(bank: Bank, operator: Operator, id: string, what: string): Promise<Person> {
  const person = isId(id) ? await personById(bank, operator.bookId, id) : undefined
  if (!person) throw new Refusal('NotFound')
  await logAudit(bank, bank.db, operator, { action: 'person.seen', subject: `person:${id}`, data: { what } })
  return person
}
