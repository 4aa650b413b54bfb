// Within the books: holds against the orders that they are for, and money that should not rest where it is.
// Must stay true: what is held belongs to an order that is under way, and every such order has its hold; accounts between two
// places come back to zero in time.

import { cardQueries } from './compare-cards.ts'
import { remittanceQueries } from './compare-remittances.ts'
import type { Query } from './difference.ts'

const mainOf = (order: string) =>
  `(${order}.person_no << 16) + (1 << 8) + case ${order}.asset when 'USDT' then 1 else 3 end`

const restQueries: readonly Query[] = [
  {
    kind: 'hold_without_order',
    unit: 'units',
    sql: `select h.id::text as subject, '0' as expected, (h.amount - h.captured)::text as found, (h.account_id & 255)::integer as asset,
                 'withdrawal ' || h.order_id || ' is ' || coalesce(w.status, 'not there') as detail
          from holds h left join withdrawals w on w.book_id = $1 and w.id = h.order_id
          where h.book_id = $1 and h.status = 'open' and h.order_kind = 'withdrawal' and (w.id is null or w.settled_at is not null)`,
  },
  {
    kind: 'order_without_hold',
    unit: 'units',
    sql: `select w.id::text as subject, w.amount::text as expected, '0' as found, w.asset,
                 w.status || ', its hold is ' || coalesce(h.status, 'not there') as detail
          from withdrawals w left join holds h on h.book_id = $1 and h.id = w.hold_id
          where w.book_id = $1 and w.settled_at is null and w.journal_id is null and h.status is distinct from 'open'`,
  },
  {
    kind: 'hold_amount',
    unit: 'units',
    sql: `select w.id::text as subject, w.amount::text as expected, (h.amount - h.captured)::text as found, w.asset,
                 'hold ' || h.id || ' of account ' || h.account_id as detail
          from withdrawals w join holds h on h.book_id = $1 and h.id = w.hold_id
          where w.book_id = $1 and w.settled_at is null and h.status = 'open'
            and (h.amount - h.captured <> w.amount or h.account_id <> ${mainOf('w')} or h.order_id <> w.id)`,
  },
  {
    kind: 'hold_stale',
    unit: 'units',
    severity: 'warning',
    sql: `select h.id::text as subject, '0' as expected, (h.amount - h.captured)::text as found, (h.account_id & 255)::integer as asset,
                 'expired at ' || h.expires_at as detail
          from holds h where h.book_id = $1 and h.status = 'open' and h.expires_at < now() - interval '10 minutes'`,
  },
  {
    kind: 'clearing_stale',
    unit: 'units',
    severity: 'warning',
    sql: `select a.id::text as subject, '0' as expected, a.balance::text as found, (a.id & 255)::integer as asset,
                 'untouched since ' || a.touched_at as detail
          from accounts a where a.book_id = $1 and a.id < 10000::bigint << 16 and (a.id >> 8) & 255 = 135 and a.balance <> 0
            and a.touched_at < now() - interval '1 day'`,
  },
  {
    kind: 'suspense_stale',
    unit: 'units',
    severity: 'warning',
    sql: `select a.id::text as subject, '0' as expected, a.balance::text as found, (a.id & 255)::integer as asset,
                 'untouched since ' || a.touched_at as detail
          from accounts a where a.book_id = $1 and a.id < 10000::bigint << 16 and (a.id >> 8) & 255 = 132 and a.balance <> 0
            and a.touched_at < now() - interval '30 days'`,
  },
]

export const bookQueries: readonly Query[] = [...restQueries, ...remittanceQueries, ...cardQueries]
