// A vendor's access token, one for all processes: kept sealed in the database, fetched by whoever claims the row first.
// Must stay true: two processes never fetch at once, as the second token would end the first; nobody holds a transaction
// while the vendor is asked; a process that dies while it fetches is waited for no longer than its claim.

import { after, seconds, sleep } from '../../base/clock.ts'
import { seal, unseal } from '../../base/crypto.ts'
import type { Bank } from '../context.ts'
import type { SharedToken } from '../ports.ts'

/** So long before it runs out a token is not used any more. */
const EARLY = seconds(60)
const CLAIM = seconds(20)
const PATIENCE = 25_000

type TokenParts = Pick<Bank, 'db' | 'clock'>

export function sharedToken(parts: TokenParts, key: () => Buffer, bookId: number, vendor: string): SharedToken {
  const context = `vendor-token/${bookId}/${vendor}`

  async function current(): Promise<{ token: string; version: bigint } | undefined> {
    const [row] = await parts.db.query<{ token_sealed: Buffer | null; expires_at: Date | null; version: bigint }>(
      'vendor-token',
      'select token_sealed, expires_at, version from vendor_tokens where book_id = $1 and vendor = $2',
      [bookId, vendor],
    )
    if (!row?.token_sealed || !row.expires_at || row.expires_at <= after(parts.clock.now(), EARLY)) return undefined
    return { token: unseal(key(), row.token_sealed, context), version: row.version }
  }

  /** True when it is ours to fetch. The claim's time is the database's, the one clock that all processes share. */
  async function claim(): Promise<boolean> {
    const rows = await parts.db.query(
      'vendor-token-claim',
      `insert into vendor_tokens (book_id, vendor, claimed_until)
       values ($1, $2, clock_timestamp() + $3::int * interval '1 millisecond')
       on conflict (book_id, vendor) do update set claimed_until = excluded.claimed_until
       where vendor_tokens.claimed_until is null or vendor_tokens.claimed_until < clock_timestamp()
       returning vendor`,
      [bookId, vendor, CLAIM],
    )
    return rows.length > 0
  }

  const letGo = () =>
    parts.db.query(
      'vendor-token-let-go',
      'update vendor_tokens set claimed_until = null where book_id = $1 and vendor = $2',
      [bookId, vendor],
    )

  return {
    async get(fetch, stale) {
      const until = performance.now() + PATIENCE
      for (;;) {
        const found = await current()
        if (found && found.token !== stale) return found.token
        if (await claim()) break
        if (performance.now() > until) throw new Error(`nobody gets a token of ${vendor}`)
        await sleep(50)
      }
      try {
        // somebody may have been done between our look and our claim
        const found = await current()
        if (found && found.token !== stale) return found.token
        const { token, expiresAt } = await fetch()
        await parts.db.query(
          'vendor-token-keep',
          `update vendor_tokens set token_sealed = $3, expires_at = $4, version = version + 1
           where book_id = $1 and vendor = $2`,
          [bookId, vendor, seal(key(), token, context), expiresAt],
        )
        return token
      } finally {
        await letGo()
      }
    },
  }
}
