// The types of events as receivers of webhooks know them, what of the outbox each comes from, and what is sent of one.
// Must stay true: a published type keeps its name; the same event gives the same bytes at every attempt.

import { Refusal } from '../../base/errors.ts'
import { withWireIds } from '../notice/event-ids.ts'

type Data = Readonly<Record<string, unknown>>

const same = (...types: string[]) => types.map((type) => ({ type, from: type }))
const under = (from: string, prefix: string, ...ends: string[]) =>
  ends.map((end) => ({ type: `${prefix}.${end}`, from }))

const table: readonly { type: string; from: string }[] = [
  ...same('deposit.detected', 'deposit.credited', 'deposit.orphaned', 'deposit.reversed'),
  ...same('transfer.completed', 'transfer.internal'),
  ...same(
    'withdrawal.submitted',
    'withdrawal.verification',
    'withdrawal.review',
    'withdrawal.approved',
    'withdrawal.broadcast',
  ),
  ...same('withdrawal.confirming', 'withdrawal.confirmed', 'withdrawal.failed', 'withdrawal.rejected'),
  ...same('withdrawal.cancelled'),
  ...same('remittance.submitted', 'remittance.review', 'remittance.processing', 'remittance.completed'),
  ...same('remittance.failed', 'remittance.rejected', 'remittance.returned'),
  ...same('recipient.approved', 'recipient.rejected'),
  { type: 'card.account.updated', from: 'card.account' },
  ...under('card.status', 'card', 'activated', 'updated'),
  ...under('card.transaction', 'card.transaction', 'approved', 'declined', 'pending'),
  ...under('card.topup', 'card.topup', 'held', 'uncertain', 'sent', 'completed', 'failed'),
  ...same('node.bought', 'cashback.paid', 'commission.paid', 'commission.reversed', 'yield.paid', 'level.changed'),
  ...same('kyc.updated'),
  ...same('ramp.order.updated'),
  ...same('ping'),
]

/** Every type that can be asked for. */
export const webhookTypes: readonly string[] = table.map(({ type }) => type)

/** The type that receivers read. One that a newer release wrote is told by its own name. */
export function publicType(from: string, data: Data): string {
  const status = typeof data.status === 'string' ? data.status.toLowerCase() : ''
  if (from === 'card.account') return 'card.account.updated'
  if (from === 'card.status') return status === 'active' ? 'card.activated' : 'card.updated'
  if (from === 'card.transaction' || from === 'card.topup') return `${from}.${status}`
  return from
}

const MOST_TYPES = 40
const fits = (name: string, type: string) => (name.endsWith('.*') ? type.startsWith(name.slice(0, -1)) : type === name)

/** Names of types, or of groups such as `card.*`, as an owner gives them; null and an empty list mean all. */
export function readTypes(names: readonly string[] | null, pointer = '/types'): string[] | null {
  if (names === null || names.length === 0) return null
  if (names.length > MOST_TYPES) throw new Refusal('InvalidParams', { pointer, reason: `at most ${MOST_TYPES}` })
  for (const [i, name] of names.entries()) {
    if (!webhookTypes.some((type) => fits(name, type)))
      throw new Refusal('InvalidParams', { pointer: `${pointer}/${i}`, reason: 'no event has this type' })
  }
  return [...new Set(names)]
}

/** What of the outbox can become one of these types. */
export const outboxTypesOf = (names: readonly string[] | null): string[] | null =>
  names && [...new Set(table.flatMap(({ type, from }) => (names.some((name) => fits(name, type)) ? [from] : [])))]

/** A test is sent whatever was asked for. */
export const isWanted = (names: readonly string[] | null, type: string): boolean =>
  names === null || type === 'ping' || names.some((name) => fits(name, type))

/** What a receiver reads of an event. */
export const payloadOf = (type: string, data: Data, happenedAt: Date) => ({
  type: publicType(type, data),
  timestamp: happenedAt.toISOString(),
  data: withWireIds(type, data),
})
