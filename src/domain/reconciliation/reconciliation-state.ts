// When each network was last compared, who makes the next comparison, and whether an operator wants one at once.
// Must stay true: the lease spares double work, and nothing hangs on it; the database's clock counts.

import type { Queries } from '../../base/database.ts'

export interface Reconciliation {
  network: string
  at: Date | null
  block: bigint | null
  addresses: number | null
  milliseconds: number | null
  breaks: number | null
  note: string
  asked_at: Date | null
}

/** Makes `runner` the one who compares for the next while, unless another is; says how long ago the last one was. */
export async function claimReconciliation(
  q: Queries,
  bookId: number,
  network: string,
  runner: string,
  forMs: number,
): Promise<{ mine: boolean; asked: string | null; idle: number | null }> {
  await q.query(
    'reconciliation-begin',
    'insert into reconciliations (book_id, network) values ($1, $2) on conflict do nothing',
    [bookId, network],
  )
  const [row] = await q.query<{ asked: string | null; idle: number | null }>(
    'reconciliation-claim',
    `update reconciliations set runner = $3, run_until = now() + $4::integer * interval '1 millisecond'
     where book_id = $1 and network = $2 and (runner is null or runner = $3 or run_until < now())
     returning asked_at::text as asked, (extract(epoch from now() - at) * 1000)::integer as idle`,
    [bookId, network, runner, forMs],
  )
  return { mine: row !== undefined, asked: row?.asked ?? null, idle: row?.idle ?? null }
}

export async function leaveReconciliation(q: Queries, bookId: number, network: string, runner: string): Promise<void> {
  await q.query(
    'reconciliation-leave',
    'update reconciliations set runner = null, run_until = null where book_id = $1 and network = $2 and runner = $3',
    [bookId, network, runner],
  )
}

/** An operator wants one now; the next worker that looks makes it. */
export async function askForReconciliation(q: Queries, bookId: number, networks: readonly string[]): Promise<void> {
  await q.query(
    'reconciliation-ask',
    `insert into reconciliations (book_id, network, asked_at) select $1, n, now() from unnest($2::text[]) n
     on conflict (book_id, network) do update set asked_at = now()`,
    [bookId, networks],
  )
}

export interface Ran {
  asked: string | null
  block: number | null
  addresses: number
  milliseconds: number
  breaks: number
  note: string
}

/** Notes a comparison's end. What was asked for while it was under way is for the next. */
export async function noteReconciliation(q: Queries, bookId: number, network: string, ran: Ran): Promise<void> {
  await q.query(
    'reconciliation-note',
    `insert into reconciliations (book_id, network, at, block, addresses, milliseconds, breaks, note)
     values ($1, $2, now(), $4, $5, $6, $7, $8)
     on conflict (book_id, network) do update set at = now(), block = coalesce(excluded.block, reconciliations.block),
       addresses = excluded.addresses, milliseconds = excluded.milliseconds, breaks = excluded.breaks, note = excluded.note,
       asked_at = case when reconciliations.asked_at::text is distinct from $3 then reconciliations.asked_at end`,
    [bookId, network, ran.asked, ran.block, ran.addresses, ran.milliseconds, ran.breaks, ran.note],
  )
}

export const reconciliations = (q: Queries, bookId: number): Promise<Reconciliation[]> =>
  q.query<Reconciliation>(
    'reconciliations',
    `select network, at, block, addresses, milliseconds, breaks, note, asked_at from reconciliations
     where book_id = $1 order by network`,
    [bookId],
  )
