// The one error that clients of all four APIs throw: what the bank refused, or that nobody knows what became of a call.
// Must stay true: `retryable` promises that the very same call can be made again and cannot be done twice by it.

export class UnipayError extends Error {
  constructor(message, facts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'UnipayError'
    this.api = facts.api
    this.operation = facts.operation
    this.code = facts.code
    this.reason = facts.reason
    this.status = facts.status
    this.requestId = facts.requestId
    this.details = facts.details ?? []
    this.retryAfter = facts.retryAfter
    this.idempotencyKey = facts.idempotencyKey
    this.outcome = facts.outcome
    this.retryable = facts.retryable
  }
}
