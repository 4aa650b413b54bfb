// Taking a withdrawal back: while operators have not decided, and while its payment is not signed.
// Must stay true: the payment's own row decides, under its lock, between the signer and whoever cancels; so a withdrawal is
// either paid or given back. Locks are taken as everywhere: approval or payment first, then the order, then accounts.

import type { Tx } from '../../base/database.ts'
import { assert, Refusal } from '../../base/errors.ts'
import { movePayment, paymentOfOrder } from '../chain-payment/chain-payment.ts'
import type { Actor, Bank } from '../context.ts'
import { dropApproval, hasChecks, holdApproval } from '../operator/approval.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { dropUnconfirmed } from './await-owner.ts'
import { followVoid } from './follow-payment.ts'
import { giveMoneyBack } from './give-back.ts'
import { lockWithdrawal, moveWithdrawal, ownWithdrawal, type Withdrawal, withdrawalById } from './withdrawal.ts'
import { endedRow, happened } from './withdrawal-notice.ts'

/** How often a decision that came in between is looked at anew. */
const LOOKS = 3

/**
 * A customer's own. Refuses `NotFound`, `TooLateToCancel`. Cancelled already is as good as done. `beforeReview`: only while
 * nobody has said yes to it, neither an operator nor the rules.
 */
export async function cancelOwnWithdrawal(
  bank: Bank,
  actor: Actor,
  id: string,
  { beforeReview = false } = {},
): Promise<void> {
  for (let look = 1; look <= LOOKS; look++) {
    const order = await ownWithdrawal(bank, actor, id)
    if (order.status === 'cancelled') return
    if (beforeReview && order.status !== 'verification' && order.status !== 'review')
      throw new Refusal('TooLateToCancel', { status: order.status })
    const work = (tx: Tx) => takeBack(bank, tx, actor.bookId, order, 'by_customer', beforeReview)
    if (await bank.db.transaction(work)) return
  }
  throw new Refusal('TooLateToCancel')
}

/**
 * An operator stops one that was approved and is not signed yet; one that waits for a decision is declined there. Refuses
 * `NotFound`, `Outdated`, `TooLateToCancel`.
 */
export async function stopWithdrawal(bank: Bank, operator: Operator, id: string, why: string): Promise<void> {
  const { bookId } = operator
  await bank.db.transaction(async (tx) => {
    const order = await withdrawalById(tx, bookId, id)
    if (order.status === 'review') throw new Refusal('Outdated', { status: order.status })
    if (!(await takeBack(bank, tx, bookId, order, 'by_operator'))) throw new Refusal('TooLateToCancel')
    const action = 'withdrawal.stopped'
    await logAudit(bank, tx, operator, { action, subject: `withdrawal:${id}`, data: { reason: why } })
  })
}

/** False when somebody decided meanwhile. `order` was read without a lock. */
export async function takeBack(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: Withdrawal,
  reason: 'by_customer' | 'by_operator',
  unchecked = false,
): Promise<boolean> {
  if (order.status === 'review') return takeFromReview(bank, tx, bookId, order, reason, unchecked)
  if (order.status === 'verification') return dropUnconfirmed(bank, tx, bookId, order.id, reason)
  if (order.status !== 'approved') throw new Refusal('TooLateToCancel', { status: order.status })
  const payment = await paymentOfOrder(tx, bookId, 'withdrawal', order.id)
  const at = bank.clock.now()
  if (!payment) return false
  const voided =
    (await movePayment(tx, bookId, payment.id, 'ready', 'void', { reason, at })) ||
    (await movePayment(tx, bookId, payment.id, 'refused', 'void', { reason, at }))
  if (!voided) return false
  await followVoid(bank, tx, bookId, order.id, reason)
  return true
}

async function takeFromReview(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { id, approval_id: approvalId }: Withdrawal,
  reason: 'by_customer' | 'by_operator',
  unchecked: boolean,
): Promise<boolean> {
  if (approvalId === null || !(await holdApproval(tx, bookId, approvalId))) return false
  if (unchecked && (await hasChecks(tx, bookId, approvalId))) throw new Refusal('TooLateToCancel', { status: 'review' })
  const order = await lockWithdrawal(tx, bookId, id)
  const { status } = order
  assert(status === 'review', 'an order waits as long as its approval is open')
  const at = bank.clock.now()
  await giveMoneyBack(tx, bookId, order, [
    endedRow(bank, bookId, order, 'cancelled', reason, at),
    happened(bank, bookId, order, 'cancelled', at, { reason }),
  ])
  await moveWithdrawal(tx, bookId, { ...order, status }, 'cancelled', { reason, at })
  await dropApproval(bank, tx, bookId, approvalId) // last: the audit log is one line, and accounts are locked before it
  return true
}
