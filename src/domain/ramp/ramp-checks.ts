// Part of the proof of the books: each order of the ramp has exactly the hold and the journals that its state asks for, and
// the clearing accounts hold what is paid and not released, and nothing else.
// Must stay true: a check finds what is wrong by itself and believes no other check.

export const rampChecks = [
  {
    name: 'what a ramp order sells is held until it is paid',
    sql: `select 'ramp order ' || r.id || ' of ' || r.amount || ' is ' || r.status || ', its hold '
                 || coalesce(h.status || ' of ' || h.amount, 'missing') as detail
          from ramp_orders r left join holds h on h.book_id = r.book_id and h.id = r.hold_id
          where r.book_id = $1 and r.direction = 'out'
            and (h.status, h.captured, h.amount, h.order_id, h.account_id >> 16) is distinct from
            (case when r.paid_journal_id is not null then 'captured' when r.status = 'rejected' then 'voided' else 'open' end,
             case when r.paid_journal_id is not null then r.amount else 0 end, r.amount, r.id, r.person_no)
          limit 100`,
  },
  {
    name: 'a hold for a ramp order is that of the order',
    sql: `select 'hold ' || h.id || ' of ' || h.amount || ' for ramp order ' || h.order_id as detail
          from holds h left join ramp_orders r on r.book_id = h.book_id and r.id = h.order_id
          where h.book_id = $1 and h.order_kind = 'ramp' and r.hold_id is distinct from h.id limit 100`,
  },
  {
    name: 'what journals moved for a ramp order is what its state says',
    sql: `select 'ramp order ' || coalesce(r.id, x.order_id) || ' is ' || coalesce(r.status, 'absent') || ': customer '
                 || coalesce(x.person, 0) || ', clearing ' || coalesce(x.clearing, 0) || ', exchanged '
                 || coalesce(x.exchanged, 0) || ', fees ' || coalesce(x.fees, 0) as detail
          from (select *, fee + channel_fee as kept, status = 'released' as ended, status = 'awaiting_release' as paid,
                       direction = 'in' as buys from ramp_orders where book_id = $1) r
          full join (
            select j.order_id,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 >= 10000), 0) as person,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 151), 0) as clearing,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 150), 0) as exchanged,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 129), 0) as fees
            from journals j join entries e on e.book_id = j.book_id and e.journal_id = j.id
            where j.book_id = $1 and j.order_kind = 'ramp' group by j.order_id) x on x.order_id = r.id
          where r.id is null
             or (coalesce(x.person, 0), coalesce(x.clearing, 0), coalesce(x.exchanged, 0), coalesce(x.fees, 0)) is distinct from
                (case when r.buys and r.ended then r.amount - r.kept when not r.buys and (r.paid or r.ended) then -r.amount else 0 end,
                 case when not r.paid then 0 when r.buys then r.amount else r.amount - r.kept end,
                 case when r.buys and (r.paid or r.ended) then -r.amount when not r.buys and r.ended then r.amount - r.kept else 0 end,
                 case when r.ended or r.paid and not r.buys then r.kept else 0 end)
          limit 100`,
  },
]
