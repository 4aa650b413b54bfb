// The platform API's scheme: RSA-2048 in blocks of 245 bytes (PKCS#1 v1.5), signed with SHA-256 over the MD5 of the text;
// and the plain form of one endpoint, an MD5 with a shared secret at its end.
// Pure functions of bytes. Must stay true: a block that is padded wrongly is opened into something all the same, in the
// same time, and told from a right one by the signature alone (else whoever can send blocks learns what is in others').

import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import { sameBytes } from '../../base/crypto.ts'

const BITS = 2_048
export const BLOCK = 256
/** What fits into a block: 00 02, eight bytes of padding or more, 00, text. */
export const CHUNK = 245

// --- Base64 as it comes: both alphabets, with padding or without; nothing else ---

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Undefined for what is no Base64. */
export function readBase64(text: string): Buffer | undefined {
  const bare = text.replace(/=+$/, '')
  return BASE64.test(text) && bare.length % 4 !== 1 ? Buffer.from(bare, 'base64') : undefined
}

// --- keys: DER in Base64, PKCS#8 and X.509, as the scheme passes them on ---

export interface KeyPair {
  /** X.509, DER in URL-safe Base64. */
  publicKey: string
  /** PKCS#8, likewise. */
  privateKey: string
}

const makePair = promisify(generateKeyPair)

export async function newKeyPair(): Promise<KeyPair> {
  const made = await makePair('rsa', {
    modulusLength: BITS,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  return { publicKey: made.publicKey.toString('base64url'), privateKey: made.privateKey.toString('base64url') }
}

export const privateKeyOf = (text: string): KeyObject =>
  createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })
export const publicKeyOf = (text: string): KeyObject =>
  createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })

/** One spelling of an RSA-2048 public key, from PEM or from DER in Base64. Undefined for anything else. */
export function readPublicKey(text: string): string | undefined {
  const bare = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '')
  const der = readBase64(bare)
  if (!der) return undefined
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {}
    const fits = key.asymmetricKeyType === 'rsa' && modulusLength === BITS && publicExponent === 65_537n
    return fits ? key.export({ type: 'spki', format: 'der' }).toString('base64url') : undefined
  } catch {
    return undefined
  }
}

// --- blocks ---

/** The text in blocks, each with padding of its own, one by one: a block takes its time. */
export function* encryptedBlocks(key: KeyObject, text: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < text.length; at += CHUNK) {
    yield publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, text.subarray(at, at + CHUNK))
  }
}

/** `data`: the blocks in URL-safe Base64. */
export const encryptText = (key: KeyObject, text: Uint8Array): string =>
  Buffer.concat([...encryptedBlocks(key, text)]).toString('base64url')

export interface Opened {
  text: Buffer
  /** 0 when the padding is right. */
  wrong: number
}

/** Stands in for a block that is no number below the modulus, so that it takes as long. */
const STAND_IN = Buffer.alloc(BLOCK, 1)

/**
 * One block. The padding is taken off without a branch on what is in it; where it is wrong the last 245 bytes are the text.
 * A number above the modulus is wrong by itself, which its sender knew before.
 */
export function openBlock(key: KeyObject, block: Uint8Array): Opened {
  let beyond = 0
  let bytes: Buffer
  try {
    bytes = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block)
  } catch {
    beyond = 1
    bytes = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, STAND_IN)
  }
  const { start, wrong } = unpad(bytes)
  return { text: bytes.subarray(start), wrong: wrong | beyond }
}

/** Where the text begins, worked out over all bytes alike. */
function unpad(bytes: Uint8Array): { start: number; wrong: number } {
  const byte = (i: number) => bytes[i] ?? 0
  let bad = byte(0) | (byte(1) ^ 2)
  let end = 0 // of the padding: the first zero byte behind the head
  let found = 0 // all ones once it is there
  for (let i = 2; i < BLOCK; i++) {
    const isZero = (byte(i) - 1) >> 31
    end |= i & isZero & ~found
    found |= isZero
  }
  bad |= ~found & 1
  bad |= (end - 10) >>> 31 // fewer than eight bytes of padding
  bad |= (254 - end) >>> 31 // nothing behind it: a block that says nothing is not sent
  const wrong = ((bad | -bad) >>> 31) & 1
  const start = ((end + 1) & (wrong - 1)) | ((BLOCK - CHUNK) & -wrong)
  return { start, wrong }
}

// --- signatures ---

/** What is signed: the MD5 of the text as 32 lower-case hex digits. */
export const platformBase = (text: Uint8Array): string => createHash('md5').update(text).digest('hex')

/** `sign`, in URL-safe Base64. */
export const signText = (key: KeyObject, text: Uint8Array): string =>
  sign('RSA-SHA256', Buffer.from(platformBase(text)), key).toString('base64url')

export const verifyText = (key: KeyObject, text: Uint8Array, signature: Uint8Array): boolean =>
  verify('RSA-SHA256', Buffer.from(platformBase(text)), key, signature)

// --- the plain form ---

/**
 * Names and values in the order of the names, empty values left out, nothing between them. Two requests could have one
 * such text were values free; they are held to their forms before this is asked (see the endpoint's schema).
 */
export const plainBase = (params: Readonly<Record<string, string>>): string =>
  Object.entries(params)
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat()
    .join('')

/** 32 lower-case hex digits. */
export const plainSign = (base: string, secret: string): string =>
  createHash('md5')
    .update(base + secret)
    .digest('hex')

export const verifyPlain = (params: Readonly<Record<string, string>>, signature: string, secret: string): boolean =>
  sameBytes(Buffer.from(signature), Buffer.from(plainSign(plainBase(params), secret)))
