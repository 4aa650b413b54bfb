// The movements of remittances to bank accounts, in ledger units; see journals.ts. `vendor` tells payout vendors apart.
// Must stay true: `payout` is zero again when an order has ended, however it ended.

import { houseAccount, personAccount } from './accounts.ts'
import { journal } from './apply.ts'
import { leg } from './journals.ts'
import type { Journal } from './posting.ts'

interface Remitted {
  id: string
  personNo: bigint
  vendor: number
}

/** The vendor has taken a payout on: what was held leaves the customer, the fee is ours. */
export function remittance(order: Remitted & { principal: bigint; fee: bigint }): Journal {
  const { id, personNo, vendor, principal, fee } = order
  const legs = [
    leg(personAccount(personNo, 'main'), -principal - fee),
    leg(houseAccount('payout', 'USDT', vendor), principal),
  ]
  if (fee > 0n) legs.push(leg(houseAccount('fees'), fee))
  return journal({ kind: 'remittance', orderKind: 'remittance', orderId: id, legs })
}

/** The bank has it: the house paid for it in the other currency, and the USDT are its own. */
export function remittancePaid({ id, vendor, principal }: Omit<Remitted, 'personNo'> & { principal: bigint }): Journal {
  return journal({
    kind: 'remittance_paid',
    orderKind: 'remittance',
    orderId: id,
    legs: [
      leg(houseAccount('payout', 'USDT', vendor), -principal),
      leg(houseAccount('remitted', 'USDT', vendor), principal),
    ],
  })
}

/** The bank sent it back after all, or a part of it. */
export function remittanceReturned(order: Remitted & { amount: bigint }): Journal {
  const { id, personNo, vendor, amount } = order
  return journal({
    kind: 'remittance_returned',
    orderKind: 'remittance',
    orderId: id,
    legs: [leg(houseAccount('remitted', 'USDT', vendor), -amount), leg(personAccount(personNo, 'main'), amount)],
  })
}

/** The bank has what was given back to its sender: the house has paid for it. The order is the operators' approval. */
export const remittanceLoss = (order: { id: string; vendor: number; principal: bigint; memo: string }): Journal =>
  journal({
    kind: 'remittance_loss',
    orderKind: 'remittance_end',
    orderId: order.id,
    memo: order.memo,
    legs: [
      leg(houseAccount('expense'), -order.principal),
      leg(houseAccount('remitted', 'USDT', order.vendor), order.principal),
    ],
  })
