// Which of some transactions the signer made. Stored before anybody could have sent them, so whoever sees one on chain finds
// it here. Must stay true: it only reads.

import type { Queries } from '../../base/database.ts'

export async function signedAmong(
  q: Queries,
  bookId: number,
  network: string,
  hashes: readonly string[],
): Promise<Set<string>> {
  const rows = await q.query<{ tx_hash: string }>(
    'chain-transactions-signed-among',
    'select tx_hash from chain_transactions where book_id = $1 and network = $2 and tx_hash = any ($3::text[])',
    [bookId, network, hashes],
  )
  return new Set(rows.map((row) => row.tx_hash))
}
