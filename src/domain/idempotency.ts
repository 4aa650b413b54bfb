// The same request twice is one effect and one answer. The answer is stored by the ledger in the transaction that did
// the work; this is the look-up beside it, so that a repeat needs neither a fresh TOTP code nor a second decision.

import { batchLoader, keyedQueue } from '../base/batch.ts'
import { sleep } from '../base/clock.ts'
import { sha256 } from '../base/crypto.ts'
import { Refusal, type RefusalCode, type RefusalDetails } from '../base/errors.ts'
import type { Answer, IdempotencyKey } from '../ledger/posting.ts'
import type { Bank } from './context.ts'
import { perBank } from './per-bank.ts'

/** Fields that prove who asks, not what is asked: a repeat may carry a newer code. */
const credentials = new Set(['payment_password', 'totp_code'])

/**
 * The key of a request, bound to who asks, what for, and the body. Refuses a header that is not 1 to 255 visible
 * ASCII characters. No header, no key.
 */
export function idempotencyKey(
  header: string | string[] | undefined,
  scope: string,
  body: Readonly<Record<string, unknown>>,
): IdempotencyKey | undefined {
  if (header === undefined) return undefined
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    throw new Refusal('InvalidParams', {
      pointer: '/headers/idempotency-key',
      reason: '1 to 255 visible ASCII characters',
    })
  }
  const asked = Object.entries(body)
    .filter(([name]) => !credentials.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return { scope, key: header, requestHash: sha256(JSON.stringify(asked)) }
}

export interface Answered {
  answer: Answer
  replayed: boolean
}

const queue = keyedQueue<string>()

/**
 * Runs the work once per key. A repeat is answered from the books, whatever has changed since: a TOTP code used up, a
 * recipient frozen. The ledger finds it by itself when the work gets that far; so the look-up comes first only where the
 * work would use up a code, and else after a refusal. Twins in this process wait for each other.
 */
export async function onceByKey(
  bank: Bank,
  bookId: number,
  key: IdempotencyKey | undefined,
  { usesCode }: { usesCode: boolean },
  work: () => Promise<Answered>,
): Promise<Answered> {
  if (!key) return work()
  return queue(`${bookId} ${key.scope} ${key.key}`, async () => {
    const before = usesCode && (await findAnswer(bank, bookId, key))
    if (before) return before
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // a twin in another process may have used the TOTP code up; its answer is on the way
      const isTwin = error.code === 'TOTPWrong' && error.details.used === true
      const since = await (isTwin ? awaitAnswer(bank, bookId, key) : findAnswer(bank, bookId, key))
      if (since) return since
      throw error
    }
  })
}

/** The answer of a request that may be under way elsewhere, or nothing after two seconds. */
async function awaitAnswer(bank: Bank, bookId: number, key: IdempotencyKey): Promise<Answered | undefined> {
  for (const pause of [0, 25, 50, 100, 200, 400, 600, 625]) {
    await sleep(pause)
    const found = await findAnswer(bank, bookId, key)
    if (found) return found
  }
  return undefined
}

interface StoredRow {
  scope: string
  key: string
  request_hash: Buffer
  answer: { ok: Answer } | { refusal: RefusalCode; details: RefusalDetails }
}

const loaders = perBank((bank) => {
  const books = new Map<number, ReturnType<typeof loaderOf>>()
  const loaderOf = (bookId: number) =>
    batchLoader<string, StoredRow>(async (names) => {
      const keys = names.map((name) => name.split('\n'))
      const rows = await bank.db.query<StoredRow>(
        'idempotency-find',
        `select i.scope, i.key, i.request_hash, i.answer from unnest($2::text[], $3::text[]) u (scope, key)
         cross join lateral (select * from idempotency x
           where x.book_id = $1 and x.scope = u.scope and x.key = u.key offset 0) i`,
        [bookId, keys.map(([scope]) => scope), keys.map(([, key]) => key)],
      )
      return new Map(rows.map((row) => [`${row.scope}\n${row.key}`, row]))
    })
  return (bookId: number) => {
    const loader = books.get(bookId) ?? loaderOf(bookId)
    books.set(bookId, loader)
    return loader
  }
})

/** What a request with this key was answered, if there was one. Throws the refusal that was. */
export async function findAnswer(bank: Bank, bookId: number, asked: IdempotencyKey): Promise<Answered | undefined> {
  const row = await loaders(bank)(bookId).load(`${asked.scope}\n${asked.key}`)
  if (!row) return undefined
  if (!row.request_hash.equals(Buffer.from(asked.requestHash))) throw new Refusal('IdempotencyKeyReused')
  if ('refusal' in row.answer) throw new Refusal(row.answer.refusal, { ...row.answer.details, replayed: true })
  return { answer: row.answer.ok, replayed: true }
}
