// A customer's book of addresses, and the mode in which only these are paid.
// Must stay true: an address and the way out of the mode both wait a day, so that whoever takes over an account cannot pay
// themselves at once; labels may name people and lie sealed.

import { after, hours } from '../../base/clock.ts'
import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { showAddress } from '../chain/address.ts'
import { type Network, networkOf } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { logSecurity, tellPerson } from '../notice/security-log.ts'
import { authorizePayment, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { ownPerson } from '../people/people.ts'
import type { SealedColumn } from '../sealed-column.ts'

export const WAIT = hours(24)
const MOST = 100
const LABEL = 40

export interface ListedAddress {
  id: string
  network: string
  address: string
  label: string
  createdAt: Date
  /** From when on it is paid in allow-list mode. */
  usableAt: Date
}

interface Row {
  id: string
  network: string
  address: string
  label_sealed: Buffer
  created_at: Date
  usable_at: Date
}

const COLUMNS = 'id, network, address, label_sealed, created_at, usable_at'
const context = (bookId: number, id: string) => `withdrawal address ${bookId} ${id}`
export const sealedLabels: SealedColumn = {
  table: 'withdrawal_addresses',
  column: 'label_sealed',
  key: { id: 'uuid' },
  context,
}

const addressOf = (bank: Bank, bookId: number, row: Row): ListedAddress => ({
  id: row.id,
  network: row.network,
  address: row.address,
  label: unseal(bank.keys.personal, row.label_sealed, context(bookId, row.id)),
  createdAt: row.created_at,
  usableAt: row.usable_at,
})

/** The actor's, newest first. */
export async function addressBook(bank: Bank, actor: Actor, network?: Network): Promise<ListedAddress[]> {
  const rows = await bank.db.query<Row>(
    'address-book',
    `select ${COLUMNS} from withdrawal_addresses
     where book_id = $1 and person_no = $2 and removed_at is null and ($3::text is null or network = $3) order by id desc`,
    [actor.bookId, actor.personNo, network?.code ?? null],
  )
  return rows.map((row) => addressOf(bank, actor.bookId, row))
}

/** Every address that stands in somebody's book, canonical. */
export async function listedAddresses(q: Queries, bookId: number, personNo: bigint): Promise<string[]> {
  const rows = await q.query<{ address: string }>(
    'addresses-listed',
    'select distinct address from withdrawal_addresses where book_id = $1 and person_no = $2 and removed_at is null',
    [bookId, personNo],
  )
  return rows.map((row) => row.address)
}

/** Since when an address has stood in somebody's book; null when it does not. */
export async function listedSince(
  q: Queries,
  bookId: number,
  { person_no, network, to_address }: { person_no: bigint; network: string; to_address: string },
): Promise<Date | null> {
  const [row] = await q.query<{ created_at: Date }>(
    'address-listed-since',
    `select created_at from withdrawal_addresses
     where book_id = $1 and person_no = $2 and network = $3 and address = $4 and removed_at is null`,
    [bookId, person_no, network, to_address],
  )
  return row?.created_at ?? null
}

function readLabel(text: string): string {
  const label = text.normalize('NFC').trim()
  if (label !== '' && [...label].length <= LABEL) return label
  throw new Refusal('InvalidParams', { pointer: '/label', reason: `1 to ${LABEL} characters` })
}

export interface NewAddress {
  network: Network
  /** Canonical, and checked for where it leads. */
  address: string
  label: string
  proof: PaymentProof
}

/**
 * Writes an address down; one that stands there already gets the new label and waits no longer. Refuses InvalidParams,
 * AddressBookFull, and what proves the customer.
 */
export async function addAddress(bank: Bank, actor: Actor, input: NewAddress): Promise<ListedAddress> {
  const label = readLabel(input.label)
  await authorizePayment(bank, actor, input.proof)
  const { bookId, personNo, personId } = actor
  const { network, address } = input
  const person = await ownPerson(bank, actor)
  const at = bank.clock.now()
  return bank.db.transaction(async (tx) => {
    const id = newId()
    const sealed = seal(bank.keys.personal, label, context(bookId, id))
    const [made] = await tx.query<Row>(
      'address-add',
      `insert into withdrawal_addresses (book_id, id, person_no, network, address, label_sealed, created_at, usable_at)
       select $1, $2, $3, $4, $5, $6, $7, $8
       where (select count(*) from withdrawal_addresses where book_id = $1 and person_no = $3 and removed_at is null) < $9
       on conflict (book_id, person_no, network, address) where removed_at is null do nothing
       returning ${COLUMNS}`,
      [bookId, id, personNo, network.code, address, sealed, at, after(at, WAIT), MOST],
    )
    if (!made) return relabelKnown(bank, tx, actor, input, label)
    await logSecurity(tx, at, bookId, personId, 'withdrawal_address_added', actor)
    const params = { network: network.code, address: showAddress(network, address) }
    await tellPerson(bank, tx, person, 'withdrawal_address_added', params)
    return addressOf(bank, bookId, made)
  })
}

async function relabelKnown(
  bank: Bank,
  tx: Tx,
  actor: Actor,
  { network, address }: NewAddress,
  label: string,
): Promise<ListedAddress> {
  const [known] = await tx.query<Row>(
    'address-known',
    `select ${COLUMNS} from withdrawal_addresses
     where book_id = $1 and person_no = $2 and network = $3 and address = $4 and removed_at is null`,
    [actor.bookId, actor.personNo, network.code, address],
  )
  if (!known) throw new Refusal('AddressBookFull', { maximum: MOST })
  await setLabel(bank, tx, actor, known.id, label)
  return { ...addressOf(bank, actor.bookId, known), label }
}

/** Refuses `NotFound`. */
async function setLabel(bank: Bank, q: Queries, actor: Actor, id: string, label: string): Promise<Row> {
  const [row] = await q.query<Row>(
    'address-label',
    `update withdrawal_addresses set label_sealed = $4
     where book_id = $1 and person_no = $2 and id = $3 and removed_at is null returning ${COLUMNS}`,
    [actor.bookId, actor.personNo, id, seal(bank.keys.personal, label, context(actor.bookId, id))],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

export async function labelAddress(bank: Bank, actor: Actor, id: string, text: string): Promise<ListedAddress> {
  return addressOf(bank, actor.bookId, await setLabel(bank, bank.db, actor, id, readLabel(text)))
}

/** Takes an address out. Put in again it waits anew. Refuses `NotFound`. */
export async function removeAddress(bank: Bank, actor: Actor, id: string): Promise<void> {
  const { bookId, personNo, personId } = actor
  await bank.db.transaction(async (tx) => {
    const at = bank.clock.now()
    const removed = await tx.query(
      'address-remove',
      `update withdrawal_addresses set removed_at = $4
       where book_id = $1 and person_no = $2 and id = $3 and removed_at is null returning 1`,
      [bookId, personNo, id, at],
    )
    if (removed.length === 0) throw new Refusal('NotFound')
    await logSecurity(tx, at, bookId, personId, 'withdrawal_address_removed', actor)
  })
}

// --- allow-list mode ---

export interface AllowList {
  on: boolean
  /** When it ends, if that was asked for. */
  offAt: Date | null
}

export async function allowList(bank: Bank, q: Queries, { bookId, personNo }: Listed): Promise<AllowList> {
  const [row] = await q.query<{ off_at: Date | null }>(
    'allow-list',
    'select off_at from withdrawal_allow_lists where book_id = $1 and person_no = $2',
    [bookId, personNo],
  )
  const on = row !== undefined && (row.off_at === null || row.off_at > bank.clock.now())
  return { on, offAt: on ? row.off_at : null }
}
type Listed = Pick<Actor, 'bookId' | 'personNo'>

/** On at once; off a day after it was asked for. */
export async function switchAllowList(
  bank: Bank,
  actor: Actor,
  enabled: boolean,
  proof: PaymentProof,
): Promise<AllowList> {
  await authorizePayment(bank, actor, proof)
  const person = await ownPerson(bank, actor)
  const { bookId, personNo, personId } = actor
  return bank.db.transaction(async (tx) => {
    const before = await allowList(bank, tx, actor)
    const at = bank.clock.now()
    if (enabled ? before.on && before.offAt === null : !before.on || before.offAt !== null) return before
    const event = enabled ? 'allow_list_enabled' : 'allow_list_disabled'
    const offAt = enabled ? null : after(at, WAIT)
    await tx.query(
      'allow-list-switch',
      `insert into withdrawal_allow_lists (book_id, person_no, on_since, off_at) values ($1, $2, $3, $4)
       on conflict (book_id, person_no) do update set off_at = excluded.off_at,
         on_since = case when excluded.off_at is null then excluded.on_since else withdrawal_allow_lists.on_since end`,
      [bookId, personNo, at, offAt],
    )
    await logSecurity(tx, at, bookId, personId, event, actor)
    await tellPerson(bank, tx, person, event, {})
    return { on: true, offAt }
  })
}

/** Refuses (`AddressNotListed`, `AddressTooNew`) what the book does not let through now. */
export async function requireListed(
  bank: Bank,
  q: Queries,
  { bookId, personNo }: Listed,
  network: Network,
  address: string,
  pointer = '/to_address',
): Promise<void> {
  const [entry] = await q.query<{ usable_at: Date }>(
    'address-usable',
    `select usable_at from withdrawal_addresses
     where book_id = $1 and person_no = $2 and network = $3 and address = $4 and removed_at is null`,
    [bookId, personNo, network.code, address],
  )
  if (!entry) throw new Refusal('AddressNotListed', { pointer })
  const wait = entry.usable_at.getTime() - bank.clock.now().getTime()
  if (wait <= 0) return
  const usable = { usable_at: entry.usable_at.toISOString(), retryAfter: Math.ceil(wait / 1000) }
  throw new Refusal('AddressTooNew', { pointer, ...usable })
}

/** For showing an entry of the book. */
export const shownAddress = (bank: Bank, entry: Pick<ListedAddress, 'network' | 'address'>): string =>
  showAddress(networkOf(bank.networks, entry.network), entry.address)
