// What went out: movements of the chain against what was signed, what was signed against payments, payments against their
// orders and the ledger.
// Must stay true: nothing leaves an address of ours that was not signed for a payment, to the letter; nothing is paid twice;
// what is confirmed is booked, with its fee.

import { openIds, recentJournals, recentMovements } from './compare-deposits.ts'
import type { Query } from './difference.ts'

/** Payments that are looked at; see difference.ts. */
export const paymentRows = `
    select p.* from chain_payments p where p.book_id = $1 and p.network = $2
      and p.status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')
    union
    select p.* from chain_payments p where p.book_id = $1 and p.network = $2 and p.settled_at > now() - interval '1 day'
    union
    select p.* from chain_payments p where p.book_id = $1 and p.network = $2 and p.id in ${openIds}
    union
    select p.* from chain_payments p
    where p.book_id = $1 and p.network = $2 and p.order_kind in ('withdrawal', 'sweep', 'top_up', 'cold_move') and p.order_id in ${openIds}
    union
    select p.* from chain_payments p join chain_transactions t on t.book_id = $1 and t.payment_id = p.id
    where p.book_id = $1 and p.network = $2 and t.network = $2 and t.tx_hash = any ($3)`
const recentPayments = `
  with recent as (${paymentRows})`

/** What leaves needs a signature, but for what the cold wallet sends to ours. */
export const leaving = `m.from_owner <> '' and not (m.from_owner = 'cold' and m.to_owner in ('hot', 'cold'))`

const inBlock = `t.status in ('mined', 'final') and t.success`

