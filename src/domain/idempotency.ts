// The same request twice is one effect and one answer. The answer is stored by the ledger in the transaction that did
// the work; this is the look-up before it, so that a repeat needs neither a fresh TOTP code nor a second decision.

import { keyedQueue } from '../base/batch.ts'
import { sha256 } from '../base/crypto.ts'
import type { Database } from '../base/database.ts'
import { Refusal, type RefusalCode, type RefusalDetails } from '../base/errors.ts'
import type { Answer, IdempotencyKey } from '../ledger/posting.ts'

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

/** Answers from the books when the key is known, otherwise runs the work. Twins in this process wait for each other. */
export async function onceByKey(
  db: Database,
  bookId: number,
  key: IdempotencyKey | undefined,
  work: () => Promise<Answered>,
): Promise<Answered> {
  if (!key) return work()
  return queue(`${bookId} ${key.scope} ${key.key}`, async () => {
    const before = await findAnswer(db, bookId, key)
    if (before) return before
    try {
      return await work()
    } catch (error) {
      // a twin in another process may have finished while ours was refused, e.g. for a TOTP code that it used up
      const since =
        error instanceof Refusal && error.code === 'TOTPWrong' ? await findAnswer(db, bookId, key) : undefined
      if (since) return since
      throw error
    }
  })
}

async function findAnswer(
  db: Database,
  bookId: number,
  { scope, key, requestHash }: IdempotencyKey,
): Promise<Answered | undefined> {
  const [row] = await db.query<{
    request_hash: Buffer
    answer: { ok: Answer } | { refusal: RefusalCode; details: RefusalDetails }
  }>(
    'idempotency-find',
    'select request_hash, answer from idempotency where book_id = $1 and scope = $2 and key = $3',
    [bookId, scope, key],
  )
  if (!row) return undefined
  if (!row.request_hash.equals(Buffer.from(requestHash))) throw new Refusal('IdempotencyKeyReused')
  if ('refusal' in row.answer) throw new Refusal(row.answer.refusal, { ...row.answer.details, replayed: true })
  return { answer: row.answer.ok, replayed: true }
}
