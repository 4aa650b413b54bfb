// What a vendor's answer does to a remittance: money is taken when it has taken the payout on, the clearing account closed
// when the bank has it, and given back when it came to nothing; a return after that is a movement of its own.
// Must stay true: each runs in one transaction under the order's lock, so answers may come twice and in any order; an answer
// that contradicts the order moves no money, and operators hear of it.

import type { Tx } from '../../base/database.ts'
import { divFloor, formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { findHold } from '../../ledger/holds.ts'
import { post } from '../../ledger/post.ts'
import { remittance, remittancePaid, remittanceReturned } from '../../ledger/remittance-journals.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import type { PayoutState } from '../ports.ts'
import { giveMoneyBack } from './give-back.ts'
import { CNH_SCALE } from './quote-remittance.ts'
import { completedRow, endedRow, happened, returnedRow } from './remittance-notice.ts'
import {
  lockRemittance,
  moveRemittance,
  notePayout,
  noteVendor,
  type Remittance,
  type RemittanceStatus,
  type Step,
} from './remittance-order.ts'
import { VENDOR } from './remittance-review.ts'
import { BY_OPERATORS, PAID_AFTER_ALL } from './remittance-words.ts'

const { scale } = assets.USDT

const locked = (bank: Bank, bookId: number, id: string, work: (tx: Tx, order: Remittance, at: Date) => Promise<void>) =>
  bank.db.transaction(async (tx) => work(tx, await lockRemittance(bank, tx, bookId, id), bank.clock.now()))

const is = <S extends RemittanceStatus>(order: Remittance, ...statuses: S[]): order is Remittance & { status: S } =>
  statuses.some((status) => status === order.status)

/** Nobody knows whether the vendor has it. */
export const recordNoAnswer = (bank: Bank, bookId: number, id: string, why: string): Promise<void> =>
  locked(bank, bookId, id, async (tx, order, at) => {
    const note = why.slice(0, 300)
    if (is(order, 'queued')) await moveRemittance(tx, bookId, order, 'uncertain', { reason: 'no_answer', note, at })
  })

/** The vendor refuses something else than the payout, of which it may have heard before. */
export const recordDoubt = (bank: Bank, bookId: number, id: string, note: string): Promise<void> =>
  locked(bank, bookId, id, async (tx, order, at) => {
    if (order.payout_id !== null || !is(order, 'queued', 'uncertain')) return
    if (is(order, 'queued')) await moveRemittance(tx, bookId, order, 'uncertain', { reason: 'no_answer', note, at })
    await contradict(tx, bookId, order, note, at)
  })

/** The vendor said no, and nothing happened. */
export const recordRefused = (
  bank: Bank,
  bookId: number,
  id: string,
  reason: 'beneficiary_refused' | 'payout_refused',
  note: string,
): Promise<void> =>
  locked(bank, bookId, id, async (tx, order, at) => {
    if (order.payout_id !== null || !is(order, 'queued', 'uncertain')) return
    await fail(tx, bookId, order, { reason, note, at })
  })

/** The vendor has taken it on: what was held leaves the customer. What else it said counts as well. */
export const recordAccepted = (bank: Bank, bookId: number, id: string, state: PayoutState): Promise<void> =>
  locked(bank, bookId, id, async (tx, order, at) => {
    if (order.payout_id === null && is(order, 'queued', 'uncertain')) {
      const { person_no: personNo, principal, fee } = order
      const journal = remittance({ id, personNo, vendor: VENDOR, principal, fee })
      const hold = await findHold(tx, bookId, order.hold_id)
      const change = { id: hold.id, account: hold.account_id, to: 'captured', captured: principal + fee } as const
      const rows = [happened(bookId, order, 'processing', at)]
      await post(tx, { bookId, journal, change, rows, evenIfClosed: true })
      const { payoutId, status: vendorStatus } = state
      await moveRemittance(tx, bookId, order, 'processing', { payoutId, journalId: journal.id, vendorStatus, at })
      await closeAlert(tx, bookId, alertKey(id))
    } else if (order.payout_id === null) {
      await notePayout(tx, bookId, id, state.payoutId)
      await contradict(tx, bookId, { ...order, payout_id: state.payoutId }, 'taken on after it had been refused', at)
      return
    }
    const { payout_id: known } = order
    if (known !== null && known !== state.payoutId) throw new Error('the vendor answers with another payout')
    await settle(bank, tx, bookId, await lockRemittance(bank, tx, bookId, id), state, at)
  })

/** What the vendor says of a payout when it is asked. */
export const recordState = (bank: Bank, bookId: number, id: string, state: PayoutState): Promise<void> =>
  locked(bank, bookId, id, async (tx, order, at) => {
    if (order.payout_id !== state.payoutId) throw new Error('the vendor answers with another payout')
    await settle(bank, tx, bookId, order, state, at)
  })

/** The vendor does not know a payout that it had taken on. */
export const recordUnknown = (bank: Bank, bookId: number, id: string): Promise<void> =>
  locked(bank, bookId, id, (tx, order, at) => contradict(tx, bookId, order, 'the vendor knows no such payout', at))

async function settle(bank: Bank, tx: Tx, bookId: number, order: Remittance, state: PayoutState, at: Date) {
  // operators have had the last word on this very answer
  const isDecided = order.reason === BY_OPERATORS || order.reason === PAID_AFTER_ALL
  if (isDecided && state.status === order.vendor_status) return
  const wrong = contradictionIn(order, state)
  if (wrong !== undefined) {
    await contradict(tx, bookId, order, wrong, at, state.status)
    return
  }
  if (is(order, 'uncertain')) {
    await moveRemittance(tx, bookId, order, 'processing', { at })
    await closeAlert(tx, bookId, alertKey(order.id))
    await settle(bank, tx, bookId, await lockRemittance(bank, tx, bookId, order.id), state, at)
    return
  }
  const { status: vendorStatus, failure = '' } = state
  if (vendorStatus !== order.vendor_status) await noteVendor(tx, bookId, order.id, vendorStatus, failure.slice(0, 300))
  if (is(order, 'processing')) {
    if (vendorStatus === 'COMPLETED') await complete(tx, bookId, order, { vendorStatus, at })
    if (vendorStatus === 'FAILED' || vendorStatus === 'REJECTED')
      await fail(tx, bookId, order, { reason: 'payout_failed', note: failure.slice(0, 300), at })
  } else if (is(order, 'completed') && vendorStatus === 'FAILED') await takeReturn(tx, bookId, order, state, at)
  else if (is(order, 'failed') && vendorStatus === 'COMPLETED')
    await contradict(tx, bookId, order, 'completed, after the vendor had said that it failed', at, vendorStatus)
}

/** The bank has it. */
export async function complete(
  tx: Tx,
  bookId: number,
  order: Remittance & { status: 'processing' },
  step: Step,
): Promise<void> {
  const { at } = step
  const journal = remittancePaid({ id: order.id, vendor: VENDOR, principal: order.principal })
  const rows = [completedRow(bookId, order, at), happened(bookId, order, 'completed', at)]
  await post(tx, { bookId, journal, rows, evenIfClosed: true })
  await moveRemittance(tx, bookId, order, 'completed', { ...step, paidJournalId: journal.id })
}

/** Nobody was paid: all of it comes back. */
export async function fail(
  tx: Tx,
  bookId: number,
  order: Remittance & { status: 'queued' | 'uncertain' | 'processing' },
  { reason, note, at }: { reason: string; note: string; at: Date },
): Promise<void> {
  await giveMoneyBack(tx, bookId, order, [
    endedRow(bookId, order, 'failed', reason, at),
    happened(bookId, order, 'failed', at, reason),
  ])
  await moveRemittance(tx, bookId, order, 'failed', { reason, note, at })
}

/** What came back of it, at the rate at which it had gone: all of the principal, or its share, rounded down. */
async function takeReturn(
  tx: Tx,
  bookId: number,
  order: Remittance & { status: 'completed' },
  { returned, failure = '' }: PayoutState,
  at: Date,
): Promise<void> {
  const fen = fenOf(returned)
  const amount = fen === undefined ? 0n : divFloor(order.principal * fen, order.cnh)
  if (amount === 0n) {
    const says = 'returned by the bank, and the vendor does not say how much'
    await contradict(tx, bookId, order, says, at, 'FAILED')
    return
  }
  const step = { reason: 'bank_return', note: failure.slice(0, 300), vendorStatus: 'FAILED', at }
  await creditReturn(tx, bookId, order, amount, step)
  await closeAlert(tx, bookId, alertKey(order.id))
}

/** So much of it came back after the bank had it. */
export async function creditReturn(
  tx: Tx,
  bookId: number,
  order: Remittance & { status: 'completed' },
  amount: bigint,
  step: Step,
): Promise<void> {
  const { id, person_no: personNo } = order
  const journal = remittanceReturned({ id, personNo, vendor: VENDOR, amount })
  const rows = [
    returnedRow(bookId, order, amount, step.at),
    happened(bookId, order, 'returned', step.at, 'bank_return'),
  ]
  await post(tx, { bookId, journal, rows, evenIfClosed: true })
  await moveRemittance(tx, bookId, order, 'returned', { ...step, returnedJournalId: journal.id })
}

// --- what cannot be ---

function contradictionIn(order: Remittance, { amount, currency, reference, returned }: PayoutState) {
  const expected = formatAmount(order.cnh, CNH_SCALE, 2)
  if (amount !== undefined && fenOf(amount) !== order.cnh) return `the vendor pays ${amount} instead of ${expected}`
  if (currency !== undefined && currency !== order.recipient.currency) return `the vendor pays in ${currency}`
  if (reference !== undefined && reference !== '' && reference !== order.id)
    return "the vendor has another order's number"
  const back = fenOf(returned)
  if (back !== undefined && back > order.cnh) return `${returned} came back of ${expected}`
  return undefined
}

/** Fen of a vendor's decimal text; undefined for what is none, or finer. */
function fenOf(text: string | undefined): bigint | undefined {
  const [, whole, cents = ''] = /^(\d{1,15})(?:\.(\d{0,2})0*)?$/.exec(text ?? '') ?? []
  return whole === undefined ? undefined : BigInt(whole + cents.padEnd(2, '0'))
}

export const alertKey = (id: string) => `payout_contradiction:${id}`

async function contradict(
  tx: Tx,
  bookId: number,
  order: Remittance,
  says: string,
  at: Date,
  vendorStatus = order.vendor_status,
): Promise<void> {
  const note = says.slice(0, 300)
  if (is(order, 'processing'))
    await moveRemittance(tx, bookId, order, 'uncertain', { reason: 'contradiction', note, vendorStatus, at })
  else await noteVendor(tx, bookId, order.id, vendorStatus, note)
  await raiseAlert(tx, bookId, {
    key: alertKey(order.id),
    kind: 'payout_contradiction',
    severity: 'critical',
    data: {
      remittance: order.id,
      payout: order.payout_id,
      principal: formatAmount(order.principal, scale, 2),
      says: note,
    },
  })
}
