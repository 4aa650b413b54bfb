// The card's kinds of money movement, each one small pure function with its name, as in journals.ts: topping up, paying,
// being refunded, paying off what was taken beyond the balance. Legs sum to zero per asset, in ledger units.
// `issuer` clears: what the issuer's messages told stands there until its statement shows it, then it is taken from `float`.

import { houseAccount, personAccount } from './accounts.ts'
import { journal } from './apply.ts'
import { leg } from './journals.ts'
import type { Journal } from './posting.ts'

/** From a customer's account to their card account; the fee comes on top. */
export function cardTopup(order: {
  id: string
  personNo: bigint
  from: 'main' | 'node'
  amount: bigint
  fee: bigint
}): Journal {
  const { id, personNo, from, amount, fee } = order
  const legs = [leg(personAccount(personNo, from), -amount - fee), leg(personAccount(personNo, 'card'), amount)]
  if (fee > 0n) legs.push(leg(houseAccount('fees'), fee))
  return journal({ kind: 'card_topup', orderKind: 'card_topup', orderId: id, legs })
}

/**
 * What card payments newly come to. `taken`: by which the issuer has taken more (or, below zero, given back), of which
 * `confirmed` more stands in its statement; `balance` and `owed`: by which the customer's card account, and what they owe
 * beyond it, change for that. Taken = owed − balance. Nothing when nothing moves.
 */
export function cardPayment(order: {
  id: string
  key: string
  personNo: bigint
  taken: bigint
  confirmed: bigint
  balance: bigint
  owed: bigint
  memo: string
}): Journal | undefined {
  const { id, key, personNo, taken, confirmed, balance, owed, memo } = order
  const legs = [
    leg(personAccount(personNo, 'card'), balance),
    leg(houseAccount('receivable'), -owed),
    leg(houseAccount('issuer'), taken - confirmed),
    leg(houseAccount('float'), confirmed),
  ].filter(({ amount }) => amount !== 0n)
  if (legs.length === 0) return undefined
  return journal({ kind: kindOf(taken, balance), key, orderKind: 'card_payment', orderId: id, memo, legs })
}

function kindOf(taken: bigint, balance: bigint) {
  if (taken > 0n) return 'card_payment'
  if (taken < 0n) return 'card_refund'
  return balance < 0n ? 'card_owed_paid' : 'card_settled'
}

/** Back from a card that ended to its holder's main account. */
export const cardRelease = ({ id, personNo, amount }: { id: string; personNo: bigint; amount: bigint }): Journal =>
  journal({
    kind: 'card_release',
    orderKind: 'card_release',
    orderId: id,
    legs: [leg(personAccount(personNo, 'card'), -amount), leg(personAccount(personNo, 'main'), amount)],
  })

/** What the issuer charged the house for a transaction, out of what the house has there. */
export const cardCost = (order: { id: string; key: string; amount: bigint; memo: string }): Journal =>
  journal({
    kind: 'card_cost',
    key: order.key,
    orderKind: 'card_cost',
    orderId: order.id,
    memo: order.memo,
    legs: [leg(houseAccount('float'), order.amount), leg(houseAccount('expense'), -order.amount)],
  })

/** The owners pay money in at the issuer, or take it back. */
export function issuerFunded(order: { id: string; direction: 'in' | 'out'; amount: bigint; memo: string }): Journal {
  const amount = order.direction === 'in' ? order.amount : -order.amount
  return journal({
    kind: 'issuer_funded',
    orderKind: 'issuer_funding',
    orderId: order.id,
    memo: order.memo,
    legs: [leg(houseAccount('float'), -amount), leg(houseAccount('capital'), amount)],
  })
}
