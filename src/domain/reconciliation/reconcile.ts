// One comparison of a network: the chain against what the watcher saw, that against what was signed, paid and booked, and the
// books against both; and one of what lies within the books alone.
//
// Order of things, because it keeps a busy bank from false alarms (the files that compare say why in full): the chain is
// asked first, at final blocks that it names; then all of our own side is read in one snapshot, which must know these blocks.
//
// Must stay true: a comparison that cannot be made says why and changes no break; what it finds is written after it, in a
// transaction of its own.

import type { Queries, Tx } from '../../base/database.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { ChainReader, ChainSender } from '../ports.ts'
import {
  addressesToAsk,
  balanceDifferences,
  findOpenings,
  type Held,
  listHouse,
  readHeld,
  unlike,
} from './address-balances.ts'
import { type Break, noteDifferences, openSubjects } from './break.ts'
import { type CoinHeld, coinAddresses, coinDifferences, readCoin } from './coin-balances.ts'
import { depositQueries } from './compare-deposits.ts'
import { bookQueries } from './compare-orders.ts'
import { leaving, paymentQueries } from './compare-payments.ts'
import { type Difference, differences } from './difference.ts'
import { compareGroups, type groups } from './group-balances.ts'

export interface Reconciled {
  /** The final block that balances were compared at; the oldest, when several were asked. */
  block: number | null
  addresses: number
  /** Everything that differs now. */
  differences: Difference[]
  opened: Break[]
  closed: Break[]
  /** Why it could not compare; for people. */
  note: string
}

export interface Compared {
  bank: Bank
  bookId: number
  network: Network
  reader: ChainReader
  sender: ChainSender
  /** Every address, not only those that should hold something. */
  all?: boolean
  /** Told what is being done. */
  now?: (what: string) => void
}

const networkKinds = [
  ...depositQueries.map(({ kind }) => kind),
  ...paymentQueries.map(({ kind }) => kind),
  'balance_off',
  'coin_short',
  'custody_off',
  'hot_off',
  'cold_off',
]

const nothing = (note: string): Reconciled => ({
  block: null,
  addresses: 0,
  differences: [],
  opened: [],
  closed: [],
  note,
})

const snapshot = { mode: 'isolation level repeatable read read only' }

export async function reconcileNetwork(given: Compared): Promise<Reconciled> {
  const { bank, bookId, network, sender, all = false, now = () => {} } = given
  const { db } = bank
  const state = await chainStateOf(db, bookId, network.code)
  if (state?.phase !== 'following' || state.number === null) return nothing('the network is not followed')
  await listHouse(db, bookId, network)
  now(`asking ${network.code} for balances`)
  const asked = await addressesToAsk(db, bookId, network.code, all)
  const held = await readHeld(sender, asked)
  const coin = await readCoin(sender, await coinAddresses(db, bookId, network))
  const blocks = [...held, ...coin].map(({ block }) => block)
  const unknown = await unknownBlock(given, blocks)
  if (unknown !== undefined) return nothing(unknown)
  await findOpenings(bank, bookId, network, held)
  now(`comparing ${network.code}`)
  const suspects = await unlike(db, bookId, network.code, held)
  const again = await readHeld(sender, suspects) // a node that lags in one answer may not in the next
  const later = await unknownBlock(
    given,
    again.map(({ block }) => block),
  )
  if (later !== undefined) return nothing(later)
  const missing = await coinDifferences(db, bookId, network, sender, coin)
  const open = await openSubjects(db, bookId, network.code)
  const found = await db.transaction((tx) => compareAll(tx, given, again, open), snapshot)
  const coins = await stillMissing(given, missing, coin)
  const differing = [...found, ...coins]
  const noted = await db.transaction(async (tx) => {
    const settled = await settleMovements(tx, bookId, network.code, differing)
    if (settled > 0) bank.log.debug({ bookId, network: network.code, settled }, 'movements are matched and booked')
    return noteDifferences(bank, tx, bookId, network.code, networkKinds, differing)
  })
  return {
    block: blocks.length > 0 ? Math.min(...blocks) : null,
    addresses: held.length + coin.length,
    differences: differing,
    ...noted,
    note: '',
  }
}

async function compareAll(
  tx: Tx,
  { bookId, network }: Compared,
  suspects: readonly Held[],
  open: (kind: string) => readonly string[],
): Promise<Difference[]> {
  const found = await balanceDifferences(tx, bookId, network, suspects)
  for (const query of [...depositQueries, ...paymentQueries]) {
    found.push(...(await differences(tx, bookId, network, query, open(query.kind))))
  }
  const subjects = networkKinds.flatMap((kind) => open(kind))
  const { differences: off, corrected } = await compareGroups(tx, bookId, network, subjects)
  // what an operator has corrected the books for is told no more
  const over = await unknownFrom(tx, bookId, network.code, corrected)
  return [...found.filter((one) => one.kind !== 'unknown_outgoing' || !over.has(one.subject)), ...off]
}

