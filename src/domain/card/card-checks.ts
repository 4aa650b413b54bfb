// Part of the proof of the books: what customers' card accounts come to is what the issuer told, transaction by
// transaction, and each top-up has its hold and its journal. Must stay true: a check finds what is wrong by itself.

export const cardChecks = [
  {
    name: 'what a card payment comes to is what its transactions say',
    sql: `select 'card payment ' || p.family || ' took ' || p.taken || ', confirmed ' || p.confirmed || '; transactions say '
                 || coalesce(t.taken, 0) || ', ' || coalesce(t.confirmed, 0) as detail
          from (select * from card_payments where book_id = $1) p
          full join (
            select card_id, family,
                   sum(case kind when 'capture' then amount when 'fee' then amount when 'refund' then -amount else 0 end)
                     filter (where status = 'APPROVED') as taken,
                   sum(case kind when 'capture' then amount when 'fee' then amount when 'refund' then -amount else 0 end)
                     filter (where status = 'APPROVED' and statement_at is not null) as confirmed
            from card_transactions where book_id = $1 group by 1, 2) t using (card_id, family)
          where (coalesce(p.taken, 0), coalesce(p.confirmed, 0)) <> (coalesce(t.taken, 0), coalesce(t.confirmed, 0)) limit 100`,
  },
  {
    name: 'a customer’s card money is the sum of their card payments',
    sql: `select 'U' || coalesce(b.person_no, p.person_no) || ': open ' || coalesce(b.open, 0) || ' taken ' || coalesce(b.taken, 0)
                 || ', payments ' || coalesce(p.open, 0) || ' and ' || coalesce(p.taken, 0) as detail
          from (select * from card_balances where book_id = $1) b
          full join (
            select person_no, sum(open) as open, sum(taken) as taken, sum(confirmed) as confirmed
            from card_payments where book_id = $1 group by 1) p on p.person_no = b.person_no
          where (coalesce(b.open, 0), coalesce(b.taken, 0), coalesce(b.confirmed, 0))
             <> (coalesce(p.open, 0), coalesce(p.taken, 0), coalesce(p.confirmed, 0)) limit 100`,
  },
  {
    name: 'what journals took for card payments is what the payments come to',
    sql: `select 'card money ' || coalesce(b.id, x.order_id) || ' took ' || coalesce(b.taken, 0) || ', owed ' || coalesce(b.owed, 0)
                 || '; journals took ' || coalesce(x.paid, 0) || ', lent ' || coalesce(x.lent, 0) || ', cleared '
                 || coalesce(x.clearing, 0) || ', settled ' || coalesce(x.settled, 0) as detail
          from (select * from card_balances where book_id = $1) b
          full join (
            select j.order_id,
                   coalesce(-sum(e.amount) filter (where e.account_id >> 16 >= 10000), 0) as paid,
                   coalesce(-sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 131), 0) as lent,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 144), 0) as clearing,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 145), 0) as settled
            from journals j join entries e on e.book_id = j.book_id and e.journal_id = j.id
            where j.book_id = $1 and j.order_kind = 'card_payment' group by 1) x on x.order_id = b.id
          where (coalesce(x.paid, 0), coalesce(x.lent, 0), coalesce(x.clearing, 0), coalesce(x.settled, 0)) is distinct from
                (coalesce(b.taken - b.owed, 0), coalesce(b.owed, 0), coalesce(b.taken - b.confirmed, 0), coalesce(b.confirmed, 0)) limit 100`,
  },
  {
    name: 'what is authorised on cards is held, as far as there is money',
    sql: `select 'U' || b.person_no || ': open ' || b.open || ', owed ' || b.owed || ', balance ' || coalesce(a.balance, 0) || ', held '
                 || coalesce(a.held, 0) || ', of it for payments ' || coalesce(h.amount, 0) as detail
          from card_balances b
          left join accounts a on a.book_id = b.book_id and a.id = (b.person_no << 16) + 769
          left join holds h on h.book_id = b.book_id and h.id = b.hold_id and h.status = 'open'
          where b.book_id = $1
            and (coalesce(h.amount, 0) <> least(b.open, coalesce(a.balance - a.held + coalesce(h.amount, 0), 0))
              or b.owed > 0 and coalesce(a.balance - a.held, 0) > 0) limit 100`,
  },
  {
    name: 'a hold for card payments is that of the customer’s card money',
    sql: `select 'hold ' || h.id || ' of ' || h.amount || ' for card money ' || h.order_id as detail
          from holds h left join card_balances b on b.book_id = h.book_id and b.id = h.order_id
          where h.book_id = $1 and h.order_kind = 'card_payment' and h.status = 'open' and h.id is distinct from b.hold_id limit 100`,
  },
  {
    name: 'the money of an open top-up is held, that of an ended one is not',
    sql: `select 'top-up ' || t.id || ' is ' || t.status || ', its hold ' || coalesce(h.status, 'missing') as detail
          from card_topups t left join holds h on h.book_id = t.book_id and h.id = t.hold_id
          where t.book_id = $1 and t.card_id is not null
            and case when t.status in ('held', 'sent', 'uncertain')
                  then (h.status, h.amount) is distinct from ('open', t.amount + t.fee)
                  else h.status is distinct from case when t.status = 'completed' and t.from_account <> 'card' then 'captured' else 'voided' end
                end limit 100`,
  },
  {
    name: 'a completed top-up has its journal',
    sql: `select 'top-up ' || coalesce(t.id, j.order_id) || ' of ' || coalesce(t.amount::text, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select * from card_topups where book_id = $1 and status = 'completed' and from_account <> 'card') t
          full join (select * from journals where book_id = $1 and kind = 'card_topup') j on j.order_id = t.id
          where t.id is null or j.id is null or j.id <> t.journal_id or j.amounts[1:2] <> array[-t.amount - t.fee, t.amount]
             or j.account_ids[2] <> (t.person_no << 16) + 769 limit 100`,
  },
  {
    name: 'what was given back of a card has its journal',
    sql: `select 'card release ' || coalesce(r.id, j.order_id) || ' of ' || coalesce(r.amount::text, 'nothing') || ': journal '
                 || coalesce(j.account_ids::text || ' ' || j.amounts::text, 'none') as detail
          from (select * from card_releases where book_id = $1) r
          full join (select * from journals where book_id = $1 and kind = 'card_release') j on j.order_id = r.id
          where r.id is null or j.id is null or j.id <> r.journal_id or j.amounts <> array[-r.amount, r.amount]
             or j.account_ids <> array[(r.person_no << 16) + 769, (r.person_no << 16) + 257] limit 100`,
  },
  {
    name: 'what is booked of the issuer’s fees is what its statement shows',
    sql: `select 'card money ' || coalesce(b.id, x.order_id) || ': fees booked ' || coalesce(t.booked, 0) || ', journals '
                 || coalesce(x.amount, 0) as detail
          from (select * from card_balances where book_id = $1) b
          join (select person_no, sum(fee_booked) as booked from card_transactions where book_id = $1 group by 1) t
            on t.person_no = b.person_no
          full join (
            select order_id, sum(amounts[1]) as amount from journals where book_id = $1 and kind = 'card_cost' group by 1) x
            on x.order_id = b.id
          where coalesce(t.booked, 0) <> coalesce(x.amount, 0) limit 100`,
  },
]
