// Undoes what deposits booked when their block has left the chain.
// Must stay true: the caller holds the network's lock; what the customer no longer has becomes a receivable, and nothing
// goes below zero; what is pending goes without a word in the books.

import type { Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { houseAccount, personAccount } from '../../ledger/accounts.ts'
import { depositReversed, depositUnclaimedReversed } from '../../ledger/journals.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { houseReversals } from '../treasury/house-transfers.ts'
import { type Move, moveDeposits } from './deposit.ts'
import { addDust, type DepositRow, eventOf, keyOf, moveOf, newsOf, postAll, postHouse } from './settle-deposits.ts'

/** Undoes what stood in blocks that are no longer in the chain. The caller holds the network's lock. */
export async function loseDeposits(
  bank: Bank,
  tx: Tx,
  bookId: number,
  network: Network,
  lost: readonly DepositRow[],
): Promise<void> {
  const at = bank.clock.now()
  const reason = 'its block left the chain'
  for (const status of ['pending', 'review', 'unsupported', 'internal'] as const) {
    const rows = lost.filter((row) => row.status === status)
    await moveDeposits(
      tx,
      bookId,
      status,
      'orphaned',
      rows.map(({ id }) => ({ id })),
      reason,
      at,
    )
    await postAll(
      tx,
      bookId,
      rows
        .filter((row) => row.class === 'customer')
        .map((row) => ({
          bookId,
          rows: [outboxRow(bookId, row.person_no, 'deposit.orphaned', eventOf(network, row), at)],
        })),
    )
  }
  await reverseCredits(
    tx,
    bookId,
    network,
    lost.filter((row) => row.status === 'credited'),
    reason,
    at,
  )
  for (const status of ['below_minimum', 'rejected'] as const) {
    const rows = lost.filter((row) => row.status === status)
    const kept = rows.map((row) => ({
      row,
      journal:
        row.journal_id === null
          ? undefined
          : depositUnclaimedReversed({
              id: row.id,
              key: keyOf('unclaimed-back', network, row),
              networkNo: network.no,
              amount: row.amount_received,
              reverses: row.journal_id,
              asset: row.asset,
            }),
    }))
    await postAll(
      tx,
      bookId,
      kept.flatMap(({ journal }) => (journal ? [{ bookId, journal }] : [])),
    )
    const moves = kept.map(({ row, journal }): Move => ({ id: row.id, ...(journal ? { journalId: journal.id } : {}) }))
    await moveDeposits(tx, bookId, status, 'reversed', moves, reason, at)
    await addDust(tx, bookId, network, rows, -1n)
  }
  const ours = await houseReversals(
    tx,
    bookId,
    network,
    lost.filter((row) => row.status === 'house'),
  )
  await postHouse(tx, bookId, network, ours, -1n)
  await moveDeposits(tx, bookId, 'house', 'reversed', ours.map(moveOf), reason, at)
}

/** Takes from the customer what is there; what is not becomes a receivable. Nothing goes below zero. */
async function reverseCredits(
  tx: Tx,
  bookId: number,
  network: Network,
  rows: readonly DepositRow[],
  reason: string,
  at: Date,
) {
  if (rows.length === 0) return
  const available = await lockAvailable(tx, bookId, network, rows)
  const reversals = rows.map((row) => {
    const account = personAccount(row.person_no, 'main', row.asset)
    const has = available.get(account) ?? 0n
    const taken = has < row.amount_received ? has : row.amount_received
    available.set(account, has - taken)
    assert(row.journal_id !== null, 'a credited deposit has its journal')
    const journal = depositReversed({
      id: row.id,
      key: keyOf('deposit-back', network, row),
      networkNo: network.no,
      personNo: row.person_no,
      amount: row.amount_received,
      available: taken,
      reverses: row.journal_id,
      asset: row.asset,
    })
    return { row, journal, owed: row.owed + row.amount_received - taken }
  })
  await postAll(
    tx,
    bookId,
    reversals.map(({ row, journal }) => ({
      bookId,
      journal,
      evenIfFrozen: true,
      rows: [
        inboxRow(bookId, row.person_no, 'recharge_reversed', newsOf(network, row), at),
        outboxRow(bookId, row.person_no, 'deposit.reversed', eventOf(network, row), at),
      ],
    })),
  )
  const moves = reversals.map(({ row, journal, owed }): Move => ({ id: row.id, journalId: journal.id, owed }))
  await moveDeposits(tx, bookId, 'credited', 'reversed', moves, reason, at)
  await addDust(tx, bookId, network, rows, -1n)
}

/** Locks every account that the reversals touch, in id order as all writers do, and reads what is available. */
async function lockAvailable(tx: Tx, bookId: number, network: Network, rows: readonly DepositRow[]) {
  const accounts = new Set(
    rows.flatMap(({ person_no, asset }) => [
      personAccount(person_no, 'main', asset),
      houseAccount('custody', asset, network.no),
      houseAccount('receivable', asset),
    ]),
  )
  const sorted = [...accounts].sort((a, b) => (a < b ? -1 : 1))
  const locked = await tx.query<{ id: bigint; balance: bigint; held: bigint; status: string }>(
    'ledger-lock',
    'select id, balance, held, status from ledger_lock($1, $2)',
    [bookId, `{${sorted.join(',')}}`],
  )
  // a closed account cannot be taken from
  return new Map(locked.map((a) => [a.id, a.status === 'closed' ? 0n : a.balance - a.held]))
}
