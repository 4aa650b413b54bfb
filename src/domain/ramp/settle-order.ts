// The steps of an order of the ramp with the money that goes with each: approved, paid, released, or come to nothing.
// Must stay true: each runs in one transaction under the order's lock, journal and step together; what was taken or set
// apart for an order that comes to nothing is given back, whatever became of the customer's account.

import { after, minutes } from '../../base/clock.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, houseAccount, personAccount } from '../../ledger/accounts.ts'
import { journalById } from '../../ledger/balances.ts'
import { lockAccounts } from '../../ledger/desk.ts'
import { findHold } from '../../ledger/holds.ts'
import { reversal } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import type { Leg, Posting } from '../../ledger/posting.ts'
import { rampBought, rampPaid, rampSettled, rampSold } from '../../ledger/ramp-journals.ts'
import type { Bank } from '../context.ts'
import { boughtRow, givenBackRow, rampUpdated, soldRow } from './order-notice.ts'
import { type Partner, partnerById } from './partner.ts'
import { forgetSpent } from './partner-limit.ts'
import { moveRampOrder, type RampOrder, type RampStatus } from './ramp-order.ts'

export interface Said {
  reason: string
  note: string
  at: Date
}

type In<S extends RampStatus> = RampOrder & { status: S }

/** The movement that goes with the next payment of an order, as it would be booked. */
export const paymentJournal = (order: RampOrder, partner: Pick<Partner, 'no'>) =>
  order.direction === 'in' ? rampPaid(movementOf(order, partner)) : rampSold(movementOf(order, partner))
/** And the one that goes with its release. */
export const releaseJournal = (order: RampOrder, partner: Pick<Partner, 'no'>) =>
  order.direction === 'in' ? rampBought(movementOf(order, partner)) : rampSettled(movementOf(order, partner))

const movementOf = (order: RampOrder, partner: Pick<Partner, 'no'>) => ({
  id: order.id,
  partner: partner.no,
  personNo: order.person_no,
  amount: order.amount,
  fees: order.fee + order.channel_fee,
})

/** From now on it can be paid, until its deadline. */
export async function approveOrder(
  _bank: Bank,
  tx: Tx,
  bookId: number,
  order: In<'review'>,
  partner: Pick<Partner, 'payMinutes'>,
  { reason, note, at }: Said,
): Promise<void> {
  const deadlineAt = after(at, minutes(partner.payMinutes))
  await post(tx, { bookId, rows: rampUpdated(bookId, order, 'awaiting_payment', at) })
  await moveRampOrder(tx, bookId, order, 'awaiting_payment', { reason, note, deadlineAt, at })
}

/**
 * Fiat arrived, or was paid out. An order that is released by itself is released with it. Refuses `LimitExceeded` when the
 * house would have given more for this partner's fiat than it may.
 */
export async function recordPayment(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: In<'awaiting_payment'>,
  said: Said,
): Promise<void> {
  const { at } = said
  const partner = await partnerById(tx, bookId, order.partner_id)
  await lockAll(tx, bookId, order, partner)
  const journal = paymentJournal(order, partner)
  const posting: Posting = {
    bookId,
    journal,
    rows: rampUpdated(bookId, order, 'awaiting_release', at),
    evenIfClosed: true,
  }
  if (order.hold_id !== null) {
    const hold = await findHold(tx, bookId, order.hold_id)
    posting.change = { id: hold.id, account: hold.account_id, to: 'captured', captured: order.amount }
  } else await refuseBeyondFloat(tx, bookId, order, partner)
  await post(tx, posting)
  await moveRampOrder(tx, bookId, order, 'awaiting_release', { ...said, paidJournalId: journal.id })
  const paid = { ...order, status: 'awaiting_release' as const, paid_journal_id: journal.id }
  if (order.release === 'automatic') await releaseOrder(bank, tx, bookId, paid, { reason: 'automatic', note: '', at })
}

/** USDT go to the customer, or to the house. Refuses `AccountClosed` a customer who is frozen or gone. */
export async function releaseOrder(
  _bank: Bank,
  tx: Tx,
  bookId: number,
  order: In<'awaiting_release'>,
  said: Said,
): Promise<void> {
  const { at } = said
  const partner = await partnerById(tx, bookId, order.partner_id)
  await lockAll(tx, bookId, order, partner)
  const journal = releaseJournal(order, partner)
  const told = order.direction === 'in' ? boughtRow(bookId, order, at) : soldRow(bookId, order, at)
  await post(tx, { bookId, journal, rows: [told, ...rampUpdated(bookId, order, 'released', at)] })
  await moveRampOrder(tx, bookId, order, 'released', { ...said, journalId: journal.id })
}

/** Comes to nothing: the hold is released, or what was booked for the payment undone. */
export async function rejectOrder(
  tx: Tx,
  bookId: number,
  order: In<'review' | 'awaiting_payment' | 'awaiting_release'>,
  said: Said,
): Promise<void> {
  const { at, reason } = said
  const partner = await partnerById(tx, bookId, order.partner_id)
  await lockAll(tx, bookId, order, partner)
  const rows = [
    ...(order.direction === 'out' ? [givenBackRow(bookId, order, at)] : []),
    ...rampUpdated(bookId, order, 'rejected', at, reason),
  ]
  if (order.paid_journal_id !== null) {
    const taken = await journalById(tx, bookId, order.paid_journal_id)
    const legs = taken.account_ids.map((account, i): Leg => ({ account, amount: taken.amounts[i] ?? 0n }))
    const of = { id: taken.id, orderKind: taken.order_kind, orderId: taken.order_id, legs }
    await post(tx, { bookId, journal: reversal(of, ''), rows, evenIfClosed: true })
  } else if (order.hold_id !== null) {
    const hold = await findHold(tx, bookId, order.hold_id)
    await post(tx, { bookId, change: { id: hold.id, account: hold.account_id, to: 'voided', captured: 0n }, rows })
  } else await post(tx, { bookId, rows })
  await forgetSpent(tx, bookId, partner, order)
  await moveRampOrder(tx, bookId, order, 'rejected', said)
}

/** All accounts that a step can touch, at once and in their order: a step may post twice. */
const lockAll = (tx: Tx, bookId: number, order: RampOrder, { no }: Pick<Partner, 'no'>) =>
  lockAccounts(tx, bookId, [
    personAccount(order.person_no, 'main'),
    houseAccount('fees'),
    houseAccount('exchanged', 'USDT', no),
    houseAccount('ramp', 'USDT', no),
  ])

async function refuseBeyondFloat(
  tx: Tx,
  bookId: number,
  { amount }: RampOrder,
  { no, floatLimit }: Pick<Partner, 'no' | 'floatLimit'>,
): Promise<void> {
  const [float] = await lockAccounts(tx, bookId, [houseAccount('exchanged', 'USDT', no)])
  if ((float?.balance ?? 0n) - amount < -floatLimit)
    throw new Refusal('LimitExceeded', {
      limit: formatAmount(floatLimit, assets.USDT.scale),
      reason: 'the house has given too much for the fiat of this partner',
    })
}
