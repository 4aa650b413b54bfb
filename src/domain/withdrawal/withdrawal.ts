// A withdrawal's life: its states as a table, the only ways to make and to move one, and how it is read.
// Must stay true: the table below is the database's (withdrawal_transitions; a test compares the two); an order is moved
// under its row's lock, which is taken after its payment's or its approval's row and before any account.

import type { Queries, Tx } from '../../base/database.ts'
import { assert, Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import type { WithdrawalAsset } from '../setting-definitions.ts'

export const transitions = {
  /** The money is held, nothing is decided. Lasts as long as the transaction that makes it. */
  submitted: ['verification', 'review', 'approved'],
  /** A program asked for it; waits for its owner. */
  verification: ['review', 'approved', 'cancelled'],
  /** Waits for operators. */
  review: ['approved', 'rejected', 'cancelled'],
  /** Its payment is made out, and may still be taken back as long as it is not signed. */
  approved: ['processing', 'cancelled'],
  /** Signed; on its way to a block. Back when what was signed is proven never to be mined. */
  processing: ['confirming', 'approved'],
  /** In a block that counts its confirmations. */
  confirming: ['processing', 'confirmed', 'failed'],
  /** Final: the money has left. Back only when the chain reorganises deeper than its confirmations. */
  confirmed: ['processing'],
  /** Final, and moved nothing: the money is back. */
  failed: ['processing'],
  rejected: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>

export type WithdrawalStatus = keyof typeof transitions
export const withdrawalStatuses = Object.keys(transitions) as WithdrawalStatus[]

export interface Withdrawal {
  id: string
  person_no: bigint
  network: string
  asset: WithdrawalAsset
  /** Canonical. */
  to_address: string
  /** What the customer pays, the fee included. Ledger units. */
  amount: bigint
  fee: bigint
  status: WithdrawalStatus
  /** A word of ours; see withdrawal-words.ts. */
  reason: string
  hold_id: string
  journal_id: string | null
  approval_id: string | null
  tx_hash: string | null
  block_number: bigint | null
  round: number
  owed: bigint
  created_at: Date
  settled_at: Date | null
}

const columns = `id, person_no, network, asset, to_address, amount, fee, status, reason, hold_id, journal_id, approval_id,
  tx_hash, block_number, round, owed, created_at, settled_at`

/** What arrives: the amount less its fee. */
export const netOf = ({ amount, fee }: Pick<Withdrawal, 'amount' | 'fee'>): bigint => amount - fee

// --- making and moving ---

export type NewWithdrawal = Pick<
  Withdrawal,
  'id' | 'person_no' | 'network' | 'asset' | 'to_address' | 'amount' | 'fee' | 'hold_id'
>

/** Writes an order; its money is held already. */
export async function insertWithdrawal(tx: Tx, bookId: number, order: NewWithdrawal, at: Date): Promise<void> {
  await tx.query('withdrawal-submit', 'select withdrawal_submit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    bookId,
    order.id,
    order.person_no,
    order.network,
    order.asset,
    order.to_address,
    order.amount,
    order.fee,
    order.hold_id,
    at,
  ])
}

/** Takes the order's lock until the transaction ends. Refuses `NotFound`. */
export async function lockWithdrawal(tx: Tx, bookId: number, id: string): Promise<Withdrawal> {
  const [order] = await tx.query<Withdrawal>('withdrawal-lock', `select ${columns} from withdrawal_lock($1, $2)`, [
    bookId,
    id,
  ])
  if (!order) throw new Refusal('NotFound')
  return order
}

export interface Step {
  reason?: string
  /** The operators' own words; customers never see them. */
  note?: string
  /** What is set anew with this step; the rest stays. */
  holdId?: string
  journalId?: string
  approvalId?: string
  txHash?: string | null
  blockNumber?: number | null
  owed?: bigint
  at: Date
}

/** Moves an order, locked by the caller and read under that lock, along one line of the table. */
export async function moveWithdrawal<F extends WithdrawalStatus>(
  tx: Tx,
  bookId: number,
  order: Pick<Withdrawal, 'id'> & { status: F },
  to: (typeof transitions)[F][number] & WithdrawalStatus,
  step: Step,
): Promise<void> {
  const [row] = await tx.query<{ moved: boolean }>(
    'withdrawal-move',
    'select withdrawal_move($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as moved',
    [
      bookId,
      order.id,
      order.status,
      to,
      step.reason ?? '',
      step.note ?? '',
      step.holdId ?? null,
      step.journalId ?? null,
      step.approvalId ?? null,
      step.txHash ?? null,
      step.blockNumber ?? null,
      step.owed ?? null,
      step.at,
    ],
  )
  assert(row?.moved, 'an order moves under its lock')
}

/** Notes which transaction pays it now: a replacement may have taken the first one's place. */
export const notePaidBy = (tx: Tx, bookId: number, id: string, txHash: string): Promise<unknown> =>
  tx.query('withdrawal-paid-by', 'select withdrawal_paid_by($1, $2, $3)', [bookId, id, txHash])

// --- reading ---

/** Refuses `NotFound`. */
export async function withdrawalById(q: Queries, bookId: number, id: string): Promise<Withdrawal> {
  const [order] = await q.query<Withdrawal>(
    'withdrawal-find',
    `select ${columns} from withdrawals where book_id = $1 and id = $2`,
    [bookId, id],
  )
  if (!order) throw new Refusal('NotFound')
  return order
}

/** One of the actor's. Another person's is as absent as one that does not exist. */
export async function ownWithdrawal(bank: Bank, actor: Actor, id: string): Promise<Withdrawal> {
  const [order] = await bank.db.query<Withdrawal>(
    'withdrawal-own',
    `select ${columns} from withdrawals where book_id = $1 and id = $2 and person_no = $3`,
    [actor.bookId, id, actor.personNo],
  )
  if (!order) throw new Refusal('NotFound')
  return order
}

export interface WithdrawalFilter {
  asset?: WithdrawalAsset | undefined
  status?: WithdrawalStatus | undefined
  offset: number
  size: number
}

/** A customer's, newest first. */
export async function withdrawalsOf(
  q: Queries,
  bookId: number,
  personNo: bigint,
  filter: WithdrawalFilter,
): Promise<Withdrawal[]> {
  return q.query<Withdrawal>(
    'withdrawals-of',
    `select ${columns} from withdrawals
     where book_id = $1 and person_no = $2 and ($3::text is null or asset = $3) and ($4::text is null or status = $4)
     order by id desc limit $5 offset $6`,
    [bookId, personNo, filter.asset ?? null, filter.status ?? null, filter.size, filter.offset],
  )
}

/** A customer's that were approved and may not be signed yet, oldest first. */
export const approvedOf = (q: Queries, bookId: number, personNo: bigint): Promise<Withdrawal[]> =>
  q.query<Withdrawal>(
    'withdrawals-approved-of',
    `select * from withdrawals where book_id = $1 and person_no = $2 and status = 'approved' order by id limit 1000`,
    [bookId, personNo],
  )

export interface WithdrawalEvent {
  from_status: WithdrawalStatus | null
  to_status: WithdrawalStatus
  tx_hash: string | null
  reason: string
  note: string
  at: Date
}

/** Its steps, in order. */
export async function withdrawalEvents(q: Queries, bookId: number, id: string): Promise<WithdrawalEvent[]> {
  return q.query<WithdrawalEvent>(
    'withdrawal-events',
    `select from_status, to_status, tx_hash, reason, note, at from withdrawal_events
     where book_id = $1 and withdrawal_id = $2 order by no`,
    [bookId, id],
  )
}

/** Narrows a customer's orders down, for programs. */
export interface OrderFilter {
  ids?: readonly string[] | undefined
  asset?: WithdrawalAsset | undefined
  txHash?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
  limit: number
}

/** Newest first. */
export async function withdrawalsFiltered(
  q: Queries,
  bookId: number,
  personNo: bigint,
  { ids, asset, txHash, from, until, limit }: OrderFilter,
): Promise<Withdrawal[]> {
  return q.query<Withdrawal>(
    'withdrawals-filtered',
    `select ${columns} from withdrawals
     where book_id = $1 and person_no = $2 and ($3::uuid[] is null or id = any ($3)) and ($4::text is null or asset = $4)
       and ($5::text is null or tx_hash = $5) and ($6::timestamptz is null or created_at >= $6)
       and ($7::timestamptz is null or created_at <= $7)
     order by id desc limit $8`,
    [bookId, personNo, ids ?? null, asset ?? null, txHash ?? null, from ?? null, until ?? null, limit],
  )
}

/** Addresses that the customer had money sent to since an instant, canonical; but for one order's. */
export async function paidAddresses(
  q: Queries,
  bookId: number,
  personNo: bigint,
  since: Date,
  but?: string,
): Promise<string[]> {
  const rows = await q.query<{ to_address: string }>(
    'withdrawals-paid-addresses',
    `select distinct to_address from withdrawals
     where book_id = $1 and person_no = $2 and created_at >= $3 and status not in ('rejected', 'cancelled')
       and ($4::uuid is null or id <> $4)`,
    [bookId, personNo, since, but ?? null],
  )
  return rows.map((row) => row.to_address)
}

/** Those that have waited for their owners since before an instant, oldest first; some of them. */
export async function waitingForOwner(q: Queries, bookId: number, before: Date): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'withdrawals-unconfirmed',
    `select id from withdrawals where book_id = $1 and status = 'verification' and settled_at is null and created_at <= $2
     order by id limit 1000`,
    [bookId, before],
  )
  return rows.map(({ id }) => id)
}

