// What a customer's deposits tell about them: from where they came, and how much there was so far.
// Must stay true: only what was credited counts; dust and foreign tokens are sent by anybody to anybody.

import type { Queries } from '../../base/database.ts'

/** Addresses that paid the customer since an instant, canonical. */
export async function sendersTo(q: Queries, bookId: number, personNo: bigint, since: Date): Promise<string[]> {
  const rows = await q.query<{ from_address: string }>(
    'deposit-senders',
    `select distinct from_address from deposits
     where book_id = $1 and person_no = $2 and class = 'customer' and status = 'credited' and created_at >= $3`,
    [bookId, personNo, since],
  )
  return rows.map((row) => row.from_address)
}

export interface DepositTotals {
  count: number
  /** Ledger units of USDT. */
  amount: bigint
  first_at: Date | null
  last_at: Date | null
}

/** All USDT that was credited to a customer. */
export async function depositTotals(q: Queries, bookId: number, personNo: bigint): Promise<DepositTotals> {
  const [row] = await q.query<DepositTotals>(
    'deposit-totals',
    `select count(*)::int as count, coalesce(sum(amount_credited), 0)::bigint as amount,
       min(created_at) as first_at, max(created_at) as last_at
     from deposits where book_id = $1 and person_no = $2 and class = 'customer' and status = 'credited'`,
    [bookId, personNo],
  )
  return row ?? { count: 0, amount: 0n, first_at: null, last_at: null }
}
