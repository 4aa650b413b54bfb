// Contacts at rest: the directory (whose is it; the only table unique across books) and each person's own, sealed.
// Must stay true: a contact belongs to one person at most; both tables change together; one that nobody has proved (a merchant
// says that it is its customer's) gives way to whoever proves it, and until then is good for signing in alone.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { Contact, ContactKind } from './contact.ts'

export interface ContactOwner {
  bookId: number
  personId: string
  /** As it stands in the directory; differs from the one asked for when the country had been left out. */
  index: Buffer
  /** False: who registered it did not have to prove it. */
  proven: boolean
}

type DirectoryRow = { book_id: number; person_id: string; contact_index: Buffer; proven: boolean }

const ownerOf = (row: DirectoryRow): ContactOwner => ({
  bookId: row.book_id,
  personId: row.person_id,
  index: row.contact_index,
  proven: row.proven,
})
const COLUMNS = 'book_id, person_id, contact_index, fallback_index is null as proven'

/** The owner of exactly this contact. */
export async function findContact(q: Queries, contact: Contact): Promise<ContactOwner | undefined> {
  const [row] = await q.query<DirectoryRow>(
    'directory-find',
    `select ${COLUMNS} from directory where contact_index = $1`,
    [contact.index],
  )
  return row && ownerOf(row)
}

/**
 * The owner of a contact as people type it to sign in: a phone number whose country was left out is the one of the
 * assumed country, or else the only one in the directory with that national part.
 */
export async function findLoginContact(q: Queries, contact: Contact): Promise<ContactOwner | undefined> {
  const [first, second] = await q.query<DirectoryRow>(
    'directory-find-login',
    `select ${COLUMNS} from directory
     where contact_index = $1 or national_index = $2
     order by contact_index <> $1 limit 2`,
    [contact.index, contact.countryAssumed ? contact.nationalIndex : null],
  )
  if (!first) return undefined
  if (first.contact_index.equals(contact.index)) return ownerOf(first)
  return second ? undefined : ownerOf(first)
}

/** All who can be found by one of these indices, in whatever book; of more than a hundred the first ones. */
export async function ownersOf(
  q: Queries,
  { exact, national }: { exact: readonly Buffer[]; national: readonly Buffer[] },
): Promise<string[]> {
  const rows = await q.query<{ person_id: string }>(
    'directory-owners',
    `select person_id from directory where contact_index = any ($1::bytea[])
     union select person_id from directory where national_index = any ($2::bytea[]) limit 100`,
    [exact, national],
  )
  return rows.map((row) => row.person_id)
}

const context = (bookId: number, personId: string, kind: string) => `contact ${bookId} ${personId} ${kind}`
export const sealedContacts: SealedColumn = {
  table: 'contacts',
  column: 'sealed',
  key: { person_id: 'uuid', kind: 'text' },
  context,
}

export interface OwnContact {
  kind: ContactKind
  value: string
  index: Buffer
}

/** A person's verified contacts, e-mail first. */
export async function contactsOf(bank: Bank, q: Queries, bookId: number, personId: string): Promise<OwnContact[]> {
  const rows = await q.query<{ kind: ContactKind; contact_index: Buffer; sealed: Buffer }>(
    'contacts-of',
    'select kind, contact_index, sealed from contacts where book_id = $1 and person_id = $2 order by kind',
    [bookId, personId],
  )
  return rows.map(({ kind, contact_index, sealed }) => ({
    kind,
    value: unseal(bank.keys.personal, sealed, context(bookId, personId, kind)),
    index: contact_index,
  }))
}

