// Withdrawals that a chain has paid and the books have not booked yet, for whoever compares the two.
// Must stay true: booked is what was so in the caller's snapshot of the books; paid is what a block at or below the one
// named says, whenever we learnt of it.

import type { Queries, Tx } from '../../base/database.ts'

/** Payments of withdrawals that the books have not booked, in the caller's snapshot. */
export async function unbookedWithdrawals(tx: Tx, bookId: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'payments-unbooked',
    `select id from chain_payments where book_id = $1 and order_kind = 'withdrawal'
       and status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')`,
    [bookId],
  )
  return rows.map((row) => row.id)
}

export interface PaidByBlock {
  asset: 'token' | 'coin'
  tx_hash: string
  /** Chain units that arrived. */
  value: bigint
}

/** What of these payments stands in blocks of a network up to this one. */
export async function paidByBlock(
  q: Queries,
  bookId: number,
  network: string,
  paymentIds: readonly string[],
  block: number,
): Promise<PaidByBlock[]> {
  const rows = await q.query<{ asset: 'token' | 'coin'; tx_hash: string; value: string }>(
    'payments-paid-by-block',
    `select p.asset, t.tx_hash, p.value from chain_payments p
     join chain_transactions t on t.book_id = p.book_id and t.payment_id = p.id
     where p.book_id = $1 and p.network = $2 and p.id = any ($3::uuid[])
       and t.status in ('mined', 'final') and t.success and t.block_number <= $4 order by t.tx_hash`,
    [bookId, network, paymentIds, block],
  )
  return rows.map((row) => ({ ...row, value: BigInt(row.value) }))
}
