// Tokens that came straight to a wallet of the house, seen by the watcher like deposits: from the cold wallet back to the
// hot one, or from outside. Must stay true: what our own payments bring is not among them (their orders book that); each is
// booked once it is final and taken back with its block.

import type { Queries } from '../../base/database.ts'
import { houseFunded, movedToHot, reversal } from '../../ledger/journals.ts'
import type { Journal } from '../../ledger/posting.ts'
import { type HousePurpose, housePurposes } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'

/** Whose the two ends of a transfer are: a customer's number, a purpose of the house, or nobody we know. */
type Party = bigint | HousePurpose | undefined

/** Why a transfer to the house is the house's own to book; nothing when it is not to be kept. */
export function houseReason(from: Party, to: Party): string | undefined {
  if (to !== 'hot' && to !== 'cold') return undefined
  if (from === undefined) return 'from outside'
  return from === 'cold' && to === 'hot' ? 'from the cold wallet' : undefined
}

export interface HouseTransfer {
  id: string
  from_address: string
  address: string
  amount_received: bigint
  journal_id: string | null
}

export interface Booked<T> {
  row: T
  /** Nothing when it is finer than the ledger. */
  journal: Journal | undefined
  fromOutside: boolean
}

/** What these transfers book, each under its key. */
export async function houseJournals<T extends HouseTransfer>(
  q: Queries,
  bookId: number,
  network: Network,
  rows: readonly T[],
  keyOf: (row: T) => string,
): Promise<Booked<T>[]> {
  if (rows.length === 0) return []
  const addresses = [...new Set(rows.flatMap((row) => [row.from_address, row.address]))]
  const purposes = await housePurposes(q, bookId, network.family, addresses)
  return rows.map((row) => {
    const fromOutside = purposes.get(row.from_address) === undefined
    const to = purposes.get(row.address) === 'cold' ? 'cold' : 'hot'
    const { id, amount_received: amount } = row
    const order = { id, key: keyOf(row), networkNo: network.no, amount }
    const journal = fromOutside ? houseFunded({ ...order, asset: 'USDT', to }) : movedToHot(order)
    return { row, journal: amount === 0n ? undefined : journal, fromOutside }
  })
}

/** What takes them back. */
export async function houseReversals<T extends HouseTransfer>(
  q: Queries,
  bookId: number,
  network: Network,
  rows: readonly T[],
): Promise<Booked<T>[]> {
  const booked = await houseJournals(q, bookId, network, rows, () => '')
  return booked.map(({ row, journal, fromOutside }) => {
    if (!journal || row.journal_id === null) return { row, journal: undefined, fromOutside }
    const { orderKind, orderId, legs } = journal
    const undo = reversal({ id: row.journal_id, orderKind, orderId, legs }, 'its block left the chain')
    return { row, journal: undo, fromOutside }
  })
}
