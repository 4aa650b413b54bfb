// What the issuer's words for a transaction mean for money, and what a family of transactions comes to.
// Must stay true: both are pure; a family is worked out from all of its transactions in the issuer's order of time, so that
// it comes to the same in whatever order and however often they arrived.

/** `release` takes back an authorisation or part of it, `expire` all that is left of it; unknown ones move nothing. */
export type TransactionKind = 'authorize' | 'release' | 'expire' | 'capture' | 'refund' | 'fee' | 'unknown'

const kinds: Readonly<Record<string, TransactionKind>> = {
  AUTHORIZATION: 'authorize',
  AUTH: 'authorize',
  INCREMENTAL_AUTHORIZATION: 'authorize',
  REVERSAL: 'release',
  AUTHORIZATION_REVERSAL: 'release',
  AUTHORIZATION_EXPIRY: 'expire',
  AUTHORIZATION_EXPIRED: 'expire',
  EXPIRY: 'expire',
  CAPTURE: 'capture',
  CLEARING: 'capture',
  SETTLEMENT: 'capture',
  SETTLEMENT_DEBIT: 'capture',
  FORCE_POST: 'capture',
  REFUND: 'refund',
  SETTLEMENT_CREDIT: 'refund',
  SETTLEMENT_REVERSAL: 'refund',
  FEE: 'fee',
}

export const kindOfType = (type: string): TransactionKind => kinds[type.toUpperCase()] ?? 'unknown'

export interface Told {
  id: string
  kind: TransactionKind
  status: 'APPROVED' | 'DECLINED' | 'PENDING'
  amount: bigint
  at: Date
  /** The statement has it. */
  confirmed: boolean
}

export interface FamilyMoney {
  /** Authorised, and neither captured, released nor expired. */
  open: bigint
  /** Captured and charged, less refunded. */
  taken: bigint
  /** Of that, what the statement has shown. */
  confirmed: bigint
}

const rank = { authorize: 0, release: 1, capture: 2, expire: 3, fee: 4, refund: 5, unknown: 6 } as const

/** Within one instant of the issuer's clock, what authorises comes before what uses it up. */
const before = (a: Told, b: Told) =>
  a.at.getTime() - b.at.getTime() || rank[a.kind] - rank[b.kind] || (a.id < b.id ? -1 : 1)

const least = (a: bigint, b: bigint) => (a < b ? a : b)

export function familyMoney(told: readonly Told[]): FamilyMoney {
  const money = { open: 0n, taken: 0n, confirmed: 0n }
  for (const { kind, status, amount, confirmed } of told.toSorted(before)) {
    if (status !== 'APPROVED') continue
    if (kind === 'authorize') money.open += amount
    if (kind === 'release' || kind === 'capture') money.open -= least(money.open, amount)
    if (kind === 'expire') money.open = 0n
    const taken = takenBy(kind, amount)
    money.taken += taken
    if (confirmed) money.confirmed += taken
  }
  return money
}

function takenBy(kind: TransactionKind, amount: bigint): bigint {
  if (kind === 'capture' || kind === 'fee') return amount
  return kind === 'refund' ? -amount : 0n
}
