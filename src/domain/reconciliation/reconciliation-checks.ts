// Part of the proof of the books (I9): all that was ever paid for networks is booked, and the sums of movements are their
// sums. Must stay true: each check is a query that finds what breaks it; these read whole histories, which a comparison each
// minute does not.

export const reconciliationChecks = [
  {
    name: 'a network fee is booked once, as it was paid',
    sql: `select coalesce(x.tx_hash, y.tx_hash) || ' cost ' || coalesce(x.units, 0) || ', journals took ' || coalesce(y.units, 0) as detail
          from (
            select tx_hash, trunc(fee_paid / case when nonce is null then 1 else 1000000000 end) as units
            from chain_transactions where book_id = $1 and status = 'final') x
          full join (
            select split_part(j.key, ':', 2) as tx_hash, sum(u.amount) as units
            from journals j cross join lateral unnest(j.account_ids, j.amounts) u (account, amount)
            where j.book_id = $1 and j.kind = 'network_fee' and (u.account >> 8) & 255 = 128 group by 1) y on y.tx_hash = x.tx_hash
          where coalesce(x.units, 0) <> coalesce(y.units, 0) limit 100`,
  },
  {
    name: 'the movements of an address sum to what is kept of them',
    sql: `select b.network || ' ' || b.address || ' has ' || b.value || ', movements make ' || coalesce(x.value, 0) as detail
          from chain_balances b left join (
            select network, address, sum(value) as value from (
              select network, to_address as address, value from chain_movements where book_id = $1 and to_owner <> ''
              union all
              select network, from_address, -value from chain_movements where book_id = $1 and from_owner <> '') y
            group by 1, 2) x on x.network = b.network and x.address = b.address
          where b.book_id = $1 and b.value <> coalesce(x.value, 0) limit 100`,
  },
] as const
