// What came in: movements of the chain against deposits, deposits against the ledger.
// Must stay true: every token that came to an address of ours is a deposit's, and every deposit in a booked state has brought
// its customer, or its account of the house, exactly what it says.

import type { Query } from './difference.ts'

/** Those of the open subjects that are ids. */
export const openIds = `(select u.id::uuid from unnest($3::text[]) u (id) where u.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')`

/** Movements that are looked at; see difference.ts. */
export const recentMovements = `
  with recent as (
    select * from chain_movements where book_id = $1 and network = $2 and not settled
    union
    select * from chain_movements where book_id = $1 and network = $2 and seen_at > now() - interval '1 day')`

/** Deposits that are looked at. Of those in blocks that were read before movements were noted, nothing is known. */
const recentDeposits = `
  with recent as (
    select * from deposits where book_id = $1 and network = $2 and status = 'pending'
    union
    select * from deposits where book_id = $1 and network = $2 and created_at > now() - interval '1 day'
    union
    select * from deposits where book_id = $1 and network = $2 and settled_at > now() - interval '1 day'
    union
    select * from deposits where book_id = $1 and network = $2 and id in ${openIds})`

/** The newest journals of some accounts (an array in SQL), a day's at most. */
export const recentJournals = (accounts: string): string => `
  with recent as (
    select j.*, n.account, n.amount from unnest(${accounts}) a (id)
    cross join lateral (
      select e.journal_id, e.account_id as account, e.amount, e.recorded_at from entries e
      where e.book_id = $1 and e.account_id = a.id order by e.seq desc limit 20000) n
    join journals j on j.book_id = $1 and j.id = n.journal_id
    where n.recorded_at > now() - interval '1 day' or j.order_id in ${openIds})`

const booked = `('credited', 'below_minimum', 'rejected', 'house')`

