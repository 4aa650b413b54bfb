// What customers do with the keys of their programs: make, give a new secret, change, revoke.
// Must stay true: whatever widens what a program may do is proved as a payment is; a secret leaves once, in the answer to
// the request that made it; every change is in the security log, and the owner hears of it.

import { after, days, hours } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { newKeyName, newKeySecret } from '../../base/key-text.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import { logSecurity, tellPerson } from '../notice/security-log.ts'
import { authorizePayment, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { ownPerson, type Person } from '../people/people.ts'
import {
  type ApiKey,
  apiKeyScopes,
  apiKeysOf,
  insertApiKey,
  lockApiKey,
  replaceSecret,
  revokeApiKeys,
  updateApiKey,
} from './api-key.ts'
import { readIpList } from './ip-list.ts'

const MOST = 20
const NAME = 40
/** A key that works from anywhere does not do so for ever. */
export const LONGEST_DAYS = 90
export const OVERLAP_HOURS = 24
const LONGEST_OVERLAP = 72

export interface ApiKeyTerms {
  name: string
  scopes: readonly string[]
  ips?: readonly string[] | undefined
  /** Without one: 90 days from anywhere, no end from a list of addresses. */
  expiresAt?: Date | null | undefined
}

/** A key with its secret, shown this once. */
export interface ShownApiKey {
  key: ApiKey
  secret: string
}

type Terms = Pick<ApiKey, 'name' | 'scopes' | 'ips' | 'expiresAt'>

function readTerms({ name: text, scopes, ips = [], expiresAt }: ApiKeyTerms, now: Date): Terms {
  const refuse = (pointer: string, reason: string) => new Refusal('InvalidParams', { pointer, reason })
  const name = text.normalize('NFC').trim()
  if (name === '' || [...name].length > NAME) throw refuse('/name', `1 to ${NAME} characters`)
  const known = apiKeyScopes.filter((scope) => scopes.includes(scope))
  if (known.length === 0 || known.length !== new Set(scopes).size)
    throw refuse('/scopes', `at least one of ${apiKeyScopes.join(', ')}`)
  const list = readIpList(ips)
  const longest = after(now, days(LONGEST_DAYS))
  const end = expiresAt === undefined ? (list.length > 0 ? null : longest) : expiresAt
  if (end && end <= now) throw refuse('/expires_at', 'lies in the past')
  if (list.length === 0 && (end === null || end > longest))
    throw refuse('/expires_at', `at most ${LONGEST_DAYS} days without a list of addresses`)
  return { name, scopes: known, ips: list, expiresAt: end }
}

/** The actor's, newest first. */
export const ownApiKeys = (bank: Bank, actor: Pick<Actor, 'bookId' | 'personNo'>): Promise<ApiKey[]> =>
  apiKeysOf(bank.db, actor.bookId, actor.personNo)

/** Refuses InvalidParams, ApiKeyListFull, and what proves a payment. */
export async function createApiKey(
  bank: Bank,
  actor: Actor,
  terms: ApiKeyTerms,
  proof: PaymentProof,
): Promise<ShownApiKey> {
  readTerms(terms, bank.clock.now()) // before a TOTP code is used up in vain
  await authorizePayment(bank, actor, proof)
  return issueApiKey(bank, await ownPerson(bank, actor), terms, actor)
}

/** Makes a key for a customer whose word is known otherwise: the command line, the sandbox. */
export async function issueApiKey(
  bank: Bank,
  person: Person,
  terms: ApiKeyTerms,
  origin: Pick<Origin, 'ip' | 'userAgent'>,
): Promise<ShownApiKey> {
  const at = bank.clock.now()
  const { bookId, no: personNo, id: personId } = person
  const read = readTerms(terms, at)
  const mode = bank.config.UNIPAY_MODE === 'live' ? 'live' : 'test'
  const secret = newKeySecret(mode)
  return bank.db.transaction(async (tx) => {
    if ((await apiKeysOf(tx, bookId, personNo)).length >= MOST) throw new Refusal('ApiKeyListFull', { maximum: MOST })
    const id = newKeyName(mode, bookId)
    const key = await insertApiKey(bank, tx, bookId, { id, personNo, personId, secret, ...read }, at)
    await logSecurity(tx, at, bookId, personId, 'api_key_created', origin)
    await tellPerson(bank, tx, person, 'api_key_created', { name: key.name, scopes: key.scopes.join(', ') })
    return { key, secret }
  })
}

/** A new secret; the one before counts for some hours more, so that programs can go over. Refuses `NotFound`. */
export async function rotateApiKey(
  bank: Bank,
  actor: Actor,
  id: string,
  overlapHours: number,
  proof: PaymentProof,
): Promise<ShownApiKey> {
  if (!(overlapHours >= 0 && overlapHours <= LONGEST_OVERLAP))
    throw new Refusal('InvalidParams', { pointer: '/overlap_hours', reason: `0 to ${LONGEST_OVERLAP}` })
  await ownKey(bank, actor, id) // before a TOTP code is used up in vain
  await authorizePayment(bank, actor, proof)
  return reissueSecret(bank, await ownPerson(bank, actor), id, overlapHours, actor)
}

/** As `issueApiKey`. */
export async function reissueSecret(
  bank: Bank,
  person: Person,
  id: string,
  overlapHours: number,
  origin: Pick<Origin, 'ip' | 'userAgent'>,
): Promise<ShownApiKey> {
  const { bookId } = person
  const secret = newKeySecret(bank.config.UNIPAY_MODE === 'live' ? 'live' : 'test')
  return bank.db.transaction(async (tx) => {
    await lockApiKey(tx, bookId, person.no, id)
    const at = bank.clock.now()
    const until = overlapHours > 0 ? after(at, hours(overlapHours)) : null
    const key = await replaceSecret(bank, tx, bookId, id, secret, until, at)
    await logSecurity(tx, at, bookId, person.id, 'api_key_rotated', origin)
    await tellPerson(bank, tx, person, 'api_key_rotated', { name: key.name })
    return { key, secret }
  })
}

/** Refuses `NotFound`, `InvalidParams`. What is left out stays. */
export async function changeApiKey(
  bank: Bank,
  actor: Actor,
  id: string,
  change: Partial<ApiKeyTerms>,
  proof: PaymentProof,
): Promise<ApiKey> {
  const merged = (key: ApiKey) => readTerms({ ...termsOf(key), ...given(change) }, bank.clock.now())
  merged(await ownKey(bank, actor, id))
  await authorizePayment(bank, actor, proof)
  const person = await ownPerson(bank, actor)
  const { bookId, personId } = actor
  return bank.db.transaction(async (tx) => {
    const key = await lockApiKey(tx, bookId, actor.personNo, id)
    const changed = await updateApiKey(tx, bookId, { id, ...merged(key) })
    await logSecurity(tx, bank.clock.now(), bookId, personId, 'api_key_changed', actor)
    await tellPerson(bank, tx, person, 'api_key_changed', { name: changed.name, scopes: changed.scopes.join(', ') })
    return changed
  })
}

const termsOf = ({ name, scopes, ips, expiresAt }: ApiKey): ApiKeyTerms => ({ name, scopes, ips, expiresAt })
const given = (change: Partial<ApiKeyTerms>) =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

async function ownKey(bank: Bank, actor: Actor, id: string): Promise<ApiKey> {
  const key = (await ownApiKeys(bank, actor)).find((one) => one.id === id)
  if (!key) throw new Refusal('NotFound')
  return key
}

/** Ends a key at once; nobody has to prove anything to stop something. Refuses `NotFound`. */
export async function revokeApiKey(
  bank: Bank,
  person: Person,
  id: string,
  origin: Pick<Origin, 'ip' | 'userAgent'>,
  reason: 'by_customer' | 'by_operator' = 'by_customer',
): Promise<void> {
  await bank.db.transaction(async (tx) => {
    const at = bank.clock.now()
    const { name } = await lockApiKey(tx, person.bookId, person.no, id)
    await revokeApiKeys(tx, person.bookId, person.id, reason, at, id)
    await logSecurity(tx, at, person.bookId, person.id, 'api_key_revoked', origin)
    await tellPerson(bank, tx, person, 'api_key_revoked', { name })
  })
}
