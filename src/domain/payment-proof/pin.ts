// The payment PIN: six digits, kept as a hash under a pepper that the database does not have.
// Must stay true: no more than five wrong guesses between locks, however many come at once and in however many
// processes; a right PIN costs one batched read and no write.

import { hours, minutes } from '../../base/clock.ts'
import { hmacSha256, sameBytes } from '../../base/crypto.ts'
import type { Tx } from '../../base/database.ts'
import { assert, Refusal } from '../../base/errors.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import { logSecurity, tellPerson } from '../notice/security-log.ts'
import { personById } from '../people/people.ts'
import { perBank } from '../per-bank.ts'
import { type Payer, type PaymentFactors, paymentFactors } from './payment-factors.ts'

export const PIN_TRIES = 5
const FIRST_LOCK = minutes(30)
const LONGEST_LOCK = hours(24)

/** Refuses (`PaymentPasswordWeak`) what is not six digits, and the patterns that are tried first. */
export function checkNewPin(pin: string): void {
  const weak = (reason: string) => new Refusal('PaymentPasswordWeak', { pointer: '/new_pin', reason })
  if (!/^[0-9]{6}$/.test(pin)) throw weak('six digits')
  const steps = new Set([...pin].slice(1).map((digit, i) => (+digit - +(pin[i] ?? 0) + 10) % 10))
  const [step] = steps
  if (steps.size === 1 && (step === 0 || step === 1 || step === 9)) throw weak('a run of digits')
  if (/^(\d{2})\1\1$|^(\d{3})\2$|^(\d)\3(\d)\4(\d)\5$|^(\d)\6\6(\d)\7\7$/.test(pin)) throw weak('a repeated pattern')
}

export const hashPin = (bank: Bank, { bookId, personId }: Payer, pin: string): Buffer =>
  hmacSha256(bank.keys.paymentPin, `${bookId} ${personId} ${pin}`)

// --- checking: one person's guesses go one after the other, equal ones together ---

interface Guess {
  hash: Buffer
  origin: Origin
  callers: { resolve: (factors: PaymentFactors) => void; reject: (error: unknown) => void }[]
}

interface Lane {
  waiting: Map<string, Guess>
  running: boolean
}

const lanesOf = perBank(() => new Map<string, Lane>())

/**
 * Settles when the PIN is right, with the factors as they stood. Refuses `PersonFrozen`, `PaymentPasswordNotSet`,
 * `PaymentPasswordLocked`, `PaymentPasswordWrong`.
 */
export async function checkPin(bank: Bank, actor: Payer & Origin, pin: string): Promise<PaymentFactors> {
  const lanes = lanesOf(bank)
  const key = `${actor.bookId} ${actor.personId}`
  const lane = lanes.get(key) ?? { waiting: new Map(), running: false }
  lanes.set(key, lane)
  const hash = hashPin(bank, actor, pin)
  return new Promise((resolve, reject) => {
    const id = hash.toString('base64')
    const guess = lane.waiting.get(id) ?? { hash, origin: actor, callers: [] }
    guess.callers.push({ resolve, reject })
    lane.waiting.set(id, guess)
    if (lane.running) return
    void runLane(bank, actor, lane).finally(() => {
      if (!lane.running && lane.waiting.size === 0 && lanes.get(key) === lane) lanes.delete(key)
    })
  })
}

async function runLane(bank: Bank, payer: Payer, lane: Lane): Promise<void> {
  lane.running = true
  for (let next = lane.waiting.entries().next(); !next.done; next = lane.waiting.entries().next()) {
    const [id, guess] = next.value
    lane.waiting.delete(id)
    try {
      await judge(bank, payer, guess)
    } catch (error) {
      for (const { reject } of guess.callers) reject(error)
    }
  }
  lane.running = false
}

