// Nonces and signatures that count once, for all processes and over restarts: whoever comes second is told so.
// Must stay true: the first use commits before its request is worked on; a value is remembered for longer than the
// timestamp beside it would let the request pass.

import { sha256 } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'

export type SignatureScheme = 'spot' | 'ramp' | 'platform'

/**
 * Uses a value up; false when it was used before. `expiresAt` is when the request would be refused as too old anyway,
 * and 'never' where nothing but this stops a repeat. Ask before any transaction of the request: a roll-back would free it.
 */
export async function useOnce(
  q: Queries,
  bookId: number,
  scheme: SignatureScheme,
  keyId: string,
  value: string | Uint8Array,
  expiresAt: Date | 'never',
): Promise<boolean> {
  const used = await q.query(
    'request-use-once',
    `insert into used_requests (book_id, scheme, key_id, value_hash, expires_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning 1`,
    [bookId, scheme, keyId, sha256(value), expiresAt === 'never' ? 'infinity' : expiresAt],
  )
  return used.length > 0
}

/** Removes what could not be used again anyway. */
export const forgetUsedRequests = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('expired-used-requests', 'delete from used_requests where book_id = $1 and expires_at < $2', [bookId, before])
