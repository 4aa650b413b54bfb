// Payments out as people look at them: what is on its way and why it waits, and one of them with all that was signed for it.
// Must stay true: it only reads; what was signed is told by its hash, never by its bytes.

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { type ChainPayment, paymentColumns, paymentOf, type RawPayment } from './chain-payment.ts'
import { type ChainTransaction, transactionsOf } from './chain-transaction.ts'
import { type PaymentEvent, paymentEvents } from './payment-events.ts'

/** What is neither paid nor over, the oldest first. */
export async function openPayments(
  q: Queries,
  bookId: number,
  page: { network: string | undefined; offset: number; size: number },
): Promise<ChainPayment[]> {
  const rows = await q.query<RawPayment>(
    'chain-payments-page',
    `select ${paymentColumns} from chain_payments
     where book_id = $1 and ($2::text is null or network = $2)
       and status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain', 'mined')
     order by created_at, id limit $3 offset $4`,
    [bookId, page.network ?? null, page.size, page.offset],
  )
  return rows.map(paymentOf)
}

/** Refuses `NotFound`. */
export async function paymentById(q: Queries, bookId: number, id: string): Promise<ChainPayment> {
  const [row] = await q.query<RawPayment>(
    'chain-payment-by-id',
    `select ${paymentColumns} from chain_payments where book_id = $1 and id = $2`,
    [bookId, id],
  )
  if (!row) throw new Refusal('NotFound')
  return paymentOf(row)
}

export interface PaymentView {
  payment: ChainPayment
  transactions: ChainTransaction[]
  events: PaymentEvent[]
}

/** Refuses `NotFound`. */
export async function paymentView(q: Queries, bookId: number, id: string): Promise<PaymentView> {
  const payment = await paymentById(q, bookId, id)
  const [transactions, events] = await Promise.all([transactionsOf(q, bookId, [id]), paymentEvents(q, bookId, id)])
  return { payment, transactions: transactions.get(id) ?? [], events }
}

/** Payments that a transaction was signed for, whichever of these networks it is of. */
export const paymentsOfTransaction = (
  q: Queries,
  bookId: number,
  networks: readonly string[],
  txHash: string,
): Promise<Pick<ChainPayment, 'id' | 'network' | 'order_kind' | 'order_id'>[]> =>
  q.query(
    'chain-payments-of-transaction',
    `select p.id, p.network, p.order_kind, p.order_id from chain_transactions t
     join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
     where t.book_id = $1 and t.network = any ($2::text[]) and t.tx_hash = $3 limit 10`,
    [bookId, networks, txHash],
  )

export interface PaymentFigures {
  open: number
  /** Of those, made before the instant that was asked for. */
  late: number
  /** That the signer refuses, or nobody knows what became of. */
  troubled: number
}

export async function paymentFigures(q: Queries, bookId: number, lateBefore: Date): Promise<PaymentFigures> {
  const [row] = await q.query<PaymentFigures>(
    'chain-payment-figures',
    `select count(*)::int as open, count(*) filter (where created_at < $2)::int as late,
            count(*) filter (where status in ('refused', 'uncertain'))::int as troubled
     from chain_payments
     where book_id = $1 and status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain', 'mined')`,
    [bookId, lateBefore],
  )
  return row ?? { open: 0, late: 0, troubled: 0 }
}
