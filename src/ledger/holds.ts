// Money set aside for an order: placed, captured in part or whole, voided, or expired. It stays in the balance and is
// not available. Must stay true: a hold ends once; what is captured never exceeds it; what is left goes back.

import type { Queries, Tx } from '../base/database.ts'
import { Refusal } from '../base/errors.ts'
import { newId } from '../base/ids.ts'
import { post } from './post.ts'
import type { Journal } from './posting.ts'

export interface Hold {
  id: string
  account_id: bigint
  amount: bigint
  captured: bigint
  status: 'open' | 'captured' | 'voided' | 'expired'
  order_kind: string
  order_id: string
  placed_at: Date
  expires_at: Date | null
  closed_at: Date | null
}

export async function findHold(q: Queries, bookId: number, id: string): Promise<Hold> {
  const [hold] = await q.query<Hold>('hold-find', 'select * from holds where book_id = $1 and id = $2', [bookId, id])
  if (!hold) throw new Refusal('HoldNotOpen')
  return hold
}

/** What is set aside of these accounts, oldest first. */
export const openHolds = (q: Queries, bookId: number, accounts: readonly bigint[]): Promise<Hold[]> =>
  q.query<Hold>(
    'holds-open',
    `select * from holds where book_id = $1 and account_id = any ($2::bigint[]) and status = 'open' order by placed_at`,
    [bookId, accounts],
  )

/** All holds of an order, whatever became of them. */
export const holdsOfOrder = (q: Queries, bookId: number, orderId: string): Promise<Hold[]> =>
  q.query<Hold>('holds-of-order', 'select * from holds where book_id = $1 and order_id = $2 order by placed_at', [
    bookId,
    orderId,
  ])

/** Refuses with `InsufficientBalance` when less is available. */
export async function placeHold(
  tx: Tx,
  hold: { bookId: number; account: bigint; amount: bigint; orderKind: string; orderId: string; expiresAt?: Date },
): Promise<string> {
  const { bookId, ...placement } = hold
  const id = newId()
  await post(tx, { bookId, place: { id, ...placement } })
  return id
}

/**
 * Posts the journal, which must take `amount` from the hold's account, out of the hold. With `rest: 'kept'` what is left
 * stays held for further captures, otherwise it is released. Refuses with `HoldNotOpen`, `HoldExceeded`.
 */
export async function captureHold(
  tx: Tx,
  bookId: number,
  holdId: string,
  capture: { amount: bigint; journal: Journal; rest?: 'kept' | 'released' },
): Promise<void> {
  const hold = await findHold(tx, bookId, holdId)
  const taken = capture.journal.legs.reduce(
    (sum, leg) => (leg.account === hold.account_id ? sum - leg.amount : sum),
    0n,
  )
  if (taken !== capture.amount) throw new Error('the journal does not take the captured amount from the held account')
  const whole = hold.captured + capture.amount === hold.amount
  await post(tx, {
    bookId,
    journal: capture.journal,
    change: {
      id: holdId,
      account: hold.account_id,
      to: capture.rest === 'kept' && !whole ? 'open' : 'captured',
      captured: capture.amount,
    },
  })
}

/** Releases what is left. Refuses with `HoldNotOpen` when it has ended already. */
export async function voidHold(
  tx: Tx,
  bookId: number,
  holdId: string,
  as: 'voided' | 'expired' = 'voided',
): Promise<void> {
  const hold = await findHold(tx, bookId, holdId)
  await post(tx, { bookId, change: { id: holdId, account: hold.account_id, to: as, captured: 0n } })
}

/** Holds whose time is over, oldest first. */
export async function dueHolds(q: Queries, bookId: number, now: Date, limit = 200): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'holds-due',
    `select id from holds where book_id = $1 and status = 'open' and expires_at <= $2 order by expires_at limit $3`,
    [bookId, now, limit],
  )
  return rows.map((row) => row.id)
}
