// What every verb of the bank is given first: the parts that `main/compose.ts` wired once, and who is asking.
// A verb takes what it needs from here and from its input; it reaches for nothing else.

import type { Clock } from '../base/clock.ts'
import type { Config } from '../base/config.ts'
import type { Database } from '../base/database.ts'
import type { GuardedFetch } from '../base/guarded-fetch.ts'
import type { Log } from '../base/log.ts'
import type { Poster } from '../ledger/poster.ts'
import type { Network } from './chain/network.ts'
import type { Keys } from './keys.ts'
import type { ApprovalKind } from './operator/approval-kind.ts'
import type { CardIssuer, FileStore, IdentityCheck, MailPort, Payouts, RateSource, SmsPort } from './ports.ts'
import type { VendorHandler, VendorPoll } from './vendor-event/handler.ts'

export interface Bank {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly db: Database
  /** Group commit for hot postings; see ledger/poster.ts. */
  readonly poster: Poster
  readonly keys: Keys
  readonly mail: MailPort
  readonly sms: SmsPort
  readonly cardIssuer: CardIssuer
  readonly payouts: Payouts
  readonly identityCheck: IdentityCheck
  readonly rates: RateSource
  readonly files: FileStore
  /** Whether some amounts have a meaning (withdrawal/magic-amounts.ts): beside the sandbox alone. */
  readonly magicAmounts: boolean
  /** Asks an address that somebody outside has named. */
  readonly fetchGuarded: GuardedFetch
  readonly networks: readonly Network[]
  /** What operators can approve; see operator/approval-kinds.ts. */
  readonly approvalKinds: readonly ApprovalKind[]
  /** Who hears what vendors tell, and what is asked when they do not; see vendor-event/handlers.ts. */
  readonly vendorHandlers: readonly VendorHandler[]
  readonly vendorPolls: readonly VendorPoll[]
}

export type Locale = 'zh' | 'en'

/** Where a request came from, for security logs, devices and rate limits. */
export interface Origin {
  ip: string
  userAgent: string
  locale: Locale
}

/** A signed-in customer. */
export interface Actor extends Origin {
  bookId: number
  personId: string
  /** The person's number: `U10001` without the U, and the owner part of account ids. */
  personNo: bigint
  sessionId: string
}
