// A break: the books and a chain disagree. It stands as a row while it lasts, raises an alert that names what and how much,
// and stops money going out on its network.
// Must stay true: a break that is gone closes itself and its alert; money out stays stopped until operators release it.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { pauseMoneyOut } from '../chain/chain-state.ts'

export type BreakKind = 'total' | 'address' | 'coin' | 'unknown_payment' | 'order'

export interface Break {
  kind: BreakKind
  /** Which: an account, an address, a transaction, a check of the books. */
  subject: string
  asset: string
  /** Chain units. */
  expected: bigint
  found: bigint
  block: number | null
  detail: string
}

const alertKey = (network: string, { kind, subject }: Pick<Break, 'kind' | 'subject'>) =>
  `break:${network}:${kind}:${subject}`

export async function openBreak(tx: Tx, bookId: number, network: string, found: Break, at: Date): Promise<void> {
  const { kind, subject, asset, expected, block, detail } = found
  await tx.query(
    'break-open',
    `insert into breaks (book_id, id, network, kind, subject, asset, expected, found, block, detail, opened_at, last_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
     on conflict (book_id, network, kind, subject) where closed_at is null
     do update set expected = excluded.expected, found = excluded.found, block = excluded.block, detail = excluded.detail,
       last_at = excluded.last_at`,
    [bookId, newId(), network, kind, subject, asset, `${expected}`, `${found.found}`, block, detail, at],
  )
  await raiseAlert(tx, bookId, {
    key: alertKey(network, found),
    kind: 'reconciliation_break',
    severity: 'critical',
    data: { network, kind, subject, asset, expected: `${expected}`, found: `${found.found}`, block, detail },
  })
  await pauseMoneyOut(tx, bookId, network, `reconciliation: ${kind} ${subject}`)
}

/** Closes the breaks of these kinds on a network that are no longer found. */
export async function closeOthers(
  tx: Tx,
  bookId: number,
  network: string,
  kinds: readonly BreakKind[],
  still: readonly Break[],
  at: Date,
): Promise<void> {
  const rows = await tx.query<{ kind: BreakKind; subject: string }>(
    'break-close',
    `update breaks set closed_at = $4, last_at = $4
     where book_id = $1 and network = $2 and closed_at is null and kind = any ($3::text[]) and (kind || ':' || subject) <> all ($5::text[])
     returning kind, subject`,
    [bookId, network, kinds, at, still.map(({ kind, subject }) => `${kind}:${subject}`)],
  )
  for (const gone of rows) await closeAlert(tx, bookId, alertKey(network, gone))
}

export interface BreakRow extends Omit<Break, 'expected' | 'found'> {
  id: string
  network: string
  expected: string
  found: string
  opened_at: Date
  last_at: Date
  closed_at: Date | null
}

/** Breaks, open ones first, then the newest. */
export const breaks = (
  q: Queries,
  bookId: number,
  page: { openOnly: boolean; offset: number; size: number },
): Promise<BreakRow[]> =>
  q.query<BreakRow>(
    'breaks',
    `select id, network, kind, subject, asset, expected::text, found::text, block::integer, detail, opened_at, last_at, closed_at
     from breaks where book_id = $1 and (not $2 or closed_at is null)
     order by closed_at is not null, opened_at desc, id limit $3 offset $4`,
    [bookId, page.openOnly, page.size, page.offset],
  )

export interface LastReconciliation {
  network: string
  at: Date
  block: number | null
  outcome: 'agrees' | 'breaks' | 'waits'
  note: string
  milliseconds: number
}

export const lastReconciliations = (q: Queries, bookId: number): Promise<LastReconciliation[]> =>
  q.query<LastReconciliation>(
    'reconciliations',
    `select network, at, block::integer, outcome, note, milliseconds from reconciliations where book_id = $1 order by network`,
    [bookId],
  )

export async function noteReconciliation(q: Queries, bookId: number, last: LastReconciliation): Promise<void> {
  await q.query(
    'reconciliation-note',
    `insert into reconciliations (book_id, network, at, block, outcome, note, milliseconds) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (book_id, network) do update set at = excluded.at, block = excluded.block, outcome = excluded.outcome,
       note = excluded.note, milliseconds = excluded.milliseconds`,
    [bookId, last.network, last.at, last.block, last.outcome, last.note, last.milliseconds],
  )
}
