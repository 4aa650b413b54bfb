// Part of the proof of the books: purchases, cashback, commissions and yields have exactly their journals and the other way
// round, and every running total is the sum of what it counts.
// Must stay true: a check finds what is wrong by itself, names the row and the amount, and believes no running total.

export const earnChecks = [
  {
    name: 'a purchase of nodes has its journal, and its points are granted',
    sql: `select 'node order ' || coalesce(o.id, j.order_id) || ' of ' || coalesce(o.total::text, 'nothing') || ' with '
                 || coalesce(o.upt::text, 'no') || ' UPT: journals took ' || coalesce(j.taken, 0) || ', earned '
                 || coalesce(j.earned, 0) || ', granted ' || coalesce(j.granted, 0) as detail
          from (select * from node_orders where book_id = $1) o
          full join (
            select j.order_id, -sum(u.amount) filter (where u.account & 65535 = 257) as taken,
                   sum(u.amount) filter (where u.account = 98561) as earned,
                   sum(u.amount) filter (where u.account & 65535 = 514) as granted,
                   min(u.account >> 16) filter (where u.account >> 16 >= 10000) as person,
                   max(u.account >> 16) filter (where u.account >> 16 >= 10000) as other
            from journals j, unnest(j.account_ids, j.amounts) u (account, amount)
            where j.book_id = $1 and j.order_kind = 'node_purchase' group by j.order_id) j on j.order_id = o.id
          where (o.total, o.fee, o.upt, o.person_no, o.person_no) is distinct from
                (coalesce(j.taken, 0), coalesce(j.earned, 0), coalesce(j.granted, 0), j.person, j.other) limit 100`,
  },
  {
    name: 'a purchase of nodes is the sum of its parts',
    sql: `select 'node order ' || o.id || ': ' || o.quantity || ' for ' || o.total || ', parts ' || coalesce(p.units, 0) || ' for '
                 || coalesce(p.total, 0) as detail
          from node_orders o left join (
            select order_id, sum(units) as units, sum(units * price) as total from node_order_parts where book_id = $1 group by order_id) p
          on p.order_id = o.id
          where o.book_id = $1 and (o.quantity, o.total) is distinct from (p.units, p.total) limit 100`,
  },
  {
    name: 'a tier sold what purchases took of it, and no more than it has',
    sql: `select 'tier ' || t.tier || ' sold ' || t.sold || ' of ' || t.units || ', purchases took ' || coalesce(p.units, 0) as detail
          from node_tiers t left join (
            select tier, sum(units) as units from node_order_parts where book_id = $1 group by tier) p on p.tier = t.tier
          where t.book_id = $1 and (t.sold <> coalesce(p.units, 0) or t.sold > t.units) limit 100`,
  },
  {
    name: 'holdings are the sums of purchases, a team’s of everybody below',
    sql: `select 'U' || coalesce(h.person_no, x.person_no) || ' holds ' || coalesce(h.nodes, 0) || ' for ' || coalesce(h.principal, 0)
                 || ', team ' || coalesce(h.team_nodes, 0) || '; purchases make ' || coalesce(x.nodes, 0) || ' for '
                 || coalesce(x.principal, 0) || ', team ' || coalesce(x.team, 0) as detail
          from (select * from node_holdings where book_id = $1) h
          full join (
            select person_no, sum(nodes) as nodes, sum(principal) as principal, sum(team) as team from (
              select person_no, quantity as nodes, total as principal, 0 as team from node_orders where book_id = $1
              union all
              select r.ancestor_no, 0, 0, o.quantity from node_orders o
              join referrals r on r.book_id = o.book_id and r.descendant_no = o.person_no where o.book_id = $1) y
            group by person_no) x on x.person_no = h.person_no
          where (coalesce(h.nodes, 0), coalesce(h.principal, 0), coalesce(h.team_nodes, 0))
             <> (coalesce(x.nodes, 0), coalesce(x.principal, 0), coalesce(x.team, 0)) limit 100`,
  },
  {
    name: 'a cashback has its journal, and is the share of its purchase',
    sql: `select 'cashback ' || coalesce(c.id, j.order_id) || ' of ' || coalesce(c.amount::text, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select c.*, o.total from node_cashbacks c join node_orders o on o.book_id = c.book_id and o.id = c.order_id
                where c.book_id = $1) c
          full join (select * from journals where book_id = $1 and kind = 'node_cashback') j on j.order_id = c.id
          where c.id is null or j.id is null or j.amounts <> array[-c.amount, c.amount] or c.base <> c.total
             or j.account_ids[2] <> (c.person_no << 16) + 513 limit 100`,
  },
  {
    name: 'a commission has its journal, and one that was taken back both',
    sql: `select 'reward ' || coalesce(r.id, j.order_id) || ' of ' || coalesce(r.amount::text, 'nothing') || ' is '
                 || coalesce(r.status, 'absent') || ', journals gave ' || coalesce(j.given, 0) || ', took back '
                 || coalesce(j.back, 0) || ', lent ' || coalesce(j.lent, 0) as detail
          from (select * from commission_rewards where book_id = $1) r
          full join (
            select j.order_id, -sum(u.amount) filter (where u.account = 98561 and j.kind = 'commission') as given,
                   sum(u.amount) filter (where u.account = 98561 and j.kind = 'commission_reversed') as back,
                   -sum(u.amount) filter (where u.account >> 16 < 10000 and u.account >> 8 & 255 = 131) as lent,
                   min(u.account) filter (where u.account >> 16 >= 10000) as account,
                   max(u.account) filter (where u.account >> 16 >= 10000) as other
            from journals j, unnest(j.account_ids, j.amounts) u (account, amount)
            where j.book_id = $1 and j.order_kind = 'commission' group by j.order_id) j on j.order_id = r.id
          where (r.amount, case r.status when 'reversed' then r.amount else 0 end, r.owed, (r.person_no << 16) + 513, (r.person_no << 16) + 513)
                is distinct from (j.given, coalesce(j.back, 0), coalesce(j.lent, 0), j.account, j.other) limit 100`,
  },
  {
    name: 'commissions of all layers together are not more than the fee in the books',
    sql: `select 'journal ' || b.journal_id || ' earned ' || coalesce(e.amount, 0) || ', base ' || b.base || ', paid ' || b.paid
                 || ', rewards ' || coalesce(r.amount, 0) as detail
          from commission_bases b
          left join entries e on e.book_id = b.book_id and e.account_id = 98561 and e.seq = b.entry_seq and e.journal_id = b.journal_id
          left join (
            select journal_id, sum(amount) as amount from commission_rewards where book_id = $1 and status = 'paid' group by journal_id) r
          on r.journal_id = b.journal_id
          where b.book_id = $1 and (b.base is distinct from e.amount or b.paid <> coalesce(r.amount, 0) or b.paid > b.base) limit 100`,
  },
  {
    name: 'what a customer had of commissions by the day is the sum of the rewards',
    sql: `select 'U' || coalesce(d.person_no, r.person_no) || ' on ' || coalesce(d.day, r.day) || ': ' || coalesce(d.amount, 0)
                 || ', rewards ' || coalesce(r.amount, 0) as detail
          from (select * from commission_days where book_id = $1) d
          full join (
            select person_no, (created_at at time zone 'UTC')::date as day,
                   coalesce(sum(amount) filter (where status = 'paid'), 0) as amount
            from commission_rewards where book_id = $1 group by 1, 2) r on r.person_no = d.person_no and r.day = d.day
          where coalesce(d.amount, 0) <> coalesce(r.amount, 0) limit 100`,
  },
  {
    name: 'a yield has its journal',
    sql: `select 'yield ' || coalesce(y.id, j.order_id) || ' of ' || coalesce(y.amount::text, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select * from node_yields where book_id = $1) y
          full join (select * from journals where book_id = $1 and kind = 'node_yield') j on j.order_id = y.id
          where y.id is null or j.id is null or j.amounts <> array[-y.amount, y.amount]
             or j.account_ids[2] <> (y.person_no << 16) + 513 limit 100`,
  },
  {
    name: 'a yield is on what was held when its day began',
    sql: `select 'yield of U' || y.person_no || ' for ' || y.day || ' on ' || y.nodes || ' for ' || y.principal || ', held '
                 || coalesce(o.nodes, 0) || ' for ' || coalesce(o.principal, 0) as detail
          from node_yields y cross join lateral (
            select sum(quantity) as nodes, sum(total) as principal from node_orders
            where book_id = y.book_id and person_no = y.person_no and created_at < y.day::timestamp at time zone 'UTC') o
          where y.book_id = $1 and (y.nodes, y.principal) is distinct from (o.nodes, o.principal) limit 100`,
  },
  {
    name: 'a day’s yields are what its run says, and no day is left out',
    sql: `select coalesce(r.day, y.day) || ': run ' || coalesce(r.people || ' of ' || r.paid, 'none') || ', yields '
                 || coalesce(y.people, 0) || ' of ' || coalesce(y.paid, 0) || ', the day before '
                 || coalesce(r.before::text, 'none') as detail
          from (select *, lag(day) over (order by day) as before from yield_runs where book_id = $1) r
          full join (
            select day, count(*) as people, sum(amount) as paid from node_yields where book_id = $1 group by day) y on y.day = r.day
          where (r.people, r.paid) is distinct from (coalesce(y.people, 0), coalesce(y.paid, 0)) or r.before <> r.day - 1 limit 100`,
  },
]
