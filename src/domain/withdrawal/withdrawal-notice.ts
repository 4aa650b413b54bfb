// What a customer is told about a withdrawal: rows of the inbox and of the stream, written with the step that they tell of.
// Must stay true: amounts are texts, the address stands in full, and nothing of the operators' notes is in any of it.

import type { Tx } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { post } from '../../ledger/post.ts'
import type { Row } from '../../ledger/rows.ts'
import { showAddress } from '../chain/address.ts'
import { networkOf } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import { type InboxParams, inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { netOf, type Withdrawal } from './withdrawal.ts'
import { reasonWords } from './withdrawal-words.ts'

/** What happens to a withdrawal, as the stream names it. */
export type WithdrawalHappening =
  | 'submitted'
  | 'verification'
  | 'review'
  | 'approved'
  | 'broadcast'
  | 'confirming'
  | 'confirmed'
  | 'failed'
  | 'rejected'
  | 'cancelled'

export type Told = Pick<Withdrawal, 'id' | 'person_no' | 'network' | 'asset' | 'to_address' | 'amount' | 'fee'>

export function noticeParams(bank: Bank, order: Told): InboxParams['withdrawal_submitted'] {
  const { scale } = assets[order.asset]
  return {
    amount: formatAmount(order.amount, scale),
    asset: order.asset,
    network: order.network,
    to: showAddress(networkOf(bank.networks, order.network), order.to_address),
  }
}

/** One event of the stream. */
export function happened(
  bank: Bank,
  bookId: number,
  order: Told,
  what: WithdrawalHappening,
  at: Date,
  more: { tx_hash?: string | null; reason?: string } = {},
): Row {
  const { scale } = assets[order.asset]
  const data = {
    id: order.id,
    chain: order.network,
    asset: order.asset,
    amount: formatAmount(order.amount, scale, 2),
    fee: formatAmount(order.fee, scale, 2),
    amount_net: formatAmount(netOf(order), scale, 2),
    to_address: noticeParams(bank, order).to,
    ...(more.tx_hash ? { tx_hash: more.tx_hash } : {}),
    ...(more.reason ? { reason: more.reason } : {}),
  }
  return outboxRow(bookId, order.person_no, `withdrawal.${what}`, data, at)
}

/** An end without payment, in the inbox, with why and what to do. */
export function endedRow(
  bank: Bank,
  bookId: number,
  order: Told,
  end: 'failed' | 'rejected' | 'cancelled',
  reason: string,
  at: Date,
): Row {
  const why = { zh: reasonWords(reason, 'zh'), en: reasonWords(reason, 'en') }
  return inboxRow(bookId, order.person_no, `withdrawal_${end}`, { ...noticeParams(bank, order), why }, at)
}

/** Rows that go with a step that moves no money. */
export const tell = (tx: Tx, bookId: number, rows: Row[]): Promise<unknown> => post(tx, { bookId, rows })
