// Access tokens: short-lived JWTs, HS256 and nothing else, for one audience.
// Must stay true: a token has one spelling; what is not exactly as we sign it is refused before it is looked at.

import { createSigner, createVerifier } from 'fast-jwt'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { perBank } from '../per-bank.ts'

export interface AccessClaims {
  bookId: number
  personId: string
  personNo: bigint
  sessionId: string
}

export const ACCESS_SECONDS = 15 * 60
const ISSUER = 'unipay'
const AUDIENCE = 'unipay-app'
const TYPE = 'at+jwt'
const REMEMBERED = 20_000

interface Remembered {
  claims: AccessClaims
  notBefore: number
  expires: number
}

const tokens = perBank((bank) => ({
  sign: createSigner({ key: bank.keys.accessToken, algorithm: 'HS256', header: { alg: 'HS256', typ: TYPE } }),
  verify: createVerifier({
    key: bank.keys.accessToken,
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    checkTyp: TYPE,
    requiredClaims: ['iss', 'aud', 'sub', 'sid', 'book', 'no', 'iat', 'exp'],
    // times are compared below, by the bank's clock
    ignoreExpiration: true,
    ignoreNotBefore: true,
  }) as (token: string) => Record<string, unknown>,
  remembered: new Map<string, Remembered>(),
}))

const secondsOf = (instant: Date) => Math.floor(instant.getTime() / 1000)

export function signAccessToken(bank: Bank, { bookId, personId, personNo, sessionId }: AccessClaims): string {
  const now = secondsOf(bank.clock.now())
  return tokens(bank).sign({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: personId,
    sid: sessionId,
    book: bookId,
    no: String(personNo),
    iat: now,
    exp: now + ACCESS_SECONDS,
  })
}

/** What a token says, if it is ours and its time is now. Refuses (`Unauthorized`) everything else alike. */
export function readAccessToken(bank: Bank, token: string): AccessClaims {
  const { remembered } = tokens(bank)
  let known = remembered.get(token)
  if (!known) {
    known = verifyAccessToken(bank, token)
    if (remembered.size >= REMEMBERED) {
      const oldest = remembered.keys().next().value
      if (oldest !== undefined) remembered.delete(oldest)
    }
    remembered.set(token, known)
  }
  const now = secondsOf(bank.clock.now())
  if (now >= known.expires) {
    remembered.delete(token)
    throw new Refusal('Unauthorized')
  }
  // another machine's clock may be a little ahead of ours
  if (now + 5 < known.notBefore) throw new Refusal('Unauthorized')
  return known.claims
}

function verifyAccessToken(bank: Bank, token: string): Remembered {
  if (token.length > 2048 || !isCanonical(token)) throw new Refusal('Unauthorized')
  let claims: Record<string, unknown>
  try {
    claims = tokens(bank).verify(token)
  } catch {
    throw new Refusal('Unauthorized')
  }
  const { sub, sid, book, no, iat, nbf, exp } = claims
  const isBook = typeof book === 'number' && Number.isInteger(book) && book > 0 && book <= 0x7fffffff
  if (!isId(sub) || !isId(sid) || !isBook || typeof no !== 'string' || !/^[1-9]\d{4,17}$/.test(no)) {
    throw new Refusal('Unauthorized')
  }
  if (typeof iat !== 'number' || typeof exp !== 'number') throw new Refusal('Unauthorized')
  return {
    claims: { bookId: book, personId: sub, personNo: BigInt(no), sessionId: sid },
    notBefore: Math.max(iat, typeof nbf === 'number' ? nbf : 0),
    expires: exp,
  }
}

/** Base64 decoders let several texts stand for the same bytes; only the one that an encoder writes is ours. */
const isCanonical = (token: string): boolean => {
  const parts = token.split('.')
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}
