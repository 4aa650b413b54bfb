// Orders and partners of the ramp as operators see them: with names and bank accounts, the timeline, and what was asked.
// Must stay true: who looked at which is in the audit log before it is shown.

import type { Bank } from '../context.ts'
import { type Approval, approvalById } from '../operator/approval.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import type { Person } from '../people/people.ts'
import { type Partner, partnerById } from './partner.ts'
import { callbackKey } from './partner-callback.ts'
import { keysOf, type PartnerKey } from './partner-key.ts'
import { personOf, type RampCustomer, rampCustomerById } from './ramp-customer.ts'
import { type RampEvent, type RampOrder, rampEvents, rampOrderById } from './ramp-order.ts'

export interface RampDossier {
  order: RampOrder
  partner: Partner
  customer: RampCustomer
  person: Person | undefined
  events: RampEvent[]
  approval: Approval | null
}

/** Refuses `NotFound`. */
export async function seeRampOrder(bank: Bank, operator: Operator, id: string): Promise<RampDossier> {
  const { bookId } = operator
  const order = await rampOrderById(bank, bank.db, bookId, id)
  const people = [`U${order.person_no}`]
  await logAudit(bank, bank.db, operator, { action: 'order.seen', subject: `ramp:${id}`, data: { people } })
  const customer = await rampCustomerById(bank, bank.db, bookId, order.customer_id)
  const [partner, person, events, approval] = await Promise.all([
    partnerById(bank.db, bookId, order.partner_id),
    personOf(bank, bookId, customer),
    rampEvents(bank.db, bookId, id),
    order.approval_id === null ? null : approvalById(bank, bookId, order.approval_id),
  ])
  return { order, partner, customer, person, events, approval }
}

/** Refuses `NotFound`. */
export async function seePartner(
  bank: Bank,
  bookId: number,
  id: string,
): Promise<{ partner: Partner; keys: PartnerKey[]; callbackKey: string | null }> {
  const partner = await partnerById(bank.db, bookId, id)
  const keys = await keysOf(bank.db, bookId, id)
  return { partner, keys, callbackKey: await callbackKey(bank, bookId, partner) }
}
