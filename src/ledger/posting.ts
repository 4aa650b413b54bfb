// The ledger's vocabulary: what one posting may consist of, and what can come of it.
// A posting is decided and written as a whole: its journal, its hold, its limit, its stored answer and the rows of the
// business that go with it, in one transaction or not at all.

import type { Refusal } from '../base/errors.ts'
import type { Row } from './rows.ts'

export interface Leg {
  account: bigint
  /** Ledger units; positive adds to the account, negative takes from it. */
  amount: bigint
}

/** One movement of money. Legs sum to zero per asset; the database refuses anything else. */
export interface Journal {
  id: string
  kind: string
  /** Unique within its order, for ever: the same movement can be asked for twice and happens once. */
  key: string
  orderKind: string
  orderId: string
  memo: string
  legs: Leg[]
  /** The journal that this one undoes; at most one may. */
  reverses?: string
  /** For corrections: the earlier day that this belongs to. */
  valueAt?: Date
}

/** Money set aside: still in the balance, no longer available. */
export interface HoldPlacement {
  id: string
  account: bigint
  amount: bigint
  orderKind: string
  orderId: string
  expiresAt?: Date
}

/**
 * The end, or part of the end, of a hold. `captured` says how much leaves by this posting's journal:
 * - `open`: part capture, the rest stays held
 * - `captured`: final capture, the rest is released
 * - `voided`, `expired`: nothing is captured, all that is left is released
 */
export interface HoldChange {
  id: string
  account: bigint
  to: 'open' | 'captured' | 'voided' | 'expired'
  captured: bigint
}

/** A limit over the last 24 hours, by the hour (so up to 25 hours are counted: never more than the limit in any 24). */
export interface Velocity {
  /** A person's number. */
  subject: bigint
  /** An account of the subject that is locked whenever this rule is used: it makes two payments queue for the check. */
  gate: bigint
  rule: string
  amount: bigint
  max: bigint
}

export interface IdempotencyKey {
  /** Principal and operation, e.g. `app:<person>:transfer`. */
  scope: string
  key: string
  /** SHA-256 of the request's canonical body: the same key with another body is refused. */
  requestHash: Uint8Array
}

export interface Posting {
  bookId: number
  journal?: Journal
  place?: HoldPlacement
  change?: HoldChange
  velocity?: Velocity
  idempotency?: IdempotencyKey
  /** What a repeat of the request is answered with: JSON. */
  answer?: Answer
  /** Orders, inbox messages, outbox events … written with the posting, and only if it is accepted. */
  rows?: Row[]
  /** Operators' corrections may take from a frozen account. */
  evenIfFrozen?: boolean
  /** What has happened outside is booked whatever became of the account: coins that left a chain, or came back. */
  evenIfClosed?: boolean
}

export type Answer = { readonly [field: string]: string | number | boolean | null }

export type Outcome =
  | { ok: true; replayed: boolean; answer: Answer }
  /** `replayed`: this is the stored refusal of an earlier request with the same key. */
  | { ok: false; replayed: boolean; refusal: Refusal }
