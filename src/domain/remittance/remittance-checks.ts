// Part of the proof of the books: each remittance has exactly the hold and the journals that its state asks for, and the
// clearing account holds what is under way and nothing else.
// Must stay true: a check finds what is wrong by itself and believes no other check.

export const remittanceChecks = [
  {
    name: 'the money of a remittance that the vendor has not taken on is held',
    sql: `select 'remittance ' || r.id || ' of ' || r.principal + r.fee || ' is ' || r.status || ', its hold '
                 || coalesce(h.status || ' of ' || h.amount, 'missing') as detail
          from remittances r left join holds h on h.book_id = r.book_id and h.id = r.hold_id
          where r.book_id = $1 and (h.status, h.captured, h.amount, h.order_id, h.account_id >> 16) is distinct from
            (case when r.journal_id is not null then 'captured' when r.status in ('failed', 'rejected') then 'voided' else 'open' end,
             case when r.journal_id is not null then r.principal + r.fee else 0 end, r.principal + r.fee, r.id, r.person_no)
          limit 100`,
  },
  {
    name: 'a hold for a remittance is that of the remittance',
    sql: `select 'hold ' || h.id || ' of ' || h.amount || ' for remittance ' || h.order_id as detail
          from holds h left join remittances r on r.book_id = h.book_id and r.id = h.order_id
          where h.book_id = $1 and h.order_kind = 'remittance' and r.hold_id is distinct from h.id limit 100`,
  },
  {
    name: 'what journals moved for a remittance is what its state says',
    sql: `select 'remittance ' || coalesce(r.id, x.order_id) || ' is ' || coalesce(r.status, 'absent') || ', journals took '
                 || coalesce(x.taken, 0) || ', under way ' || coalesce(x.clearing, 0) || ', paid ' || coalesce(x.remitted, 0)
                 || ', earned ' || coalesce(x.earned, 0) as detail
          from (select *, status in ('completed', 'returned') as paid, status in ('processing', 'uncertain') and journal_id is not null as open
                from remittances where book_id = $1) r
          full join (
            select j.order_id,
                   coalesce(-sum(e.amount) filter (where e.account_id >> 16 >= 10000), 0) as taken,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 140), 0) as clearing,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 141), 0) as remitted,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 129), 0) as earned,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 >= 10000 and j.kind = 'remittance_returned'), 0) as returned
            from journals j join entries e on e.book_id = j.book_id and e.journal_id = j.id
            where j.book_id = $1 and j.order_kind = 'remittance' group by j.order_id) x on x.order_id = r.id
          where r.id is null and x.order_id is not null
             or (coalesce(x.taken, 0) + coalesce(x.returned, 0), coalesce(x.clearing, 0), coalesce(x.remitted, 0) + coalesce(x.returned, 0), coalesce(x.earned, 0))
                is distinct from
                (case when r.paid or r.open then r.principal + r.fee else 0 end, case when r.open then r.principal else 0 end,
                 case when r.paid then r.principal else 0 end, case when r.paid or r.open then r.fee else 0 end)
             or (coalesce(x.returned, 0) > 0) <> (r.status = 'returned') or coalesce(x.returned, 0) > r.principal limit 100`,
  },
]
