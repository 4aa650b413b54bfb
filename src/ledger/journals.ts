// Every kind of money movement as one small pure function with its name. Legs sum to zero per asset, in ledger units.
// Reading this file is reading what UniPay does with money; nodes: node-journals.ts, cards:
// card-journals.ts.
// Add a movement here, its wording in domain/statement.ts, and a line in docs/ledger.md.

import type { Asset } from './accounts.ts'
import { houseAccount, type PersonKind, personAccount } from './accounts.ts'
import { journal } from './apply.ts'
import type { Journal, Leg } from './posting.ts'

export const journalKinds = [
  'transfer',
  'transfer_internal',
  'deposit',
  'deposit_reversed',
  'receivable_paid',
  'deposit_unclaimed',
  'deposit_unclaimed_reversed',
  'dust_booked',
  'withdrawal',
  'swept',
  'moved_to_cold',
  'moved_to_hot',
  'network_fee',
  'house_funded',
  'node_purchase',
  'node_cashback',
  'node_yield',
  'commission',
  'commission_reversed',
  'card_topup',
  'card_payment',
  'card_refund',
  'card_owed_paid',
  'card_settled',
  'card_release',
  'card_cost',
  'issuer_funded',
  'remittance',
  'remittance_paid',
  'remittance_returned',
  'remittance_loss',
  'ramp_paid',
  'ramp_bought',
  'ramp_sold',
  'ramp_settled',
  'adjustment',
  'upt_granted',
  'reversal',
] as const
export type JournalKind = (typeof journalKinds)[number]

/** A leg, made short. */
export const leg = (account: bigint, amount: bigint): Leg => ({ account, amount })

/** One customer pays another inside the book; the fee, if any, comes from the payer on top. */
export function transfer(order: {
  id: string
  from: { personNo: bigint; account: PersonKind }
  to: { personNo: bigint; account: PersonKind }
  amount: bigint
  fee: bigint
  memo: string
  asset?: Asset
}): Journal {
  const { id, from, to, amount, fee, memo, asset = 'USDT' } = order
  const legs = [
    leg(personAccount(from.personNo, from.account, asset), -amount - fee),
    leg(personAccount(to.personNo, to.account, asset), amount),
  ]
  if (fee > 0n) legs.push(leg(houseAccount('fees', asset), fee))
  return journal({ kind: 'transfer', orderKind: 'transfer', orderId: id, memo, legs })
}

/** A customer moves money between two accounts of their own. */
export function transferInternal(order: {
  id: string
  personNo: bigint
  from: PersonKind
  to: PersonKind
  amount: bigint
  asset?: Asset
}): Journal {
  const { id, personNo, from, to, amount, asset = 'USDT' } = order
  return journal({
    kind: 'transfer_internal',
    orderKind: 'transfer_internal',
    orderId: id,
    legs: [leg(personAccount(personNo, from, asset), -amount), leg(personAccount(personNo, to, asset), amount)],
  })
}

/** Coins arrived on chain and are final: custody of the network takes them on, the customer is credited. */
export function deposit(order: {
  id: string
  key: string
  networkNo: number
  personNo: bigint
  amount: bigint
  asset?: Asset
}): Journal {
  const { id, key, networkNo, personNo, amount, asset = 'USDT' } = order
  return journal({
    kind: 'deposit',
    key,
    orderKind: 'deposit',
    orderId: id,
    legs: [
      leg(houseAccount('custody', asset, networkNo), -amount),
      leg(personAccount(personNo, 'main', asset), amount),
    ],
  })
}

/**
 * A credited deposit left the chain after all (a reorganisation deeper than its confirmations). What the customer
 * still has available goes back; the rest is a receivable of the house until it is paid.
 */
