// A payment on its way to a chain: its states as a table, and the only ways to make and to move one.
// Must stay true: one payment per order, for ever; back to `ready` and to `void` only while nothing that was signed for it
// can still be mined. The table below is the database's (chain_payment_transitions); a test compares the two.

import type { Queries, Tx } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'

export const transitions = {
  /** May be signed; `reason` says what it waits for. */
  ready: ['signed', 'refused', 'void'],
  /** The signer will not sign it. For operators. */
  refused: ['ready', 'void'],
  /** Signed and stored, not yet handed to a node. */
  signed: ['broadcast', 'uncertain', 'mined', 'ready'],
  /** A node has it. */
  broadcast: ['uncertain', 'mined', 'ready'],
  /** It was handed to a node and nobody knows what became of it. The chain is asked until it says so. */
  uncertain: ['broadcast', 'mined', 'ready'],
  /** In a block that may still leave the chain. */
  mined: ['broadcast', 'confirmed', 'failed'],
  /** Final, the money arrived. Back only when the chain reorganises deeper than its confirmations. */
  confirmed: ['broadcast'],
  /** Final, and it moved nothing but its fee. */
  failed: ['broadcast'],
  /** Given up before anything could be mined. */
  void: [],
} as const satisfies Record<string, readonly string[]>

export type ChainPaymentStatus = keyof typeof transitions
export type OrderKind = 'withdrawal' | 'sweep' | 'top_up' | 'cold_move' | 'nonce_fill'

export interface ChainPayment {
  id: string
  network: string
  order_kind: OrderKind
  order_id: string
  asset: 'token' | 'coin'
  from_purpose: 'hot' | 'deposit'
  from_index: number
  from_address: string
  to_address: string
  /** Chain units. */
  value: bigint
  approval_mac: Buffer | null
  status: ChainPaymentStatus
  reason: string
  /** The last state that its order was told of. */
  told: ChainPaymentStatus
  /** An operator wants no more tries: then the end (`void`), or a new start with another nonce (`again`). */
  give_up: 'void' | 'again' | null
  tx_id: string | null
  created_at: Date
  settled_at: Date | null
}

export type RawPayment = Omit<ChainPayment, 'value'> & { value: string }

export const paymentColumns = `id, network, order_kind, order_id, asset, from_purpose, from_index, from_address, to_address, value,
  approval_mac, status, reason, told, give_up, tx_id, created_at, settled_at`

export const paymentOf = (row: RawPayment): ChainPayment => ({ ...row, value: BigInt(row.value) })

export type NewChainPayment = Pick<
  ChainPayment,
  | 'network'
  | 'order_kind'
  | 'order_id'
  | 'asset'
  | 'from_purpose'
  | 'from_index'
  | 'from_address'
  | 'to_address'
  | 'value'
> & { approval_mac?: Buffer }

/** Makes the order's payment and answers its id; asked again, the id of the one that is there. */
export async function openChainPayment(tx: Tx, bookId: number, payment: NewChainPayment, at: Date): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    'chain-payment-open',
    'select chain_payment_open($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as id',
    [
      bookId,
      newId(),
      payment.network,
      payment.order_kind,
      payment.order_id,
      payment.asset,
      payment.from_purpose,
      payment.from_index,
      payment.from_address,
      payment.to_address,
      payment.value.toString(),
      payment.approval_mac ?? null,
      at,
    ],
  )
  if (!row) throw new Error('a payment was not made')
  return row.id
}

export async function paymentOfOrder(
  q: Queries,
  bookId: number,
  orderKind: OrderKind,
  orderId: string,
): Promise<ChainPayment | undefined> {
  const [row] = await q.query<RawPayment>(
    'chain-payment-of-order',
    `select ${paymentColumns} from chain_payments where book_id = $1 and order_kind = $2 and order_id = $3`,
    [bookId, orderKind, orderId],
  )
  return row && paymentOf(row)
}

/** Moves a payment along one line of the table; false when it was no longer where it is said to be. */
export async function movePayment<F extends ChainPaymentStatus>(
  tx: Tx,
  bookId: number,
  id: string,
  from: F,
  to: (typeof transitions)[F][number] & ChainPaymentStatus,
  { txId = null, reason = '', at }: { txId?: string | null; reason?: string; at: Date },
): Promise<boolean> {
  const [row] = await tx.query<{ moved: boolean }>(
    'chain-payment-move',
    'select chain_payment_move($1, $2, $3, $4, $5, $6, $7) as moved',
    [bookId, id, from, to, txId, reason, at],
  )
  return row?.moved === true
}

/**
 * What an order does when its payment changes. Runs in the transaction that moves the payment, with the payment's row
 * locked; so whatever it posts commits with the state or not at all. Called once per step, also for repeated ones after a
 * reorganisation: postings must be keyed by their order.
 */
export interface PaymentOrders {
  paymentMoved(
    tx: Tx,
    bookId: number,
    payment: ChainPayment,
    to: ChainPaymentStatus,
    txHash: string | null,
  ): Promise<void>
}
