// Sign-ins: a session per device, an access token of minutes, a refresh token that turns with every use.
// Must stay true: many uses of one refresh token at once give one successor and no false logout; a token from before
// that ends the session, because one of two holders is a thief; thirty days end it in any case.

import { after, days, seconds } from '../../base/clock.ts'
import { randomToken } from '../../base/crypto.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import { logSecurity, tellPerson } from '../notice/security-log.ts'
import { type Person, personById } from '../people/people.ts'
import { type AccessClaims, readAccessToken, signAccessToken } from './access-token.ts'
import { countFromAddress } from './attempt.ts'
import { describeDevice } from './device-name.ts'
import { isRefreshTokenOf, type RefreshClaims, readRefreshToken, refreshTokenOf } from './refresh-token.ts'
import { endSession, isSessionAlive } from './session-life.ts'

export const SESSION_DAYS = 30
const GRACE = seconds(10)

export interface Tokens {
  accessToken: string
  refreshToken: string
}

interface SessionRow {
  id: string
  person_id: string
  browser: string
  os: string
  refresh_seed: Buffer
  generation: number
  rotated_at: Date
  expires_at: Date
  ended_at: Date | null
}

/** Who a token speaks for. Refuses (`Unauthorized`) unless the token, its session and its person are alive. */
export async function authenticateToken(bank: Bank, token: string): Promise<AccessClaims> {
  const claims = readAccessToken(bank, token)
  if (!(await isSessionAlive(bank, claims.bookId, claims.sessionId))) throw new Refusal('Unauthorized')
  return claims
}

/** Signs a person in on a new device, in the caller's transaction. */
export async function openSession(bank: Bank, tx: Tx, person: Person, origin: Origin): Promise<Tokens> {
  const { bookId } = person
  const now = bank.clock.now()
  const { browser, os } = describeDevice(origin.userAgent)
  const seed = Buffer.from(randomToken(16), 'base64url')
  const sessionId = newId()
  const [before] = await tx.query<{ any: boolean; same: boolean }>(
    'session-known',
    `select exists (select from sessions where book_id = $1 and person_id = $2) as any,
       exists (select from sessions where book_id = $1 and person_id = $2 and browser = $3 and os = $4) as same`,
    [bookId, person.id, browser, os],
  )
  await tx.query(
    'session-open',
    `insert into sessions (book_id, id, person_id, browser, os, ip, refresh_seed, rotated_at, started_at, last_seen_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, $9)`,
    [bookId, sessionId, person.id, browser, os, origin.ip, seed, now, after(now, days(SESSION_DAYS))],
  )
  if (before?.any && !before.same) await tellPerson(bank, tx, person, 'new_device', { browser, os, ip: origin.ip })
  return tokensOf(bank, person, { bookId, sessionId, generation: 1 }, seed)
}

const tokensOf = (bank: Bank, person: Pick<Person, 'id' | 'no'>, claims: RefreshClaims, seed: Buffer): Tokens => ({
  accessToken: signAccessToken(bank, {
    bookId: claims.bookId,
    personId: person.id,
    personNo: person.no,
    sessionId: claims.sessionId,
  }),
  refreshToken: refreshTokenOf(bank, claims, seed),
})

/** Turns a refresh token into new tokens. Refuses (`Unauthorized`) what is not a live one. */
export async function refreshSession(bank: Bank, origin: Origin, token: string): Promise<Tokens> {
  const proved = await proveRefreshToken(bank, token)
  if (!proved) {
    await countFromAddress(bank, bank.config.DEFAULT_BOOK, 'refresh-address', origin.ip)
    throw new Refusal('Unauthorized')
  }
  const { claims } = proved
  const person = await personById(bank, claims.bookId, proved.session.person_id)
  if (!person) throw new Refusal('Unauthorized')

  // twice at most: when another use of this token turned it meanwhile, what it left behind decides
  for (let session: SessionRow | undefined = proved.session; session; session = await readSession(bank, claims)) {
    const now = bank.clock.now()
    if (session.ended_at || session.expires_at <= now) break
    if (claims.generation === session.generation) {
      if (!(await turn(bank, origin, claims, now))) continue
      return tokensOf(bank, person, { ...claims, generation: claims.generation + 1 }, session.refresh_seed)
    }
    const age = now.getTime() - session.rotated_at.getTime()
    if (claims.generation === session.generation - 1 && age <= GRACE) {
      return tokensOf(bank, person, { ...claims, generation: session.generation }, session.refresh_seed)
    }
    await endStolen(bank, origin, person, session)
    break
  }
  throw new Refusal('Unauthorized')
}

/** The session of a token that we gave out, whatever became of it since. */
async function proveRefreshToken(bank: Bank, token: string) {
  const claims = readRefreshToken(token)
  const session = claims && (await readSession(bank, claims))
  if (!session || !isRefreshTokenOf(bank, token, claims, session.refresh_seed)) return undefined
  return { claims, session }
}

async function readSession(bank: Bank, { bookId, sessionId }: RefreshClaims): Promise<SessionRow | undefined> {
  const [row] = await bank.db.query<SessionRow>(
    'session-read',
    `select id, person_id, browser, os, refresh_seed, generation, rotated_at, expires_at, ended_at
     from sessions where book_id = $1 and id = $2`,
    [bookId, sessionId],
  )
  return row
}

/** Of many uses of one generation, one turns it. */
async function turn(bank: Bank, origin: Origin, claims: RefreshClaims, now: Date): Promise<boolean> {
  const turned = await bank.db.query(
    'session-turn',
    `update sessions set generation = generation + 1, rotated_at = $4, last_seen_at = $4, ip = $5
     where book_id = $1 and id = $2 and generation = $3 and ended_at is null returning 1`,
    [claims.bookId, claims.sessionId, claims.generation, now, origin.ip],
  )
  return turned.length > 0
}

async function endStolen(bank: Bank, origin: Origin, person: Person, session: SessionRow): Promise<void> {
  await bank.db.transaction(async (tx) => {
    if (!(await endSession(bank, tx, person.bookId, person.id, session.id, 'stolen'))) return
    await logSecurity(tx, bank.clock.now(), person.bookId, person.id, 'session_stolen', origin)
    await tellPerson(bank, tx, person, 'session_stolen', { browser: session.browser, os: session.os })
  })
}

/** Signs out this device, and the one whose refresh token is given if it is also the actor's. */
export async function logOut(bank: Bank, actor: Actor, refreshToken: string | undefined): Promise<void> {
  const other = refreshToken === undefined ? undefined : await proveRefreshToken(bank, refreshToken)
  await bank.db.transaction(async (tx) => {
    await endSession(bank, tx, actor.bookId, actor.personId, actor.sessionId, 'logout')
    if (other && other.claims.bookId === actor.bookId) {
      await endSession(bank, tx, actor.bookId, actor.personId, other.claims.sessionId, 'logout')
    }
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, 'logout', actor)
  })
}

/** Signs out the device that a refresh token is of; one that is none of ours, or over already, changes nothing. */
export async function endByRefreshToken(bank: Bank, origin: Origin, token: string): Promise<void> {
  const proved = await proveRefreshToken(bank, token)
  if (!proved) return
  const { bookId, sessionId } = proved.claims
  const { person_id: personId } = proved.session
  await bank.db.transaction(async (tx) => {
    if (!(await endSession(bank, tx, bookId, personId, sessionId, 'logout'))) return
    await logSecurity(tx, bank.clock.now(), bookId, personId, 'logout', origin)
  })
}
