// From what a program sends with its request to the customer it speaks for. Must stay true: nothing is told about a key
// before its signature is right, but that there is none; a nonce counts once, for all processes and over restarts; a
// frozen or deleted customer's keys stop at once.

import { after, seconds } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { bookOfKey } from '../../base/key-text.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import { personById } from '../people/people.ts'
import { useOnce } from '../signature/use-once.ts'
import { type ApiKeyScope, keyWithSecrets, noteUse } from './api-key.ts'
import { isListed } from './ip-list.ts'

/** How far a request's time may be from ours, either way. */
export const WINDOW = seconds(60)
const SEEN_EVERY = seconds(60)

export interface Presented {
  apiKey: string
  nonce: string
  /** Milliseconds since 1970, in decimal digits. */
  timestamp: string
  /** 64 hex digits. */
  sign: string
}

/** A customer, by a program of theirs. */
export interface Program extends Actor {
  keyId: string
  scopes: readonly ApiKeyScope[]
}

const NONCE = /^[\x21-\x7e]{1,128}$/
const TIMESTAMP = /^[1-9]\d{9,14}$/
const SIGN = /^[0-9a-f]{64}$/

/**
 * Refuses Unauthorized (something is missing), RequestExpired, ApiKeyUnknown, SignatureWrong, IPNotAllowed, PersonFrozen,
 * ScopeMissing, RequestRepeated.
 */
export async function authenticateKey(
  bank: Bank,
  origin: Origin,
  { apiKey, nonce, timestamp, sign }: Presented,
  scope: ApiKeyScope | undefined,
  isSignedWith: (secret: string) => boolean,
): Promise<Program> {
  if (apiKey === '' || !NONCE.test(nonce) || sign === '') throw new Refusal('Unauthorized')
  if (!TIMESTAMP.test(timestamp)) throw new Refusal('RequestExpired', { reason: 'milliseconds since 1970' })
  const now = bank.clock.now()
  const at = new Date(Number.parseInt(timestamp, 10))
  if (Math.abs(now.getTime() - at.getTime()) > WINDOW)
    throw new Refusal('RequestExpired', { reason: `more than ${WINDOW / 1000} seconds from our time` })
  const bookId = bookOfKey(apiKey)
  const found = bookId === undefined ? undefined : await keyWithSecrets(bank, bookId, apiKey, now)
  if (bookId === undefined || !found || found.key.revokedAt) throw new Refusal('ApiKeyUnknown')
  const { key, secrets } = found
  if (!SIGN.test(sign) || !secrets.map(isSignedWith).includes(true)) throw new Refusal('SignatureWrong')
  if (key.expiresAt && key.expiresAt <= now) throw new Refusal('ApiKeyUnknown', { reason: 'the key has expired' })
  if (key.ips.length > 0 && !isListed(key.ips, origin.ip)) throw new Refusal('IPNotAllowed')
  const person = await personById(bank, bookId, key.personId)
  if (person?.status !== 'active') throw new Refusal('PersonFrozen')
  if (scope !== undefined && !key.scopes.includes(scope)) throw new Refusal('ScopeMissing', { scope })
  if (!(await useOnce(bank.db, bookId, 'spot', key.id, nonce, after(at, WINDOW)))) throw new Refusal('RequestRepeated')
  if (!key.lastUsedAt || now.getTime() - key.lastUsedAt.getTime() > SEEN_EVERY)
    await noteUse(bank.db, bookId, key.id, origin.ip, now, after(now, -SEEN_EVERY))
  return {
    ...origin,
    bookId,
    personId: person.id,
    personNo: person.no,
    sessionId: '',
    keyId: key.id,
    scopes: key.scopes,
  }
}

/** Whether a connection that a key opened may go on. */
export async function isKeyAlive(bank: Bank, { bookId, keyId, personId, ip }: Program): Promise<boolean> {
  const now = bank.clock.now()
  const [found, person] = await Promise.all([
    keyWithSecrets(bank, bookId, keyId, now),
    personById(bank, bookId, personId),
  ])
  if (!found || found.key.revokedAt || person?.status !== 'active') return false
  const { expiresAt, ips } = found.key
  return (expiresAt === null || expiresAt > now) && (ips.length === 0 || isListed(ips, ip))
}
