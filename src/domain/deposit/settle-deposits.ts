// What becomes of deposits when they are final: credited, kept aside, or held for an operator. Undone in lose-deposits.ts.
// Must stay true: a credit happens in the transaction that holds the network's lock, for a block that the node was asked
// for again just before and that our own row of blocks still has; ledger, state, inbox and outbox commit together.

import type { Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { formatAmount, fromChainUnits } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { deposit, depositUnclaimed, dustBooked, receivablePaid } from '../../ledger/journals.ts'
import type { Journal, Posting } from '../../ledger/posting.ts'
import { raiseAlert } from '../alert.ts'
import { lockChain } from '../chain/chain-state.ts'
import { decimalsOf, type Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { type Booked, houseJournals } from '../treasury/house-transfers.ts'
import { type DepositAsset, type DepositClass, type DepositStatus, type Move, moveDeposits } from './deposit.ts'

const scaleOf = (row: Pick<DepositRow, 'asset'>): number => assets[row.asset].scale

export interface DepositRow {
  id: string
  class: DepositClass
  status: DepositStatus
  /** Why it is of its class. */
  reason: string
  asset: DepositAsset
  person_no: bigint
  address: string
  from_address: string
  contract: string
  tx_hash: string
  ordinal: number
  value: string
  amount_received: bigint
  received: string
  owed: bigint
  round: number
  journal_id: string | null
  block_number: bigint
}

export const depositColumns = `d.id, d.class, d.status, d.reason, d.asset, d.person_no, d.address, d.from_address, d.contract, d.tx_hash, d.ordinal,
  d.value, d.amount_received, d.received, d.owed, d.round, d.journal_id, d.block_number`

/** The same movement has the same key for ever; a deposit that was taken back and came again is another movement. */
export const keyOf = (what: string, network: Network, row: DepositRow) =>
  `${what}:${network.code}:${row.tx_hash}:${row.ordinal}${row.round > 1 ? `:${row.round}` : ''}`

const dustOf = (network: Network, row: DepositRow) =>
  fromChainUnits(BigInt(row.received), decimalsOf(network, row.asset), scaleOf(row)).dust

/** Settles due deposits of one network whose blocks were just verified with the node; the caller holds its lock. */
export async function settleDue(
  bank: Bank,
  tx: Tx,
  bookId: number,
  network: Network,
  due: readonly DepositRow[],
): Promise<void> {
  const at = bank.clock.now()
  const of = (cls: DepositClass) => due.filter((row) => row.class === cls)
  for (const cls of ['unsupported', 'internal'] as const) {
    for (const [reason, rows] of Map.groupBy(of(cls), (row) => row.reason)) {
      await moveDeposits(
        tx,
        bookId,
        'pending',
        cls,
        rows.map(({ id }) => ({ id })),
        reason,
        at,
      )
    }
  }
  const most = { USDT: network.reviewAbove, TRX: network.reviewCoinAbove } satisfies Record<DepositAsset, bigint>
  const [review, credit] = split(of('customer'), (row) => row.amount_received > most[row.asset])
  await reviewDeposits(tx, bookId, network, review, 'above the review threshold', at)
  const refused = await creditDeposits(tx, bookId, network, 'pending', credit, '', at)
  await reviewDeposits(tx, bookId, network, refused, 'the account cannot receive', at)
  await keepAside(tx, bookId, network, 'pending', of('below_minimum'), '', at)
  await bookHouse(tx, bookId, network, of('house'), at)
}

const split = <T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] => [
  items.filter(test),
  items.filter((item) => !test(item)),
]

async function reviewDeposits(
  tx: Tx,
  bookId: number,
  network: Network,
  rows: readonly DepositRow[],
  reason: string,
  at: Date,
) {
  await moveDeposits(
    tx,
    bookId,
    'pending',
    'review',
    rows.map(({ id }) => ({ id })),
    reason,
    at,
  )
  for (const row of rows) {
    await raiseAlert(tx, bookId, {
      key: reviewKey(row.id),
      kind: 'deposit_review',
      severity: 'warning',
      data: { deposit: row.id, network: network.code, asset: row.asset, amount: amountOf(row), reason },
    })
  }
}

/** Which alert a deposit in review has. */
export const reviewKey = (id: string) => `deposit_review:${id}`

/** Answers the deposits that the ledger refused (their account is closed). */
export async function creditDeposits(
  tx: Tx,
  bookId: number,
  network: Network,
  from: 'pending' | 'review',
  rows: readonly DepositRow[],
  reason: string,
  at: Date,
): Promise<DepositRow[]> {
  if (rows.length === 0) return []
  const credits = rows.map((row) => ({ row, journal: depositJournal(network, row) }))
  const outcomes = await applyBatch(
    tx,
    bookId,
    credits.map(
      ({ row, journal }): Posting => ({
        bookId,
        journal,
        rows: [
          inboxRow(bookId, row.person_no, 'recharge_credited', newsOf(network, row), at),
          outboxRow(bookId, row.person_no, 'deposit.credited', eventOf(network, row), at),
        ],
      }),
    ),
    true,
  )
  assert(
    outcomes.every((outcome) => !(outcome.ok && outcome.replayed)),
    'a deposit that waits is not in the books yet',
  )
  const done = credits.filter((_, i) => outcomes[i]?.ok)
  const refused = credits.filter((_, i) => !outcomes[i]?.ok)
  // a deposit that was taken back, partly on credit, and is here again pays its own debt first
  const debts = done.flatMap(({ row }) => debtJournal(network, row) ?? [])
  await postAll(
    tx,
    bookId,
    debts.map((journal) => ({ bookId, journal, evenIfFrozen: true })),
  )
  const moves = done.map(
    ({ row, journal }): Move => ({ id: row.id, journalId: journal.id, owed: row.owed - payable(row) }),
  )
  const moved = await moveDeposits(tx, bookId, from, 'credited', moves, reason, at)
  assert(moved.size === moves.length, 'a deposit moves under the network’s lock')
  await addDust(
    tx,
    bookId,
    network,
    done.map(({ row }) => row),
    1n,
  )
  return refused.map(({ row }) => row)
}

/** What crediting a deposit books. */
export const depositJournal = (network: Network, row: DepositRow): Journal =>
  deposit({
    id: row.id,
    key: keyOf('deposit', network, row),
    networkNo: network.no,
    personNo: row.person_no,
    amount: row.amount_received,
    asset: row.asset,
  })

const amountOf = (row: DepositRow) => formatAmount(row.amount_received, scaleOf(row))

export const newsOf = (network: Network, row: DepositRow) => ({
  amount: amountOf(row),
  asset: row.asset,
  network: network.code,
})

export const eventOf = (network: Network, row: DepositRow) => ({
  id: row.id,
  chain: network.code,
  asset: row.asset,
  amount: formatAmount(row.amount_received, scaleOf(row), 2),
  tx_hash: row.tx_hash,
})

const payable = (row: DepositRow) => (row.owed < row.amount_received ? row.owed : row.amount_received)

/** What it pays of its own debt, where it was taken back before and the customer did not have all of it any more. */
export const debtJournal = (network: Network, row: DepositRow): Journal | undefined =>
  row.owed === 0n
    ? undefined
    : receivablePaid({
        id: row.id,
        key: keyOf('receivable', network, row),
        personNo: row.person_no,
        amount: payable(row),
        asset: row.asset,
      })

/** What keeping a deposit aside books; nothing when it is finer than the ledger: then all of it is dust. */
export const asideJournal = (network: Network, row: DepositRow): Journal | undefined =>
  row.amount_received === 0n
    ? undefined
    : depositUnclaimed({
        id: row.id,
        key: keyOf('unclaimed', network, row),
        networkNo: network.no,
        amount: row.amount_received,
        asset: row.asset,
      })

/** Coins without an owner in the books. */
export async function keepAside(
  tx: Tx,
  bookId: number,
  network: Network,
  from: 'pending' | 'review',
  rows: readonly DepositRow[],
  reason: string,
  at: Date,
) {
  if (rows.length === 0) return
  const kept = rows.map((row) => ({ row, journal: asideJournal(network, row) }))
  await postAll(
    tx,
    bookId,
    kept.flatMap(({ journal }) => (journal ? [{ bookId, journal }] : [])),
  )
  const moves = kept.map(({ row, journal }): Move => ({ id: row.id, ...(journal ? { journalId: journal.id } : {}) }))
  if (from === 'pending') await moveDeposits(tx, bookId, 'pending', 'below_minimum', moves, reason, at)
  else await moveDeposits(tx, bookId, 'review', 'rejected', moves, reason, at)
  await addDust(tx, bookId, network, rows, 1n)
}

/** What came straight to a wallet of the house. */
async function bookHouse(tx: Tx, bookId: number, network: Network, rows: readonly DepositRow[], at: Date) {
  const booked = await houseJournals(tx, bookId, network, rows, (row) => keyOf('house', network, row))
  await postHouse(tx, bookId, network, booked, 1n)
  for (const [fromOutside, some] of Map.groupBy(booked, (one) => one.fromOutside)) {
    const reason = fromOutside ? 'from outside' : 'from the cold wallet'
    await moveDeposits(tx, bookId, 'pending', 'house', some.map(moveOf), reason, at)
  }
}

/** What a booked transfer, or one that is taken back, writes on its row. */
export const moveOf = ({ row, journal }: Booked<DepositRow>): Move => ({
  id: row.id,
  ...(journal ? { journalId: journal.id } : {}),
})

export async function postHouse(
  tx: Tx,
  bookId: number,
  network: Network,
  booked: readonly Booked<DepositRow>[],
  sign: 1n | -1n,
) {
  await postAll(
    tx,
    bookId,
    booked.flatMap(({ journal }) => (journal ? [{ bookId, journal }] : [])),
  )
  const brought = booked.filter(({ fromOutside }) => fromOutside) // between our wallets all of the dust stays ours
  await addDust(
    tx,
    bookId,
    network,
    brought.map(({ row }) => row),
    sign,
  )
}

export async function postAll(tx: Tx, bookId: number, postings: Posting[]) {
  if (postings.length === 0) return
  for (const outcome of await applyBatch(tx, bookId, postings, true)) if (!outcome.ok) throw outcome.refusal
}

/**
 * What flooring left over is summed in chain units beside the books, and booked when it makes whole ledger units.
 * So at any time: custody in chain units + this remainder = all that final deposits brought. Of coin nothing is left
 * over: where customers can hold it, the books are as fine as the chain.
 */
export async function addDust(tx: Tx, bookId: number, network: Network, rows: readonly DepositRow[], sign: 1n | -1n) {
  const change = rows.reduce((sum, row) => sum + sign * dustOf(network, row), 0n)
  const last = rows.findLast((row) => row.asset === 'USDT')
  if (change === 0n || !last) return
  const { dust } = await lockChain(tx, bookId, network.code)
  const { units, dust: rest } = fromChainUnits(dust + change, network.decimals, assets.USDT.scale)
  if (units !== 0n) {
    const key = keyOf(sign > 0n ? 'dust' : 'dust-back', network, last)
    await postAll(tx, bookId, [{ bookId, journal: dustBooked({ id: last.id, key, networkNo: network.no, units }) }])
  }
  await tx.query('chain-dust', 'update chain_states set dust = $3 where book_id = $1 and network = $2', [
    bookId,
    network.code,
    rest.toString(),
  ])
}
