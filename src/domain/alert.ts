// What an operator has to look at. Must stay true: the same trouble raised again counts up its open row instead of making
// another; an alert says enough to act on, and nothing secret.

import type { Queries } from '../base/database.ts'
import { Refusal } from '../base/errors.ts'
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
    | 'deposit_disputed'
    | 'deposit_unconfirmed'
    | 'ledger_fault'
    | 'seal_broken'
    | 'audit_log_broken'
    | 'money_out_stopped'
    | 'hot_address_changed'
    | 'hot_wallet_low'
    | 'hot_wallet_high'
    | 'sweep_failed'
    | 'cold_move_failed'
    | 'withdrawal_reopened'
    | 'hot_wallet_short'
    | 'gas_short'
    | 'payment_stuck'
    | 'payment_refused'
    | 'nonce_taken'
    | 'card_short'
    | 'card_disagrees'
    | 'card_transaction_unread'
    | 'card_topup_failed'
    | 'card_wish_refused'
    | 'issuer_overdue'
    | 'payout_overdue'
    | 'payout_contradiction'
    | 'ramp_overdue'
    | 'reserves_short'
    | 'reserves_unproven'
    | 'unknown_outgoing'
    | 'reconciliation_break'
    | 'reconciliation_stuck'
    | 'webhook_disabled'
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

/** All troubles whose key begins so are over. */
export async function closeAlerts(q: Queries, bookId: number, prefix: string): Promise<void> {
  await q.query(
    'alerts-close',
    'update alerts set closed_at = now() where book_id = $1 and starts_with(key, $2) and closed_at is null',
    [bookId, prefix],
  )
}

/** Whether this very trouble was there before and is over: it was looked into, or passed. */
export async function wasClosed(q: Queries, bookId: number, key: string): Promise<boolean> {
  const rows = await q.query(
    'alert-was-closed',
    'select 1 from alerts where book_id = $1 and key = $2 and closed_at is not null limit 1',
    [bookId, key],
  )
  return rows.length > 0
}

/** An operator has looked into it. Refuses `NotFound` what is not open. */
export async function closeAlertById(q: Queries, bookId: number, id: string): Promise<Alert> {
  const [closed] = await q.query<Alert>(
    'alert-close-by-id',
    `update alerts set closed_at = now() where book_id = $1 and id = $2 and closed_at is null
     returning key, kind, severity, data`,
    [bookId, id],
  )
  if (!closed) throw new Refusal('NotFound')
  return closed
}

export interface AlertRow extends OpenAlert {
  id: string
  closed_at: Date | null
}

/** Newest first: those that are open, or those that were. */
export async function alertRows(
  q: Queries,
  bookId: number,
  page: { open: boolean; offset: number; size: number },
): Promise<AlertRow[]> {
  return q.query<AlertRow>(
    'alerts-page',
    `select id, key, kind, severity, data, times, raised_at, last_at, closed_at from alerts
     where book_id = $1 and (closed_at is null) = $2 order by id desc limit $3 offset $4`,
    [bookId, page.open, page.size, page.offset],
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
