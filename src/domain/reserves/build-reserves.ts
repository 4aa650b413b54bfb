// Makes a snapshot of reserves: what is owed to each customer, in one snapshot of the books, under one root; beside it what
// the bank's addresses hold.
// Must stay true: nothing is published that is not backed, asset by asset, and nothing whose tree and books disagree; then
// an alert says why. A customer's salt and place are derived from a key, another place in every snapshot.

import { hmacSha256 } from '../../base/crypto.ts'
import type { Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { type CustomerBalance, customerBalances, owedToCustomers } from '../../ledger/customer-balances.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { type Holdings, type Places, placesOf, readHoldings, type SenderOf, Unproven } from './holdings.ts'
import { buildTree, type Snapshot } from './merkle-sum-tree.ts'
import { reserveAssets } from './reserve-asset.ts'
import { insertSnapshot, type Member } from './reserve-snapshot.ts'

/** What is held is less than what is owed. */
export class NotBacked extends Error {}

export interface Built {
  id: string
  at: Date
  size: number
  root: string
  liabilities: bigint[]
  holdings: bigint[]
}

export const uidOf = (personNo: bigint): string => `U${personNo}`

/** A customer's secret of one snapshot: without it nobody can tell whose the leaf is. */
export const saltOf = (bank: Pick<Bank, 'keys'>, bookId: number, snapshotId: string, personNo: bigint): Buffer =>
  hmacSha256(bank.keys.reserveSalt, `${bookId} ${snapshotId} ${personNo}`)

/** Throws `NotBacked` or `Unproven`, with the alert raised, when there is nothing to publish. */
export async function buildReserves(
  bank: Bank,
  bookId: number,
  senderOf: SenderOf,
  now: (what: string) => void = () => {},
): Promise<Built> {
  try {
    const built = await build(bank, bookId, senderOf, now)
    await closeAlert(bank.db, bookId, 'reserves_short')
    await closeAlert(bank.db, bookId, 'reserves_unproven')
    return built
  } catch (error) {
    const kind = error instanceof NotBacked ? 'reserves_short' : 'reserves_unproven'
    if (error instanceof NotBacked || error instanceof Unproven) {
      const data = { reason: error.message }
      await raiseAlert(bank.db, bookId, { key: kind, kind, severity: 'critical', data })
    }
    throw error
  }
}

async function build(bank: Bank, bookId: number, senderOf: SenderOf, now: (what: string) => void): Promise<Built> {
  now('reading the books')
  const books = await bank.db.transaction((tx) => readBooks(bank, tx, bookId), {
    mode: 'isolation level repeatable read read only',
  })
  now('asking the chains')
  const holdings = await readHoldings(bank.db, bookId, books, senderOf)
  const snapshot: Snapshot = {
    bookId,
    id: newId(),
    at: books.at,
    size: books.people.length,
    assets: reserveAssets,
  }
  requireBacking(books.owed, holdings)
  now(`building the tree of ${snapshot.size} customers`)
  const { members, leaves } = inOrder(bank, snapshot, books.people)
  const levels = buildTree(snapshot, leaves)
  const root = levels.at(-1)?.[0]
  assert(root, 'a tree has a root')
  assert(
    root.sums.every((sum, i) => sum === books.owed[i]),
    'the tree sums to what the books owe',
  )
  now('writing')
  await bank.db.transaction((tx) => insertSnapshot(tx, snapshot, { members, levels, ...holdings }))
  const { id, at, size } = snapshot
  return { id, at, size, root: root.hash.toString('hex'), liabilities: [...root.sums], holdings: heldOf(holdings) }
}

interface Books extends Places {
  at: Date
  people: CustomerBalance[]
  owed: bigint[]
}

async function readBooks(bank: Bank, tx: Tx, bookId: number): Promise<Books> {
  await tx.query('', 'set local enable_seqscan = on')
  const [row] = await tx.query<{ at: Date }>('', "select date_trunc('milliseconds', now()) as at")
  assert(row, 'a query without a table has one row')
  const owed = await owedToCustomers(tx, bookId, reserveAssets)
  const people = await customerBalances(tx, bookId, reserveAssets)
  return { at: row.at, owed, people, ...(await placesOf(bank, tx, bookId)) }
}

/** By salt, so that neighbours are others in every snapshot and a place says nothing of who stands there. */
function inOrder(bank: Bank, { bookId, id }: Snapshot, people: readonly CustomerBalance[]) {
  const salted = people.map((one) => ({ ...one, salt: saltOf(bank, bookId, id, one.personNo) }))
  salted.sort((a, b) => Buffer.compare(a.salt, b.salt))
  return {
    members: salted.map(({ personNo, units }): Member => ({ personNo, units })),
    leaves: salted.map(({ personNo, salt, units }) => ({ uid: uidOf(personNo), salt, sums: units })),
  }
}

const heldOf = ({ held }: Holdings): bigint[] =>
  reserveAssets.map((asset) => held.reduce((sum, one) => (one.asset === asset ? sum + one.units : sum), 0n))

function requireBacking(owed: readonly bigint[], holdings: Holdings): void {
  const held = heldOf(holdings)
  for (const [i, asset] of reserveAssets.entries()) {
    const paid = holdings.paid.reduce((sum, one) => (one.asset === asset ? sum + one.units : sum), 0n)
    const missing = (owed[i] ?? 0n) - (held[i] ?? 0n) - paid
    if (missing <= 0n) continue
    const text = (units: bigint) => `${formatAmount(units, assets[asset].scale)} ${asset}`
    throw new NotBacked(
      `${text(owed[i] ?? 0n)} is owed, ${text(held[i] ?? 0n)} is on chain and ${text(paid)} was just paid out: ${text(missing)} is missing`,
    )
  }
}
