// Whether a withdrawal goes by itself or waits for operators: decided once, when its owner has said all there is to say.
// Must stay true: runs with the order locked or new, in the transaction that brought it this far.

import type { Tx } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Bank } from '../context.ts'
import { openApproval } from '../operator/approval.ts'
import type { WithdrawalSettings } from '../setting.ts'
import { payOut } from './approve-withdrawal.ts'
import { magicOf } from './magic-amounts.ts'
import { moveWithdrawal, netOf, type Withdrawal } from './withdrawal.ts'
import { happened, tell } from './withdrawal-notice.ts'
import { reviewPayload, WITHDRAWAL_REVIEW } from './withdrawal-review.ts'

/** Up to the threshold it goes by itself; above it operators are asked. */
export async function decide(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: Withdrawal & { status: 'submitted' | 'verification' },
  { autoBelow }: WithdrawalSettings,
  at: Date,
): Promise<void> {
  const { scale } = assets[order.asset]
  const tried = magicOf(bank, netOf(order), scale) === 'review'
  if (order.amount <= autoBelow && !tried) {
    await payOut(bank, tx, bookId, order, { reason: 'automatic', at })
    return
  }
  const reason = 'above_auto'
  await tell(tx, bookId, [happened(bank, bookId, order, 'review', at)])
  const approvalId = await openApproval(bank, tx, bookId, {
    kind: WITHDRAWAL_REVIEW,
    payload: reviewPayload(order),
    reason: tried ? 'an amount that tries this out' : `more than ${formatAmount(autoBelow, scale)} ${order.asset}`,
  })
  await moveWithdrawal(tx, bookId, order, 'review', { reason, approvalId, at })
}
