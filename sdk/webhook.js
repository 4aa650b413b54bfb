// What a receiver of webhooks does first: is it from the bank, is it fresh, what does it say.
// Must stay true: nothing of a body is believed, or parsed, before its signature is right.

import { isSignedWebhook } from './signature/webhook.js'

export * from './signature/webhook.js'

const TOLERANCE = 300

export class WebhookError extends Error {
  constructor(message, reason) {
    super(message)
    this.name = 'WebhookError'
    this.reason = reason
  }
}

/** `headers` of any kind, `body` as it came. Throws WebhookError. */
export function verifyWebhook({ headers, body, keys, tolerance = TOLERANCE, now = Date.now() }) {
  const header = (name) => {
    const value = typeof headers.get === 'function' ? headers.get(name) : ofAnyCase(headers, name)
    if (typeof value !== 'string' || value === '') throw new WebhookError(`${name} is missing`, 'missing')
    return value
  }
  const id = header('webhook-id')
  const timestamp = header('webhook-timestamp')
  const signatures = header('webhook-signature')
  const age = Math.abs(now / 1_000 - (/^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN))
  if (!(age <= tolerance)) throw new WebhookError(`the time is not within ${tolerance} seconds of ours`, 'stale')
  const all = typeof keys === 'string' ? [keys] : keys
  if (!isSignedWebhook({ id, timestamp, body }, signatures, all)) {
    throw new WebhookError('no signature is right', 'wrong')
  }
  const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body)
  return { id, ...JSON.parse(text) }
}

function ofAnyCase(headers, name) {
  const found = Object.keys(headers).find((each) => each.toLowerCase() === name)
  const value = found === undefined ? undefined : headers[found]
  return Array.isArray(value) ? value.join(' ') : value
}
