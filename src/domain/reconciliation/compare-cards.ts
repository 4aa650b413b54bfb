// Cards: what the issuer told, line by line, against payments, holds, journals and the account between the issuer and us.
// Must stay true: a line that the issuer told moves money once, and is on its statement in time; a top-up moves what it says.

import { openIds, recentJournals } from './compare-deposits.ts'
import { houseAccounts } from './compare-remittances.ts'
import type { Query } from './difference.ts'

/** Customers that used a card within a day, who have something authorised, or of whom a break is open. */
const people = `${recentJournals(`${houseAccounts(144)} || ${houseAccounts(145)} || ${houseAccounts(131)}`)}, people as (
    select person_no from card_payments where book_id = $1 and open > 0
    union
    select person_no from card_transactions where book_id = $1 and first_seen_at > now() - interval '1 day'
    union
    select b.person_no from recent r join card_balances b on b.book_id = $1 and b.id = r.order_id where r.order_kind = 'card_payment'
    union
    select person_no from card_balances where book_id = $1 and id in ${openIds}
    union
    select c.person_no from cards c join unnest($3::text[]) u (subject) on c.id::text = split_part(u.subject, ':', 1) where c.book_id = $1)`

/** Payments beside what the issuer's lines make of them. */
const payments = `${people}, used as (select c.id from cards c where c.book_id = $1 and c.person_no in (select person_no from people)),
  compared as (
    select card_id, family, coalesce(p.taken, 0) as taken, coalesce(p.confirmed, 0) as confirmed, coalesce(t.lines, 0) as lines,
           coalesce(t.taken, 0) as lines_taken, coalesce(t.confirmed, 0) as lines_confirmed
    from (select * from card_payments where book_id = $1 and card_id in (select id from used)) p
    full join (
      select card_id, family, count(*) as lines, coalesce(sum(s.amount), 0) as taken,
             coalesce(sum(s.amount) filter (where x.statement_at is not null), 0) as confirmed
      from card_transactions x cross join lateral (
        select case when x.status <> 'APPROVED' then 0
                 when x.kind in ('capture', 'fee') then x.amount when x.kind = 'refund' then -x.amount else 0 end as amount) s
      where x.book_id = $1 and x.card_id in (select id from used) group by 1, 2) t using (card_id, family))`

/** A customer's card money beside what journals made of it. */
const money = `${people}, compared as (
    select b.*, j.booked, j.persons from card_balances b cross join lateral (
      select coalesce(-sum(u.amount) filter (where u.account >> 16 >= 10000 or u.account >> 8 & 255 = 131), 0) as booked,
             array_agg(distinct u.account >> 16) filter (where u.account >> 16 >= 10000) as persons
      from journals j cross join lateral unnest(j.account_ids, j.amounts) u (account, amount)
      where j.book_id = $1 and j.order_id = b.id) j
    where b.book_id = $1 and b.person_no in (select person_no from people))`

const recentTopups = `
  with recent as (
    select * from card_topups where book_id = $1 and status in ('held', 'sent', 'uncertain')
    union
    select * from card_topups where book_id = $1 and changed_at > now() - interval '1 day'
    union
    select * from card_topups where book_id = $1 and id in ${openIds})`

