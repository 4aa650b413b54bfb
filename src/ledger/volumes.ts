// How much moved in the books day by day (UTC), by kind of journal, and what customers held at the end of each day.
// Must stay true: read from the journals themselves, so that these figures and the books cannot disagree.

import type { Queries } from '../base/database.ts'
import { type Asset, assets } from './accounts.ts'
import type { JournalView } from './balances.ts'

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

/** Journals recorded from one instant up to another, of one kind or all; the newest first. */
export const journalsBetween = (
  q: Queries,
  bookId: number,
  {
    from,
    until,
    kind,
    offset,
    size,
  }: { from: Date; until: Date; kind: string | undefined; offset: number; size: number },
): Promise<JournalView[]> =>
  q.query<JournalView>(
    'ledger-journals-between',
    `select id, kind, key, order_kind, order_id, memo, reverses, hold_id, recorded_at, value_at,
       account_ids, amounts
     from journals
     where book_id = $1 and recorded_at >= $2 and recorded_at < $3 and ($4::text is null or kind = $4)
     order by recorded_at desc, id desc limit $5 offset $6`,
    [bookId, from, until, kind ?? null, size, offset],
  )
