// What the signer is asked, and what it has been asked already. Must stay true: one question a payment waits at a time; a
// request is made with its payment's row locked, so that none is made for what was signed or given up meanwhile.

import { after, minutes, seconds } from '../../base/clock.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import type { Draft } from '../ports.ts'

/** False when a question about this payment waits already. */
export async function requestSignature(
  tx: Tx,
  bookId: number,
  request: { paymentId: string; network: string; draft: Draft; replaces?: string },
): Promise<boolean> {
  const { paymentId, network, draft, replaces = null } = request
  const made = await tx.query(
    'signing-request',
    `insert into signing_requests (book_id, id, payment_id, network, draft, replaces) values ($1, $2, $3, $4, $5, $6)
     on conflict (book_id, payment_id) where status = 'waiting' do nothing returning 1`,
    [bookId, newId(), paymentId, network, JSON.stringify(draft), replaces],
  )
  return made.length > 0
}

/** What the signer said of a payment so far. */
export interface Asked {
  /** The question that waits, and since when. */
  waiting: Draft | null
  waiting_since: Date | null
  /** How often it was refused for now, when last, and why. */
  refusals: number
  refused_at: Date | null
  refused_for: string | null
}

const nothing: Asked = { waiting: null, waiting_since: null, refusals: 0, refused_at: null, refused_for: null }

export async function askedOf(
  q: Queries,
  bookId: number,
  paymentIds: readonly string[],
): Promise<(paymentId: string) => Asked> {
  const rows = await q.query<Omit<Asked, 'refusals'> & { payment_id: string; refusals: bigint }>(
    'signing-asked',
    `select payment_id, (array_agg(draft) filter (where status = 'waiting'))[1] as waiting,
            max(created_at) filter (where status = 'waiting') as waiting_since,
            count(*) filter (where status = 'refused') as refusals, max(decided_at) filter (where status = 'refused') as refused_at,
            (array_agg(reason order by decided_at desc) filter (where status = 'refused'))[1] as refused_for
     from signing_requests where book_id = $1 and payment_id = any ($2::uuid[]) group by payment_id`,
    [bookId, paymentIds],
  )
  const found = new Map(rows.map((row) => [row.payment_id, { ...row, refusals: Number(row.refusals) }]))
  return (id) => found.get(id) ?? nothing
}

/** What to tell people who wonder why a payment waits for the signer; nothing while that takes no longer than usual. */
export function signersDelay({ waiting_since, refused_for }: Asked, now: Date): string | undefined {
  if (waiting_since === null) return `the signer refuses it for now: ${refused_for}`
  return after(waiting_since, seconds(30)) < now ? 'the signer has not answered yet' : undefined
}

/** A refusal for now is asked about again: after seconds first, then after longer, up to a minute. */
export function mayAskAgain({ waiting, refusals, refused_at }: Asked, now: Date): boolean {
  if (waiting) return false
  if (!refused_at) return true
  const pause = refusals > 5 ? minutes(1) : seconds(2 ** refusals)
  return after(refused_at, pause) <= now
}
