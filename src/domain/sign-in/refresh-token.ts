// Refresh tokens: opaque to their holder, worked out from the session, its secret seed and a generation.
// Must stay true: neither the database alone nor the key alone can make one; every generation ever given out is
// recognised as ours, so that an old one that comes back is known for what it is.

import { hmacSha256, sameBytes } from '../../base/crypto.ts'
import type { Bank } from '../context.ts'

export interface RefreshClaims {
  bookId: number
  sessionId: string
  generation: number
}

const VERSION = 1
const HEAD = 25 // version 1, book 4, session 16, generation 4
const MAC = 32

function headOf({ bookId, sessionId, generation }: RefreshClaims): Buffer {
  const head = Buffer.alloc(HEAD)
  head.writeUInt8(VERSION, 0)
  head.writeUInt32BE(bookId, 1)
  head.write(sessionId.replaceAll('-', ''), 5, 'hex')
  head.writeUInt32BE(generation, 21)
  return head
}

const macOf = (bank: Bank, head: Buffer, seed: Buffer) =>
  hmacSha256(bank.keys.oneTimeCode, Buffer.concat([Buffer.from('refresh'), seed, head]))

export function refreshTokenOf(bank: Bank, claims: RefreshClaims, seed: Buffer): string {
  const head = headOf(claims)
  return Buffer.concat([head, macOf(bank, head, seed)]).toString('base64url')
}

/** What a token claims, before it is proved. Undefined for what cannot be one of ours. */
export function readRefreshToken(token: string): RefreshClaims | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== HEAD + MAC || bytes[0] !== VERSION || bytes.toString('base64url') !== token) return undefined
  const hex = bytes.toString('hex', 5, 21)
  const sessionId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  const [bookId, generation] = [bytes.readUInt32BE(1), bytes.readUInt32BE(21)]
  // larger ones never were: they would not fit the column
  return bookId > 0x7fffffff || generation > 0x7fffffff ? undefined : { bookId, sessionId, generation }
}

export const isRefreshTokenOf = (bank: Bank, token: string, claims: RefreshClaims, seed: Buffer): boolean =>
  sameBytes(Buffer.from(token, 'base64url').subarray(HEAD), macOf(bank, headOf(claims), seed))
