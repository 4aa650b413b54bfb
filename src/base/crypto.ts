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

function prepare(key: Uint8Array): KeyObject {
  let secret = prepared.get(key)
  if (!secret) {
    secret = createSecretKey(key)
    prepared.set(key, secret)
  }
  return secret
}

export const hmacSha256 = (key: Uint8Array, data: string | Uint8Array): Buffer =>
  createHmac('sha256', prepare(key)).update(data).digest()

/** A 32-byte key for one purpose out of the installation's master secret. */
export const deriveKey = (master: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `unipay/${purpose}`, 32))

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

/** A key for one thing alone, such as a file. */
export const randomKey = (): Buffer => randomBytes(32)

/** URL-safe random text with `bytes` bytes of entropy. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** Uniform decimal digits, e.g. a six-digit code. */
export const randomDigits = (count: number): string =>
  Array.from({ length: count }, () => randomInt(10).toString()).join('')

// --- sealing: AES-256-GCM, [number of the key][nonce 12][tag 16][ciphertext]; the context binds a value to its row ---

/** Keys by number, 1 to 255, of which one seals and all open: so that a key can be replaced while the bank runs. */
export interface KeyRing {
  readonly current: number
  readonly keys: ReadonlyMap<number, Uint8Array>
}

/** A key by itself is number 1. */
type SealingKey = Uint8Array | KeyRing

const ringOf = (key: SealingKey): KeyRing =>
  key instanceof Uint8Array ? { current: 1, keys: new Map([[1, key]]) } : key

export const seal = (key: SealingKey, plaintext: string, context: string): Buffer =>
  sealBytes(key, Buffer.from(plaintext, 'utf8'), context)

export function sealBytes(key: SealingKey, plaintext: Uint8Array, context: string): Buffer {
  const { current, keys } = ringOf(key)
  const secret = keys.get(current)
  if (!secret) throw new Error(`there is no key ${current} to seal with`)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', prepare(secret), nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([Buffer.of(current), nonce, cipher.getAuthTag(), body])
}

/** Throws when the key, the context or a bit of the text is not the one it was sealed with. */
export const unseal = (key: SealingKey, sealed: Uint8Array, context: string): string =>
  unsealBytes(key, sealed, context).toString('utf8')

export function unsealBytes(key: SealingKey, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed)
  const number = bytes[0]
  if (number === undefined || bytes.length < 29) throw new Error('not a sealed value')
  const secret = ringOf(key).keys.get(number)
  if (!secret) throw new Error(`not a sealed value, or sealed with key ${number}, which is not here`)
  const decipher = createDecipheriv('aes-256-gcm', prepare(secret), bytes.subarray(1, 13)).setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(13, 29))
  return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()])
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
