// A payer: what advances one book's payments on one network, and the ways all its steps move a payment.
// Must stay true: a payment is moved with its row locked, and its order is told in the same transaction. Locks are taken
// in one order everywhere: payments (ids ascending), chain_states, the order, ledger accounts. No call to a node is made
// while a transaction is open.

import type { Queries, Tx } from '../../base/database.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { ChainSender } from '../ports.ts'
import { moneyOutStopped } from '../setting.ts'
import {
  type ChainPayment,
  type ChainPaymentStatus,
  movePayment,
  type OrderKind,
  type PaymentOrders,
  paymentColumns,
  paymentOf,
  type RawPayment,
  type transitions,
} from './chain-payment.ts'

/** Who is told of payments, by kind of order. Payments of other kinds are left alone. */
export type OrdersByKind = { readonly [K in Exclude<OrderKind, 'nonce_fill'>]?: PaymentOrders }

export interface Payer {
  readonly bank: Bank
  readonly bookId: number
  readonly network: Network
  readonly sender: ChainSender
  readonly orders: OrdersByKind
  /** When each transaction was first seen to be dead, by this process; see prove-dead.ts. */
  readonly suspects: Map<string, Date>
  /** Until when a payment that the chain would fail is left alone by this process. */
  readonly pauses: Map<string, Date>
}

/** Kinds of orders that this payer serves. Filling a nonce has no order to tell. */
export const kindsOf = ({ orders }: Pick<Payer, 'orders'>): string[] => [...Object.keys(orders), 'nonce_fill']

/** Why nothing may be signed or sent now, or nothing when it may: money out is stopped, or the network is not followed. */
export async function heldBack({ bookId, network }: Payer, q: Queries): Promise<string | undefined> {
  const stopped = await moneyOutStopped(q, bookId, network.code)
  if (stopped !== undefined) return `money out is stopped: ${stopped}`
  const state = await chainStateOf(q, bookId, network.code)
  return state?.phase === 'following' ? undefined : 'the network is not followed now'
}

/** Locks a payment until the transaction ends. */
export async function lockPayment(tx: Tx, bookId: number, id: string): Promise<ChainPayment> {
  const [row] = await tx.query<RawPayment>(
    'chain-payment-lock',
    `select ${paymentColumns} from chain_payment_lock($1, $2)`,
    [bookId, id],
  )
  if (!row) throw new Error(`there is no payment ${id}`)
  return paymentOf(row)
}

/** Moves a payment whose row the caller has locked, and tells its order. Answers with the payment as it is now. */
export async function movePaid<F extends ChainPaymentStatus>(
  payer: Payer,
  tx: Tx,
  payment: ChainPayment & { status: F },
  to: (typeof transitions)[F][number] & ChainPaymentStatus,
  { txId, txHash = null, reason = '' }: { txId?: string; txHash?: string | null; reason?: string } = {},
): Promise<ChainPayment> {
  const at = payer.bank.clock.now()
  const moved = await movePayment(tx, payer.bookId, payment.id, payment.status, to, { txId: txId ?? null, reason, at })
  if (!moved) throw new Error(`payment ${payment.id} moved although it was locked`)
  if (payment.order_kind !== 'nonce_fill') {
    await payer.orders[payment.order_kind]?.paymentMoved(tx, payer.bookId, payment, to, txHash)
  }
  return { ...payment, status: to, told: to, reason, tx_id: txId ?? payment.tx_id }
}

/** True for a payment that is in one of these states, as the compiler sees it too. */
export const isIn = <S extends ChainPaymentStatus>(
  payment: ChainPayment,
  ...statuses: readonly S[]
): payment is ChainPayment & { status: S } => statuses.some((status) => status === payment.status)

/** Payments of this payer's kinds in some states, in the order in which they were made. */
export async function paymentsIn(
  { bank, bookId, network, orders }: Payer,
  statuses: readonly ChainPaymentStatus[],
  limit: number,
): Promise<ChainPayment[]> {
  const rows = await bank.db.query<RawPayment>(
    'chain-payments-in',
    `select ${paymentColumns} from chain_payments
     where book_id = $1 and network = $2 and status = any ($3) and order_kind = any ($4)
       and status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')
     order by created_at, id limit $5`,
    [bookId, network.code, statuses, kindsOf({ orders }), limit],
  )
  return rows.map(paymentOf)
}

/** Does each in turn; what goes wrong with one keeps none of the others waiting, and is thrown at the end. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const failed: unknown[] = []
  for (const item of items) await work(item).catch((error: unknown) => failed.push(error))
  if (failed.length > 0) throw failed[0]
}