/** Transactions that nobody signed, from wallets of these groups. */
async function unknownFrom(
  tx: Tx,
  bookId: number,
  network: string,
  corrected: readonly (typeof groups)[number][],
): Promise<Set<string>> {
  if (corrected.length === 0) return new Set()
  const rows = await tx.query<{ tx_hash: string }>(
    'reconcile-unknown-from',
    `select m.tx_hash from chain_movements m
     where m.book_id = $1 and m.network = $2 and not m.settled and m.from_owner = any ($3::text[]) and ${leaving}
       and not exists (select from chain_transactions t where t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash)`,
    [bookId, network, corrected],
  )
  return new Set(rows.map((row) => row.tx_hash))
}

/** Coin may have come back into sight while all else was compared: a payment was noticed in its block. */
async function stillMissing(
  { bank, bookId, network, sender }: Compared,
  missing: readonly Difference[],
  coin: readonly CoinHeld[],
): Promise<Difference[]> {
  if (missing.length === 0) return []
  const subjects = new Set(missing.map((one) => one.subject))
  const before = coin.filter(({ address }) => subjects.has(address))
  return coinDifferences(bank.db, bookId, network, sender, before)
}

/** Why blocks that the chain answered for cannot be compared with what we have read. */
async function unknownBlock(
  { bank, bookId, network, reader }: Compared,
  blocks: readonly number[],
): Promise<string | undefined> {
  if (blocks.length === 0) return undefined
  const newest = Math.max(...blocks)
  const state = await chainStateOf(bank.db, bookId, network.code)
  if (state?.phase !== 'following' || (state.number ?? -1) < newest) {
    return `block ${newest} is final and not read yet`
  }
  const [ours] = await bank.db.query<{ hash: string }>(
    'reconcile-known-block',
    'select hash from chain_blocks where book_id = $1 and network = $2 and number = $3',
    [bookId, network.code, newest],
  )
  if (!ours) return undefined // so deep that it is remembered no more
  const [theirs] = await reader.headers([newest])
  return theirs && theirs.hash !== ours.hash
    ? `the node has another block ${newest} than the one that was read`
    : undefined
}

/** Movements in final blocks that are matched on the other side and named by no difference need no more looking at. */
async function settleMovements(
  tx: Tx,
  bookId: number,
  network: string,
  differing: readonly Difference[],
): Promise<number> {
  const named = differing.flatMap(({ subject }) => subject)
  const rows = await tx.query<{ tx_hash: string; ordinal: number }>(
    'reconcile-matched',
    `select m.tx_hash, m.ordinal from chain_movements m
     left join chain_transactions t on t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash and m.from_owner <> ''
     left join chain_payments p on p.book_id = $1 and p.id = t.payment_id
     left join deposits d on d.book_id = $1 and d.network = $2 and d.tx_hash = m.tx_hash and d.ordinal = m.ordinal
     where m.book_id = $1 and m.network = $2 and not m.settled
       and case when m.from_owner <> '' and p.id is not null then p.status = 'confirmed' and m.to_owner <> 'deposit'
             else d.status in ('credited', 'below_minimum', 'rejected', 'house') end
       and not coalesce(m.tx_hash = any ($3) or m.tx_hash || ':' || m.ordinal = any ($3) or d.id::text = any ($3)
                        or p.id::text = any ($3) or p.order_id::text = any ($3), false)`,
    [bookId, network, named],
  )
  await tx.query('movements-settle', 'select movements_settle($1, $2, $3, $4)', [
    bookId,
    network,
    rows.map((row) => row.tx_hash),
    rows.map((row) => row.ordinal),
  ])
  return rows.length
}

/** What lies within the books alone. */
export async function reconcileBook(bank: Bank, bookId: number): Promise<Reconciled> {
  const open = await openSubjects(bank.db, bookId, '')
  const found = await bank.db.transaction(async (tx) => {
    const all: Difference[] = []
    for (const query of bookQueries) all.push(...(await differences(tx, bookId, undefined, query, open(query.kind))))
    return all
  }, snapshot)
  const kinds = bookQueries.map(({ kind }) => kind)
  const noted = await bank.db.transaction((tx) => noteDifferences(bank, tx, bookId, '', kinds, found))
  return { block: null, addresses: 0, differences: found, ...noted, note: '' }
}

/** Says when a network could not be compared for too long, and when it can be again. */
export async function tellStuck(
  q: Queries,
  bookId: number,
  network: string,
  note: string,
  minutes: number,
): Promise<void> {
  const key = `reconciliation_stuck:${network}`
  if (note === '') return closeAlert(q, bookId, key)
  if (minutes < 10) return
  await raiseAlert(q, bookId, {
    key,
    kind: 'reconciliation_stuck',
    severity: 'warning',
    data: { network, reason: note, minutes },
  })
}
