// What the ledger's tests share: postings made short, two "processes" on one database, random draws from a seed that
// is printed, and the proof at the end.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { type Database, openDatabase } from '../../src/base/database.ts'
import { Refusal } from '../../src/base/errors.ts'
import { newId } from '../../src/base/ids.ts'
import { personAccount } from '../../src/ledger/accounts.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import { balancesOf } from '../../src/ledger/balances.ts'
import { deposit, transfer } from '../../src/ledger/journals.ts'
import { createPoster, type Poster, type PosterOptions } from '../../src/ledger/poster.ts'
import type { Posting } from '../../src/ledger/posting.ts'
import type { TestDatabase } from './database.ts'

export const main = (personNo: bigint) => personAccount(personNo, 'main')

export const pay = (
  from: bigint,
  to: bigint,
  amount: bigint,
  parts: Partial<Posting> = {},
): Posting & { id: string } => {
  const id = newId()
  const [payer, payee] = [from, to].map((personNo) => ({ personNo, account: 'main' as const })) as [Payer, Payer]
  return { id, bookId: 1, journal: transfer({ id, from: payer, to: payee, amount, fee: 0n, memo: '' }), ...parts }
}
type Payer = { personNo: bigint; account: 'main' }

/** A limit on what the person sends in a day. */
export const daily = (personNo: bigint, amount: bigint, max: bigint) => ({
  velocity: { subject: personNo, gate: main(personNo), rule: 'test', amount, max },
})

export async function fund(poster: Poster, personNo: bigint, amount: bigint, bookId = 1): Promise<void> {
  const id = newId()
  const outcome = await poster.submit({ bookId, journal: deposit({ id, key: id, networkNo: 1, personNo, amount }) })
  if (!outcome.ok) throw outcome.refusal
}

export interface Process {
  db: Database
  poster: Poster
}

/** `count` pools with a poster each, as that many server processes would have. */
export function processes(base: TestDatabase, count: number, options: PosterOptions & { max?: number } = {}) {
  const made = Array.from({ length: count }, (): Process => {
    const db = openDatabase({ url: base.url, role: 'unipay_app', max: options.max ?? 6 })
    return { db, poster: createPoster(db, options) }
  })
  return Object.assign(made, {
    async close() {
      await Promise.all(made.map(({ poster }) => poster.drain()))
      await Promise.all(made.map(({ db }) => db.close()))
    },
  })
}

/** A person's main account: what it has and what of it is held. */
export async function moneyOf(db: Database, personNo: bigint, bookId = 1) {
  const id = main(personNo)
  return (await balancesOf(db, bookId, [id]))(id)
}

export async function expectSound(db: Database, bookId = 1): Promise<void> {
  const { faults } = await verifyLedger(db, { bookId })
  assert.deepEqual(faults, [])
}

export interface Draws {
  readonly seed: number
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  pick<T>(of: readonly [T, ...T[]]): T
}

/** Random draws that a seed repeats. TEST_SEED runs a failed one again. */
export function draws(say: (line: string) => void): Draws {
  const seed = process.env.TEST_SEED ? Number(process.env.TEST_SEED) : randomInt(2 ** 31)
  say(`TEST_SEED=${seed}`)
  let state = seed
  const below = (count: number) => {
    state = (state + 0x6d2b79f5) | 0 // mulberry32
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * count)
  }
  return { seed, below, pick: (of) => of[below(of.length)] ?? of[0] }
}

/** Runs `count` loops side by side and waits for all of them. */
export async function workers(count: number, loop: (worker: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, worker) => loop(worker)))
}

/** `each(i)` for i below `count`, `width` of them at a time. */
export async function inLanes(count: number, width: number, each: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  await workers(width, async () => {
    while (next < count) await each(next++)
  })
}

/** What a verb came to: `ok`, or the code of its refusal. Anything else is thrown. */
export const verdict = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}
