// What the card issuer told and its statement does not show in time, and top-ups that it carries out for too long: then the
// account between us does not come back to zero by itself, and operators hear of it. Must stay true: one open alert; it
// closes when nothing is late any more.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { settingsOf } from '../setting.ts'

const KEY = 'issuer_overdue'

/** Answers how many transactions and top-ups are late. */
export async function watchIssuerDeadline(bank: Bank, bookId: number): Promise<number> {
  const allowed = (await settingsOf(bank, bookId)).units('card.deadlineHours')
  const [late] = await bank.db.query<{ lines: number; topups: number; amount: bigint; since: Date | null }>(
    'issuer-late',
    `select count(*) filter (where line)::int as lines, count(*) filter (where not line)::int as topups,
            coalesce(sum(amount), 0)::bigint as amount, min(at) as since
     from (select $2::timestamptz - $3::int * interval '1 hour' as before) d cross join lateral (
       select true as line, amount, first_seen_at as at from card_transactions
       where book_id = $1 and statement_at is null and first_seen_at < d.before and status = 'APPROVED'
         and kind in ('capture', 'fee', 'refund')
       union all
       select false, amount, created_at from card_topups
       where book_id = $1 and status in ('held', 'sent', 'uncertain') and created_at < d.before) l`,
    [bookId, bank.clock.now(), allowed],
  )
  if (!late?.since) {
    await closeAlert(bank.db, bookId, KEY)
    return 0
  }
  await raiseAlert(bank.db, bookId, {
    key: KEY,
    kind: 'issuer_overdue',
    severity: 'critical',
    data: {
      transactions: late.lines,
      topups: late.topups,
      amount: formatAmount(late.amount, assets.USDT.scale, 2),
      since: late.since.toISOString(),
    },
  })
  return late.lines + late.topups
}
