// What operators did, saw and were refused: append-only, each row hashed on top of the one before, its head written down
// outside the database. Must stay true: a row is written in the transaction of what it tells of, as its last statement
// (the log of a book is one line, and whoever writes holds its end until commit); no secret and no contact is ever in it.

import type { Queries } from '../../base/database.ts'
import type { Bank } from '../context.ts'
import type { Operator } from './approval-kind.ts'

/** `thing.happened`; add a word where something new is told. */
export type AuditAction =
  | 'operator.invited'
  | 'operator.joined'
  | 'operator.disabled'
  | 'operator.signed_in'
  | 'operator.sign_in_failed'
  | 'operator.signed_out'
  | 'operator.session_ended'
  | 'operator.roles_changed'
  | 'operator.listed'
  | 'right.refused'
  | 'approval.made'
  | 'approval.checked'
  | 'approval.applied'
  | 'approval.not_applied'
  | 'approval.rejected'
  | 'approval.cancelled'
  | 'approval.expired'
  | 'money_out.stopped'
  | 'money_out.resumed'
  | 'setting.changed'
  | 'person.frozen'
  | 'person.unfrozen'
  | 'person.searched'
  | 'person.seen'
  | 'contact.revealed'
  | 'contact.seen'
  | 'account.seen'
  | 'journal.seen'
  | 'order.seen'
  | 'deposit.listed'
  | 'withdrawal.stopped'
  | 'recipient.seen'
  | 'remittance.asked'
  | 'remittance.ended'
  | 'card.listed'
  | 'card.seen'
  | 'card.frozen'
  | 'card.unfrozen'
  | 'card.cancelled'
  | 'card.released'
  | 'issuer.funded'
  | 'partner.changed'
  | 'partner.key_made'
  | 'partner.key_seen'
  | 'partner.stopped'
  | 'treasury.asked'
  | 'reconciliation.asked'
  | 'payment.given_up'
  | 'node_tier.changed'
  | 'upt_price.set'
  | 'person.level_set'
  | 'earnings.listed'
  | 'identity.listed'
  | 'identity.seen'
  | 'identity.picture_seen'
  | 'identity.decided'
  | 'recipient.decided'
  | 'alert.closed'
  | 'merchant.made'
  | 'merchant.key_changed'
  | 'merchant.stopped'
  | 'merchant.resumed'
  | 'merchant.secret_shown'
  | 'bank.searched'
  | 'webhook.changed'
  | 'webhook.key_made'
  | 'webhook.removed'
  | 'webhook.sent'
  | 'webhook.seen'
  | 'signature.debugged'
  | 'audit_log.read'

export interface AuditEvent {
  action: AuditAction
  /** Whom or what it is about: `person:<id>`, `approval:<id>`, `route:GET /…`. */
  subject: string
  data?: Readonly<Record<string, unknown>>
}

/** Who did it: an operator, or the bank itself in a book. */
export type AuditActor = Operator | { readonly bookId: number }

export async function logAudit(bank: Bank, q: Queries, by: AuditActor, event: AuditEvent): Promise<void> {
  const operator = 'operatorId' in by ? by : undefined
  await q.query('audit-append', 'select audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    by.bookId,
    bank.clock.now(),
    operator?.operatorId ?? null,
    operator?.sessionId ?? null,
    operator?.ip ?? '',
    operator?.requestId ?? '',
    event.action,
    event.subject,
    JSON.stringify(event.data ?? {}),
  ])
}

export interface AuditRow {
  no: bigint
  at: Date
  operator_id: string | null
  session_id: string | null
  ip: string
  request_id: string
  action: string
  subject: string
  data: Readonly<Record<string, unknown>>
}

/** Newest first. */
export async function auditRows(
  q: Queries,
  bookId: number,
  filter: {
    operatorId?: string | undefined
    action?: string | undefined
    subject?: string | undefined
    offset: number
    size: number
  },
): Promise<AuditRow[]> {
  return q.query<AuditRow>(
    'audit-rows',
    `select no, at, operator_id, session_id, ip, request_id, action, subject, data from audit_log
     where book_id = $1 and ($2::uuid is null or operator_id = $2) and ($3::text is null or action = $3)
       and ($4::text is null or subject = $4)
     order by no desc limit $5 offset $6`,
    [bookId, filter.operatorId ?? null, filter.action ?? null, filter.subject ?? null, filter.size, filter.offset],
  )
}

/** What was done on one request, among the newest hundred thousand rows: a request's id has no index of its own. */
export const auditOfRequest = (q: Queries, bookId: number, requestId: string): Promise<AuditRow[]> =>
  q.query<AuditRow>(
    'audit-rows-of-request',
    `select no, at, operator_id, session_id, ip, request_id, action, subject, data from audit_log
     where book_id = $1 and request_id = $2
       and no > (select coalesce(max(no), 0) - 100000 from audit_log where book_id = $1)
     order by no limit 10`,
    [bookId, requestId],
  )
