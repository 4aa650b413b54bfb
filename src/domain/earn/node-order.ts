// Purchases of nodes and the cashback on them, as they are written and shown.
// Must stay true: both are written once, with their journals, by the database's own functions, and never change.

import type { Queries, Tx } from '../../base/database.ts'
import type { Part } from './node-tier.ts'

export async function writeOrder(
  tx: Tx,
  bookId: number,
  order: {
    id: string
    personNo: bigint
    quantity: number
    total: bigint
    fee: bigint
    upt: bigint
    parts: readonly Part[]
    /** How many one person may hold. */
    most: number
    at: Date
  },
): Promise<void> {
  const { id, personNo, quantity, total, fee, upt, parts, most, at } = order
  await tx.query(
    'node-sell',
    'select node_sell($1, $2, $3, $4, $5, $6, $7, $8, $9::smallint[], $10::integer[], $11::bigint[], $12)',
    [
      bookId,
      id,
      personNo,
      quantity,
      total,
      fee,
      upt,
      most,
      parts.map((part) => part.tier),
      parts.map((part) => part.units),
      parts.map((part) => part.price),
      at,
    ],
  )
}

export async function writeCashback(
  tx: Tx,
  bookId: number,
  cashback: { id: string; orderId: string; personNo: bigint; rate: bigint; amount: bigint; at: Date },
): Promise<void> {
  const { id, orderId, personNo, rate, amount, at } = cashback
  await tx.query('node-cashback', 'select node_cashback($1, $2, $3, $4, $5, $6, $7)', [
    bookId,
    id,
    orderId,
    personNo,
    rate,
    amount,
    at,
  ])
}

export interface NodeOrder {
  id: string
  person_no: bigint
  quantity: number
  total: bigint
  fee: bigint
  upt: bigint
  status: 'paid'
  created_at: Date
  parts: Part[]
}

interface Page {
  offset: number
  size: number
}

const ORDER = 'id, person_no, quantity, total, fee, upt, status, created_at'

async function withParts(
  q: Queries,
  bookId: number,
  orders: readonly Omit<NodeOrder, 'parts'>[],
): Promise<NodeOrder[]> {
  const ids = orders.map(({ id }) => id)
  const rows = await q.query<Part & { order_id: string }>(
    'node-order-parts',
    `select order_id, tier, units, price from node_order_parts
     where book_id = $1 and order_id = any ($2::uuid[]) order by order_id, tier`,
    [bookId, ids],
  )
  const parts = Map.groupBy(rows, (row) => row.order_id)
  return orders.map((order) => ({
    ...order,
    parts: (parts.get(order.id) ?? []).map(({ tier, units, price }) => ({ tier, units, price })),
  }))
}

/** A person's purchases, or everybody's, newest first. */
export async function nodeOrders(
  q: Queries,
  bookId: number,
  { personNo, offset, size }: Page & { personNo?: bigint | undefined },
): Promise<NodeOrder[]> {
  const orders = await (personNo === undefined
    ? q.query<Omit<NodeOrder, 'parts'>>(
        'node-orders-all',
        `select ${ORDER} from node_orders where book_id = $1 order by id desc limit $2 offset $3`,
        [bookId, size, offset],
      )
    : q.query<Omit<NodeOrder, 'parts'>>(
        'node-orders',
        `select ${ORDER} from node_orders where book_id = $1 and person_no = $2 order by id desc limit $3 offset $4`,
        [bookId, personNo, size, offset],
      ))
  return withParts(q, bookId, orders)
}

export async function nodeOrderById(q: Queries, bookId: number, id: string): Promise<NodeOrder | undefined> {
  const rows = await q.query<Omit<NodeOrder, 'parts'>>(
    'node-order-by-id',
    `select ${ORDER} from node_orders where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return (await withParts(q, bookId, rows))[0]
}

export interface Cashback {
  id: string
  order_id: string
  person_no: bigint
  from_no: bigint
  base: bigint
  rate: bigint
  amount: bigint
  status: 'paid'
  created_at: Date
}

const CASHBACK = 'id, order_id, person_no, from_no, base, rate, amount, status, created_at'

/** What a person got back for those whom they invited, newest first. */
export const cashbacks = (q: Queries, bookId: number, personNo: bigint, { offset, size }: Page): Promise<Cashback[]> =>
  q.query<Cashback>(
    'node-cashbacks',
    `select ${CASHBACK} from node_cashbacks where book_id = $1 and person_no = $2 order by id desc limit $3 offset $4`,
    [bookId, personNo, size, offset],
  )

export async function cashbackById(q: Queries, bookId: number, id: string): Promise<Cashback | undefined> {
  const [row] = await q.query<Cashback>(
    'node-cashback-by-id',
    `select ${CASHBACK} from node_cashbacks where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}
