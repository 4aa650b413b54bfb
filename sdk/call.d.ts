// Types of sdk/call.js, and what clients of all four APIs have in common.
// Must stay true: they say what the clients take, and nothing else.

/** What a client is told about an operation; see sdk/operations/. */
export interface Operation {
  verb: string
  path: string
  query?: readonly string[]
  /** Needs no signature and nobody signed in. */
  open?: boolean
  /** What makes a repeat harmless: it reads, the header Idempotency-Key, or a field with an id of the caller's own. */
  once?: string
  form?: boolean
  bytes?: boolean
  plain?: boolean
}

export interface ClientOptions {
  /** Such as `https://bank.example`. In a browser, empty for the page's own origin. */
  baseUrl?: string
  /** In place of the global one. */
  fetch?: typeof globalThis.fetch
  /** Milliseconds that one try may take; 20 seconds where nothing is said. */
  timeout?: number
  /** How often a call whose repeat is harmless is made in all; 3 where nothing is said, 1 for never again. */
  tries?: number
}

export interface CallOptions {
  /** Of calls that move money in the app API: your own in place of a random one, to repeat a call after a restart. */
  idempotencyKey?: string
  /** `[A-Za-z0-9_-]{8,64}`, for the bank's logs. */
  requestId?: string
  signal?: AbortSignal
}

/** Operations as methods: one object of fields in, `data` of the answer out; throws UnipayError. */
export type Methods<Operations> = {
  [Name in keyof Operations]: Operations[Name] extends { input: infer Input; answer: infer Answer }
    ? Record<string, never> extends Input
      ? (input?: Input, options?: CallOptions) => Promise<Answer>
      : (input: Input, options?: CallOptions) => Promise<Answer>
    : never
}
