// How many withdrawals stand where, for who watches them.
// Must stay true: it only counts, and by indexes: what is over is looked at for a day.

import type { Queries } from '../../base/database.ts'
import type { WithdrawalStatus } from './withdrawal.ts'

export interface StatusFigure<S extends string> {
  status: S
  count: number
  /** When the one that has waited longest was made. */
  oldest: Date
}

/** Those that are not over, by status; and those that failed since an instant. */
export const withdrawalFigures = (q: Queries, bookId: number, since: Date): Promise<StatusFigure<WithdrawalStatus>[]> =>
  q.query<StatusFigure<WithdrawalStatus>>(
    'withdrawal-figures',
    `select status, count(*)::int as count, min(created_at) as oldest from withdrawals
     where book_id = $1 and (settled_at is null or (status = 'failed' and settled_at >= $2)) group by status`,
    [bookId, since],
  )
