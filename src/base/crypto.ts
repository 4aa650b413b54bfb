// Hashes, keyed hashes, sealing and key derivation, all on Node's own OpenSSL.
// Must stay true: secrets are compared in constant time; every purpose has a key of its own, derived by name.

import {
  argon2,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto'
import { promisify } from 'node:util'

export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()

// a prepared key per key buffer: preparing one costs more than a short hash, and payments hash on every call
const prepared = new WeakMap<Uint8Array, KeyObject>()

export function hmacSha256(key: Uint8Array, data: string | Uint8Array): Buffer {
  let secret = prepared.get(key)
  if (!secret) {
    secret = createSecretKey(key)
    prepared.set(key, secret)
  }
  return createHmac('sha256', secret).update(data).digest()
}

/** A 32-byte key for one purpose out of the installation's master secret. */
export const deriveKey = (master: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `unipay/${purpose}`, 32))

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

/** URL-safe random text with `bytes` bytes of entropy. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** Uniform decimal digits, e.g. a six-digit code. */
export const randomDigits = (count: number): string =>
  Array.from({ length: count }, () => randomInt(10).toString()).join('')

// --- sealing: AES-256-GCM, [version 1][nonce 12][tag 16][ciphertext]; the context binds a value to its row ---

export function seal(key: Uint8Array, plaintext: string, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), body])
}

/** Throws when the key, the context or a bit of the text is not the one it was sealed with. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): string {
  const bytes = Buffer.from(sealed)
  if (bytes[0] !== 1 || bytes.length < 29) throw new Error('not a sealed value')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13)).setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(13, 29))
  return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString('utf8')
}

// --- passwords: Argon2id with OWASP's minimum for a server that must also stay up (19 MiB, 2 passes, 1 lane) ---

const argon2Async = promisify(argon2)
const cost = { memory: 19_456, passes: 2, parallelism: 1 }

const digest = (password: string, nonce: Uint8Array, memory: number, passes: number, parallelism: number) =>
  argon2Async('argon2id', { message: password, nonce, memory, passes, parallelism, tagLength: 32 })

const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

/** The PHC string format, so that the cost can be raised later and old hashes still verify. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await digest(password.normalize('NFKC'), nonce, cost.memory, cost.passes, cost.parallelism)
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${b64(nonce)}$${b64(tag)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const match = PHC.exec(phc)
  if (!match) throw new Error('not an argon2id hash')
  const [, memory, passes, lanes, nonce, tag] = match as unknown as [string, string, string, string, string, string]
  const found = await digest(password.normalize('NFKC'), Buffer.from(nonce, 'base64'), +memory, +passes, +lanes)
  return sameBytes(found, Buffer.from(tag, 'base64'))
}