/** For operators: those in review oldest first, as they wait; all others newest first. */
export async function withdrawalQueue(
  q: Queries,
  bookId: number,
  filter: { status?: WithdrawalStatus | undefined; network?: string | undefined; offset: number; size: number },
): Promise<Withdrawal[]> {
  return q.query<Withdrawal>(
    filter.status === 'review' ? 'withdrawal-queue' : 'withdrawals-newest',
    `select ${columns} from withdrawals
     where book_id = $1 and ($2::text is null or status = $2) and ($3::text is null or network = $3)
     order by id ${filter.status === 'review' ? '' : 'desc'} limit $4 offset $5`,
    [bookId, filter.status ?? null, filter.network ?? null, filter.size, filter.offset],
  )
}

/** What a customer withdrew so far of an asset. */
export interface WithdrawalTotals {
  /** Those that arrived. */
  count: number
  amount: bigint
  last_at: Date | null
  declined: number
}

export async function withdrawalTotals(
  q: Queries,
  bookId: number,
  personNo: bigint,
  asset: WithdrawalAsset,
): Promise<WithdrawalTotals> {
  const [row] = await q.query<WithdrawalTotals>(
    'withdrawal-totals',
    `select count(*) filter (where status = 'confirmed')::int as count,
       coalesce(sum(amount) filter (where status = 'confirmed'), 0)::bigint as amount,
       max(created_at) filter (where status = 'confirmed') as last_at,
       count(*) filter (where status = 'rejected')::int as declined
     from withdrawals where book_id = $1 and person_no = $2 and asset = $3`,
    [bookId, personNo, asset],
  )
  return row ?? { count: 0, amount: 0n, last_at: null, declined: 0 }
}

/** How an address was paid before. */
export interface AddressHistory {
  /** By this customer, and when first. */
  times: number
  first_at: Date | null
  /** Other customers who paid it. */
  others: number
}

export async function addressHistory(
  q: Queries,
  bookId: number,
  { id, person_no, network, to_address }: Pick<Withdrawal, 'id' | 'person_no' | 'network' | 'to_address'>,
): Promise<AddressHistory> {
  const [row] = await q.query<AddressHistory>(
    'withdrawal-address-history',
    `select count(*) filter (where person_no = $2)::int as times, min(created_at) filter (where person_no = $2) as first_at,
       count(distinct person_no) filter (where person_no <> $2)::int as others
     from withdrawals where book_id = $1 and network = $3 and to_address = $4 and status = 'confirmed' and id <> $5`,
    [bookId, person_no, network, to_address, id],
  )
  return row ?? { times: 0, first_at: null, others: 0 }
}
