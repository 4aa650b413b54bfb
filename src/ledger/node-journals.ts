// The node programme's kinds of money movement, each one small pure function with its name, as in journals.ts: buying nodes
// and the points that come with them, cashback, commissions, daily yield. Legs sum to zero per asset, in ledger units.
// A memo says how an amount came about, in signs that need no language.

import { houseAccount, type PersonKind, personAccount } from './accounts.ts'
import { journal } from './apply.ts'
import { leg } from './journals.ts'
import type { Journal } from './posting.ts'

/** A customer buys nodes. The fee is a share of the price, not on top of it: commissions are paid out of it. */
export function nodePurchase(order: { id: string; personNo: bigint; total: bigint; fee: bigint }): Journal {
  const { id, personNo, total, fee } = order
  const legs = [leg(personAccount(personNo, 'main'), -total)]
  if (total > fee) legs.push(leg(houseAccount('income'), total - fee))
  if (fee > 0n) legs.push(leg(houseAccount('fees'), fee))
  return journal({ kind: 'node_purchase', orderKind: 'node_purchase', orderId: id, legs })
}

/** Part of a node's price goes back to who invited the buyer. `memo` says what of: "100 × 0.05". */
export function nodeCashback(order: { id: string; personNo: bigint; amount: bigint; memo: string }): Journal {
  const { id, personNo, amount, memo } = order
  return journal({
    kind: 'node_cashback',
    orderKind: 'node_cashback',
    orderId: id,
    memo,
    legs: [leg(houseAccount('income'), -amount), leg(personAccount(personNo, 'node'), amount)],
  })
}

/** What a customer's nodes earned in a day. `memo` says which day and how: "2026-06-28: 100 × 0.0005". */
export function nodeYield(order: { id: string; personNo: bigint; amount: bigint; memo: string }): Journal {
  const { id, personNo, amount, memo } = order
  return journal({
    kind: 'node_yield',
    orderKind: 'node_yield',
    orderId: id,
    memo,
    legs: [leg(houseAccount('expense'), -amount), leg(personAccount(personNo, 'node'), amount)],
  })
}

/** A layer's part of a fee that somebody in the team paid. `memo` says of which fee and how: "transfer_fee L1: 1 × 0.2". */
export function commission(order: { id: string; personNo: bigint; amount: bigint; memo: string }): Journal {
  const { id, personNo, amount, memo } = order
  return journal({
    kind: 'commission',
    orderKind: 'commission',
    orderId: id,
    memo,
    legs: [leg(houseAccount('fees'), -amount), leg(personAccount(personNo, 'node'), amount)],
  })
}

/** The fee was given back, so is its commission: what the customer still has available, and the rest is owed. */
export function commissionReversed(order: {
  id: string
  personNo: bigint
  amount: bigint
  available: bigint
  reverses: string
}): Journal {
  const { id, personNo, amount, reverses } = order
  const taken = order.available < amount ? order.available : amount
  const legs = [leg(houseAccount('fees'), amount)]
  if (taken > 0n) legs.push(leg(personAccount(personNo, 'node'), -taken))
  if (amount > taken) legs.push(leg(houseAccount('receivable'), -(amount - taken)))
  return journal({ kind: 'commission_reversed', orderKind: 'commission', orderId: id, legs, reverses })
}

/** Points given to a customer, e.g. with a node. */
export function uptGranted(order: {
  id: string
  orderKind: string
  personNo: bigint
  account: PersonKind
  amount: bigint
}): Journal {
  return journal({
    kind: 'upt_granted',
    orderKind: order.orderKind,
    orderId: order.id,
    legs: [
      leg(houseAccount('issuance', 'UPT'), -order.amount),
      leg(personAccount(order.personNo, order.account, 'UPT'), order.amount),
    ],
  })
}
