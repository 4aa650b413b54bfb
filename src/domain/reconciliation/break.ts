// Breaks: differences that were found, from the run that found them to the one that no longer does. Each raises one alert.
// Must stay true: a critical break stops money out of its network when it is found, and never again while it is open (an
// operator who let money go on has seen it); it closes by itself when it is cured, money out only by an operator.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { chainStates, pauseMoneyOut } from '../chain/chain-state.ts'
import type { Bank } from '../context.ts'
import type { Difference } from './difference.ts'
import { unknownKey } from './movement.ts'

export interface Break extends Omit<Difference, 'off'> {
  id: string
  off: string | null
  opened_at: Date
  seen_at: Date
  closed_at: Date | null
  accepted: string | null
}

const columns = `id, network, kind, subject, asset, expected, found, detail, off, severity, opened_at, seen_at, closed_at, accepted`

/** Subjects of open breaks of a network by kind; `network` empty for those of the whole book. */
export async function openSubjects(
  q: Queries,
  bookId: number,
  network: string,
): Promise<(kind: string) => readonly string[]> {
  const rows = await q.query<{ kind: string; subject: string }>(
    'breaks-open-subjects',
    'select kind, subject from reconciliation_breaks where book_id = $1 and network = $2 and closed_at is null',
    [bookId, network],
  )
  const byKind = Map.groupBy(rows, (row) => row.kind)
  return (kind) => (byKind.get(kind) ?? []).map((row) => row.subject)
}

export interface Noted {
  opened: Break[]
  closed: Break[]
}

/** Opens what is new, and closes what was open of these kinds and is not found any more. */
export async function noteDifferences(
  bank: Bank,
  tx: Tx,
  bookId: number,
  network: string,
  kinds: readonly string[],
  found: readonly Difference[],
): Promise<Noted> {
  const at = bank.clock.now()
  const opened: Break[] = []
  for (const one of found) {
    const [row] = await tx.query<Break & { fresh: boolean }>(
      'break-note',
      `insert into reconciliation_breaks (book_id, id, network, kind, subject, asset, expected, found, detail, severity, opened_at, seen_at, off)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)
       on conflict (book_id, network, kind, subject) where closed_at is null
       do update set seen_at = excluded.seen_at, expected = excluded.expected, found = excluded.found, detail = excluded.detail, off = excluded.off
       returning ${columns}, id = $2 as fresh`,
      [
        bookId,
        newId(),
        one.network,
        one.kind,
        one.subject,
        one.asset,
        one.expected,
        one.found,
        one.detail,
        one.severity,
        at,
        one.off === undefined ? null : `${one.off}`,
      ],
    )
    if (row?.fresh) {
      opened.push(row)
      await tell(bank, tx, bookId, row)
    }
  }
  const closed = await tx.query<Break>(
    'breaks-close',
    `update reconciliation_breaks set closed_at = $5
     where book_id = $1 and network = $2 and kind = any ($3::text[]) and closed_at is null and seen_at < $4 returning ${columns}`,
    [bookId, network, kinds, at, at],
  )
  for (const one of closed) {
    bank.log.info({ bookId, break: one.id, kind: one.kind, subject: one.subject }, 'a break is over')
    await closeAlert(tx, bookId, alertKey(one))
    if (one.kind === 'unknown_outgoing') await closeAlert(tx, bookId, unknownKey(network, one.subject))
  }
  return { opened, closed }
}

const alertKey = ({ network, kind, subject }: Pick<Difference, 'network' | 'kind' | 'subject'>) =>
  `break:${network}:${kind}:${subject}`

async function tell(bank: Bank, tx: Tx, bookId: number, one: Break): Promise<void> {
  const { id, network, kind, subject, asset, expected, found, detail, severity } = one
  const data = { break: id, network, kind, subject, asset, expected, found, detail }
  if (severity === 'critical') bank.log.error({ bookId, ...data }, 'books and chain disagree')
  else bank.log.warn({ bookId, ...data }, 'something rests too long')
  await raiseAlert(tx, bookId, { key: alertKey(one), kind: 'reconciliation_break', severity, data })
  if (severity !== 'critical') return
  const reason = `${kind} ${subject}: expected ${expected} ${asset}, found ${found}`
  const networks = network === '' ? (await chainStates(tx, bookId)).map((state) => state.network) : [network]
  for (const each of networks) await pauseMoneyOut(tx, bookId, each, reason)
}

// --- reading ---

export const breaks = (
  q: Queries,
  bookId: number,
  { open, network, offset, size }: { open: boolean; network?: string | undefined; offset: number; size: number },
): Promise<Break[]> =>
  q.query<Break>(
    'breaks',
    `select ${columns} from reconciliation_breaks
     where book_id = $1 and (closed_at is null) = $2 and ($3::text is null or network = $3)
     order by id desc limit $4 offset $5`,
    [bookId, open, network ?? null, size, offset],
  )

export async function breakById(q: Queries, bookId: number, id: string): Promise<Break | undefined> {
  const [row] = await q.query<Break>(
    'break',
    `select ${columns} from reconciliation_breaks where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

export async function openBreaks(q: Queries, bookId: number): Promise<number> {
  const [row] = await q.query<{ n: number }>(
    'breaks-open-count',
    'select count(*)::int as n from reconciliation_breaks where book_id = $1 and closed_at is null',
    [bookId],
  )
  return row?.n ?? 0
}
