// A customer's own webhooks: what of them needs a proof that it is the customer, and what the customer hears of.
// Must stay true: whoever only has a session cannot send what happens to an account somewhere else; that an endpoint was
// added is told where its owner looks.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { logSecurity, tellPerson } from '../notice/security-log.ts'
import { authorizePayment, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { ownPerson } from '../people/people.ts'
import { addPing, type DeliveryRow, resendDelivery } from './delivery.ts'
import {
  addEndpoint,
  changeEndpoint,
  type EndpointChange,
  type EndpointRow,
  type EndpointWithKey,
  endpointById,
  type NewEndpoint,
  removeEndpoint,
  rotateSecret,
  type WebhookOwner,
} from './endpoint.ts'
import { readEndpointUrl } from './endpoint-url.ts'

export const ownerOf = ({ personNo }: Pick<Actor, 'personNo'>): WebhookOwner => `person:${personNo}`

export const ownEndpoint = (bank: Bank, actor: Actor, id: string): Promise<EndpointRow> =>
  endpointById(bank.db, actor.bookId, ownerOf(actor), id)

/** Refuses what addEndpoint refuses, and what proving refuses. */
export async function addOwnEndpoint(
  bank: Bank,
  actor: Actor,
  input: Omit<NewEndpoint, 'owner' | 'mail'>,
  proof: PaymentProof,
): Promise<EndpointWithKey> {
  const { bookId, personId } = actor
  const url = readEndpointUrl(bank, input.url) // before a TOTP code is used up in vain
  await authorizePayment(bank, actor, proof)
  const person = await ownPerson(bank, actor)
  return bank.db.transaction(async (tx) => {
    const made = await addEndpoint(bank, tx, bookId, { ...input, url, owner: ownerOf(actor) })
    await logSecurity(tx, bank.clock.now(), bookId, personId, 'webhook_added', actor)
    await tellPerson(bank, tx, person, 'webhook_added', { url: new URL(url).origin })
    return made
  })
}

/** Another address takes a proof as a new endpoint does. */
export async function changeOwnEndpoint(
  bank: Bank,
  actor: Actor,
  id: string,
  change: EndpointChange,
  proof: PaymentProof | undefined,
): Promise<EndpointRow> {
  const { bookId, personId } = actor
  const before = await ownEndpoint(bank, actor, id)
  const moved = change.url !== undefined && readEndpointUrl(bank, change.url) !== before.url
  if (!moved) return changeEndpoint(bank, bank.db, bookId, before, change, 'owner')
  if (!proof) throw new Refusal('InvalidParams', { pointer: '/payment_password', reason: 'another address needs it' })
  await authorizePayment(bank, actor, proof)
  const person = await ownPerson(bank, actor)
  return bank.db.transaction(async (tx) => {
    const after = await changeEndpoint(bank, tx, bookId, before, change, 'owner')
    await logSecurity(tx, bank.clock.now(), bookId, personId, 'webhook_added', actor)
    await tellPerson(bank, tx, person, 'webhook_added', { url: new URL(after.url).origin })
    return after
  })
}

export async function rotateOwnSecret(
  bank: Bank,
  actor: Actor,
  id: string,
  proof: PaymentProof,
): Promise<EndpointWithKey> {
  const row = await ownEndpoint(bank, actor, id)
  await authorizePayment(bank, actor, proof)
  return rotateSecret(bank, bank.db, actor.bookId, row)
}

export async function removeOwnEndpoint(bank: Bank, actor: Actor, id: string): Promise<void> {
  const { bookId, personId } = actor
  const row = await ownEndpoint(bank, actor, id)
  await bank.db.transaction(async (tx) => {
    await removeEndpoint(tx, bookId, row.id)
    await logSecurity(tx, bank.clock.now(), bookId, personId, 'webhook_removed', actor)
  })
}

/** What is asked to be sent is sent soon, or not at all. */
export function requireActive({ status }: EndpointRow): void {
  if (status !== 'active') throw new Refusal('InvalidParams', { reason: 'the endpoint is disabled; enable it first' })
}

export async function pingOwnEndpoint(bank: Bank, actor: Actor, id: string): Promise<DeliveryRow> {
  const row = await ownEndpoint(bank, actor, id)
  requireActive(row)
  return addPing(bank.db, actor.bookId, row.id, bank.clock.now())
}

export async function resendOwn(bank: Bank, actor: Actor, id: string, eventId: string): Promise<DeliveryRow> {
  const row = await ownEndpoint(bank, actor, id)
  requireActive(row)
  return resendDelivery(bank.db, actor.bookId, row.id, eventId, bank.clock.now())
}
