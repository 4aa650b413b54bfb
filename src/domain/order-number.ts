// Orders by number, for APIs that know orders by numbers of 19 digits. Must stay true: an order keeps its number for ever,
// whoever sees it first and in whichever process; numbers go up with the time of their orders; a number is a bigint and is
// written and read as its digits.

import type { Queries } from '../base/database.ts'
import { assert } from '../base/errors.ts'

export type NumberedKind = 'withdrawal' | 'transfer' | 'transfer_internal' | 'deposit'

export interface Numbered {
  id: string
  kind: NumberedKind
  createdAt: Date
}

/** 2015-01-01: since then numbers have 19 digits, and have until 2084. Never changed. */
const EPOCH = 1_420_070_400_000

/** The numbers of these orders by order id; given now where somebody sees an order for the first time. */
export async function orderNumbers(
  q: Queries,
  bookId: number,
  orders: readonly Numbered[],
): Promise<(id: string) => bigint> {
  const known = await readNumbers(q, bookId, orders)
  // the second round is for numbers that were taken, or given by somebody else, in the moment between
  for (let round = 1; round <= 3 && orders.some(({ id }) => !known.has(id)); round++) {
    const missing = orders.filter(({ id }) => !known.has(id))
    await giveNumbers(q, bookId, missing)
    for (const [id, no] of await readNumbers(q, bookId, missing)) known.set(id, no)
  }
  return (id) => {
    const no = known.get(id)
    assert(no !== undefined, 'an order that was asked about has a number')
    return no
  }
}

async function readNumbers(q: Queries, bookId: number, orders: readonly Numbered[]): Promise<Map<string, bigint>> {
  if (orders.length === 0) return new Map()
  const rows = await q.query<{ order_id: string; no: bigint }>(
    'order-numbers',
    `select n.order_id, n.no from unnest($2::text[], $3::uuid[]) u (kind, id)
     join order_numbers n on n.book_id = $1 and n.order_kind = u.kind and n.order_id = u.id`,
    [bookId, orders.map(({ kind }) => kind), orders.map(({ id }) => id)],
  )
  return new Map(rows.map(({ order_id, no }) => [order_id, no]))
}

async function giveNumbers(q: Queries, bookId: number, orders: readonly Numbered[]): Promise<void> {
  await q.query(
    'order-numbers-give',
    `insert into order_numbers (book_id, no, order_kind, order_id)
     select $1, (u.ms << 22) | (nextval('order_number') & 4194303), u.kind, u.id
     from unnest($2::bigint[], $3::text[], $4::uuid[]) u (ms, kind, id)
     on conflict do nothing`,
    [
      bookId,
      orders.map(({ createdAt }) => createdAt.getTime() - EPOCH),
      orders.map(({ kind }) => kind),
      orders.map(({ id }) => id),
    ],
  )
}

/** Which order has a number; undefined for a number that nobody was ever given. */
export async function orderByNumber(
  q: Queries,
  bookId: number,
  no: bigint,
): Promise<{ id: string; kind: NumberedKind } | undefined> {
  const [row] = await q.query<{ order_id: string; order_kind: NumberedKind }>(
    'order-by-number',
    'select order_id, order_kind from order_numbers where book_id = $1 and no = $2',
    [bookId, no],
  )
  return row && { id: row.order_id, kind: row.order_kind }
}

const DIGITS = /^[1-9]\d{0,18}$/
const LARGEST = 9_223_372_036_854_775_807n

/** The number in a text of digits; undefined for any other text, and for what no number can be. */
export function readOrderNumber(text: string): bigint | undefined {
  if (!DIGITS.test(text)) return undefined
  const no = BigInt(text)
  return no <= LARGEST ? no : undefined
}
