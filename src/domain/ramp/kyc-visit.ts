// How a partner's customer comes to the identity page: by a link that opens once, for one account, into a visit of an hour.
// Must stay true: tokens are kept as hashes; a link opens for the account that it was made for and for no other; a visit
// shows how the check stands and nothing that was said in it; a customer who was here before the partner first proves, by a
// code to their own address, that it is they.

import { after, minutes } from '../../base/clock.ts'
import { randomToken, sha256 } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import { newestChecks } from '../identity/identity-check.ts'
import { rejectionWords, type Words } from '../identity/identity-words.ts'
import { readContact } from '../people/contact.ts'
import { redeemCode, sendCode } from '../sign-in/code.ts'
import {
  customerNamed,
  isSameAccount,
  knownCustomer,
  type Named,
  noteConsent,
  personOf,
  type RampCustomer,
  rampCustomerById,
  speaksFor,
} from './ramp-customer.ts'

const LINK_LASTS = minutes(30)
const VISIT_LASTS = minutes(60)

export interface Ticket {
  token: string
  expiresAt: Date
}

async function issue(bank: Bank, bookId: number, kind: 'link' | 'visit', customerId: string): Promise<Ticket> {
  const now = bank.clock.now()
  const token = `kyc_${randomToken(32)}`
  const expiresAt = after(now, kind === 'link' ? LINK_LASTS : VISIT_LASTS)
  await bank.db.query(
    'ramp-kyc-issue',
    `insert into ramp_kyc_tokens (book_id, token_hash, kind, customer_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
    [bookId, sha256(token), kind, customerId, now, expiresAt],
  )
  return { token, expiresAt }
}

/** A link for one of the partner's accounts; makes the customer where the account is new. */
export async function makeKycLink(bank: Bank, bookId: number, named: Named): Promise<Ticket> {
  return issue(bank, bookId, 'link', (await customerNamed(bank, bookId, named)).id)
}

/** A visit for whoever the partner vouches for by its own signature. */
export async function visitBySignature(bank: Bank, bookId: number, named: Named): Promise<Ticket> {
  return issue(bank, bookId, 'visit', (await customerNamed(bank, bookId, named)).id)
}

/** Opens a link, once. Refuses `Unauthorized` one that is none, was used, has expired, or is of another account. */
export async function visitByLink(
  bank: Bank,
  bookId: number,
  token: string,
  asked: { account: string; source: string },
): Promise<Ticket> {
  const now = bank.clock.now()
  const [link] = await bank.db.query<{ customer_id: string }>(
    'ramp-kyc-link',
    `select customer_id from ramp_kyc_tokens
     where book_id = $1 and token_hash = $2 and kind = 'link' and used_at is null and expires_at > $3`,
    [bookId, sha256(token), now],
  )
  const customer = link && (await rampCustomerById(bank, bank.db, bookId, link.customer_id))
  if (!customer || !isSameAccount(bank, customer.account, asked.account) || customer.source !== asked.source)
    throw new Refusal('Unauthorized')
  const used = await bank.db.query(
    'ramp-kyc-link-use',
    `update ramp_kyc_tokens set used_at = $3 where book_id = $1 and token_hash = $2 and used_at is null returning 1`,
    [bookId, sha256(token), now],
  )
  if (used.length === 0) throw new Refusal('Unauthorized')
  return issue(bank, bookId, 'visit', customer.id)
}

export interface Visit {
  customer: RampCustomer
  actor: Actor
}

/** Refuses `Unauthorized`. */
export async function visitOf(bank: Bank, bookId: number, token: string, origin: Origin): Promise<Visit> {
  const hash = sha256(token)
  const [row] = await bank.db.query<{ customer_id: string }>(
    'ramp-kyc-visit',
    `select customer_id from ramp_kyc_tokens where book_id = $1 and token_hash = $2 and kind = 'visit' and expires_at > $3`,
    [bookId, hash, bank.clock.now()],
  )
  if (!row) throw new Refusal('Unauthorized')
  const customer = await rampCustomerById(bank, bank.db, bookId, row.customer_id)
  const { person_id: personId, person_no: personNo } = customer
  return { customer, actor: { ...origin, bookId, personId, personNo, sessionId: customer.id } }
}

/** `confirm`: the customer is to prove first that it is they. */
export type KycStep = 'confirm' | 'form' | 'pending' | 'approved' | 'rejected'

export interface KycState {
  step: KycStep
  words: { why: Words; next: Words } | undefined
}

export async function stateOfVisit(bank: Bank, bookId: number, { customer }: Visit): Promise<KycState> {
  if (!speaksFor(customer)) return { step: 'confirm', words: undefined }
  const { basic } = await newestChecks(bank.db, bookId, customer.person_id)
  if (!basic) return { step: 'form', words: undefined }
  return { step: basic.status, words: rejectionWords(basic.reason) }
}

/** What the visit may do for the customer's identity; refuses `Forbidden` before it is proved whose it is. */
export function actorOfVisit({ customer, actor }: Visit): Actor {
  if (!speaksFor(customer)) throw new Refusal('Forbidden', { reason: 'confirm by code first' })
  return actor
}

export async function sendVisitCode(bank: Bank, { customer }: Visit, origin: Origin): Promise<void> {
  if (!customer.reachable || speaksFor(customer)) throw new Refusal('Outdated')
  await sendCode(bank, origin, { contact: customer.account, kind: 'email' }, 'partner')
}

/** The customer lets the partner act for them. Refuses `CodeWrong`. */
export async function confirmVisit(
  bank: Bank,
  bookId: number,
  { customer, actor }: Visit,
  code: string,
): Promise<void> {
  if (!customer.reachable || speaksFor(customer)) throw new Refusal('Outdated')
  const { index } = readContact(bank, { contact: customer.account, kind: 'email' })
  await redeemCode(bank, actor.ip, bookId, index, 'partner', code)
  await noteConsent(bank.db, bookId, customer.id, bank.clock.now())
}

/** How an account's check stands, as its partner may know it; `unknown` for whoever it does not speak for. */
export async function identityOf(
  bank: Bank,
  bookId: number,
  named: Named,
): Promise<'unknown' | 'none' | 'pending' | 'approved' | 'rejected'> {
  const customer = await knownCustomer(bank, bank.db, bookId, named)
  if (!customer || !speaksFor(customer)) return 'unknown'
  return (await personOf(bank, bookId, customer))?.kycStatus ?? 'unknown'
}

export const forgetKycTokens = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('expired-kyc-tokens', 'delete from ramp_kyc_tokens where book_id = $1 and expires_at < $2', [bookId, before])
