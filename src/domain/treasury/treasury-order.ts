// What the treasury moves, as orders with a chain payment each: sweeps of deposit addresses, top-ups of coin for their fees,
// and moves of what is too much to the cold wallet. Their states as a table, and the only ways to make and move one.
// The table is the database's (treasury_transitions); a test compares the two. Must stay true: one order at a time per
// address and kind; an order is done or failed only as its payment is, and its journal goes with it.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { openChainPayment } from '../chain-payment/chain-payment.ts'

export const treasuryTransitions = {
  /** Decided on; waits until it may begin. */
  planned: ['topping_up', 'moving', 'failed'],
  /** Coin for its fee is on the way to the address. */
  topping_up: ['moving', 'failed'],
  /** Its payment was made. */
  moving: ['done', 'failed'],
  /** Final on chain. Back only when the chain reorganises deeper than its confirmations. */
  done: ['moving'],
  /** Nothing moved. The address is tried again later, by an order of its own. */
  failed: ['moving'],
} as const satisfies Record<string, readonly string[]>

export type TreasuryStatus = keyof typeof treasuryTransitions
export type TreasuryKind = 'sweep' | 'top_up' | 'cold_move'

export interface TreasuryOrder {
  id: string
  kind: TreasuryKind
  network: string
  asset: 'token' | 'coin'
  from_address: string
  from_index: number
  to_address: string
  to_purpose: 'hot' | 'cold' | 'deposit'
  /** Ledger units; of an EVM coin, floored. */
  amount: bigint
  /** Chain units. */
  value: bigint
  sweep_id: string | null
  status: TreasuryStatus
  reason: string
  attempt: number
  journal_id: string | null
  counted: boolean
  round: number
  created_at: Date
  settled_at: Date | null
}

type Raw = Omit<TreasuryOrder, 'value'> & { value: string }
const orderOf = (row: Raw): TreasuryOrder => ({ ...row, value: BigInt(row.value) })

const columns = `id, kind, network, asset, from_address, from_index, to_address, to_purpose, amount, value, sweep_id, status, reason,
  attempt, journal_id, counted, round, created_at, settled_at`

export type NewTreasuryOrder = Pick<
  TreasuryOrder,
  'kind' | 'network' | 'asset' | 'from_address' | 'from_index' | 'to_address' | 'to_purpose' | 'amount' | 'value'
> & { sweep_id?: string | undefined }

/** Answers the new order's id, or nothing when one of its kind is under way there already. */
export async function planOrder(
  tx: Queries,
  bookId: number,
  order: NewTreasuryOrder,
  at: Date,
): Promise<string | undefined> {
  const id = newId()
  const [row] = await tx.query<{ made: boolean }>(
    'treasury-plan',
    'select treasury_plan($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as made',
    [
      bookId,
      id,
      order.kind,
      order.network,
      order.asset,
      order.from_address,
      order.from_index,
      order.to_address,
      order.to_purpose,
      order.amount,
      order.value.toString(),
      order.sweep_id ?? null,
      at,
    ],
  )
  return row?.made ? id : undefined
}

/** Moves an order along one line of the table; false when it was no longer where it is said to be. */
export async function moveOrder<F extends TreasuryStatus>(
  tx: Tx,
  bookId: number,
  id: string,
  from: F,
  to: (typeof treasuryTransitions)[F][number] & TreasuryStatus,
  { reason = '', journalId = null, at }: { reason?: string; journalId?: string | null; at: Date },
): Promise<boolean> {
  const [row] = await tx.query<{ moved: boolean }>(
    'treasury-move',
    'select treasury_move($1, $2, $3, $4, $5, $6, $7) as moved',
    [bookId, id, from, to, reason, journalId, at],
  )
  return row?.moved === true
}

/** Makes the order's payment and moves it on. False when another process was faster; then nothing was made. */
export async function beginOrder(
  tx: Tx,
  bookId: number,
  order: Pick<TreasuryOrder, 'id' | 'status'> & Omit<NewTreasuryOrder, 'sweep_id'>,
  at: Date,
): Promise<boolean> {
  if (order.status !== 'planned' && order.status !== 'topping_up') return false
  const locked = await lockOrder(tx, bookId, order.id)
  if (locked?.status !== order.status) return false
  await openChainPayment(tx, bookId, paymentFor(order), at)
  return moveOrder(tx, bookId, order.id, order.status, 'moving', { at })
}

