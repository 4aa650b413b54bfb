// A customer's own deposit address: one per family of networks, so the same on every EVM chain, for ever.
// Path m/44'/60'/0'/<book − 1>/<index>: no two books share an address. Only the extended public key is known here.
// Must stay true: an address is committed before it is shown, and the watchers look it up after they have read a block;
// addresses of two different seeds are never mixed in one book.

import { type BatchLoader, batchLoader } from '../../base/batch.ts'
import { sameBytes, sha256 } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { deriveAddress } from '../chain/address.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import { housePurposes } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { perBank } from '../per-bank.ts'

type Family = Network['family']

/**
 * The actor's address on a network, made at the first call. Canonical form; see chain/address.ts.
 * Refuses with `NetworkUnavailable` while nobody would see a payment to it.
 */
export async function depositAddress(bank: Bank, actor: Actor, network: Network): Promise<string> {
  const state = await chainStateOf(bank.db, actor.bookId, network.code)
  if (xpubOf(bank, network.family) === '' || state?.phase !== 'following' || state.number === null) {
    throw new Refusal('NetworkUnavailable', { pointer: '/chain', retryAfter: 10 })
  }
  const address = await loader(bank).load(`${actor.bookId} ${network.family} ${actor.personNo}`)
  if (address === undefined) throw new Error('an address was not made')
  return address
}

/** A network of this family comes with its extended public key; the signer hands it out at start. */
const xpubOf = (bank: Bank, family: Family): string =>
  family === 'evm' ? bank.config.DEPOSIT_XPUB_EVM : bank.config.DEPOSIT_XPUB_TRON

// requests that arrive together share one transaction: the key's row is a lock that each would wait for otherwise
const loader = perBank(
  (bank): BatchLoader<string, string> =>
    batchLoader(
      async (keys) => {
        const found = new Map<string, string>()
        const groups = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf(' ')))
        for (const [group, members] of groups) {
          const [book = '', family = ''] = group.split(' ')
          const wanted = {
            bookId: Number.parseInt(book, 10),
            family: family as Family,
            people: members.map((key) => BigInt(key.slice(group.length + 1))),
          }
          const known = await findAddresses(bank.db, wanted)
          const all = known.size === members.length
          const addresses = all ? known : await bank.db.transaction((tx) => makeMissing(tx, bank, wanted))
          for (const [personNo, address] of addresses) found.set(`${group} ${personNo}`, address)
        }
        return found
      },
      { size: 100, lanes: 1 },
    ),
)

interface Wanted {
  bookId: number
  family: Family
  people: bigint[]
}

async function findAddresses(q: Queries, { bookId, family, people }: Wanted): Promise<Map<bigint, string>> {
  const rows = await q.query<{ person_no: bigint; address: string }>(
    'deposit-addresses',
    `select person_no, address from deposit_addresses
     where book_id = $1 and family = $2 and person_no = any ($3::bigint[])`,
    [bookId, family, people],
  )
  return new Map(rows.map((row) => [row.person_no, row.address]))
}

async function makeMissing(tx: Tx, bank: Bank, wanted: Wanted): Promise<Map<bigint, string>> {
  const { bookId, family, people } = wanted
  const xpub = xpubOf(bank, family)
  await tx.query(
    'deposit-key-begin',
    'insert into deposit_keys (book_id, family, key_print) values ($1, $2, $3) on conflict do nothing',
    [bookId, family, sha256(xpub)],
  )
  const [key] = await tx.query<{ key_print: Buffer; next_index: number }>(
    'deposit-key-lock',
    'select key_print, next_index from deposit_keys where book_id = $1 and family = $2 for no key update',
    [bookId, family],
  )
  if (!key || !sameBytes(key.key_print, sha256(xpub))) {
    bank.log.error({ family }, 'the keystore is not the one that earlier deposit addresses were derived from')
    throw new Refusal('NetworkUnavailable', { pointer: '/chain', retryAfter: 60 })
  }
  const found = await findAddresses(tx, wanted) // somebody may have made them while we waited for the lock
  const made = people
    .filter((personNo) => !found.has(personNo))
    .map((personNo, i) => {
      const index = key.next_index + i
      return { personNo, index, address: deriveAddress(family, xpub, bookId, index) }
    })
  await tx.query(
    'deposit-addresses-add',
    `insert into deposit_addresses (book_id, family, address, person_no, key_index)
     select $1, $2, * from unnest($3::text[], $4::bigint[], $5::integer[])`,
    [bookId, family, made.map((m) => m.address), made.map((m) => m.personNo), made.map((m) => m.index)],
  )
  await tx.query('deposit-key-count', 'update deposit_keys set next_index = $3 where book_id = $1 and family = $2', [
    bookId,
    family,
    key.next_index + made.length,
  ])
  for (const { personNo, address } of made) found.set(personNo, address)
  return found
}

/** Whose these addresses are: a customer's number, or the house. Anything not in the answer is not ours. */
export async function ownersOf(
  q: Queries,
  bookId: number,
  family: Family,
  addresses: readonly string[],
): Promise<Map<string, bigint | 'house'>> {
  const rows = await q.query<{ address: string; person_no: bigint }>(
    'address-owners',
    `select address, person_no from deposit_addresses
     where book_id = $1 and family = $2 and address = any ($3::text[])`,
    [bookId, family, addresses],
  )
  const owners = new Map<string, bigint | 'house'>(rows.map((row) => [row.address, row.person_no]))
  for (const address of (await housePurposes(q, bookId, family, addresses)).keys()) owners.set(address, 'house')
  return owners
}

/** Which key the book's addresses of each family came from, as a hash, and how many there are. */
export const depositKeyPrints = (
  q: Queries,
  bookId: number,
): Promise<{ family: Family; key_print: Buffer; next_index: number }[]> =>
  q.query('deposit-keys', 'select family, key_print, next_index from deposit_keys where book_id = $1 order by family', [
    bookId,
  ])

/** Under which number of the deposit key addresses are. */
export async function depositIndexes(
  q: Queries,
  bookId: number,
  family: Family,
  addresses: readonly string[],
): Promise<Map<string, number>> {
  const rows = await q.query<{ address: string; key_index: number }>(
    'deposit-indexes',
    'select address, key_index from deposit_addresses where book_id = $1 and family = $2 and address = any ($3::text[])',
    [bookId, family, addresses],
  )
  return new Map(rows.map((row) => [row.address, row.key_index]))
}
