// Removes what has run out: codes, challenges, counters of attempts, sessions that ended long ago,
// events that were told; ends approvals whose time is over.
// Nothing depends on it having run; it keeps tables small and forgets what need not be remembered.

import { after, days, hours } from '../base/clock.ts'
import type { Bank } from './context.ts'
import { forgetTold } from './earn/daily-earnings.ts'
import { forgetIdentity } from './identity/forget-identity.ts'
import { forgetEndedKeys } from './merchant/merchant-key.ts'
import { forgetEvents } from './notice/outbox.ts'
import { expireApprovals } from './operator/approval.ts'
import { forgetOperatorSessions } from './operator/operator-session.ts'
import { forgetKycTokens } from './ramp/kyc-visit.ts'
import { forgetRates } from './remittance/exchange-rate.ts'
import { forgetQuotes } from './remittance/quote-remittance.ts'
import { forgetRequests } from './request-log.ts'
import { forgetLeaves } from './reserves/reserve-snapshot.ts'
import { forgetAttempts } from './sign-in/attempt.ts'
import { forgetCodes } from './sign-in/code.ts'
import { forgetChallenges } from './sign-in/login-challenge.ts'
import { forgetSessions } from './sign-in/session-life.ts'
import { forgetUsedRequests } from './signature/use-once.ts'
import { forgetVendorEvents } from './vendor-event/vendor-event.ts'
import { forgetDeliveries } from './webhook/delivery.ts'
import { forgetPartnerEvents } from './webhook/past-events.ts'

export async function removeExpired(bank: Bank, bookId: number): Promise<void> {
  const now = bank.clock.now()
  await forgetCodes(bank.db, bookId, after(now, -hours(2)))
  await forgetChallenges(bank.db, bookId, after(now, -days(1)))
  await forgetAttempts(bank.db, bookId, now)
  await forgetSessions(bank.db, bookId, now)
  await forgetUsedRequests(bank.db, bookId, after(now, -hours(1)))
  await forgetEndedKeys(bank.db, bookId, after(now, -hours(1)))
  await forgetOperatorSessions(bank.db, bookId, after(now, -days(90)))
  await forgetEvents(bank.db, bookId, after(now, -days(30)))
  await forgetPartnerEvents(bank.db, bookId, after(now, -days(30)))
  await forgetRequests(bank.db, bookId, { proved: after(now, -days(30)), unproved: after(now, -days(7)) })
  await forgetDeliveries(bank.db, bookId, after(now, -days(30)))
  await forgetVendorEvents(bank.db, bookId, after(now, -days(90)))
  await forgetLeaves(bank.db, bookId, after(now, -days(35)))
  await forgetIdentity(bank, bookId)
  await forgetQuotes(bank.db, bookId, after(now, -days(1)))
  await forgetTold(bank.db, bookId, after(now, -days(7)))
  await forgetKycTokens(bank.db, bookId, after(now, -days(1)))
  await forgetRates(bank)
  await expireApprovals(bank, bookId)
}
