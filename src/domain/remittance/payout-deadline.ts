// Payouts that are on their way for longer than they may be: then the account between us and the vendor does not come back
// to zero by itself, and operators hear of it. Must stay true: one open alert; it closes when nothing is late any more.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { settingsOf } from '../setting.ts'

const KEY = 'payout_overdue'

/** Answers how many are late. */
export async function watchPayoutDeadline(bank: Bank, bookId: number): Promise<number> {
  const allowed = (await settingsOf(bank, bookId)).units('remittance.deadlineHours')
  const [late] = await bank.db.query<{ count: number; principal: bigint; oldest: string | null; since: Date | null }>(
    'remittances-late',
    `select count(*)::int as count, coalesce(sum(principal), 0)::bigint as principal,
            (array_agg(id order by told_at))[1]::text as oldest, min(told_at) as since
     from remittances where book_id = $1 and status in ('queued', 'processing', 'uncertain')
       and told_at < $2::timestamptz - $3::int * interval '1 hour'`,
    [bookId, bank.clock.now(), allowed],
  )
  if (!late?.since) {
    await closeAlert(bank.db, bookId, KEY)
    return 0
  }
  await raiseAlert(bank.db, bookId, {
    key: KEY,
    kind: 'payout_overdue',
    severity: 'critical',
    data: {
      remittances: late.count,
      principal: formatAmount(late.principal, assets.USDT.scale, 2),
      oldest: late.oldest,
      since: late.since.toISOString(),
    },
  })
  return late.count
}
