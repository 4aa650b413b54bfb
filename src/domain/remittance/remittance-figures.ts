// How many remittances stand where, for who watches them.
// Must stay true: it only counts, and by indexes: what is over is looked at for a day.

import type { Queries } from '../../base/database.ts'
import type { RemittanceStatus } from './remittance-order.ts'

/** Those that are not over, by status; and those that failed or came back since an instant. */
export const remittanceFigures = (
  q: Queries,
  bookId: number,
  since: Date,
): Promise<{ status: RemittanceStatus; count: number; oldest: Date }[]> =>
  q.query(
    'remittance-figures',
    `select status, count(*)::int as count, min(created_at) as oldest from remittances
     where book_id = $1 and (settled_at is null or (status in ('failed', 'returned') and settled_at >= $2)) group by status`,
    [bookId, since],
  )
