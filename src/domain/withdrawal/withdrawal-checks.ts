// Part of the proof of the books: each withdrawal has exactly the hold, the journals and the payment that its state asks
// for, and none of these is without its withdrawal. Must stay true: a check finds what is wrong by itself and believes no
// other check; states that follow one another in one transaction are never seen apart in a snapshot.

export const withdrawalChecks = [
  {
    name: 'the money of an open withdrawal is held',
    // one that a reorganisation opened again may have found nothing left to hold; operators were told
    sql: `select 'withdrawal ' || w.id || ' of ' || w.amount || ' is ' || w.status || ', its hold '
                 || coalesce(h.status || ' of ' || h.amount, 'missing') as detail
          from withdrawals w left join holds h on h.book_id = w.book_id and h.id = w.hold_id
          where w.book_id = $1 and w.status in ('submitted', 'verification', 'review', 'approved', 'processing', 'confirming')
            and w.journal_id is null and w.round = 1
            and (h.status, h.captured, h.amount, h.order_id, h.account_id >> 16)
                is distinct from ('open', 0::bigint, w.amount, w.id, w.person_no) limit 100`,
  },
  {
    name: 'a withdrawal that ended without payment holds nothing',
    sql: `select 'withdrawal ' || w.id || ' is ' || w.status || ', its hold ' || coalesce(h.status, 'missing') as detail
          from withdrawals w left join holds h on h.book_id = w.book_id and h.id = w.hold_id
          where w.book_id = $1 and w.status in ('rejected', 'cancelled', 'failed')
            and (h.id is null or h.status = 'open' or h.status = 'captured' and w.round = 1) limit 100`,
  },
  {
    name: 'what journals took for a withdrawal is what the withdrawal says',
    sql: `select 'withdrawal ' || coalesce(w.id, x.order_id) || ' of ' || coalesce(w.amount::text, 'nothing') || ' is '
                 || coalesce(w.status, 'absent') || ', journals took ' || coalesce(x.taken, 0) || ', sent ' || coalesce(x.sent, 0)
                 || ', earned ' || coalesce(x.earned, 0) || ', lent ' || coalesce(x.lent, 0) as detail
          from (select *, (journal_id is not null)::integer as booked from withdrawals where book_id = $1) w
          full join (
            select j.order_id,
                   coalesce(-sum(e.amount) filter (where e.account_id >> 16 >= 10000), 0) as taken,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 in (128, 136)), 0) as sent,
                   coalesce(sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 129), 0) as earned,
                   coalesce(-sum(e.amount) filter (where e.account_id >> 16 < 10000 and e.account_id >> 8 & 255 = 131), 0) as lent
            from journals j join entries e on e.book_id = j.book_id and e.journal_id = j.id
            where j.book_id = $1 and j.order_kind = 'withdrawal' and j.kind <> 'network_fee' group by j.order_id) x on x.order_id = w.id
          where (coalesce(x.taken, 0), coalesce(x.sent, 0), coalesce(x.earned, 0), coalesce(x.lent, 0)) is distinct from
                ((w.amount - w.owed) * w.booked, (w.amount - w.fee) * w.booked, w.fee * w.booked, w.owed * w.booked) limit 100`,
  },
  {
    name: 'a hold for a withdrawal is that of the withdrawal',
    sql: `select 'hold ' || h.id || ' of ' || h.amount || ' for withdrawal ' || h.order_id || ', which '
                 || case when w.id is null then 'is absent' else 'has hold ' || w.hold_id end as detail
          from holds h left join withdrawals w on w.book_id = h.book_id and w.id = h.order_id
          where h.book_id = $1 and h.order_kind = 'withdrawal' and (w.id is null or h.status = 'open' and h.id <> w.hold_id) limit 100`,
  },
  {
    name: 'a withdrawal and its payment agree',
    // the signer's part is told to the order a moment later
    sql: `select 'withdrawal ' || coalesce(w.id, p.order_id) || ' is ' || coalesce(w.status, 'absent') || ', its payment '
                 || coalesce(p.status, 'absent') as detail
          from (select * from withdrawals where book_id = $1) w
          full join (select * from chain_payments where book_id = $1 and order_kind = 'withdrawal') p on p.order_id = w.id
          where case
                  when w.id is null then true
                  when p.id is null then w.status not in ('verification', 'review', 'rejected', 'cancelled')
                  when (p.network, p.to_address) <> (w.network, w.to_address) then true
                  else w.status <> all (case p.status
                    when 'ready' then array['approved'] when 'refused' then array['approved']
                    when 'signed' then array['approved', 'processing']
                    when 'broadcast' then array['processing'] when 'uncertain' then array['processing']
                    when 'mined' then array['confirming'] when 'confirmed' then array['confirmed']
                    when 'failed' then array['failed'] else array['cancelled'] end)
                end limit 100`,
  },
]
