// Whom a partner's `account` names: a customer who was here already, found by their e-mail address, or one made for it.
// Must stay true: a partner sees and moves nothing of a customer who was here before it but what it brought itself, until
// that customer says so; what it is answered about them does not tell whether they are here.

import { hmacSha256, seal, unseal } from '../../base/crypto.ts'
import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { isRefusal, Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { type Contact, readContact } from '../people/contact.ts'
import { findContact } from '../people/directory.ts'
import { createPerson, inviteCodeCollided, type Person, personById } from '../people/people.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { Partner } from './partner.ts'

export interface RampCustomer {
  id: string
  partner_id: string
  source: string
  person_id: string
  person_no: bigint
  origin: 'made' | 'matched'
  reachable: boolean
  consented_at: Date | null
  /** As the partner wrote it. */
  account: string
}
type Row = Omit<RampCustomer, 'account'> & { account_sealed: Buffer }

const COLUMNS = 'id, partner_id, source, person_id, person_no, origin, reachable, consented_at, account_sealed'

const context = (bookId: number, id: string) => `ramp customer ${bookId} ${id}`
export const sealedRampAccounts: SealedColumn = {
  table: 'ramp_customers',
  column: 'account_sealed',
  key: { id: 'uuid' },
  context,
}

const customerOf = (bank: Bank, bookId: number, { account_sealed, ...row }: Row): RampCustomer => ({
  ...row,
  account: unseal(bank.keys.personal, account_sealed, context(bookId, row.id)),
})

/** What a partner says: one of its sources, and an account of it. */
export interface Named {
  partner: Partner
  source: string
  account: string
}

/** An e-mail address, where the account is one; else it is the partner's own name for somebody. */
function contactIn(bank: Bank, account: string): Contact | null {
  if (!account.includes('@')) return null
  try {
    return readContact(bank, { contact: account, kind: 'email' })
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

const indexOf = (bank: Bank, { partner, source }: Named, account: string): Buffer =>
  hmacSha256(bank.keys.contactIndex, `ramp ${partner.id} ${source}\u0000${account}`)

/** Whether two spellings name one customer. */
export const isSameAccount = (bank: Bank, a: string, b: string): boolean =>
  (contactIn(bank, a)?.value ?? a) === (contactIn(bank, b)?.value ?? b)

/** One that the partner has named before. */
export async function knownCustomer(
  bank: Bank,
  q: Queries,
  bookId: number,
  named: Named,
): Promise<RampCustomer | undefined> {
  const account = contactIn(bank, named.account)?.value ?? named.account
  const [row] = await q.query<Row>(
    'ramp-customer-known',
    `select ${COLUMNS} from ramp_customers where book_id = $1 and partner_id = $2 and source = $3 and account_index = $4`,
    [bookId, named.partner.id, named.source, indexOf(bank, named, account)],
  )
  return row && customerOf(bank, bookId, row)
}

/** Refuses `NotFound`. */
export async function rampCustomerById(bank: Bank, q: Queries, bookId: number, id: string): Promise<RampCustomer> {
  const [row] = await q.query<Row>(
    'ramp-customer-by-id',
    `select ${COLUMNS} from ramp_customers where book_id = $1 and id = $2`,
    [bookId, id],
  )
  if (!row) throw new Refusal('NotFound')
  return customerOf(bank, bookId, row)
}

/** The customer of that name, found or made. */
export async function customerNamed(bank: Bank, bookId: number, named: Named): Promise<RampCustomer> {
  for (let attempt = 1; ; attempt++) {
    const known = await knownCustomer(bank, bank.db, bookId, named)
    if (known) return known
    try {
      const owned = await ownerOf(bank, bookId, contactIn(bank, named.account))
      await bank.db.transaction((tx) => link(bank, tx, bookId, named, owned))
    } catch (error) {
      // somebody came between: with the same account, the same e-mail address, or the same invite code
      const met =
        brokenKey(error) === 'ramp_customers_account' || isRefusal(error, 'ContactTaken') || inviteCodeCollided(error)
      if (!met || attempt >= 5) throw error
    }
  }
}

/** Whose e-mail address it is, as far as that was ever proved. */
async function ownerOf(bank: Bank, bookId: number, contact: Contact | null) {
  const owner = contact && (await findContact(bank.db, contact))
  const before = owner?.proven && owner.bookId === bookId ? await personById(bank, bookId, owner.personId) : undefined
  return { owner, before }
}
type Owned = Awaited<ReturnType<typeof ownerOf>>

async function link(bank: Bank, tx: Tx, bookId: number, named: Named, { owner, before }: Owned): Promise<void> {
  const { partner, source } = named
  const contact = contactIn(bank, named.account)
  // whoever has the address in another book is not ours, and the address is theirs; so is it of whom a merchant says so
  const person =
    before ??
    (await createPerson(bank, tx, { bookId, contact: owner ? null : contact, passwordHash: null, locale: 'en' }))
  const id = newId()
  await tx.query(
    'ramp-customer-link',
    `insert into ramp_customers (book_id, id, partner_id, source, account_index, account_sealed, person_id, person_no, origin,
       reachable, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      bookId,
      id,
      partner.id,
      source,
      indexOf(bank, named, contact?.value ?? named.account),
      seal(bank.keys.personal, named.account, context(bookId, id)),
      person.id,
      person.no,
      before ? 'matched' : 'made',
      contact !== null && !(owner && !before),
      bank.clock.now(),
    ],
  )
}

/** The customer said, by a code that only they could read, that the partner may act for them. */
export const noteConsent = (q: Queries, bookId: number, id: string, at: Date): Promise<unknown> =>
  q.query(
    'ramp-customer-consent',
    'update ramp_customers set consented_at = coalesce(consented_at, $3) where book_id = $1 and id = $2',
    [bookId, id, at],
  )

/** Whether the partner may be told how the customer's identity check stands, and have it done on its page. */
export const speaksFor = (customer: RampCustomer): boolean =>
  customer.origin === 'made' || customer.consented_at !== null

/** Whether the partner may sell all that the customer has, or only what it brought itself. */
export const sellsAll = (customer: RampCustomer): boolean => !customer.reachable || customer.consented_at !== null

/** The person behind; who was deleted is nobody any more. */
export async function personOf(
  bank: Bank,
  bookId: number,
  customer: Pick<RampCustomer, 'person_id'>,
): Promise<Person | undefined> {
  const person = await personById(bank, bookId, customer.person_id)
  return person?.status === 'deleted' ? undefined : person
}
