// How much moved in the books day by day (UTC), by kind of journal, and what customers held at the end of each day.
// Must stay true: read from the journals themselves, so that these figures and the books cannot disagree.

import type { Queries } from '../base/database.ts'
import { type Asset, assets } from './accounts.ts'

export interface DayVolume {
  /** `2026-01-31` */
  day: string
  kinds: { kind: string; count: number; amount: bigint }[]
  /** By how much customers' accounts grew, or shrank. */
  growth: bigint
}

/** Days with nothing in them are left out; the oldest first. */
export async function dailyVolumes(
  q: Queries,
  bookId: number,
  since: Date,
  asset: Asset = 'USDT',
): Promise<DayVolume[]> {
  const rows = await q.query<{ day: string; kind: string; count: number; amount: string; growth: string }>(
    'ledger-daily-volumes',
    `select to_char(j.recorded_at at time zone 'UTC', 'YYYY-MM-DD') as day, j.kind, count(distinct j.id)::int as count,
            coalesce(sum(leg.amount) filter (where leg.amount > 0), 0)::text as amount,
            coalesce(sum(leg.amount) filter (where leg.account_id >> 16 >= 10000), 0)::text as growth
     from journals j cross join lateral unnest(j.account_ids, j.amounts) as leg (account_id, amount)
     where j.book_id = $1 and j.recorded_at >= $2 and leg.account_id & 255 = $3
     group by 1, 2 order by 1, 2`,
    [bookId, since, assets[asset].no],
  )
  return [...Map.groupBy(rows, (row) => row.day)].map(([day, own]) => ({
    day,
    kinds: own.map(({ kind, count, amount }) => ({ kind, count, amount: BigInt(amount) })),
    growth: own.reduce((sum, { growth }) => sum + BigInt(growth), 0n),
  }))
}
