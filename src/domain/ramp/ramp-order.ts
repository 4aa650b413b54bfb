// An order of the ramp as a row: its states as a table, how it is made and moved, and how it is read.
// Must stay true: the table below is the database's (ramp_transitions; a test compares the two), which refuses every other
// step; an order is moved under its row's lock, which is taken after its approval's and before any account.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { Fiat } from './price.ts'

export const rampTransitions = {
  /** Waits for operators; what is sold is held. */
  review: ['rejected', 'awaiting_payment'],
  /** Approved: fiat is to arrive from the customer, or to be paid to them. */
  awaiting_payment: ['rejected', 'awaiting_release'],
  /** Fiat was paid; USDT are to be released, to the customer or to the house. */
  awaiting_release: ['rejected', 'released'],
  /** Came to nothing; what was held or taken is back. */
  rejected: [],
  released: [],
} as const satisfies Record<string, readonly string[]>
export type RampStatus = keyof typeof rampTransitions
export const rampStatuses = Object.keys(rampTransitions) as RampStatus[]
/** `in`: fiat for USDT; `out`: USDT for fiat. */
export type Direction = 'in' | 'out'

/** What a partner says of people and their bank, by names of ours; empty where there is nothing. */
export type RampDetails = Readonly<Record<string, string>>

export interface RampOrder {
  id: string
  partner_id: string
  source: string
  order_no: string
  direction: Direction
  customer_id: string
  person_no: bigint
  fiat: Fiat
  legal: bigint
  amount: bigint
  fee: bigint
  channel_fee: bigint
  channel_fee_rate: bigint
  rate: bigint
  rate_at: Date
  release: 'manual' | 'automatic'
  status: RampStatus
  reason: string
  note: string
  hold_id: string | null
  paid_journal_id: string | null
  journal_id: string | null
  approval_id: string | null
  created_at: Date
  audited_at: Date | null
  deadline_at: Date | null
  paid_at: Date | null
  issued_at: Date | null
  details: RampDetails
}
type Row = Omit<RampOrder, 'details'> & { details_sealed: Buffer }

const COLUMNS = `id, partner_id, source, order_no, direction, customer_id, person_no, fiat, legal, amount, fee, channel_fee,
  channel_fee_rate, rate, rate_at, release, status, reason, note, hold_id, paid_journal_id, journal_id, approval_id, created_at,
  audited_at, deadline_at, paid_at, issued_at, details_sealed`

const context = (bookId: number, id: string) => `ramp order ${bookId} ${id}`
export const sealedRampOrders: SealedColumn = {
  table: 'ramp_orders',
  column: 'details_sealed',
  key: { id: 'uuid' },
  context,
}

const orderOf = (bank: Bank, bookId: number, { details_sealed, ...row }: Row): RampOrder => ({
  ...row,
  details: JSON.parse(unseal(bank.keys.personal, details_sealed, context(bookId, row.id))) as RampDetails,
})

export type NewRampOrder = Pick<
  RampOrder,
  | 'id'
  | 'partner_id'
  | 'source'
  | 'order_no'
  | 'direction'
  | 'customer_id'
  | 'person_no'
  | 'fiat'
  | 'legal'
  | 'amount'
  | 'fee'
  | 'channel_fee'
  | 'channel_fee_rate'
  | 'rate'
  | 'rate_at'
  | 'release'
  | 'hold_id'
  | 'details'
>

/** Writes an order; what it sells is held already. */
export async function insertRampOrder(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: NewRampOrder,
  at: Date,
): Promise<RampOrder & { status: 'review' }> {
  const { details, ...plain } = order
  const columns = Object.keys(plain)
  const places = columns.map((_, i) => `$${i + 4}`).join(', ')
  await tx.query(
    'ramp-order-insert',
    `insert into ramp_orders (book_id, details_sealed, created_at, updated_at, ${columns.join(', ')})
     values ($1, $2, $3, $3, ${places})`,
    [bookId, seal(bank.keys.personal, JSON.stringify(details), context(bookId, order.id)), at, ...Object.values(plain)],
  )
  return { ...(await lockRampOrder(bank, tx, bookId, order.id)), status: 'review' }
}

export interface RampStep {
  reason?: string
  note?: string
  paidJournalId?: string
  journalId?: string
  deadlineAt?: Date
  at: Date
}

/** Moves an order, locked by the caller and read under that lock, along one line of the table. */
export async function moveRampOrder<F extends RampStatus>(
  tx: Tx,
  bookId: number,
  order: Pick<RampOrder, 'id'> & { status: F },
  to: (typeof rampTransitions)[F][number] & RampStatus,
  step: RampStep,
): Promise<void> {
  const moved = await tx.query(
    'ramp-order-move',
    `update ramp_orders set status = $4, reason = $5, note = $6, paid_journal_id = coalesce($7, paid_journal_id),
       journal_id = coalesce($8, journal_id), deadline_at = coalesce($9, deadline_at), updated_at = $10,
       audited_at = case when status = 'review' then $10 else audited_at end,
       paid_at = case when $4 = 'awaiting_release' then $10 else paid_at end,
       issued_at = case when $4 = 'released' then $10 else issued_at end
     where book_id = $1 and id = $2 and status = $3 returning 1`,
    [
      bookId,
      order.id,
      order.status,
      to,
      step.reason ?? '',
      step.note ?? '',
      step.paidJournalId ?? null,
      step.journalId ?? null,
      step.deadlineAt ?? null,
      step.at,
    ],
  )
  if (moved.length === 0) throw new Error('an order moves under its lock')
}

