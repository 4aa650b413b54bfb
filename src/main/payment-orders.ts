// Who is told when a payment out moves: each kind of order by the module whose it is.
// Must stay true: a kind that is missing here is left alone by the payment loop, and its payments wait.

import type { OrdersByKind } from '../domain/chain-payment/payer.ts'
import type { Bank } from '../domain/context.ts'
import { treasuryPayments } from '../domain/treasury/settle-treasury.ts'
import { withdrawalPayments } from '../domain/withdrawal/follow-payment.ts'

export const paymentOrders = (bank: Bank): OrdersByKind => {
  const treasury = treasuryPayments(bank)
  return { withdrawal: withdrawalPayments(bank), sweep: treasury, top_up: treasury, cold_move: treasury }
}