export const depositQueries: readonly Query[] = [
  {
    kind: 'deposit_missing',
    unit: 'token',
    sql: `${recentMovements}
      select m.tx_hash || ':' || m.ordinal as subject, m.value::text as expected, '0' as found,
             'to ' || m.to_address || ' in block ' || m.block_number as detail
      from recent m where m.to_owner = 'deposit' and not exists (
        select from deposits d where d.book_id = $1 and d.network = $2 and d.tx_hash = m.tx_hash and d.ordinal = m.ordinal
          and d.status not in ('orphaned', 'reversed'))`,
  },
  {
    kind: 'house_missing',
    unit: 'token',
    sql: `${recentMovements}
      select m.tx_hash || ':' || m.ordinal as subject, m.value::text as expected, '0' as found,
             'to ' || m.to_address || ' (' || m.to_owner || ') in block ' || m.block_number as detail
      from recent m
      where (m.from_owner = '' and m.to_owner in ('hot', 'cold') or m.from_owner = 'cold' and m.to_owner = 'hot') and not exists (
        select from deposits d where d.book_id = $1 and d.network = $2 and d.tx_hash = m.tx_hash and d.ordinal = m.ordinal
          and d.class = 'house' and d.status not in ('orphaned', 'reversed'))`,
  },
  {
    kind: 'deposit_value',
    unit: 'token',
    sql: `${recentMovements}
      select d.id::text as subject, m.value::text as expected, d.value::text as found, m.tx_hash || ' to ' || m.to_address as detail
      from recent m join deposits d on d.book_id = $1 and d.network = $2 and d.tx_hash = m.tx_hash and d.ordinal = m.ordinal
      where d.status not in ('orphaned', 'reversed') and (d.value <> m.value or d.address <> m.to_address or d.received > m.value)`,
  },
  {
    kind: 'deposit_unbacked',
    unit: 'token',
    sql: `${recentDeposits}
      select d.id::text as subject, '0' as expected, d.value::text as found, d.tx_hash as detail from recent d
      join chain_states s on s.book_id = $1 and s.network = $2
      where d.asset = 'USDT' and d.class <> 'unsupported' and d.status not in ('orphaned', 'reversed')
        and d.block_number >= coalesce(s.moved_since, 0) and not exists (
          select from chain_movements m where m.book_id = $1 and m.network = $2 and m.tx_hash = d.tx_hash and m.ordinal = d.ordinal)`,
  },
  {
    kind: 'deposit_owner',
    unit: 'text',
    sql: `${recentDeposits}
      select d.id::text as subject, 'U' || a.person_no as expected, 'U' || d.person_no as found,
             d.amount_received || ' units to ' || d.address as detail
      from recent d join deposit_addresses a on a.book_id = $1 and a.family = $9 and a.address = d.address
      where d.class <> 'house' and d.person_no <> a.person_no`,
  },
  {
    kind: 'deposit_floor',
    unit: 'units',
    sql: `${recentDeposits}
      select d.id::text as subject, trunc(d.received / case d.asset when 'USDT' then $4::numeric else 1 end)::text as expected,
             d.amount_received::text as found, d.asset, d.tx_hash as detail
      from recent d where d.status in ${booked}
        and d.amount_received <> trunc(d.received / case d.asset when 'USDT' then $4::numeric else 1 end)`,
  },
  {
    kind: 'credit_missing',
    unit: 'units',
    sql: `${recentDeposits}
      select d.id::text as subject, d.amount_received::text as expected, '0' as found, d.asset, d.status || ', ' || d.tx_hash as detail
      from recent d where d.status in ${booked} and d.amount_received > 0 and not exists (
        select from journals j where j.book_id = $1 and j.id = d.journal_id
          and (d.status = 'house' or j.order_id = d.id) and j.kind = case d.status when 'credited' then 'deposit'
            when 'house' then j.kind else 'deposit_unclaimed' end)`,
  },
  {
    kind: 'credit_amount',
    unit: 'units',
    sql: `${recentDeposits}
      select d.id::text as subject, d.amount_received::text as expected, l.amount::text as found, d.asset,
             d.status || ' by journal ' || j.id as detail
      from recent d join journals j on j.book_id = $1 and j.id = d.journal_id
      cross join lateral (select coalesce(sum(u.amount) filter (where u.amount > 0), 0) as amount
                          from unnest(j.account_ids, j.amounts) u (account, amount)) l
      where d.status in ${booked} and l.amount <> d.amount_received`,
  },
  {
    kind: 'credit_person',
    unit: 'text',
    sql: `${recentDeposits}
      select d.id::text as subject, 'U' || d.person_no as expected, 'U' || (u.account >> 16) as found,
             u.amount || ' units by journal ' || j.id as detail
      from recent d join journals j on j.book_id = $1 and j.id = d.journal_id
      cross join lateral unnest(j.account_ids, j.amounts) u (account, amount)
      where d.status = 'credited' and u.amount > 0
        and u.account <> (d.person_no << 16) + (1 << 8) + case d.asset when 'USDT' then 1 else 3 end`,
  },
  {
    kind: 'credit_phantom',
    unit: 'units',
    sql: `${recentJournals('array[$6, $7]::bigint[]')}
      select r.order_id::text as subject, '0' as expected, (-r.amount)::text as found, (r.account & 255)::integer as asset,
             r.kind || ' by journal ' || r.id as detail
      from recent r
      where r.kind in ('deposit', 'deposit_unclaimed')
        and not exists (select from deposits d where d.book_id = $1 and d.network = $2 and d.id = r.order_id
                          and d.status in ('credited', 'below_minimum', 'rejected'))
        and not exists (select from journals x where x.book_id = $1 and x.reverses = r.id)`,
  },
  {
    kind: 'deposit_stale',
    unit: 'units',
    severity: 'warning',
    sql: `select d.id::text as subject, d.amount_received::text as expected, '0' as found, d.asset,
                 'final since block ' || d.block_number || ' and not settled' as detail
          from deposits d join chain_states s using (book_id, network)
          where d.book_id = $1 and d.network = $2 and d.status = 'pending' and s.phase = 'following'
            and d.block_number <= s.number - d.confirmations + 1 and ($10 = 'none' or d.block_number <= s.final)
            and d.mined_at < now() - interval '30 minutes' and d.created_at < now() - interval '30 minutes'`,
  },
]
