// Types of sdk/webhook.js.
// Must stay true: they say what the verifier takes and answers, and nothing else.

export * from './signature/webhook.js'

export interface WebhookEvent {
  /** The same at every delivery of an event: keep those that you have handled. */
  id: string
  /** Such as `transfer.completed`. */
  type: string
  /** When it happened, UTC. */
  timestamp: string
  data: Record<string, unknown>
}

export interface VerifyWebhook {
  /** Of Node's requests, Fetch's, or a plain object. */
  headers: { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>
  /** As it came: bytes, or text that nobody has parsed. */
  body: string | Uint8Array
  /** `whsec_…` or `whpk_…`; the old and the new one while you go over. */
  keys: string | readonly string[]
  /** Seconds by which the bank's clock and yours may differ; 300 where nothing is said. */
  tolerance?: number
  /** Milliseconds since 1970. */
  now?: number
}

export class WebhookError extends Error {
  constructor(message: string, reason: 'missing' | 'stale' | 'wrong')
  readonly reason: 'missing' | 'stale' | 'wrong'
}

export function verifyWebhook(request: VerifyWebhook): WebhookEvent