export const paymentQueries: readonly Query[] = [
  {
    kind: 'unknown_outgoing',
    unit: 'token',
    sql: `${recentMovements}
      select m.tx_hash as subject, '0' as expected, sum(m.value)::text as found,
             'from ' || min(m.from_address) || ' (' || min(m.from_owner) || ') to ' || min(m.to_address) as detail
      from recent m where ${leaving} and not exists (
        select from chain_transactions t where t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash)
      group by m.tx_hash`,
  },
  {
    kind: 'outgoing_amount',
    unit: 'token',
    sql: `${recentMovements}
      select p.id::text as subject, case p.asset when 'token' then p.value else 0 end::text as expected, sum(m.value)::text as found,
             p.order_kind || ' ' || p.order_id || ' by ' || t.tx_hash as detail
      from recent m join chain_transactions t on t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash
      join chain_payments p on p.book_id = $1 and p.id = t.payment_id
      where m.from_owner <> '' group by p.id, p.asset, p.value, p.order_kind, p.order_id, t.tx_hash
      having sum(m.value) <> case p.asset when 'token' then p.value else 0 end`,
  },
  {
    kind: 'outgoing_receiver',
    unit: 'text',
    sql: `${recentMovements}
      select p.id::text as subject, p.from_address || ' to ' || p.to_address as expected,
             m.from_address || ' to ' || m.to_address as found, m.value || ' chain units by ' || m.tx_hash as detail
      from recent m join chain_transactions t on t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash
      join chain_payments p on p.book_id = $1 and p.id = t.payment_id
      where m.from_owner <> '' and (m.from_address, m.to_address) <> (p.from_address, p.to_address)`,
  },
  {
    kind: 'outgoing_missing',
    unit: 'token',
    sql: `${recentPayments}
      select t.tx_hash as subject, p.value::text as expected, '0' as found,
             p.order_kind || ' ' || p.order_id || ' in block ' || t.block_number as detail
      from recent p join chain_transactions t on t.book_id = $1 and t.payment_id = p.id and ${inBlock}
      join chain_states s on s.book_id = $1 and s.network = $2
      where p.asset = 'token' and p.value > 0 and t.block_number between coalesce(s.moved_since, 0) and s.number
        and not exists (select from chain_blocks b where b.book_id = $1 and b.network = $2
                          and b.number = t.block_number and b.hash <> t.block_hash)
        and not exists (select from chain_movements m where m.book_id = $1 and m.network = $2 and m.tx_hash = t.tx_hash)`,
  },
  {
    kind: 'paid_twice',
    unit: 'text',
    sql: `${recentPayments}
      select p.id::text as subject, p.value || ' chain units, once' as expected,
             p.value * count(*) || ' chain units, by ' || string_agg(t.tx_hash, ' and ' order by t.tx_hash) as found,
             p.order_kind || ' ' || p.order_id as detail
      from recent p join chain_transactions t on t.book_id = $1 and t.payment_id = p.id and ${inBlock}
      group by p.id, p.value, p.order_kind, p.order_id having count(*) > 1`,
  },
  {
    kind: 'payment_value',
    unit: 'text',
    sql: `${recentPayments}
      select w.id::text as subject, x.value || ' chain units' as expected, p.value || ' chain units' as found,
             'payment ' || p.id as detail
      from recent p join withdrawals w on w.book_id = $1 and w.id = p.order_id
      cross join lateral (select (w.amount - w.fee) * case p.asset when 'token' then $4::numeric else $5::numeric end as value) x
      where p.order_kind = 'withdrawal' and (p.value <> x.value or (w.asset = 'USDT') <> (p.asset = 'token'))`,
  },
  {
    kind: 'payment_receiver',
    unit: 'text',
    sql: `${recentPayments}
      select w.id::text as subject, w.network || ' ' || w.to_address as expected, p.network || ' ' || p.to_address as found,
             p.value || ' chain units, payment ' || p.id as detail
      from recent p join withdrawals w on w.book_id = $1 and w.id = p.order_id
      where p.order_kind = 'withdrawal' and (w.network, w.to_address) <> (p.network, p.to_address)`,
  },
  {
    kind: 'payment_without_order',
    unit: 'text',
    sql: `${recentPayments}
      select p.id::text as subject, 'no payment' as expected, p.value || ' chain units' as found,
             p.order_kind || ' ' || p.order_id || ', ' || p.status as detail
      from recent p where case p.order_kind
        when 'withdrawal' then not exists (select from withdrawals w where w.book_id = $1 and w.id = p.order_id)
        when 'nonce_fill' then false
        else not exists (select from treasury_orders o where o.book_id = $1 and o.id = p.order_id and o.kind = p.order_kind) end`,
  },
  {
    kind: 'order_without_payment',
    unit: 'units',
    sql: `select w.id::text as subject, (w.amount - w.fee)::text as expected, '0' as found, w.asset, w.status as detail
          from withdrawals w
          where w.book_id = $1 and w.network = $2 and w.settled_at is null and w.status in ('approved', 'processing', 'confirming')
            and not exists (select from chain_payments p where p.book_id = $1 and p.order_kind = 'withdrawal' and p.order_id = w.id)`,
  },
  {
    kind: 'withdrawal_unbooked',
    unit: 'units',
    sql: `${recentPayments}
      select w.id::text as subject, (w.amount - w.fee)::text as expected, '0' as found, w.asset, w.status || ', paid by ' || p.id as detail
      from recent p join withdrawals w on w.book_id = $1 and w.id = p.order_id
      where p.order_kind = 'withdrawal' and p.status = 'confirmed' and not exists (
        select from journals j where j.book_id = $1 and j.id = w.journal_id and j.order_id = w.id and j.kind = 'withdrawal')`,
  },
  {
    kind: 'withdrawal_amount',
    unit: 'units',
    sql: `${recentPayments}
      select w.id::text as subject, (w.amount - w.fee)::text as expected, l.amount::text as found, w.asset, 'journal ' || j.id as detail
      from recent p join withdrawals w on w.book_id = $1 and w.id = p.order_id join journals j on j.book_id = $1 and j.id = w.journal_id
      cross join lateral (select coalesce(sum(u.amount), 0) as amount from unnest(j.account_ids, j.amounts) u (account, amount)
                          where u.account = case w.asset when 'USDT' then $8::bigint else $7::bigint end) l
      where p.order_kind = 'withdrawal' and l.amount <> w.amount - w.fee`,
  },
  {
    kind: 'withdrawal_fee',
    unit: 'units',
    sql: `${recentPayments}
      select w.id::text as subject, w.fee::text as expected, l.fee::text as found, w.asset, 'journal ' || j.id as detail
      from recent p join withdrawals w on w.book_id = $1 and w.id = p.order_id join journals j on j.book_id = $1 and j.id = w.journal_id
      cross join lateral (select coalesce(sum(u.amount), 0) as fee from unnest(j.account_ids, j.amounts) u (account, amount)
                          where (u.account >> 8) & 255 = 129) l
      where p.order_kind = 'withdrawal' and p.network = $2 and l.fee <> w.fee`,
  },
  {
    kind: 'withdrawal_phantom',
    unit: 'units',
    sql: `${recentJournals('array[$8, $7]::bigint[]')}
      select r.order_id::text as subject, '0' as expected, r.amount::text as found, (r.account & 255)::integer as asset,
             'journal ' || r.id as detail
      from recent r
      where r.kind = 'withdrawal'
        and not exists (select from withdrawals w where w.book_id = $1 and w.network = $2 and w.id = r.order_id and w.journal_id = r.id)
        and not exists (select from journals x where x.book_id = $1 and x.reverses = r.id)`,
  },
  {
    kind: 'sweep_unbooked',
    unit: 'units',
    sql: `${recentPayments}
      select o.id::text as subject, o.amount::text as expected, '0' as found, o.kind || ' is ' || o.status || ', paid by ' || p.id as detail
      from recent p join treasury_orders o on o.book_id = $1 and o.id = p.order_id
      where p.order_kind in ('sweep', 'cold_move') and p.asset = 'token' and p.status = 'confirmed' and not exists (
        select from journals j where j.book_id = $1 and j.id = o.journal_id and j.order_id = o.id)`,
  },
  {
    kind: 'sweep_amount',
    unit: 'units',
    sql: `${recentPayments}
      select o.id::text as subject, o.amount::text as expected, l.amount::text as found, o.kind || ' by journal ' || j.id as detail
      from recent p join treasury_orders o on o.book_id = $1 and o.id = p.order_id join journals j on j.book_id = $1 and j.id = o.journal_id
      cross join lateral (select coalesce(sum(u.amount) filter (where u.amount > 0), 0) as amount
                          from unnest(j.account_ids, j.amounts) u (account, amount)) l
      where p.network = $2 and l.amount <> o.amount`,
  },
  {
    kind: 'sweep_value',
    unit: 'token',
    sql: `${recentPayments}
      select o.id::text as subject, (o.amount * $4::numeric)::text as expected, p.value::text as found, o.kind || ' paid by ' || p.id as detail
      from recent p join treasury_orders o on o.book_id = $1 and o.id = p.order_id
      where o.asset = 'token' and p.order_kind in ('sweep', 'cold_move') and (p.value <> o.value or o.value <> o.amount * $4::numeric)`,
  },
  {
    kind: 'fee_booked',
    unit: 'coin units',
    sql: `${recentPayments}
      select t.tx_hash as subject, trunc(t.fee_paid / $5::numeric)::text as expected, l.amount::text as found,
             p.order_kind || ' ' || p.order_id as detail
      from recent p join chain_transactions t on t.book_id = $1 and t.payment_id = p.id and t.status = 'final'
      cross join lateral (
        select coalesce(sum(u.amount), 0) as amount from journals j cross join lateral unnest(j.account_ids, j.amounts) u (account, amount)
        where j.book_id = $1 and j.order_id = p.order_id and j.kind = 'network_fee' and split_part(j.key, ':', 2) = t.tx_hash
          and u.account = $7) l
      where l.amount <> trunc(t.fee_paid / $5::numeric)`,
  },
  {
    kind: 'payment_stale',
    unit: 'text',
    severity: 'warning',
    sql: `select t.tx_hash as subject, 'settled' as expected, 'in block ' || t.block_number as found,
                 p.order_kind || ' ' || p.order_id || ', ' || p.value || ' chain units' as detail
          from chain_payments p join chain_transactions t on t.book_id = $1 and t.payment_id = p.id and t.status = 'mined'
          join chain_states s on s.book_id = $1 and s.network = $2
          where p.book_id = $1 and p.network = $2 and p.status = 'mined' and s.phase = 'following'
            and t.block_number <= s.number - 200 and t.signed_at < now() - interval '1 hour'`,
  },
]
