// What our payments moved, for whoever compares the books with a chain at one of its blocks.
// Must stay true: booked is what is confirmed now; moved is what a block at or below the one named says. Payments that may
// be in a block without our knowing are told by their hashes, so that the chain can be asked.

import type { Queries } from '../../base/database.ts'

/** Chain units of tokens: withdrawals in blocks up to `block` that are not booked, and booked ones that stand later. */
export async function withdrawnAround(
  q: Queries,
  bookId: number,
  network: string,
  block: number,
): Promise<{ unbooked: bigint; later: bigint }> {
  const [row] = await q.query<{ unbooked: string; later: string }>(
    'payments-around',
    `select coalesce(sum(p.value) filter (where p.status <> 'confirmed' and t.block_number <= $3), 0) as unbooked,
            coalesce(sum(p.value) filter (where p.status = 'confirmed' and t.block_number > $3), 0) as later
     from chain_transactions t join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
     where t.book_id = $1 and t.network = $2 and t.status in ('mined', 'final') and t.success
       and p.asset = 'token' and p.order_kind = 'withdrawal'
       and (p.status <> 'confirmed' or t.block_number > $3)`,
    [bookId, network, block],
  )
  return { unbooked: BigInt(row?.unbooked ?? 0), later: BigInt(row?.later ?? 0) }
}

/** Chain units of tokens that our payments brought to each of these addresses, less what they took, up to a block. */
export async function movedAt(
  q: Queries,
  bookId: number,
  network: string,
  addresses: readonly string[],
  block: number,
): Promise<Map<string, bigint>> {
  const rows = await q.query<{ address: string; value: string }>(
    'payments-moved-at',
    `select m.address, sum(m.value) as value
     from chain_transactions t
     join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
     cross join lateral (values (p.to_address, p.value), (p.from_address, -p.value)) m (address, value)
     where t.book_id = $1 and t.network = $2 and t.status in ('mined', 'final') and t.success and t.block_number <= $4
       and p.asset = 'token' and m.address = any ($3::text[]) group by m.address`,
    [bookId, network, addresses, block],
  )
  return new Map(rows.map((row) => [row.address, BigInt(row.value)]))
}

export interface OpenTransaction {
  tx_hash: string
  from_address: string
  to_address: string
  asset: 'token' | 'coin'
  order_kind: string
  value: bigint
}

/** What was signed and is in no block that we know of, oldest first. */
export async function openTransactions(q: Queries, bookId: number, network: string): Promise<OpenTransaction[]> {
  const rows = await q.query<Omit<OpenTransaction, 'value'> & { value: string }>(
    'transactions-open',
    `select t.tx_hash, p.from_address, p.to_address, p.asset, p.order_kind, p.value
     from chain_transactions t join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
     where t.book_id = $1 and t.network = $2 and t.status in ('signed', 'sent') order by t.signed_at`,
    [bookId, network],
  )
  return rows.map((row) => ({ ...row, value: BigInt(row.value) }))
}

/** Those of these transactions that are not ours to have sent. */
export async function unknownTransactions(
  q: Queries,
  bookId: number,
  network: string,
  hashes: readonly string[],
): Promise<string[]> {
  const rows = await q.query<{ tx_hash: string }>(
    'transactions-unknown',
    `select h as tx_hash from unnest($3::text[]) h where not exists (
       select from chain_transactions t where t.book_id = $1 and t.network = $2 and t.tx_hash = h)`,
    [bookId, network, hashes],
  )
  return rows.map((row) => row.tx_hash)
}
