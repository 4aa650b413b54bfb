// How vendors sign what they tell: over the bytes that came, not over what they mean.
// Must stay true: compared in constant time; an old signature is no signature where the vendor signs the time as well.

import { createHmac } from 'node:crypto'
import { sameBytes } from '../../base/crypto.ts'

const TOLERANCE = 300_000

const hexBytes = (text: unknown): Buffer | undefined =>
  typeof text === 'string' && /^(?:[0-9a-f]{2}){20,64}$/i.test(text) ? Buffer.from(text, 'hex') : undefined

/** UQPAY: HMAC-SHA512 over the body and the time as it was written, in seconds or milliseconds. */
export function isFromUqpay(secret: string, body: Buffer, timestamp: unknown, signature: unknown, now: Date): boolean {
  const signed = hexBytes(signature)
  if (secret === '' || !signed || typeof timestamp !== 'string' || !/^\d{1,14}$/.test(timestamp)) return false
  const expected = createHmac('sha512', secret).update(body).update(timestamp).digest()
  if (!sameBytes(signed, expected)) return false
  const written = Number.parseInt(timestamp, 10)
  const at = written >= 1_000_000_000_000 ? written : written * 1_000
  return Math.abs(now.getTime() - at) <= TOLERANCE
}

const algorithms: Record<string, string> = {
  HMAC_SHA1_HEX: 'sha1',
  HMAC_SHA256_HEX: 'sha256',
  HMAC_SHA512_HEX: 'sha512',
}

/** Sumsub: HMAC over the body, with the algorithm that it names. */
export function isFromSumsub(secret: string, body: Buffer, algorithm: unknown, digest: unknown): boolean {
  const name = algorithm === undefined ? 'HMAC_SHA256_HEX' : String(algorithm)
  const hash = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
  const signed = hexBytes(digest)
  return secret !== '' && !!hash && !!signed && sameBytes(signed, createHmac(hash, secret).update(body).digest())
}
