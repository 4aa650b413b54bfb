// What was signed from an address and stands in no block up to one, as far as we know: a block may have it all the same.
// Must stay true: it only reads; what is dead is not under way.

import type { Queries } from '../../base/database.ts'

/** Hashes of transactions, the oldest first. */
export async function underWayFrom(
  q: Queries,
  bookId: number,
  network: string,
  address: string,
  block: number,
): Promise<string[]> {
  const rows = await q.query<{ tx_hash: string }>(
    'chain-transactions-under-way',
    `select tx_hash from chain_transactions
     where book_id = $1 and network = $2 and from_address = $3
       and (status in ('signed', 'sent') or status = 'mined' and block_number > $4) order by signed_at`,
    [bookId, network, address, block],
  )
  return rows.map((row) => row.tx_hash)
}