async function judge(bank: Bank, payer: Payer, { hash, origin, callers }: Guess): Promise<void> {
  const factors = await paymentFactors(bank, payer)
  const now = bank.clock.now()
  if (factors.status !== 'active') throw new Refusal('PersonFrozen')
  if (!factors.pinHash) throw new Refusal('PaymentPasswordNotSet')
  if (factors.pinLockedUntil && factors.pinLockedUntil > now) throw locked(factors.pinLockedUntil, now)
  const right = sameBytes(hash, factors.pinHash)
  if (right && factors.pinWrong === 0 && factors.pinLocks === 0) {
    for (const { resolve } of callers) resolve(factors)
    return
  }
  // somebody has guessed wrong: from here on a guess is paid for before it counts, in all processes together
  const spent = await spendGuesses(bank, payer, right ? 1 : callers.length)
  if (!spent) {
    const { pinLockedUntil } = await paymentFactors(bank, payer)
    throw locked(pinLockedUntil ?? now, now)
  }
  if (right) {
    await forgiveGuesses(bank, payer)
    for (const { resolve } of callers) resolve(factors)
    return
  }
  if (spent.lockedUntil) await tellLocked(bank, payer, origin, now, spent.lockedUntil)
  for (const [i, { reject }] of callers.entries()) {
    const left = spent.leftBefore - i - 1
    if (left < 0 && spent.lockedUntil) {
      reject(locked(spent.lockedUntil, now))
    } else {
      const until = left === 0 && spent.lockedUntil ? { locked_until: spent.lockedUntil.toISOString() } : {}
      reject(new Refusal('PaymentPasswordWrong', { attempts_left: left, ...until }))
    }
  }
}

const locked = (until: Date, now: Date) =>
  new Refusal('PaymentPasswordLocked', {
    locked_until: until.toISOString(),
    retryAfter: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)),
  })

/** Counts wrong guesses; the fifth locks, twice as long each time. Undefined when it is locked already. */
async function spendGuesses(bank: Bank, { bookId, personId }: Payer, guesses: number) {
  const [row] = await bank.db.query<{ wrong: number; locked_until: Date | null }>(
    'pin-wrong',
    // a lock that ran out starts the count afresh
    `update payment_factors set
       pin_wrong = least(case when pin_locked_until is null then pin_wrong + $3::int else $3 end, 9999),
       pin_locks = case when case when pin_locked_until is null then pin_wrong + $3 else $3 end >= $4
         then least(pin_locks + 1, 20) else pin_locks end,
       pin_locked_until = case when case when pin_locked_until is null then pin_wrong + $3 else $3 end >= $4
         then $5::timestamptz + least($6::float8 * 2 ^ pin_locks, $7::float8) * interval '1 millisecond' end
     where book_id = $1 and person_id = $2 and (pin_locked_until is null or pin_locked_until <= $5)
     returning pin_wrong as wrong, pin_locked_until as locked_until`,
    [bookId, personId, guesses, PIN_TRIES, bank.clock.now(), FIRST_LOCK, LONGEST_LOCK],
  )
  return row && { leftBefore: PIN_TRIES - (row.wrong - Math.min(guesses, 9999)), lockedUntil: row.locked_until }
}

async function forgiveGuesses(bank: Bank, { bookId, personId }: Payer): Promise<void> {
  await bank.db.query(
    'pin-right',
    `update payment_factors set pin_wrong = 0, pin_locks = 0, pin_locked_until = null
     where book_id = $1 and person_id = $2`,
    [bookId, personId],
  )
}

async function tellLocked(
  bank: Bank,
  { bookId, personId }: Payer,
  origin: Origin,
  now: Date,
  until: Date,
): Promise<void> {
  const person = await personById(bank, bookId, personId)
  assert(person, 'the payer exists')
  await bank.db.transaction(async (tx) => {
    await logSecurity(tx, now, bookId, personId, 'payment_password_locked', origin)
    await tellPerson(bank, tx, person, 'payment_password_locked', {
      minutes: Math.ceil((until.getTime() - now.getTime()) / minutes(1)),
    })
  })
}

/** Puts a new PIN in place of the one that was checked; false when another request did so first. */
export async function storePin(tx: Tx, actor: Actor, before: Buffer | null, after: Buffer): Promise<boolean> {
  const stored = await tx.query(
    'pin-store',
    `update payment_factors set pin_hash = $4, pin_wrong = 0, pin_locks = 0, pin_locked_until = null
     where book_id = $1 and person_id = $2 and pin_hash is not distinct from $3 returning 1`,
    [actor.bookId, actor.personId, before, after],
  )
  return stored.length > 0
}
