// Every reason for which UniPay declines a request, as one closed list.
// A refusal is thrown, never returned: an error value returned inside a transaction would commit what was written.
// Each API has a table `satisfies Record<RefusalCode, …>`, so a code added here does not compile until all can say it.

export const refusalCodes = [
  // the request itself
  'InvalidParams',
  'NotFound',
  'MethodNotAllowed',
  'PayloadTooLarge',
  'UnsupportedMediaType',
  'RateLimited',
  // who is asking
  'Unauthorized',
  'Forbidden',
  'InvalidCredential',
  'CodeWrong',
  'ContactTaken',
  'InviteCodeUnknown',
  'PasswordWeak',
  'PasswordAlreadySet',
  'ChallengeUnknown',
  'ChannelUnavailable',
  'PersonFrozen',
  // second factors
  'PaymentPasswordNotSet',
  'PaymentPasswordWrong',
  'PaymentPasswordLocked',
  'PaymentPasswordWeak',
  'TOTPRequired',
  'TOTPWrong',
  'TOTPAlreadyEnabled',
  'TOTPNotSetUp',
  'MoneyOutHeld',
  // money
  'InsufficientBalance',
  'InvalidAmount',
  'AmountBelowMinimum',
  'AmountAboveMaximum',
  'LimitExceeded',
  'SameAccount',
  'SelfTransfer',
  'RecipientUnavailable',
  'AccountClosed',
  // the ledger's own
  'HoldNotOpen',
  'HoldExceeded',
  'JournalUnknown',
  'AlreadyReversed',
  // repeats
  'IdempotencyKeyReused',
  'IdempotencyInProgress',
  // chains
  'NetworkUnknown',
  'NetworkUnavailable',
  // withdrawals
  'AddressInvalid',
  'AddressForbidden',
  'AddressOfCustomer',
  'AddressNotListed',
  'AddressTooNew',
  'AddressLookalike',
  'AddressBookFull',
  'FeeChanged',
  'TooLateToCancel',
  // nodes
  'NodesSoldOut',
  'NodeLimitReached',
  'PriceChanged',
  // remittances
  'RecipientNotApproved',
  'RecipientExists',
  'RecipientListFull',
  'QuoteExpired',
  'RateUnavailable',
  // identity
  'KYCInvalidFile',
  'IdentityPending',
  'IdentityApproved',
  'IdentityRequired',
  'DocumentTaken',
  // cards
  'CardAccountExists',
  'CardAccountNotOpen',
  'CardTopupNeeded',
  'CardExists',
  'CardNotUsable',
  // programs and their keys
  'ApiKeyUnknown',
  'SignatureWrong',
  'RequestExpired',
  'RequestRepeated',
  'IPNotAllowed',
  'ScopeMissing',
  'ApiKeyListFull',
  // operators
  'ApprovalClosed',
  'ApprovalPending',
  'OwnApproval',
  'AlreadyChecked',
  'Outdated',
  // us
  'Busy',
  'Unavailable',
  'Internal',
] as const

export type RefusalCode = (typeof refusalCodes)[number]

/** What the caller may be told besides the code. Never secrets, never another person's data. */
export interface RefusalDetails {
  /** JSON pointer of the offending field, e.g. `/amount`. */
  pointer?: string
  /** Plain English reason for engineers; customers read the code's translated message. */
  reason?: string
  /** Seconds until a retry can succeed; becomes the Retry-After header. */
  retryAfter?: number
  [key: string]: string | number | boolean | undefined
}

export class Refusal extends Error {
  readonly code: RefusalCode
  readonly details: RefusalDetails

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    super(details.reason ? `${code}: ${details.reason}` : code)
    this.name = 'Refusal'
    this.code = code
    this.details = details
  }
}

export const isRefusal = (error: unknown, code?: RefusalCode): error is Refusal =>
  error instanceof Refusal && (code === undefined || error.code === code)

/** For what cannot happen unless the code is wrong. Ends as a 500 with its message in the log only. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}
