// A remittance's life: its states as a table, how it is made and moved, and how it is read.
// Must stay true: the table below is the database's (remittance_transitions; a test compares the two), which refuses every
// other step; an order is moved under its row's lock, which is taken after its approval's and before any account.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { RecipientDetails } from './recipient-fields.ts'

export const remittanceTransitions = {
  /** The money is held, nothing is decided. Lasts as long as the transaction that makes it. */
  submitted: ['review', 'queued'],
  /** Waits for operators. */
  review: ['queued', 'rejected'],
  /** To be told to the vendor; the money is held. */
  queued: ['processing', 'uncertain', 'failed'],
  /** The vendor was told, and nobody knows what it made of it: it is asked again, with the same key. */
  uncertain: ['processing', 'failed'],
  /** The vendor has taken it on; the money is on its way. Uncertain when the vendor contradicts itself. */
  processing: ['completed', 'failed', 'uncertain'],
  /** The bank has it. */
  completed: ['returned'],
  /** Not paid; the money is back. */
  failed: [],
  rejected: [],
  /** The bank sent it back after it had it. */
  returned: [],
} as const satisfies Record<string, readonly string[]>
export type RemittanceStatus = keyof typeof remittanceTransitions
export const remittanceStatuses = Object.keys(remittanceTransitions) as RemittanceStatus[]

/** What the order keeps of its recipient. */
export interface RecipientSnapshot extends RecipientDetails {
  bankCode: string
  bankName: string
  swift: string
}

export interface Remittance {
  id: string
  person_no: bigint
  recipient_id: string
  recipient_version: number
  principal: bigint
  fee: bigint
  rate: bigint
  rate_at: Date
  cnh: bigint
  status: RemittanceStatus
  reason: string
  note: string
  hold_id: string
  journal_id: string | null
  paid_journal_id: string | null
  returned_journal_id: string | null
  approval_id: string | null
  payout_id: string | null
  vendor_status: string
  /** When the vendor was first about to be told of the payout: from then on it may have it. */
  told_at: Date | null
  looked_at: Date
  created_at: Date
  settled_at: Date | null
  recipient: RecipientSnapshot
}
type Row = Omit<Remittance, 'recipient'> & { recipient_sealed: Buffer }

const COLUMNS = `id, person_no, recipient_id, recipient_version, recipient_sealed, principal, fee, rate, rate_at, cnh, status,
  reason, note, hold_id, journal_id, paid_journal_id, returned_journal_id, approval_id, payout_id, vendor_status,
  told_at, looked_at, created_at, settled_at`

const context = (bookId: number, id: string) => `remittance ${bookId} ${id}`
export const sealedRemittances: SealedColumn = {
  table: 'remittances',
  column: 'recipient_sealed',
  key: { id: 'uuid' },
  context: (bookId, id = '') => context(bookId, id),
}

const orderOf = (bank: Bank, bookId: number, { recipient_sealed, ...row }: Row): Remittance => ({
  ...row,
  recipient: JSON.parse(unseal(bank.keys.personal, recipient_sealed, context(bookId, row.id))) as RecipientSnapshot,
})

export type NewRemittance = Pick<
  Remittance,
  | 'id'
  | 'person_no'
  | 'recipient_id'
  | 'recipient_version'
  | 'principal'
  | 'fee'
  | 'rate'
  | 'rate_at'
  | 'cnh'
  | 'hold_id'
  | 'recipient'
>

/** Writes an order; its money is held already. */
export async function insertRemittance(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: NewRemittance,
  at: Date,
): Promise<void> {
  const sealed = seal(bank.keys.personal, JSON.stringify(order.recipient), context(bookId, order.id))
  await tx.query(
    'remittance-insert',
    `insert into remittances (book_id, id, person_no, recipient_id, recipient_version, recipient_sealed, principal, fee,
       rate, rate_at, cnh, hold_id, looked_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13)`,
    [
      bookId,
      order.id,
      order.person_no,
      order.recipient_id,
      order.recipient_version,
      sealed,
      order.principal,
      order.fee,
      order.rate,
      order.rate_at,
      order.cnh,
      order.hold_id,
      at,
    ],
  )
}

