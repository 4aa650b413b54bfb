// What an operator has to look at. Must stay true: the same trouble raised again counts up its open row instead of making
// another; an alert says enough to act on, and nothing secret.

import type { Queries } from '../base/database.ts'
import { newId } from '../base/ids.ts'

export interface Alert {
  /** Which trouble this is: one open row per key. */
  key: string
  kind:
    | 'chain_off'
    | 'chain_unreachable'
    | 'chain_halted'
    | 'deep_reorg'
    | 'malformed_logs'
    | 'deposit_review'
    | 'ledger_fault'
    | 'seal_broken'
  severity: 'warning' | 'critical'
  /** For people; never secrets, never contacts. */
  data: Readonly<Record<string, string | number | boolean | null>>
}

export async function raiseAlert(q: Queries, bookId: number, { key, kind, severity, data }: Alert): Promise<void> {
  await q.query(
    'alert-raise',
    `insert into alerts (book_id, id, key, kind, severity, data) values ($1, $2, $3, $4, $5, $6)
     on conflict (book_id, key) where closed_at is null
     do update set times = alerts.times + 1, last_at = now(), severity = excluded.severity, data = excluded.data`,
    [bookId, newId(), key, kind, severity, JSON.stringify(data)],
  )
}

/** The trouble is over by itself. */
export async function closeAlert(q: Queries, bookId: number, key: string): Promise<void> {
  await q.query(
    'alert-close',
    'update alerts set closed_at = now() where book_id = $1 and key = $2 and closed_at is null',
    [bookId, key],
  )
}

export interface OpenAlert extends Alert {
  times: number
  raised_at: Date
  last_at: Date
}

export async function openAlerts(q: Queries, bookId: number): Promise<OpenAlert[]> {
  return q.query<OpenAlert>(
    'alerts-open',
    `select key, kind, severity, data, times, raised_at, last_at from alerts
     where book_id = $1 and closed_at is null order by raised_at`,
    [bookId],
  )
}