export function depositReversed(order: {
  id: string
  key: string
  networkNo: number
  personNo: bigint
  amount: bigint
  available: bigint
  reverses: string
  asset?: Asset
}): Journal {
  const { id, key, networkNo, personNo, amount, reverses, asset = 'USDT' } = order
  const taken = order.available < amount ? order.available : amount
  const legs = [leg(houseAccount('custody', asset, networkNo), amount)]
  if (taken > 0n) legs.push(leg(personAccount(personNo, 'main', asset), -taken))
  if (amount > taken) legs.push(leg(houseAccount('receivable', asset), -(amount - taken)))
  return journal({ kind: 'deposit_reversed', key, orderKind: 'deposit', orderId: id, legs, reverses })
}

/** What a customer owes after a reversed deposit is paid out of the customer's account. */
export function receivablePaid(order: {
  id: string
  key: string
  personNo: bigint
  amount: bigint
  asset?: Asset
}): Journal {
  const { id, key, personNo, amount, asset = 'USDT' } = order
  return journal({
    kind: 'receivable_paid',
    key,
    orderKind: 'deposit',
    orderId: id,
    legs: [leg(personAccount(personNo, 'main', asset), -amount), leg(houseAccount('receivable', asset), amount)],
  })
}

/** Coins arrived that are not credited to anybody (below the minimum, refused by an operator): kept aside. */
export function depositUnclaimed(order: {
  id: string
  key: string
  networkNo: number
  amount: bigint
  asset?: Asset
}): Journal {
  const { id, key, networkNo, amount, asset = 'USDT' } = order
  return journal({
    kind: 'deposit_unclaimed',
    key,
    orderKind: 'deposit',
    orderId: id,
    legs: [leg(houseAccount('custody', asset, networkNo), -amount), leg(houseAccount('suspense', asset), amount)],
  })
}

/** Coins that had been kept aside left the chain again. */
export function depositUnclaimedReversed(order: {
  id: string
  key: string
  networkNo: number
  amount: bigint
  reverses: string
  asset?: Asset
}): Journal {
  const { id, key, networkNo, amount, reverses, asset = 'USDT' } = order
  return journal({
    kind: 'deposit_unclaimed_reversed',
    key,
    orderKind: 'deposit',
    orderId: id,
    reverses,
    legs: [leg(houseAccount('custody', asset, networkNo), amount), leg(houseAccount('suspense', asset), -amount)],
  })
}

/** Dust of many deposits has grown to whole ledger units (or, after a reorganisation, shrunk below those booked). */
export function dustBooked(order: {
  id: string
  key: string
  networkNo: number
  units: bigint
  asset?: Asset
}): Journal {
  const { id, key, networkNo, units, asset = 'USDT' } = order
  return journal({
    kind: 'dust_booked',
    key,
    orderKind: 'deposit',
    orderId: id,
    legs: [leg(houseAccount('custody', asset, networkNo), -units), leg(houseAccount('dust', asset), units)],
  })
}

/** Where a network's tokens leave from, or its coin. */
const outOf = (asset: Asset, networkNo: number) => houseAccount(asset === 'USDT' ? 'hot' : 'custody', asset, networkNo)

/** A reorganisation may undo a movement after it was booked; done once more it is another one. */
const roundKey = (kind: string, round: number) => (round > 1 ? `${kind}:${round}` : kind)

/**
 * A withdrawal is final on chain: what was held leaves the customer, the net left the hot wallet, the fee is ours. `owed`
 * of it is not there any more: a reorganisation paid what had been given back.
 */
export function withdrawal(order: {
  id: string
  networkNo: number
  personNo: bigint
  net: bigint
  fee: bigint
  owed?: bigint
  round?: number
  asset?: Asset
}): Journal {
  const { id, networkNo, personNo, net, fee, owed = 0n, round = 1, asset = 'USDT' } = order
  const legs = [leg(outOf(asset, networkNo), net)]
  if (net + fee > owed) legs.unshift(leg(personAccount(personNo, 'main', asset), -net - fee + owed))
  if (fee > 0n) legs.push(leg(houseAccount('fees', asset), fee))
  if (owed > 0n) legs.push(leg(houseAccount('receivable', asset), -owed))
  return journal({
    kind: 'withdrawal',
    key: roundKey('withdrawal', round),
    orderKind: 'withdrawal',
    orderId: id,
    legs,
  })
}

