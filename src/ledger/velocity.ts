// What was sent under a rule in the last 24 hours, and giving back what came to nothing.
// Must stay true: the limit itself is decided in apply.ts alone, under the lock of the account that the rule names as its
// gate; whoever gives back holds that lock.

import type { Queries, Tx } from '../base/database.ts'

/** As the next posting under this rule would find it. */
export async function spentUnder(q: Queries, bookId: number, subject: bigint, rule: string): Promise<bigint> {
  const [row] = await q.query<{ spent: bigint }>(
    'velocity-spent',
    `select coalesce(sum(spent), 0)::bigint as spent from velocity
     where book_id = $1 and subject = $2 and rule = $3 and hour >= date_trunc('hour', now() - interval '24 hours')`,
    [bookId, subject, rule],
  )
  return row?.spent ?? 0n
}

/**
 * Takes out of the limit what was put into it at `at` and did not leave after all. It was counted in that hour, or in the
 * one before when its transaction began there. Nothing happens when it counts no more.
 */
export async function giveBack(
  tx: Tx,
  bookId: number,
  { subject, rule, amount, at }: { subject: bigint; rule: string; amount: bigint; at: Date },
): Promise<void> {
  await tx.query(
    'velocity-give-back',
    `update velocity v set spent = v.spent - $4
     where v.book_id = $1 and v.subject = $2 and v.rule = $3 and v.hour = (
       select max(x.hour) from velocity x
       where x.book_id = $1 and x.subject = $2 and x.rule = $3 and x.spent >= $4
         and x.hour <= date_trunc('hour', $5::timestamptz) and x.hour >= date_trunc('hour', $5::timestamptz) - interval '1 hour')`,
    [bookId, subject, rule, amount, at],
  )
}
