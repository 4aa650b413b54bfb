// Types of sdk/signature/webhook.js.
// Must stay true: they say what is there, and nothing else.

export interface WebhookMessage {
  id: string
  /** Seconds since 1970, as in the header. */
  timestamp: string | number
  /** As it came. */
  body: string | Uint8Array
}

export function webhookBase(message: WebhookMessage): Uint8Array
export function signWebhook(message: WebhookMessage, secret: string): string
export function isSignedWebhook(message: WebhookMessage, signatures: string, keys: readonly string[]): boolean
