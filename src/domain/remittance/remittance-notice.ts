// What a customer is told about a remittance: rows of the inbox and of the stream, written with the step they tell of.
// Must stay true: amounts are texts, the recipient is called by bank and last digits, notes of others are in none of it.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Row } from '../../ledger/rows.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { CNH_SCALE } from './quote-remittance.ts'
import { maskAccount } from './recipient-fields.ts'
import type { Remittance } from './remittance-order.ts'
import { reasonWords } from './remittance-words.ts'

export type Told = Pick<Remittance, 'id' | 'person_no' | 'principal' | 'fee' | 'cnh' | 'recipient'>

const { scale } = assets.USDT

const paramsOf = ({ principal, cnh, recipient }: Told) => ({
  amount: formatAmount(principal, scale, 2),
  cnh: formatAmount(cnh, CNH_SCALE, 2),
  to: `${recipient.bankCode} ${maskAccount(recipient.account)}`,
})

type Happening = 'submitted' | 'review' | 'processing' | 'completed' | 'failed' | 'rejected' | 'returned'

/** One event of the stream. */
export function happened(bookId: number, order: Told, what: Happening, at: Date, reason = ''): Row {
  const data = {
    id: order.id,
    principal_usdt: formatAmount(order.principal, scale, 2),
    fee_usdt: formatAmount(order.fee, scale, 2),
    amount_cnh: formatAmount(order.cnh, CNH_SCALE, 2),
    ...(reason ? { reason } : {}),
  }
  return outboxRow(bookId, order.person_no, `remittance.${what}`, data, at)
}

export const submittedRow = (bookId: number, order: Told, at: Date): Row =>
  inboxRow(bookId, order.person_no, 'remittance_submitted', paramsOf(order), at)

export const completedRow = (bookId: number, order: Told, at: Date): Row =>
  inboxRow(bookId, order.person_no, 'remittance_completed', paramsOf(order), at)

export const returnedRow = (bookId: number, order: Told, credited: bigint, at: Date): Row =>
  inboxRow(
    bookId,
    order.person_no,
    'remittance_returned',
    { ...paramsOf(order), credited: formatAmount(credited, scale, 2) },
    at,
  )

/** An end without payment, with why and what to do. */
export function endedRow(bookId: number, order: Told, end: 'failed' | 'rejected', reason: string, at: Date): Row {
  const why = { zh: reasonWords(reason, 'zh'), en: reasonWords(reason, 'en') }
  return inboxRow(bookId, order.person_no, `remittance_${end}`, { ...paramsOf(order), why }, at)
}