export interface Step {
  reason?: string
  note?: string
  approvalId?: string
  journalId?: string
  paidJournalId?: string
  returnedJournalId?: string
  payoutId?: string
  vendorStatus?: string
  at: Date
}

const ends: readonly RemittanceStatus[] = ['completed', 'failed', 'rejected', 'returned']

/** Moves an order, locked by the caller and read under that lock, along one line of the table. */
export async function moveRemittance<F extends RemittanceStatus>(
  tx: Tx,
  bookId: number,
  order: Pick<Remittance, 'id'> & { status: F },
  to: (typeof remittanceTransitions)[F][number] & RemittanceStatus,
  step: Step,
): Promise<void> {
  const moved = await tx.query(
    'remittance-move',
    `update remittances set status = $4, reason = $5, note = $6, approval_id = coalesce($7, approval_id),
       journal_id = coalesce($8, journal_id), paid_journal_id = coalesce($9, paid_journal_id),
       returned_journal_id = coalesce($10, returned_journal_id), payout_id = coalesce($11, payout_id),
       vendor_status = coalesce($12, vendor_status), updated_at = $13, settled_at = $14
     where book_id = $1 and id = $2 and status = $3 returning 1`,
    [
      bookId,
      order.id,
      order.status,
      to,
      step.reason ?? '',
      step.note ?? '',
      step.approvalId ?? null,
      step.journalId ?? null,
      step.paidJournalId ?? null,
      step.returnedJournalId ?? null,
      step.payoutId ?? null,
      step.vendorStatus ?? null,
      step.at,
      ends.includes(to) ? step.at : null,
    ],
  )
  if (moved.length === 0) throw new Error('an order moves under its lock')
}

/** Notes what the vendor said last, when that changes no state. */
export const noteVendor = (tx: Tx, bookId: number, id: string, status: string, note: string): Promise<unknown> =>
  tx.query('remittance-vendor', 'update remittances set vendor_status = $3, note = $4 where book_id = $1 and id = $2', [
    bookId,
    id,
    status,
    note,
  ])

/** Operators had the last word, and no state changes for it. */
export const noteReason = (tx: Tx, bookId: number, id: string, reason: string): Promise<unknown> =>
  tx.query('remittance-reason', 'update remittances set reason = $3 where book_id = $1 and id = $2', [
    bookId,
    id,
    reason,
  ])

/** The payout of an order that had ended without one, as far as anybody knew. */
export const notePayout = (tx: Tx, bookId: number, id: string, payoutId: string): Promise<unknown> =>
  tx.query('remittance-late-payout', 'update remittances set payout_id = $3 where book_id = $1 and id = $2', [
    bookId,
    id,
    payoutId,
  ])

/** Committed before the vendor is told of a payout, so that whoever carries on knows that it may have it. */
export const noteTold = (q: Queries, bookId: number, id: string, at: Date): Promise<unknown> =>
  q.query('remittance-told', 'update remittances set told_at = $3 where book_id = $1 and id = $2 and told_at is null', [
    bookId,
    id,
    at,
  ])

// --- reading ---

async function read(bank: Bank, q: Queries, bookId: number, name: string, rest: string, values: unknown[]) {
  const sql = `select ${COLUMNS} from remittances where book_id = $1 and ${rest}`
  return (await q.query<Row>(name, sql, [bookId, ...values])).map((row) => orderOf(bank, bookId, row))
}

async function one(orders: Promise<Remittance[]>): Promise<Remittance> {
  const [order] = await orders
  if (!order) throw new Refusal('NotFound')
  return order
}

/** Takes the order's lock until the transaction ends. Refuses `NotFound`. */
export const lockRemittance = (bank: Bank, tx: Tx, bookId: number, id: string): Promise<Remittance> =>
  one(read(bank, tx, bookId, 'remittance-lock', 'id = $2 for no key update', [id]))