/** The same of many people at once. */
export async function contactsOfMany(
  bank: Bank,
  bookId: number,
  personIds: readonly string[],
): Promise<Map<string, OwnContact[]>> {
  const rows = await bank.db.query<{ person_id: string; kind: ContactKind; contact_index: Buffer; sealed: Buffer }>(
    'contacts-of-many',
    'select person_id, kind, contact_index, sealed from contacts where book_id = $1 and person_id = any ($2::uuid[])',
    [bookId, personIds],
  )
  const contacts = new Map<string, OwnContact[]>()
  for (const { person_id, kind, contact_index, sealed } of rows) {
    const value = unseal(bank.keys.personal, sealed, context(bookId, person_id, kind))
    contacts.set(person_id, [...(contacts.get(person_id) ?? []), { kind, value, index: contact_index }])
  }
  return contacts
}

/**
 * Gives a person a contact that they have proved to be theirs, in place of the one of that kind. Refuses
 * (`ContactTaken`) one that has an owner. Answers with the one replaced.
 */
export async function attachContact(
  bank: Bank,
  tx: Tx,
  bookId: number,
  personId: string,
  contact: Contact,
): Promise<OwnContact | undefined> {
  const before = (await contactsOf(bank, tx, bookId, personId)).find(({ kind }) => kind === contact.kind)
  if (before) await tx.query('directory-release', 'delete from directory where contact_index = $1', [before.index])
  if (!contact.fallbackIndex) await makeRoom(tx, contact.index)
  const claimed = await tx.query(
    'directory-claim',
    `insert into directory (contact_index, national_index, book_id, person_id, fallback_index) values ($1, $2, $3, $4, $5)
     on conflict (contact_index) do nothing returning 1`,
    [contact.index, contact.nationalIndex, bookId, personId, contact.fallbackIndex ?? null],
  )
  if (claimed.length === 0) throw new Refusal('ContactTaken')
  await tx.query(
    'contact-attach',
    `insert into contacts (book_id, person_id, kind, contact_index, sealed, verified_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (book_id, person_id, kind) do update
       set contact_index = excluded.contact_index, sealed = excluded.sealed, verified_at = excluded.verified_at`,
    [
      bookId,
      personId,
      contact.kind,
      contact.index,
      seal(bank.keys.personal, contact.value, context(bookId, personId, contact.kind)),
      bank.clock.now(),
    ],
  )
  return before
}

/** Somebody has proved this contact: whoever was said to have it keeps it under its other index, and signs in with it no more. */
async function makeRoom(tx: Tx, index: Buffer): Promise<void> {
  const [moved] = await tx.query<{ book_id: number; person_id: string; contact_index: Buffer }>(
    'directory-make-room',
    `update directory set contact_index = fallback_index, fallback_index = null
     where contact_index = $1 and fallback_index is not null returning book_id, person_id, contact_index`,
    [index],
  )
  if (!moved) return
  await tx.query(
    'contact-make-room',
    'update contacts set contact_index = $4 where book_id = $1 and person_id = $2 and contact_index = $3',
    [moved.book_id, moved.person_id, index, moved.contact_index],
  )
}

/** A code that was sent to it has come back from its owner. */
export async function proveContact(q: Queries, contact: Contact, at: Date): Promise<void> {
  const [row] = await q.query<{ book_id: number; person_id: string }>(
    'directory-prove',
    `update directory set fallback_index = null, national_index = $2
     where contact_index = $1 and fallback_index is not null returning book_id, person_id`,
    [contact.index, contact.nationalIndex],
  )
  if (!row) return
  await q.query(
    'contact-prove',
    'update contacts set verified_at = $4 where book_id = $1 and person_id = $2 and contact_index = $3',
    [row.book_id, row.person_id, contact.index, at],
  )
}

/** Forgets all contacts of a person. */
export async function detachContacts(tx: Tx, bookId: number, personId: string): Promise<void> {
  await tx.query(
    'directory-forget',
    `delete from directory where contact_index in
       (select contact_index from contacts where book_id = $1 and person_id = $2)`,
    [bookId, personId],
  )
  await tx.query('contacts-forget', 'delete from contacts where book_id = $1 and person_id = $2', [bookId, personId])
}
