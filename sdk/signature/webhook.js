// Webhooks by Standard Webhooks 1.0: `v1` is HMAC-SHA256 under a shared secret, `v1a` Ed25519, over id.timestamp.body.
// Must stay true: pure functions; the body is the bytes that came, never parsed and printed again; secrets are compared in
// constant time. Vectors: sdk/vectors/webhook.json.

import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'

/** What DER has before a raw public key of Ed25519 (RFC 8410). */
const BEFORE_KEY = Buffer.from('302a300506032b6570032100', 'hex')

export const webhookBase = ({ id, timestamp, body }) =>
  Buffer.concat([
    Buffer.from(`${id}.${timestamp}.`, 'utf8'),
    typeof body === 'string' ? Buffer.from(body, 'utf8') : body,
  ])

/** One entry of `webhook-signature`, for tests of your own receiver. */
export const signWebhook = (message, secret) =>
  `v1,${createHmac('sha256', keyOf(secret).bytes).update(webhookBase(message)).digest('base64')}`

/** Whether one of the signatures was made with one of the keys; `whsec_…` and `whpk_…` as the bank shows them. */
export function isSignedWebhook(message, signatures, keys) {
  const base = webhookBase(message)
  const given = signatures.split(' ').map((entry) => entry.split(','))
  return keys
    .map(keyOf)
    .flatMap((key) => given.map(([version, text]) => fits(key, version, Buffer.from(text ?? '', 'base64'), base)))
    .includes(true)
}

function fits({ kind, bytes }, version, signature, base) {
  if (kind === 'whsec') {
    const right = createHmac('sha256', bytes).update(base).digest()
    return version === 'v1' && signature.length === right.length && timingSafeEqual(signature, right)
  }
  if (version !== 'v1a' || signature.length !== 64) return false
  const key = createPublicKey({ key: Buffer.concat([BEFORE_KEY, bytes]), format: 'der', type: 'spki' })
  return verify(null, base, key, signature)
}

function keyOf(text) {
  const [, kind, base64] = /^(whsec|whpk)_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  if (kind === undefined) throw new TypeError('a key of a webhook begins with whsec_ or whpk_')
  return { kind, bytes: Buffer.from(base64, 'base64') }
}
