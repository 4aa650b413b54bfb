// Signed-in devices: every sign-in is one, and ends with its session.
// Must stay true: the owner alone sees and ends them; ending one stops its tokens within seconds everywhere.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { logSecurity } from '../notice/security-log.ts'
import type { DeviceName } from './device-name.ts'
import { endSession } from './session-life.ts'

export interface Device extends DeviceName {
  /** The session's id. */
  id: string
  ip: string
  /** The one that has been signed in the longest. */
  isMaster: boolean
  isCurrent: boolean
  firstSeenAt: Date
  lastSeenAt: Date
}

/** Where the actor is signed in, the current device first. */
export async function devicesOf(
  bank: Bank,
  actor: Pick<Actor, 'bookId' | 'personId' | 'sessionId'>,
): Promise<Device[]> {
  const rows = await bank.db.query<DeviceName & { id: string; ip: string; started_at: Date; last_seen_at: Date }>(
    'devices',
    `select id, browser, os, ip, started_at, last_seen_at from sessions
     where book_id = $1 and person_id = $2 and ended_at is null and expires_at > $3
     order by started_at, id`,
    [actor.bookId, actor.personId, bank.clock.now()],
  )
  return rows
    .map((row, i) => ({
      id: row.id,
      browser: row.browser,
      os: row.os,
      ip: row.ip,
      isMaster: i === 0,
      isCurrent: row.id === actor.sessionId,
      firstSeenAt: row.started_at,
      lastSeenAt: row.last_seen_at,
    }))
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.lastSeenAt.getTime() - a.lastSeenAt.getTime())
}

/** Signs a device of the actor's out at once. Somebody else's is as absent as one that is not there. */
export async function kickDevice(bank: Bank, actor: Actor, deviceId: string): Promise<void> {
  await bank.db.transaction(async (tx) => {
    const ended = await endSession(bank, tx, actor.bookId, actor.personId, deviceId, 'kicked')
    if (!ended) throw new Refusal('NotFound')
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, 'device_kicked', actor)
  })
}
