// How many payments out are on their way, and since when: for those who watch the installation. Must stay true: it costs what
// is open, however many were paid before.

import type { Queries } from '../../base/database.ts'
import type { ChainPaymentStatus } from './chain-payment.ts'

export interface PaymentCount {
  network: string
  status: ChainPaymentStatus
  count: number
  /** When the oldest of them was made. */
  oldest: Date
}

/** Of all books, what is neither paid nor over. */
export async function countOpenPayments(q: Queries): Promise<PaymentCount[]> {
  return q.query<PaymentCount>(
    'chain-payments-count',
    `select network, status, count(*)::integer as count, min(created_at) as oldest from chain_payments
     where status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain', 'mined') group by network, status`,
  )
}
