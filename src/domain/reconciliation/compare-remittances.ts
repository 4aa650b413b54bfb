// Remittances against their holds, their journals and the account of money on its way to banks.
// Must stay true: money that left a customer for a bank is under way, paid, or given back, order by order; so the account
// between is zero when no order is open.

import { openIds, recentJournals } from './compare-deposits.ts'
import type { Query } from './difference.ts'

/** Accounts of the house of a kind, whatever their sub. */
export const houseAccounts = (kind: number): string =>
  `array(select id from accounts where book_id = $1 and id < 10000::bigint << 16 and id >> 8 & 255 = ${kind})`

/** Orders that are looked at, with what their journals moved. */
const recent = `
  with looked_at as (
    select * from remittances where book_id = $1 and status in ('submitted', 'review', 'queued', 'uncertain', 'processing')
    union
    select * from remittances where book_id = $1 and updated_at > now() - interval '1 day'
    union
    select * from remittances where book_id = $1 and id in ${openIds}
  ), recent as (
    select r.*, r.status in ('completed', 'returned') as paid, r.status in ('processing', 'uncertain') and r.journal_id is not null as open,
           m.clearing, m.remitted, m.earned, m.returned
    from looked_at r cross join lateral (
      select coalesce(sum(u.amount) filter (where u.account >> 16 < 10000 and u.account >> 8 & 255 = 140), 0) as clearing,
             coalesce(sum(u.amount) filter (where u.account >> 16 < 10000 and u.account >> 8 & 255 = 141), 0) as remitted,
             coalesce(sum(u.amount) filter (where u.account >> 16 < 10000 and u.account >> 8 & 255 = 129), 0) as earned,
             coalesce(sum(u.amount) filter (where u.account >> 16 >= 10000 and j.kind = 'remittance_returned'), 0) as returned
      from journals j cross join lateral unnest(j.account_ids, j.amounts) u (account, amount)
      where j.book_id = $1 and j.order_id = r.id) m)`

export const remittanceQueries: readonly Query[] = [
  {
    kind: 'remittance_hold',
    unit: 'units',
    sql: `${recent}, compared as (
        select r.*, coalesce(case when h.status = 'open' then h.amount - h.captured end, 0) as held,
               case when r.journal_id is null and r.status not in ('failed', 'rejected') then r.principal + r.fee else 0 end as wanted,
               coalesce(h.status || ' of U' || (h.account_id >> 16), 'missing') as hold,
               h.id is null or h.order_id <> r.id or h.account_id >> 16 <> r.person_no as wrong
        from recent r left join holds h on h.book_id = $1 and h.id = r.hold_id)
      select id::text as subject, wanted::text as expected, held::text as found, status || ', its hold is ' || hold as detail
      from compared where held <> wanted or wrong`,
  },
  {
    kind: 'remittance_amount',
    unit: 'units',
    sql: `${recent}, compared as (
        select r.*, case when paid or open then principal else 0 end as wanted, clearing + remitted + returned as moved from recent r)
      select id::text as subject, wanted::text as expected, moved::text as found,
             status || ', journals have ' || clearing || ' under way, ' || remitted || ' paid, ' || returned || ' returned' as detail
      from compared where wanted <> moved`,
  },
  {
    kind: 'remittance_clearing',
    unit: 'units',
    sql: `${recent}
      select id::text as subject, case when open then principal else 0 end::text as expected, clearing::text as found, status as detail
      from recent where clearing <> case when open then principal else 0 end`,
  },
  {
    kind: 'remittance_fee',
    unit: 'units',
    sql: `${recent}
      select id::text as subject, case when paid or open then fee else 0 end::text as expected, earned::text as found, status as detail
      from recent where earned <> case when paid or open then fee else 0 end`,
  },
  {
    kind: 'remittance_person',
    unit: 'text',
    sql: `${recent}
      select distinct r.id::text as subject, 'U' || r.person_no as expected, 'U' || (u.account >> 16) as found, 'by journal ' || j.id as detail
      from recent r join journals j on j.book_id = $1 and j.order_id = r.id
      cross join lateral unnest(j.account_ids) u (account)
      where u.account >> 16 >= 10000 and u.account >> 16 <> r.person_no
        and not exists (select from journals x where x.book_id = $1 and x.reverses = j.id) and j.kind <> 'reversal'`,
  },
  {
    kind: 'remittance_phantom',
    unit: 'units',
    sql: `${recentJournals(houseAccounts(140))}
      select r.order_id::text as subject, '0' as expected, max(abs(r.amount))::text as found, max(r.kind || ' by journal ' || r.id) as detail
      from recent r
      where r.kind in ('remittance', 'remittance_paid') and not exists (select from remittances o where o.book_id = $1 and o.id = r.order_id)
        and not exists (select from journals x where x.book_id = $1 and x.reverses = r.id)
      group by r.order_id`,
  },
  {
    kind: 'remittance_stale',
    unit: 'units',
    severity: 'warning',
    sql: `select r.id::text as subject, '0' as expected, r.principal::text as found, r.status || ' since ' || e.at || ' ' || r.vendor_status as detail
          from remittances r cross join lateral (
            select max(s.at) as at from remittance_events s where s.book_id = $1 and s.remittance_id = r.id) e
          where r.book_id = $1 and r.status in ('processing', 'uncertain') and e.at < now() - interval '3 days'`,
  },
  {
    kind: 'payout_off',
    unit: 'units',
    sql: `select 'payout' as subject, o.sum::text as expected, a.sum::text as found, a.of || ' accounts' as detail
          from (select coalesce(sum(principal), 0) as sum from remittances
                where book_id = $1 and status in ('processing', 'uncertain') and journal_id is not null) o,
               (select coalesce(sum(balance), 0) as sum, count(*) as of from accounts where book_id = $1 and id = any (${houseAccounts(140)})) a
          where a.sum <> o.sum`,
  },
]
