// The steps that a payment took and what the signer was asked for it, for people who look into one.
// Must stay true: it only reads.

import type { Queries } from '../../base/database.ts'
import type { ChainPaymentStatus } from './chain-payment.ts'

export interface PaymentEvent {
  from_status: ChainPaymentStatus | null
  to_status: ChainPaymentStatus
  tx_hash: string | null
  reason: string
  at: Date
}

/** In order. */
export const paymentEvents = (q: Queries, bookId: number, paymentId: string): Promise<PaymentEvent[]> =>
  q.query<PaymentEvent>(
    'payment-events',
    `select from_status, to_status, tx_hash, reason, at from chain_payment_events
     where book_id = $1 and payment_id = $2 order by no`,
    [bookId, paymentId],
  )