export const noteRampApproval = (tx: Tx, bookId: number, id: string, approvalId: string): Promise<unknown> =>
  tx.query('ramp-order-asked', 'update ramp_orders set approval_id = $3 where book_id = $1 and id = $2', [
    bookId,
    id,
    approvalId,
  ])

// --- reading ---

async function read(bank: Bank, q: Queries, bookId: number, name: string, rest: string, values: unknown[]) {
  const sql = `select ${COLUMNS} from ramp_orders where book_id = $1 and ${rest}`
  return (await q.query<Row>(name, sql, [bookId, ...values])).map((row) => orderOf(bank, bookId, row))
}

async function one(orders: Promise<RampOrder[]>): Promise<RampOrder> {
  const [order] = await orders
  if (!order) throw new Refusal('NotFound')
  return order
}

/** Takes the order's lock until the transaction ends. Refuses `NotFound`. */
export const lockRampOrder = (bank: Bank, tx: Tx, bookId: number, id: string): Promise<RampOrder> =>
  one(read(bank, tx, bookId, 'ramp-order-lock', 'id = $2 for no key update', [id]))

/** Refuses `NotFound`. */
export const rampOrderById = (bank: Bank, q: Queries, bookId: number, id: string): Promise<RampOrder> =>
  one(read(bank, q, bookId, 'ramp-order-by-id', 'id = $2', [id]))

/** Without what is sealed. */
export async function rampOrderMoney(
  q: Queries,
  bookId: number,
  id: string,
): Promise<Omit<RampOrder, 'details'> | undefined> {
  const [row] = await q.query<Row>(
    'ramp-order-money',
    `select ${COLUMNS} from ramp_orders where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

/** One of a partner's own, of this source. Refuses `NotFound`, others' included. */
export const ownRampOrder = (
  bank: Bank,
  q: Queries,
  bookId: number,
  own: { partnerId: string; source: string; orderNo: string },
): Promise<RampOrder> =>
  one(
    read(bank, q, bookId, 'ramp-order-own', 'partner_id = $2 and source = $3 and order_no = $4', [
      own.partnerId,
      own.source,
      own.orderNo,
    ]),
  )

/** For operators: what waits for somebody oldest first, all others newest first. */
export const rampQueue = (
  bank: Bank,
  q: Queries,
  bookId: number,
  filter: {
    status?: RampStatus | undefined
    partnerId?: string | undefined
    direction?: Direction | undefined
    offset: number
    size: number
  },
): Promise<RampOrder[]> => {
  const waits =
    filter.status === 'review' || filter.status === 'awaiting_payment' || filter.status === 'awaiting_release'
  return read(
    bank,
    q,
    bookId,
    waits ? 'ramp-orders-queue' : 'ramp-orders-newest',
    `($2::text is null or status = $2) and ($3::uuid is null or partner_id = $3) and ($4::text is null or direction = $4)
     order by id ${waits ? '' : 'desc'} limit $5 offset $6`,
    [filter.status ?? null, filter.partnerId ?? null, filter.direction ?? null, filter.size, filter.offset],
  )
}

export interface RampEvent {
  from_status: RampStatus | null
  to_status: RampStatus
  reason: string
  note: string
  at: Date
}

/** Its steps, in order. */
export const rampEvents = (q: Queries, bookId: number, id: string): Promise<RampEvent[]> =>
  q.query<RampEvent>(
    'ramp-order-events',
    `select from_status, to_status, reason, note, at from ramp_order_events
     where book_id = $1 and order_id = $2 order by no limit 100`,
    [bookId, id],
  )

/** What a partner brought a customer, less what it sold or is selling of theirs: USDT units. */
export async function broughtBy(q: Queries, bookId: number, customerId: string): Promise<bigint> {
  const [row] = await q.query<{ units: bigint }>(
    'ramp-brought',
    `select coalesce(sum(case when direction = 'in' then amount - fee - channel_fee else -amount end), 0)::bigint as units
     from ramp_orders where book_id = $1 and customer_id = $2
       and (direction = 'in' and status = 'released' or direction = 'out' and status <> 'rejected')`,
    [bookId, customerId],
  )
  return row?.units ?? 0n
}

/** Orders whose customer did not pay in time. */
export async function overdueOrders(q: Queries, bookId: number, now: Date, limit: number): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'ramp-orders-overdue',
    `select id from ramp_orders
     where book_id = $1 and status = 'awaiting_payment' and direction = 'in' and deadline_at <= $2 order by deadline_at limit $3`,
    [bookId, now, limit],
  )
  return rows.map((row) => row.id)
}

/** Orders that wait for the house for more than some hours. */
export async function lateOrders(
  q: Queries,
  bookId: number,
  now: Date,
  hours: bigint,
): Promise<{ count: number; units: bigint; oldest: string | null; since: Date | null }> {
  const [late] = await q.query<{ count: number; units: bigint; oldest: string | null; since: Date | null }>(
    'ramp-orders-late',
    `select count(*)::int as count, coalesce(sum(amount), 0)::bigint as units,
            (array_agg(id order by updated_at))[1]::text as oldest, min(updated_at) as since
     from ramp_orders where book_id = $1
       and (status = 'awaiting_release' or status = 'awaiting_payment' and direction = 'out')
       and updated_at < $2::timestamptz - $3::int * interval '1 hour'`,
    [bookId, now, hours],
  )
  return late ?? { count: 0, units: 0n, oldest: null, since: null }
}