export const cardQueries: readonly Query[] = [
  {
    kind: 'card_payment_off',
    unit: 'units',
    sql: `${payments}
      select card_id || ':' || family as subject, lines_taken::text as expected, taken::text as found, lines || ' lines of the issuer' as detail
      from compared where taken <> lines_taken`,
  },
  {
    kind: 'card_confirmed_off',
    unit: 'units',
    sql: `${payments}
      select card_id || ':' || family as subject, lines_confirmed::text as expected, confirmed::text as found, lines || ' lines of the issuer' as detail
      from compared where confirmed <> lines_confirmed`,
  },
  {
    kind: 'card_money_off',
    unit: 'units',
    sql: `${people}
      select b.id::text as subject, p.taken::text as expected, b.taken::text as found,
             'U' || b.person_no || ', authorised ' || b.open || ' of ' || p.open || ', confirmed ' || b.confirmed || ' of ' || p.confirmed as detail
      from card_balances b cross join lateral (
        select coalesce(sum(open), 0) as open, coalesce(sum(taken), 0) as taken, coalesce(sum(confirmed), 0) as confirmed
        from card_payments p join cards c on c.book_id = $1 and c.id = p.card_id
        where p.book_id = $1 and c.person_no = b.person_no) p
      where b.book_id = $1 and b.person_no in (select person_no from people) and (b.open, b.taken, b.confirmed) <> (p.open, p.taken, p.confirmed)`,
  },
  {
    kind: 'card_booked_off',
    unit: 'units',
    sql: `${money}
      select id::text as subject, taken::text as expected, booked::text as found, 'U' || person_no as detail from compared where taken <> booked`,
  },
  {
    kind: 'card_person',
    unit: 'text',
    sql: `${money}
      select id::text as subject, 'U' || person_no as expected, 'U' || array_to_string(persons, ', U') as found, taken || ' units taken' as detail
      from compared where persons <> array[person_no]`,
  },
  {
    kind: 'card_hold',
    unit: 'units',
    sql: `${people}, compared as (
        select b.id, b.person_no, b.open, coalesce(h.amount, 0) as held,
               least(b.open, coalesce(a.balance - a.held, 0) + coalesce(h.amount, 0)) as wanted
        from card_balances b
        left join accounts a on a.book_id = $1 and a.id = (b.person_no << 16) + 769
        left join holds h on h.book_id = $1 and h.id = b.hold_id and h.status = 'open' and h.order_id = b.id
        where b.book_id = $1 and b.person_no in (select person_no from people))
      select id::text as subject, wanted::text as expected, held::text as found, 'U' || person_no || ', authorised ' || open as detail
      from compared where held <> wanted`,
  },
  {
    kind: 'card_line_missing',
    unit: 'units',
    severity: 'warning',
    sql: `select transaction_id as subject, amount::text as expected, '0' as found, kind || ' of card ' || card_id || ', told at ' || first_seen_at as detail
          from card_transactions
          where book_id = $1 and statement_at is null and first_seen_at < now() - interval '1 day' and status = 'APPROVED'
            and kind in ('capture', 'fee', 'refund')`,
  },
  {
    kind: 'issuer_off',
    unit: 'units',
    sql: `select 'issuer' as subject, c.sum::text as expected, a.sum::text as found, c.of || ' customers with cards' as detail
          from (select coalesce(sum(taken - confirmed), 0) as sum, count(*) as of from card_balances where book_id = $1) c,
               (select coalesce(sum(balance), 0) as sum from accounts where book_id = $1 and id = any (${houseAccounts(144)})) a
          where a.sum <> c.sum`,
  },
  {
    kind: 'topup_amount',
    unit: 'units',
    sql: `${recentTopups}
      select t.id::text as subject, w.amount::text as expected, m.amount::text as found, t.status || ' from ' || t.from_account as detail
      from recent t
      cross join lateral (select case when t.status = 'completed' and t.from_account <> 'card' then t.amount else 0 end as amount) w
      cross join lateral (
        select coalesce(sum(u.amount), 0) as amount from journals j cross join lateral unnest(j.account_ids, j.amounts) u (account, amount)
        where j.book_id = $1 and j.order_id = t.id and u.account = (t.person_no << 16) + 769) m
      where m.amount <> w.amount`,
  },
  {
    kind: 'topup_hold',
    unit: 'units',
    sql: `${recentTopups}
      select t.id::text as subject, w.amount::text as expected, w.held::text as found, t.status || ', its hold is ' || coalesce(h.status, 'missing') as detail
      from recent t left join holds h on h.book_id = $1 and h.id = t.hold_id
      cross join lateral (
        select case when t.status in ('held', 'sent', 'uncertain') then t.amount + t.fee else 0 end as amount,
               case when h.status = 'open' then h.amount - h.captured else 0 end as held) w
      where w.held <> w.amount`,
  },
  {
    kind: 'topup_stale',
    unit: 'units',
    severity: 'warning',
    sql: `select t.id::text as subject, '0' as expected, t.amount::text as found, t.status || ' since ' || e.at as detail
          from card_topups t cross join lateral (
            select max(s.at) as at from card_topup_events s where s.book_id = $1 and s.topup_id = t.id) e
          where t.book_id = $1 and t.status in ('held', 'sent', 'uncertain') and e.at < now() - interval '1 day'`,
  },
]
