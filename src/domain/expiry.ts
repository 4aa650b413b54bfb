// Removes what has run out: codes, challenges, counters of attempts, sessions that ended long ago,
// events that were told.
// Nothing depends on it having run; it keeps tables small and forgets what need not be remembered.

import { after, days, hours } from '../base/clock.ts'
import type { Bank } from './context.ts'
import { forgetEvents } from './outbox.ts'
import { forgetSessions } from './session-life.ts'

export async function removeExpired(bank: Bank, bookId: number): Promise<void> {
  const now = bank.clock.now()
  await bank.db.query('expired-codes', 'delete from codes where book_id = $1 and expires_at < $2', [
    bookId,
    after(now, -hours(2)),
  ])
  await bank.db.query('expired-challenges', 'delete from login_challenges where book_id = $1 and expires_at < $2', [
    bookId,
    after(now, -days(1)),
  ])
  await bank.db.query('expired-attempts', 'delete from attempts where book_id = $1 and resets_at < $2', [bookId, now])
  await forgetSessions(bank.db, bookId, now)
  await forgetEvents(bank.db, bookId, after(now, -days(30)))
}
