// What arrived at our addresses, for whoever compares the books with a chain at one of its blocks.
// Must stay true: booked is what has a journal now; the block is where it stands, whenever we learnt of it. What came to a
// customer's address from our own is nowhere in the books, so it is not counted as theirs either.

import type { Queries } from '../../base/database.ts'

/**
 * Chain units of tokens from outside that stand in blocks up to `block` and are not in the books, and that are but stand
 * later; with the addresses of all that wait. `own`: the house's wallets, whose payments to each other bring nothing.
 */
export async function arrivedAround(
  q: Queries,
  bookId: number,
  network: string,
  own: readonly string[],
  block: number,
): Promise<{ unbooked: bigint; later: bigint; addresses: string[] }> {
  const [row] = await q.query<{ unbooked: string; later: string; addresses: string[] | null }>(
    'deposits-around',
    `select coalesce(sum(received) filter (where status in ('pending', 'review') and block_number <= $3), 0) as unbooked,
            coalesce(sum(received) filter (where status not in ('pending', 'review') and block_number > $3), 0) as later,
            array_agg(distinct address) filter (where status in ('pending', 'review')) as addresses
     from deposits
     where book_id = $1 and network = $2 and asset = 'USDT' and class in ('customer', 'below_minimum', 'house') and from_address <> all ($4::text[])
       and (status in ('pending', 'review') or (block_number > $3 and status in ('credited', 'below_minimum', 'rejected', 'house')))`,
    [bookId, network, block, own],
  )
  return {
    unbooked: BigInt(row?.unbooked ?? 0),
    later: BigInt(row?.later ?? 0),
    addresses: row?.addresses ?? [],
  }
}

/**
 * Chain units of tokens that each of these addresses received in blocks up to this one, less what they sent to other
 * addresses of ours without a payment of the bank (the cold wallet's key is elsewhere).
 */
export async function arrivedAt(
  q: Queries,
  bookId: number,
  network: string,
  addresses: readonly string[],
  block: number,
): Promise<Map<string, bigint>> {
  const rows = await q.query<{ address: string; value: string }>(
    'deposits-arrived-at',
    `select m.address, sum(m.value) as value from deposits d
     cross join lateral (values (d.address, d.received), (d.from_address, -d.value)) m (address, value)
     where d.book_id = $1 and d.network = $2 and d.asset = 'USDT' and d.block_number <= $4 and d.class <> 'unsupported'
       and d.status not in ('orphaned', 'reversed') and m.address = any ($3::text[]) group by m.address`,
    [bookId, network, addresses, block],
  )
  return new Map(rows.map((row) => [row.address, BigInt(row.value)]))
}
