// Nonces and signatures that count once, for all processes and over restarts: whoever comes second is told so.
// Must stay true: the first use commits before its request is worked on; a value is remembered for longer than the
// timestamp beside it would let the request pass.

import { sha256 } from '../../base/crypto.ts'
import type { Database, Queries } from '../../base/database.ts'

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

/**
 * Uses many values up for ever, all of them or none; false when one of them was used before, or stands among them twice.
 */
export async function useAllOnce(
  db: Database,
  bookId: number,
  scheme: SignatureScheme,
  keyId: string,
  values: readonly Uint8Array[],
): Promise<boolean> {
  // in one order everywhere: two that share values wait for each other and never in a circle
  const hashes = values.map((value) => sha256(value)).sort(Buffer.compare)
  return db
    .transaction(async (tx) => {
      const used = await tx.query(
        'request-use-all-once',
        `insert into used_requests (book_id, scheme, key_id, value_hash, expires_at)
       select $1, $2, $3, u.hash, 'infinity' from unnest($4::bytea[]) with ordinality u (hash, no) order by u.no
       on conflict do nothing returning 1`,
        [bookId, scheme, keyId, hashes],
      )
      if (used.length < hashes.length) throw new UsedBefore()
      return true
    })
    .catch((error: unknown) => {
      if (error instanceof UsedBefore) return false
      throw error
    })
}

/** Thrown through the transaction, so that nothing of it stays. */
class UsedBefore extends Error {}

/** Removes what was used with keys that count no more: it cannot come back. Some at a time; answers how many. */
export async function forgetUsedWith(
  q: Queries,
  bookId: number,
  scheme: SignatureScheme,
  keyIds: readonly string[],
  limit: number,
): Promise<number> {
  const rows = await q.query(
    'ended-used-requests',
    `delete from used_requests u using (
       select key_id, value_hash from used_requests
       where book_id = $1 and scheme = $2 and key_id = any ($3::text[]) limit $4) x
     where u.book_id = $1 and u.scheme = $2 and u.key_id = x.key_id and u.value_hash = x.value_hash returning 1`,
    [bookId, scheme, keyIds, limit],
  )
  return rows.length
}

/** Removes what could not be used again anyway. */
export const forgetUsedRequests = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('expired-used-requests', 'delete from used_requests where book_id = $1 and expires_at < $2', [bookId, before])