const paymentFor = (order: Omit<NewTreasuryOrder, 'sweep_id'> & { id: string }) => ({
  network: order.network,
  order_kind: order.kind,
  order_id: order.id,
  asset: order.asset,
  from_purpose: order.kind === 'sweep' ? ('deposit' as const) : ('hot' as const),
  from_index: order.from_index,
  from_address: order.from_address,
  to_address: order.to_address,
  value: order.value,
})

/** Says why an order waits. */
export async function explainOrder(q: Queries, bookId: number, id: string, reason: string): Promise<void> {
  await q.query('treasury-wait', 'select treasury_wait($1, $2, $3)', [bookId, id, reason])
}

/** Takes the order's row until the transaction ends. A payment's row is locked before it, accounts after it. */
export async function lockOrder(tx: Tx, bookId: number, id: string): Promise<TreasuryOrder | undefined> {
  const [row] = await tx.query<Raw>('treasury-lock', `select ${columns} from treasury_lock($1, $2)`, [bookId, id])
  return row && orderOf(row)
}

export async function treasuryOrder(q: Queries, bookId: number, id: string): Promise<TreasuryOrder | undefined> {
  const [row] = await q.query<Raw>(
    'treasury-order',
    `select ${columns} from treasury_orders where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row && orderOf(row)
}

/** Orders under way, oldest first. */
export async function openOrders(
  q: Queries,
  bookId: number,
  network: string,
  kind: TreasuryKind,
): Promise<TreasuryOrder[]> {
  const rows = await q.query<Raw>(
    'treasury-open',
    `select ${columns} from treasury_orders
     where book_id = $1 and network = $2 and kind = $3 and status in ('planned', 'topping_up', 'moving') order by created_at, id`,
    [bookId, network, kind],
  )
  return rows.map(orderOf)
}

/** The newest order of a kind from an address. */
export async function lastOrder(
  q: Queries,
  bookId: number,
  network: string,
  kind: TreasuryKind,
  from: string,
): Promise<TreasuryOrder | undefined> {
  const [row] = await q.query<Raw>(
    'treasury-last',
    `select ${columns} from treasury_orders
     where book_id = $1 and network = $2 and kind = $3 and from_address = $4 order by created_at desc, id desc limit 1`,
    [bookId, network, kind, from],
  )
  return row && orderOf(row)
}

/** How many addresses' last order of a kind failed. */
export async function lastFailures(q: Queries, bookId: number, network: string, kind: TreasuryKind): Promise<number> {
  const [row] = await q.query<{ failures: number }>(
    'treasury-last-failures',
    `select count(*)::integer as failures from treasury_orders o
     where o.book_id = $1 and o.network = $2 and o.kind = $3 and o.status = 'failed' and not exists (
       select from treasury_orders l where l.book_id = $1 and l.network = $2 and l.from_address = o.from_address and l.kind = $3
         and (l.created_at, l.id) > (o.created_at, o.id))`,
    [bookId, network, kind],
  )
  return row?.failures ?? 0
}

export interface OrderFilter {
  network?: string | undefined
  kind?: TreasuryKind | undefined
  status?: TreasuryStatus | undefined
  offset: number
  size: number
}

/** Newest first. */
export async function treasuryOrders(q: Queries, bookId: number, filter: OrderFilter): Promise<TreasuryOrder[]> {
  const { network = null, kind = null, status = null, offset, size } = filter
  const rows = await q.query<Raw>(
    'treasury-orders',
    `select ${columns} from treasury_orders
     where book_id = $1 and ($2::text is null or network = $2) and ($3::text is null or kind = $3) and ($4::text is null or status = $4)
     order by id desc limit $5 offset $6`,
    [bookId, network, kind, status, size, offset],
  )
  return rows.map(orderOf)
}

export interface TreasuryEvent {
  no: number
  from_status: TreasuryStatus | null
  to_status: TreasuryStatus
  reason: string
  at: Date
}

export async function treasuryEvents(q: Queries, bookId: number, id: string): Promise<TreasuryEvent[]> {
  return q.query<TreasuryEvent>(
    'treasury-events',
    'select no, from_status, to_status, reason, at from treasury_events where book_id = $1 and order_id = $2 order by no',
    [bookId, id],
  )
}
