// Operators' sessions: an opaque token of 256 random bits, of which the database has the hash. Asked for on every request,
// believed for no time at all. Must stay true: twelve hours end it, half an hour without a request too, and a change of
// roles or the end of the operator at once.

import { after, hours, minutes, seconds } from '../../base/clock.ts'
import { randomToken, sha256 } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Bank, Origin } from '../context.ts'
import { describeDevice } from '../sign-in/device-name.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'
import type { Role } from './role.ts'

const ABSOLUTE = hours(12)
const IDLE = minutes(30)
const SEEN_EVERY = seconds(15)
const TOKEN = /^ops_[\w-]{43}$/

type EndReason = 'signed out' | 'ended by the operator' | 'roles changed' | 'disabled' | 'invited again'

export async function openOperatorSession(
  bank: Bank,
  tx: Tx,
  bookId: number,
  operatorId: string,
  origin: Origin,
): Promise<{ token: string; session: string }> {
  const token = `ops_${randomToken(32)}`
  const session = newId()
  const now = bank.clock.now()
  const { browser, os } = describeDevice(origin.userAgent)
  await tx.query(
    'operator-session-open',
    `insert into operator_sessions (book_id, token_hash, id, operator_id, browser, os, ip, started_at, last_seen_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
    [bookId, sha256(token), session, operatorId, browser, os, origin.ip, now, after(now, ABSOLUTE)],
  )
  return { token, session }
}

/** Who a token speaks for. Refuses (`Unauthorized`) all that is not a live session alike. */
export async function authenticateOperator(
  bank: Bank,
  token: string,
  origin: Origin & { requestId: string },
): Promise<Operator> {
  if (!TOKEN.test(token)) throw new Refusal('Unauthorized')
  const bookId = bank.config.DEFAULT_BOOK
  const now = bank.clock.now()
  const hash = sha256(token)
  const [row] = await bank.db.query<{ id: string; operator_id: string; roles: Role[]; last_seen_at: Date }>(
    'operator-session',
    `select s.id, s.operator_id, s.last_seen_at, o.roles from operator_sessions s
     join operators o on o.book_id = s.book_id and o.id = s.operator_id and o.status = 'active'
     where s.book_id = $1 and s.token_hash = $2 and s.ended_at is null and s.expires_at > $3 and s.last_seen_at > $4`,
    [bookId, hash, now, after(now, -IDLE)],
  )
  if (!row) throw new Refusal('Unauthorized')
  if (now.getTime() - row.last_seen_at.getTime() > SEEN_EVERY) {
    await bank.db.query(
      'operator-session-seen',
      'update operator_sessions set last_seen_at = $3 where book_id = $1 and token_hash = $2 and last_seen_at < $3',
      [bookId, hash, now],
    )
  }
  return { ...origin, bookId, operatorId: row.operator_id, sessionId: row.id, roles: row.roles }
}

export interface OperatorSession {
  id: string
  browser: string
  os: string
  ip: string
  started_at: Date
  last_seen_at: Date
}

/** Where an operator is signed in. */
export const operatorSessions = (bank: Bank, { bookId, operatorId }: Operator): Promise<OperatorSession[]> =>
  bank.db.query<OperatorSession>(
    'operator-sessions',
    `select id, browser, os, ip, started_at, last_seen_at from operator_sessions
     where book_id = $1 and operator_id = $2 and ended_at is null and expires_at > $3 and last_seen_at > $4
     order by started_at desc`,
    [bookId, operatorId, bank.clock.now(), after(bank.clock.now(), -IDLE)],
  )

/** Ends one of the operator's own sessions; another's is as absent as one that is not there. */
export async function endOwnSession(bank: Bank, operator: Operator, id: string): Promise<void> {
  const { bookId, operatorId, sessionId } = operator
  const own = id === sessionId
  await bank.db.transaction(async (tx) => {
    const ended = await tx.query(
      'operator-session-end',
      `update operator_sessions set ended_at = $4, end_reason = $5
       where book_id = $1 and operator_id = $2 and id = $3 and ended_at is null returning 1`,
      [bookId, operatorId, id, bank.clock.now(), (own ? 'signed out' : 'ended by the operator') satisfies EndReason],
    )
    if (ended.length === 0) throw new Refusal('NotFound')
    const action = own ? 'operator.signed_out' : 'operator.session_ended'
    await logAudit(bank, tx, operator, { action, subject: `session:${id}` })
  })
}

export async function endOperatorSessions(
  bank: Bank,
  tx: Queries,
  bookId: number,
  operatorId: string,
  reason: EndReason,
): Promise<void> {
  await tx.query(
    'operator-sessions-end',
    `update operator_sessions set ended_at = $3, end_reason = $4
     where book_id = $1 and operator_id = $2 and ended_at is null`,
    [bookId, operatorId, bank.clock.now(), reason],
  )
}

/** Removes sessions that were over before an instant; what they did stays in the audit log. */
export const forgetOperatorSessions = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('operator-sessions-forget', 'delete from operator_sessions where book_id = $1 and expires_at < $2', [
    bookId,
    before,
  ])
