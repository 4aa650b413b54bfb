// Signatures of webhooks that go out, by Standard Webhooks 1.0: `v1` is HMAC-SHA256 under a shared secret, `v1a` Ed25519.
// Must stay true: pure functions of bytes; what is signed is id, timestamp and the body exactly as it is sent; secrets are
// compared in constant time.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { hmacSha256, sameBytes } from '../../base/crypto.ts'

export type WebhookScheme = 'hmac' | 'ed25519'

export interface WebhookMessage {
  id: string
  /** Seconds since 1970, as in the header. */
  timestamp: number | string
  body: string | Uint8Array
}

/** Seconds by which a receiver lets the timestamp differ. */
export const TOLERANCE = 300

/** `id.timestamp.body`: what is signed. */
export const webhookBase = ({ id, timestamp, body }: WebhookMessage): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)])

/** One entry of `webhook-signature`. `secret` is the HMAC key, or the 32-byte seed of the private key. */
export function signWebhook(scheme: WebhookScheme, secret: Uint8Array, message: WebhookMessage): string {
  const base = webhookBase(message)
  return scheme === 'hmac'
    ? `v1,${hmacSha256(secret, base).toString('base64')}`
    : `v1a,${sign(null, base, privateKeyOf(secret)).toString('base64')}`
}

export type Verdict = 'ok' | 'stale' | 'no-signature' | 'wrong'

/** Whether one of the signatures in the header was made with one of the keys. `keys` are as their owner reads them. */
export function verifyWebhook(
  keys: readonly string[],
  message: WebhookMessage,
  header: string,
  nowSeconds: number,
): Verdict {
  const timestamp = /^\d{1,12}$/.test(String(message.timestamp)) ? Number(message.timestamp) : Number.NaN
  if (!(Math.abs(nowSeconds - timestamp) <= TOLERANCE)) return 'stale'
  const signatures = header.split(' ').flatMap((entry) => {
    const [version, text] = entry.split(',')
    return (version === 'v1' || version === 'v1a') && text ? [{ version, bytes: Buffer.from(text, 'base64') }] : []
  })
  if (signatures.length === 0) return 'no-signature'
  const base = webhookBase(message)
  const fits = keys.some((key) => {
    const { kind, bytes } = readKey(key)
    return signatures.some((signature) =>
      kind === 'hmac'
        ? signature.version === 'v1' && sameBytes(hmacSha256(bytes, base), signature.bytes)
        : signature.version === 'v1a' &&
          signature.bytes.length === 64 &&
          verify(null, base, publicKeyOf(bytes), signature.bytes),
    )
  })
  return fits ? 'ok' : 'wrong'
}

/** What the owner of an endpoint verifies with: the shared secret (`whsec_…`), or the public key (`whpk_…`). */
export const shownKey = (scheme: WebhookScheme, secret: Uint8Array): string =>
  scheme === 'hmac'
    ? `whsec_${Buffer.from(secret).toString('base64')}`
    : `whpk_${publicBytesOf(secret).toString('base64')}`

function readKey(text: string): { kind: WebhookScheme; bytes: Buffer } {
  const [, prefix, base64 = ''] = /^(whsec|whpk)_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  if (prefix === undefined) throw new Error('not a key for webhooks')
  return { kind: prefix === 'whsec' ? 'hmac' : 'ed25519', bytes: Buffer.from(base64, 'base64') }
}

// --- Ed25519: Node takes keys in DER; raw ones are put behind the fixed beginning that DER has for them (RFC 8410) ---

const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex')

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: 'der', type: 'pkcs8' })

const publicKeyOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([PUBLIC_DER, raw]), format: 'der', type: 'spki' })

const publicBytesOf = (seed: Uint8Array): Buffer =>
  createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length)
