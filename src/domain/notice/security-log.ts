// The security log of each customer: append-only (the database grants nothing else), and what of it is told to them.
// Must stay true: an event is written in the transaction that it tells of; no contact, code or secret is ever in it.

import { hours } from '../../base/clock.ts'
import type { Queries, Tx } from '../../base/database.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import type { ContactKind } from '../people/contact.ts'
import { contactsOf, type OwnContact } from '../people/directory.ts'
import type { Person } from '../people/people.ts'
import { describeDevice } from '../sign-in/device-name.ts'
import { type InboxParams, type InboxType, putInInbox } from './inbox.ts'
import { news, queueMessage } from './message.ts'

export type SecurityEvent =
  | 'register'
  | 'login'
  | 'login_failed'
  | 'logout'
  | 'device_kicked'
  | 'session_stolen'
  | 'password_set'
  | 'password_changed'
  | 'password_reset'
  | 'contact_added'
  | 'contact_changed'
  | 'login2fa_enabled'
  | 'login2fa_disabled'
  | 'payment_password_set'
  | 'payment_password_changed'
  | 'payment_password_reset'
  | 'payment_password_locked'
  | 'totp_enabled'
  | 'totp_disabled'
  | 'totp_disabled_unproven'
  | 'withdrawal_address_added'
  | 'withdrawal_address_removed'
  | 'allow_list_enabled'
  | 'allow_list_disabled'
  | 'webhook_added'
  | 'webhook_removed'
  | 'api_key_created'
  | 'api_key_rotated'
  | 'api_key_changed'
  | 'api_key_revoked'

export async function logSecurity(
  q: Queries,
  at: Date,
  bookId: number,
  personId: string,
  event: SecurityEvent,
  origin: Pick<Origin, 'ip' | 'userAgent'>,
  contactKind: ContactKind | null = null,
): Promise<void> {
  const { browser, os } = describeDevice(origin.userAgent)
  await q.query(
    'security-log',
    `insert into security_log (book_id, person_id, event_type, ip, device, created_at, contact_kind)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [bookId, personId, event, origin.ip, `${browser} / ${os}`, at, contactKind],
  )
}

type Addressee = Pick<Person, 'bookId' | 'id' | 'no' | 'locale'>

/** Tells a customer, in the inbox and by mail (by SMS to those without), what happened to their account. */
export async function tellPerson<T extends InboxType>(
  bank: Bank,
  tx: Tx,
  person: Addressee,
  type: T,
  params: InboxParams[T],
  to?: readonly OwnContact[],
): Promise<void> {
  await putInInbox(tx, person.bookId, person.no, type, params, bank.clock.now())
  await mailPerson(bank, tx, person, type, params, to)
}

/** By mail alone: for what the customer has just done in front of the inbox, and should hear of if it was not them. */
export async function mailPerson<T extends InboxType>(
  bank: Bank,
  tx: Tx,
  person: Addressee,
  type: T,
  params: InboxParams[T],
  to?: readonly OwnContact[],
): Promise<void> {
  const [contact] = to ?? (await contactsOf(bank, tx, person.bookId, person.id))
  if (!contact) return
  await queueMessage(bank, tx, {
    kind: contact.kind,
    to: contact.value,
    locale: person.locale,
    until: bank.clock.now().getTime() + hours(24),
    body: news(type, params),
  })
}

export interface SecurityEntry {
  eventType: string
  ip: string
  device: string
  createdAt: Date
}

/** The actor's own log, newest first. */
export async function readSecurityLog(
  bank: Bank,
  actor: Pick<Actor, 'bookId' | 'personId'>,
  page: { offset: number; size: number },
): Promise<SecurityEntry[]> {
  const rows = await bank.db.query<{ event_type: string; ip: string; device: string; created_at: Date }>(
    'security-log-read',
    `select event_type, ip, device, created_at from security_log
     where book_id = $1 and person_id = $2 order by id desc limit $3 offset $4`,
    [actor.bookId, actor.personId, page.size, page.offset],
  )
  return rows.map((row) => ({
    eventType: row.event_type,
    ip: row.ip,
    device: row.device,
    createdAt: row.created_at,
  }))
}

export interface SignInEntry {
  id: bigint
  succeeded: boolean
  ip: string
  /** Browser / system. */
  device: string
  /** By what; null where it was not noted. */
  contactKind: ContactKind | null
  at: Date
}

/** A customer's sign-ins, also those that failed, newest first; and how many there are between the two instants. */
export async function signIns(
  q: Queries,
  bookId: number,
  personId: string,
  { from, to }: { from: Date | undefined; to: Date | undefined },
  most: number,
): Promise<{ count: number; items: SignInEntry[] }> {
  const where = `book_id = $1 and person_id = $2 and event_type in ('login', 'login_failed')
    and created_at >= coalesce($3::timestamptz, '-infinity') and created_at <= coalesce($4::timestamptz, 'infinity')`
  const values = [bookId, personId, from ?? null, to ?? null]
  const [total] = await q.query<{ count: number }>(
    'security-log-sign-ins-count',
    `select count(*)::int as count from security_log where ${where}`,
    values,
  )
  const rows = await q.query<{
    id: bigint
    event_type: SecurityEvent
    ip: string
    device: string
    contact_kind: ContactKind | null
    created_at: Date
  }>(
    'security-log-sign-ins',
    `select id, event_type, ip, device, contact_kind, created_at from security_log where ${where} order by id desc limit $5`,
    [...values, most],
  )
  return {
    count: total?.count ?? 0,
    items: rows.map((row) => ({
      id: row.id,
      succeeded: row.event_type === 'login',
      ip: row.ip,
      device: row.device,
      contactKind: row.contact_kind,
      at: row.created_at,
    })),
  }
}
