// Types of sdk/unipay-error.js.
// Must stay true: every client throws this and nothing else for what the bank or the network did.

export interface UnipayErrorFacts {
  api: 'app' | 'spot' | 'ramp' | 'platform'
  operation: string
  code: string
  reason?: string | undefined
  status?: number | undefined
  requestId: string
  details?: readonly Record<string, unknown>[] | undefined
  retryAfter?: number | undefined
  idempotencyKey?: string | undefined
  outcome: 'refused' | 'unknown'
  retryable: boolean
  cause?: unknown
}

export class UnipayError extends Error {
  constructor(message: string, facts: UnipayErrorFacts)
  readonly name: 'UnipayError'
  readonly api: 'app' | 'spot' | 'ramp' | 'platform'
  /** The client's method. */
  readonly operation: string
  /** The code of the API's document as text, or `network`, `timeout`, `aborted`, `answer` where no answer of the bank came. */
  readonly code: string
  /** The app API's name of the code, such as `InsufficientBalance`. */
  readonly reason: string | undefined
  /** Of HTTP; undefined where no answer came. */
  readonly status: number | undefined
  /** What support asks for; the bank has it in its logs. Known also where no answer came. */
  readonly requestId: string
  /** The app API's: `pointer` names the field, `reason` says why. */
  readonly details: readonly Record<string, unknown>[]
  /** Seconds, where the bank says how long to wait. */
  readonly retryAfter: number | undefined
  /** The Idempotency-Key that the call went with: the same one makes a later repeat harmless. */
  readonly idempotencyKey: string | undefined
  /** `refused`: nothing was done. `unknown`: it may have been done, ask before you do it otherwise. */
  readonly outcome: 'refused' | 'unknown'
  /** The same call, with the same input and idempotencyKey, may succeed later and cannot be done twice. */
  readonly retryable: boolean
}
