// Part of the proof of the books: the treasury's orders and journals agree, and what stands on deposit addresses adds up to
// custody. Must stay true: each check is a query that finds what breaks it and names the row and the amount.

export const treasuryChecks = [
  {
    name: 'an order of the treasury that is done points at its journal',
    sql: `select o.kind || ' ' || o.id || ' is ' || o.status || ', journal ' || coalesce(j.kind || ' of ' || j.order_id, 'none') as detail
          from treasury_orders o left join journals j on j.book_id = o.book_id and j.id = o.journal_id
          where o.book_id = $1 and case when o.counted and o.asset = 'token'
            then j.kind is distinct from case o.kind when 'sweep' then 'swept' else 'moved_to_cold' end or j.order_id <> o.id
                 or not o.amount = any (j.amounts)
            else o.journal_id is not null or (o.status = 'done' and not o.counted) end limit 100`,
  },
  {
    name: 'what journals moved for the treasury is what its orders say',
    sql: `select 'order ' || coalesce(o.id, x.order_id) || ' of ' || coalesce(o.amount::text, 'nothing') || ' is '
                 || coalesce(o.status, 'absent') || ', journals moved ' || coalesce(x.amount, 0) as detail
          from (select * from treasury_orders where book_id = $1 and kind <> 'top_up' and asset = 'token') o
          full join (
            select j.order_id, sum(e.amount) as amount from journals j
            join entries e on e.book_id = j.book_id and e.journal_id = j.id
              and (e.account_id >> 8) & 255 = case j.order_kind when 'sweep' then 128 else 136 end and e.account_id & 255 = 1
            where j.book_id = $1 and j.order_kind in ('sweep', 'cold_move') and j.kind <> 'network_fee' group by j.order_id) x
          on x.order_id = o.id
          where coalesce(x.amount, 0) <> case when o.counted then o.amount else 0 end limit 100`,
  },
  {
    name: 'the payment of an order of the treasury is as far as the order',
    sql: `select o.kind || ' ' || o.id || ' is ' || o.status || ', its payment ' || coalesce(p.status, 'absent') as detail
          from treasury_orders o
          left join chain_payments p on p.book_id = o.book_id and p.order_kind = o.kind and p.order_id = o.id
          where o.book_id = $1 and case o.status when 'done' then p.status is distinct from 'confirmed'
            when 'moving' then p.status is null or p.status in ('confirmed', 'failed', 'void')
            when 'failed' then p.status not in ('failed', 'void') else p.status is not null end limit 100`,
  },
  {
    name: 'an address has of custody what deposits brought and sweeps did not take',
    sql: `select coalesce(c.network, x.network) || ' ' || coalesce(c.address, x.address) || ' has ' || coalesce(c.units, 0) || ' of custody ('
                 || coalesce(c.asset, x.asset) || '), deposits and sweeps make ' || coalesce(x.units, 0) as detail
          from (select * from address_custody where book_id = $1) c
          full join (
            select network, asset, address, sum(units) as units from (
              select network, case asset when 'USDT' then 'token' else 'coin' end as asset, address, amount_received::numeric as units
              from deposits where book_id = $1 and status in ('credited', 'below_minimum', 'rejected')
              union all
              select network, asset, from_address, -amount from treasury_orders where book_id = $1 and kind = 'sweep' and counted) y
            group by 1, 2, 3) x on x.network = c.network and x.asset = c.asset and x.address = c.address
          where coalesce(c.units, 0) <> coalesce(x.units, 0) limit 100`,
  },
  {
    name: 'what came to the house from outside was booked once',
    sql: `select 'funding ' || coalesce(x.id, j.order_id) || ' of ' || coalesce(x.units::text, 'nothing') || ', journals brought '
                 || coalesce(j.amount, 0) as detail
          from (
            select id, units from coin_fundings where book_id = $1
            union all
            select id, amount_received from deposits where book_id = $1 and status = 'house'
            union all
            select opening_id, opening_units from chain_balances where book_id = $1 and opening_units > 0) x
          full join (
            select j.order_id, sum(case j.kind when 'reversal' then -e.amount else e.amount end) as amount
            from journals j join entries e on e.book_id = j.book_id and e.journal_id = j.id and e.amount > 0
            where j.book_id = $1 and j.order_kind = 'funding' group by j.order_id) j on j.order_id = x.id
          where coalesce(x.units, 0) <> coalesce(j.amount, 0) limit 100`,
  },
] as const