/** Refuses `NotFound`. */
export const remittanceById = (bank: Bank, q: Queries, bookId: number, id: string): Promise<Remittance> =>
  one(read(bank, q, bookId, 'remittance-by-id', 'id = $2', [id]))

/** One of the actor's; another person's is as absent as one that does not exist. Refuses `NotFound`. */
export const ownRemittance = (
  bank: Bank,
  q: Queries,
  { bookId, personNo }: { bookId: number; personNo: bigint },
  id: string,
): Promise<Remittance> => one(read(bank, q, bookId, 'remittance-own', 'id = $2 and person_no = $3', [id, personNo]))

/** A customer's, newest first. */
export const remittancesOf = (
  bank: Bank,
  { bookId, personNo }: { bookId: number; personNo: bigint },
  page: { offset: number; size: number },
): Promise<Remittance[]> =>
  read(bank, bank.db, bookId, 'remittances-of', 'person_no = $2 order by id desc limit $3 offset $4', [
    personNo,
    page.size,
    page.offset,
  ])

/** For operators: those in review oldest first, as they wait; all others newest first. */
export const remittanceQueue = (
  bank: Bank,
  q: Queries,
  bookId: number,
  filter: { status?: RemittanceStatus | undefined; offset: number; size: number },
): Promise<Remittance[]> =>
  read(
    bank,
    q,
    bookId,
    filter.status === 'review' ? 'remittance-queue' : 'remittances-newest',
    `($2::text is null or status = $2) order by id ${filter.status === 'review' ? '' : 'desc'} limit $3 offset $4`,
    [filter.status ?? null, filter.size, filter.offset],
  )

/** What an order is without its recipient. */
export async function remittanceMoney(
  q: Queries,
  bookId: number,
  id: string,
): Promise<Omit<Remittance, 'recipient'> | undefined> {
  const [row] = await q.query<Omit<Remittance, 'recipient'>>(
    'remittance-money',
    `select ${COLUMNS.replace('recipient_sealed, ', '')} from remittances where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

export interface RemittanceEvent {
  from_status: RemittanceStatus | null
  to_status: RemittanceStatus
  reason: string
  note: string
  at: Date
}

/** Its steps, in order. */
export const remittanceEvents = (q: Queries, bookId: number, id: string): Promise<RemittanceEvent[]> =>
  q.query<RemittanceEvent>(
    'remittance-events',
    `select from_status, to_status, reason, note, at from remittance_events
     where book_id = $1 and remittance_id = $2 order by no limit 100`,
    [bookId, id],
  )

/**
 * Orders about which the vendor is to be asked, longest not looked at first: open ones not looked at since `openBefore`,
 * ended ones since `doneBefore` as long as a return, or a change of mind, is likely. Marks them as looked at.
 */
export async function takeDue(
  q: Queries,
  bookId: number,
  now: Date,
  due: { openBefore: Date; doneBefore: Date; settledAfter: Date; limit: number },
): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'remittances-due',
    `update remittances r set looked_at = $2 from (
       select id from remittances where book_id = $1 and
         (status in ('queued', 'uncertain', 'processing') and looked_at < $3
          or (status = 'completed' or status = 'failed' and payout_id is not null) and looked_at < $4 and settled_at > $5)
       order by looked_at limit $6 for no key update skip locked) d
     where r.book_id = $1 and r.id = d.id returning r.id`,
    [bookId, now, due.openBefore, due.doneBefore, due.settledAfter, due.limit],
  )
  return rows.map((row) => row.id)
}

/** The order of a book that a vendor's payout is of. */
export async function orderOfPayout(q: Queries, bookId: number, payoutId: string): Promise<string | undefined> {
  const [row] = await q.query<{ id: string }>(
    'remittance-of-payout',
    'select id from remittances where book_id = $1 and payout_id = $2',
    [bookId, payoutId],
  )
  return row?.id
}
