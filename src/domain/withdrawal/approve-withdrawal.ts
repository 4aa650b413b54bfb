// Letting a withdrawal go: its payment is made out and sealed with the MAC that the signer asks for. And declining it.
// Must stay true: order and payment change in one transaction; what is approved is what was shown, to the letter; what is
// sent is the net to the last unit of the chain.

import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { hotAddress } from '../chain/house-address.ts'
import { networkOf } from '../chain/network.ts'
import { approvalMac } from '../chain-payment/approval-mac.ts'
import { openChainPayment } from '../chain-payment/chain-payment.ts'
import type { Bank } from '../context.ts'
import { personByNo } from '../people/people.ts'
import { chainValue } from './chain-value.ts'
import { giveMoneyBack } from './give-back.ts'
import { lockWithdrawal, moveWithdrawal, netOf, type Withdrawal } from './withdrawal.ts'
import { endedRow, happened, tell } from './withdrawal-notice.ts'
import type { Rejection } from './withdrawal-words.ts'

export interface Decision {
  /** A word of withdrawal-words.ts. */
  reason: string
  /** The operators' own words. */
  note?: string
  at: Date
}

/** Makes the order's payment. The order is new or locked by the caller. Refuses `NetworkUnavailable` without a wallet. */
export async function payOut(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: Withdrawal & { status: 'submitted' | 'verification' | 'review' },
  { reason, note = '', at }: Decision,
): Promise<void> {
  const { id, network: code, asset, to_address: to, amount, fee } = order
  const network = networkOf(bank.networks, code)
  const from = hotAddress(bank, bookId, network.family)
  if (from === undefined) throw new Refusal('NetworkUnavailable', { pointer: '/chain', retryAfter: 10 })
  const kind = asset === 'USDT' ? 'token' : 'coin'
  const value = chainValue(network, asset, netOf(order))
  const approved = { bookId, id, network: code, asset: kind, to, value, amount, fee } as const
  await openChainPayment(
    tx,
    bookId,
    {
      network: code,
      order_kind: 'withdrawal',
      order_id: id,
      asset: kind,
      from_purpose: 'hot',
      from_index: 0,
      from_address: from,
      to_address: to,
      value,
      approval_mac: approvalMac(bank.keys.withdrawalApproval, approved),
    },
    at,
  )
  await moveWithdrawal(tx, bookId, order, 'approved', { reason, note, at })
  await tell(tx, bookId, [happened(bank, bookId, order, 'approved', at)])
}

/** What operators were shown of an order, as they approve it. */
export type Shown = Pick<Withdrawal, 'id' | 'network' | 'asset' | 'to_address' | 'amount' | 'fee'>

const isShown = (order: Withdrawal, shown: Shown) =>
  (['id', 'network', 'asset', 'to_address', 'amount', 'fee'] as const).every((field) => order[field] === shown[field])

/** Locks an order that waits for operators, if it still is what they were shown. Refuses `NotFound`, `Outdated`. */
async function lockInReview(tx: Tx, bookId: number, shown: Shown): Promise<Withdrawal & { status: 'review' }> {
  const order = await lockWithdrawal(tx, bookId, shown.id)
  const { status } = order
  if (status !== 'review') throw new Refusal('Outdated', { status })
  if (!isShown(order, shown)) throw new Refusal('Outdated', { reason: 'the order is not what was shown' })
  return { ...order, status }
}

/** Operators let it through. Refuses also `PersonFrozen`, `NetworkUnavailable`. */
export async function approveWithdrawal(
  bank: Bank,
  tx: Tx,
  bookId: number,
  shown: Shown,
  decision: { note: string; at: Date },
): Promise<void> {
  const order = await lockInReview(tx, bookId, shown)
  const person = await personByNo(bank, bookId, order.person_no)
  if (person?.status !== 'active') throw new Refusal('PersonFrozen', { reason: 'the customer may not pay now' })
  await payOut(bank, tx, bookId, order, { reason: 'operators', ...decision })
}

/** Operators decline it: the money is free again. */
export async function rejectWithdrawal(
  bank: Bank,
  tx: Tx,
  bookId: number,
  shown: Shown,
  { reason, note, at }: { reason: Rejection; note: string; at: Date },
): Promise<void> {
  const order = await lockInReview(tx, bookId, shown)
  await giveMoneyBack(tx, bookId, order, [
    endedRow(bank, bookId, order, 'rejected', reason, at),
    happened(bank, bookId, order, 'rejected', at, { reason }),
  ])
  await moveWithdrawal(tx, bookId, order, 'rejected', { reason, note, at })
}
