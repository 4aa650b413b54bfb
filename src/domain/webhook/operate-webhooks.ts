// Webhooks as operators look after them: which endpoints there are and how they are, what was sent, and sending it again.
// Must stay true: who looked at what was sent, or changed something, is in the audit log; a customer's key and address are
// the customer's own affair; where a partner's events go is decided by an approval, not here.

import { seal } from '../../base/crypto.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { type AuditAction, logAudit } from '../operator/audit-log.ts'
import { addPing, type DeliveryRow, deliveryById, resendDelivery, resendFailed } from './delivery.ts'
import {
  changeEndpoint,
  type EndpointRow,
  type EndpointWithKey,
  endpointById,
  mailContext,
  removeEndpoint,
  rotateSecret,
} from './endpoint.ts'
import { requireActive } from './own-webhooks.ts'

/** Finds the endpoint, does the work and notes it, in one transaction. */
function noted<R>(
  bank: Bank,
  operator: Operator,
  id: string,
  action: AuditAction,
  data: Readonly<Record<string, unknown>>,
  work: (tx: Tx, row: EndpointRow) => Promise<R>,
): Promise<R> {
  return bank.db.transaction(async (tx) => {
    const row = await endpointById(tx, operator.bookId, undefined, id)
    const result = await work(tx, row)
    await logAudit(bank, tx, operator, { action, subject: `webhook:${id}`, data: { owner: row.owner, ...data } })
    return result
  })
}

const isCustomers = ({ owner }: EndpointRow) => owner.startsWith('person:')

export interface OperatorChange {
  enabled?: boolean | undefined
  description?: string | undefined
  /** Of who hears that it was disabled. */
  mail?: string | undefined
}

/** Of a customer's endpoint operators change nothing but whether it is asked. */
export const changeByOperator = (
  bank: Bank,
  operator: Operator,
  id: string,
  { enabled, description, mail }: OperatorChange,
  reason: string,
): Promise<EndpointRow> =>
  noted(
    bank,
    operator,
    id,
    'webhook.changed',
    { enabled, description, mail: mail !== undefined, reason },
    async (tx, row) => {
      if (isCustomers(row) && (description !== undefined || mail !== undefined)) throw new Refusal('Forbidden')
      if (mail !== undefined) {
        await tx.query(
          'webhook-endpoint-mail',
          'update webhook_endpoints set mail_sealed = $3 where book_id = $1 and id = $2',
          [operator.bookId, id, mail === '' ? null : seal(bank.keys.personal, mail, mailContext(operator.bookId, id))],
        )
      }
      return changeEndpoint(bank, tx, operator.bookId, row, { enabled, description }, 'operator')
    },
  )

/** A new key, shown this once; the one before signs beside it for a day. Refuses Forbidden for a customer's. */
export const rotateByOperator = (bank: Bank, operator: Operator, id: string): Promise<EndpointWithKey> =>
  noted(bank, operator, id, 'webhook.key_made', {}, async (tx, row) => {
    if (isCustomers(row)) throw new Refusal('Forbidden')
    return rotateSecret(bank, tx, operator.bookId, row)
  })

export const removeByOperator = (bank: Bank, operator: Operator, id: string, reason: string): Promise<void> =>
  noted(bank, operator, id, 'webhook.removed', { reason }, async (tx, row) => {
    if (isCustomers(row)) throw new Refusal('Forbidden')
    await removeEndpoint(tx, operator.bookId, row.id)
  })

export const pingByOperator = (bank: Bank, operator: Operator, id: string): Promise<DeliveryRow> =>
  noted(bank, operator, id, 'webhook.sent', { what: 'ping' }, async (tx, row) => {
    requireActive(row)
    return addPing(tx, operator.bookId, row.id, bank.clock.now())
  })

export const resendByOperator = (bank: Bank, operator: Operator, id: string, eventId: string): Promise<DeliveryRow> =>
  noted(bank, operator, id, 'webhook.sent', { event: eventId }, async (tx, row) => {
    requireActive(row)
    return resendDelivery(tx, operator.bookId, row.id, eventId, bank.clock.now())
  })

/** All that was given up since an instant. Answers how many. */
export const resendFailedByOperator = (bank: Bank, operator: Operator, id: string, since: Date): Promise<number> =>
  noted(bank, operator, id, 'webhook.sent', { failedSince: since.toISOString() }, async (tx, row) => {
    requireActive(row)
    return resendFailed(tx, operator.bookId, row.id, since, bank.clock.now())
  })

/** What was sent, with every attempt. */
export const seeDelivery = (bank: Bank, operator: Operator, id: string, eventId: string) =>
  noted(bank, operator, id, 'webhook.seen', { event: eventId }, (tx, row) =>
    deliveryById(tx, operator.bookId, row.id, eventId),
  )
