// How often something may be tried: fixed windows, counted in the database, so that a restart or another process
// changes nothing. Must stay true: an attempt is counted before it is made; hundreds at once cannot slip through.

import { after, hours, minutes } from '../../base/clock.ts'
import { sha256 } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'

interface Rule {
  max: number
  window: number
}

const rules = {
  /** Codes sent to one contact. */
  'code-contact': { max: 10, window: hours(1) },
  /** Codes sent to one contact for the second step of signing in: asked for by who passed the first. */
  'challenge-contact': { max: 10, window: hours(1) },
  /** Codes asked for from one address. */
  'code-address': { max: 100, window: hours(1) },
  /** Codes tried from one address. */
  'guess-address': { max: 200, window: hours(1) },
  /** Wrong passwords for one account from one address: the customer's own address stays open to the customer. */
  'login-pair': { max: 5, window: minutes(15) },
  /** Wrong passwords for one account from addresses it never signed in from. */
  'login-account': { max: 50, window: hours(1) },
  /** Wrong passwords from one address, whatever the account. */
  'login-address': { max: 300, window: hours(1) },
  /** Wrong login passwords by somebody who is signed in. */
  'password-person': { max: 5, window: minutes(15) },
  /** Refresh tokens that are not ours, from one address. */
  'refresh-address': { max: 100, window: hours(1) },
  /** Wrong sign-ins of one operator from one address. */
  'operator-pair': { max: 5, window: minutes(15) },
  /** Wrong sign-ins of one operator from addresses never signed in from. */
  'operator-account': { max: 30, window: hours(1) },
  /** Wrong sign-ins of operators from one address, whoever they are. */
  'operator-address': { max: 60, window: hours(1) },
  /** Operators' invitations tried from one address. */
  'invitation-address': { max: 60, window: hours(1) },
  /** Pictures of documents that one customer sends. */
  'identity-file': { max: 40, window: hours(1) },
  /** E-mail addresses and phone numbers that a customer's programs name as recipients, and nobody here has. */
  'recipient-contact': { max: 30, window: hours(1) },
  /** Identity checks that one customer submits. */
  'identity-submit': { max: 10, window: hours(24) },
} as const satisfies Record<string, Rule>

export type AttemptRule = keyof typeof rules

/** Counts one attempt, or refuses (`RateLimited`) when the window is used up. */
export async function countAttempt(
  q: Queries,
  now: Date,
  bookId: number,
  rule: AttemptRule,
  subject: string,
  factor = 1,
): Promise<void> {
  const { max, window } = rules[rule]
  const [row] = await q.query<{ used: number; resets_at: Date }>(
    'attempt-count',
    `insert into attempts as a (book_id, scope, subject, used, resets_at)
     values ($1, $2, $3, 1, $4::timestamptz)
     on conflict (book_id, scope, subject) do update set
       used = case when a.resets_at <= $5::timestamptz then 1 else a.used + 1 end,
       resets_at = case when a.resets_at <= $5::timestamptz then excluded.resets_at else a.resets_at end
     returning used, resets_at`,
    [bookId, rule, sha256(subject), after(now, window), now],
  )
  if (row && row.used > max * factor) {
    throw new Refusal('RateLimited', { retryAfter: Math.ceil((row.resets_at.getTime() - now.getTime()) / 1000) })
  }
}

/** The attempt was honest after all: it does not count. */
export async function forgiveAttempt(q: Queries, bookId: number, rule: AttemptRule, subject: string): Promise<void> {
  await q.query(
    'attempt-forgive',
    'update attempts set used = used - 1 where book_id = $1 and scope = $2 and subject = $3 and used > 0',
    [bookId, rule, sha256(subject)],
  )
}

/** Who proved to be the customer starts afresh. */
export async function clearAttempts(q: Queries, bookId: number, rule: AttemptRule, subject: string): Promise<void> {
  await q.query('attempt-clear', 'delete from attempts where book_id = $1 and scope = $2 and subject = $3', [
    bookId,
    rule,
    sha256(subject),
  ])
}

export const isLoopback = (ip: string): boolean => ip === '::1' || /^(::ffff:)?127\./.test(ip)

/**
 * Limits by address count less for this machine's own: a proxy here whose word is not believed, or a developer's
 * programs, speak for many customers.
 */
export const addressFactor = (ip: string): number => (isLoopback(ip) ? 100 : 1)

/** One subject for a whole IPv6 customer network (/64); IPv4 addresses are their own. */
export function addressSubject(ip: string): string {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip.replace(/^::ffff:/, '')
  const [head = '', tail] = ip.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

/** Counts one attempt against an address. */
export const countFromAddress = (bank: Bank, bookId: number, rule: AttemptRule, ip: string): Promise<void> =>
  countAttempt(bank.db, bank.clock.now(), bookId, rule, addressSubject(ip), addressFactor(ip))

/** Removes counters whose time was over before an instant. */
export const forgetAttempts = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('expired-attempts', 'delete from attempts where book_id = $1 and resets_at < $2', [bookId, before])
