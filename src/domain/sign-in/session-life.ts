// Whether a session is alive, asked on every request: read in batches, believed for two seconds.
// Must stay true: a session that was ended is dead at once in this process and within five seconds in every other.

import { after, seconds } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import type { Bank } from '../context.ts'
import { loaderByBook, perBank } from '../per-bank.ts'

export type EndReason = 'logout' | 'kicked' | 'stolen' | 'password' | 'deleted'

const BELIEVED = seconds(2)
const SEEN_EVERY = seconds(60)
const REMEMBERED = 50_000

interface Life {
  alive: boolean
  until: number
}

const lives = perBank(() => new Map<string, Life>())

const readAlive = loaderByBook<string, boolean>(async (bank, bookId, sessionIds) => {
  const now = bank.clock.now()
  const rows = await bank.db.query<{ id: string; alive: boolean; last_seen_at: Date }>(
    'sessions-alive',
    `select id, ended_at is null and expires_at > $3 as alive, last_seen_at from sessions
     where book_id = $1 and id = any ($2::uuid[])`,
    [bookId, sessionIds, now],
  )
  const unseen = rows.filter((row) => row.alive && now.getTime() - row.last_seen_at.getTime() > SEEN_EVERY)
  if (unseen.length > 0) {
    // skip locked: whoever holds the row is writing the same
    await bank.db.query(
      'sessions-seen',
      `update sessions set last_seen_at = $3 where book_id = $1 and id in
         (select id from sessions where book_id = $1 and id = any ($2::uuid[]) order by id for no key update skip locked)`,
      [bookId, unseen.map((row) => row.id), now],
    )
  }
  return new Map(rows.map((row) => [row.id, row.alive]))
})

export async function isSessionAlive(bank: Bank, bookId: number, sessionId: string): Promise<boolean> {
  const known = lives(bank)
  const now = bank.clock.now().getTime()
  const life = known.get(sessionId)
  // a clock that was set back must not make an answer last
  if (life && now < life.until && now >= life.until - BELIEVED) return life.alive
  const alive = (await readAlive(bank, bookId, sessionId)) ?? false
  const later = known.get(sessionId)
  if (later && later !== life && !later.alive) return false // ended while we asked
  remember(bank, sessionId, alive)
  return alive
}

function remember(bank: Bank, sessionId: string, alive: boolean): void {
  const known = lives(bank)
  known.delete(sessionId)
  known.set(sessionId, { alive, until: bank.clock.now().getTime() + BELIEVED })
  if (known.size > REMEMBERED) {
    const oldest = known.keys().next().value
    if (oldest !== undefined) known.delete(oldest)
  }
}

/** Ends one session of a person. False when there is no such live one. */
export async function endSession(
  bank: Bank,
  q: Queries,
  bookId: number,
  personId: string,
  sessionId: string,
  reason: EndReason,
): Promise<boolean> {
  const ended = await q.query<{ id: string }>(
    'session-end',
    `update sessions set ended_at = $4, end_reason = $5
     where book_id = $1 and person_id = $2 and id = $3 and ended_at is null returning id`,
    [bookId, personId, sessionId, bank.clock.now(), reason],
  )
  for (const { id } of ended) remember(bank, id, false)
  return ended.length > 0
}

/** Ends all sessions of a person but one. */
export async function endAllSessions(
  bank: Bank,
  q: Queries,
  bookId: number,
  personId: string,
  reason: EndReason,
  except: string | null = null,
): Promise<void> {
  const ended = await q.query<{ id: string }>(
    'sessions-end',
    `update sessions set ended_at = $4, end_reason = $5
     where book_id = $1 and person_id = $2 and id is distinct from $3::uuid and ended_at is null returning id`,
    [bookId, personId, except, bank.clock.now(), reason],
  )
  for (const { id } of ended) remember(bank, id, false)
}

/** Removes sessions that ended long ago. */
export async function forgetSessions(q: Queries, bookId: number, now: Date): Promise<void> {
  const before = after(now, -seconds(90 * 86_400))
  await q.query('sessions-forget', 'delete from sessions where book_id = $1 and expires_at < $2', [bookId, before])
}