/** Tokens of a deposit address arrived in the hot or the cold wallet. */
export function swept(order: {
  id: string
  networkNo: number
  amount: bigint
  to: 'hot' | 'cold'
  round?: number
}): Journal {
  const { id, networkNo, amount, to, round = 1 } = order
  return journal({
    kind: 'swept',
    key: roundKey('swept', round),
    orderKind: 'sweep',
    orderId: id,
    legs: [leg(houseAccount(to, 'USDT', networkNo), -amount), leg(houseAccount('custody', 'USDT', networkNo), amount)],
  })
}

/** What the hot wallet held too much of arrived in the cold wallet. */
export function movedToCold(order: { id: string; networkNo: number; amount: bigint; round?: number }): Journal {
  const { id, networkNo, amount, round = 1 } = order
  return journal({
    kind: 'moved_to_cold',
    key: roundKey('moved_to_cold', round),
    orderKind: 'cold_move',
    orderId: id,
    legs: [leg(houseAccount('cold', 'USDT', networkNo), -amount), leg(houseAccount('hot', 'USDT', networkNo), amount)],
  })
}

/** Whoever keeps the cold wallet filled the hot one up. */
export function movedToHot(order: { id: string; key: string; networkNo: number; amount: bigint }): Journal {
  const { id, key, networkNo, amount } = order
  return journal({
    kind: 'moved_to_hot',
    key,
    orderKind: 'funding',
    orderId: id,
    legs: [leg(houseAccount('hot', 'USDT', networkNo), -amount), leg(houseAccount('cold', 'USDT', networkNo), amount)],
  })
}

/** What the network took for a transaction of ours, mined well or badly, in its coin. */
export function networkFee(order: {
  id: string
  orderKind: string
  /** The transaction's hash: each is paid once. */
  txHash: string
  networkNo: number
  asset: Asset
  amount: bigint
}): Journal {
  const { id, orderKind, txHash, networkNo, asset, amount } = order
  return journal({
    kind: 'network_fee',
    key: `network_fee:${txHash}`,
    orderKind,
    orderId: id,
    legs: [
      leg(houseAccount('custody', asset, networkNo), amount),
      leg(houseAccount('expense', asset, networkNo), -amount),
    ],
  })
}

/** The owners of the bank paid in: coin for network fees, or tokens straight into a house wallet. */
export function houseFunded(order: {
  id: string
  key: string
  networkNo: number
  asset: Asset
  to: 'custody' | 'hot' | 'cold'
  amount: bigint
}): Journal {
  const { id, key, networkNo, asset, to, amount } = order
  return journal({
    kind: 'house_funded',
    key,
    orderKind: 'funding',
    orderId: id,
    legs: [leg(houseAccount(to, asset, networkNo), -amount), leg(houseAccount('capital', asset, networkNo), amount)],
  })
}

/** An operator's correction between any two accounts, with the day that it belongs to where that is past. */
export function adjustment(order: {
  id: string
  from: bigint
  to: bigint
  amount: bigint
  memo: string
  valueAt?: Date
}): Journal {
  return journal({
    kind: 'adjustment',
    orderKind: 'adjustment',
    orderId: order.id,
    memo: order.memo,
    legs: [leg(order.from, -order.amount), leg(order.to, order.amount)],
    ...(order.valueAt ? { valueAt: order.valueAt } : {}),
  })
}

/** The same legs with their signs turned. A journal can be reversed once. */
export function reversal(of: { id: string; orderKind: string; orderId: string; legs: Leg[] }, memo: string): Journal {
  return journal({
    kind: 'reversal',
    key: `reversal:${of.id}`,
    orderKind: of.orderKind,
    orderId: of.orderId,
    memo,
    reverses: of.id,
    legs: of.legs.map(({ account, amount }) => leg(account, -amount)),
  })
}
