// The sandbox in place of operators: decides the oldest recipient of a customer's that waits for its review.
// Must stay true: only the sandbox's own route calls it; what operators were asked is dropped with it, and it is audited.

import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { dropApproval, holdApproval } from '../operator/approval.ts'
import { logAudit } from '../operator/audit-log.ts'
import { personByUid } from '../people/people.ts'
import { recipientsOf } from './recipient.ts'
import { decideReview, recipientPayload } from './recipient-review.ts'

const MOST = 50

export async function decideRecipientInSandbox(
  bank: Bank,
  bookId: number,
  uid: string,
  to: 'approved' | 'rejected',
): Promise<{ recipient: string; status: string }> {
  const person = await personByUid(bank, bookId, uid)
  if (!person) throw new Refusal('NotFound')
  return bank.db.transaction(async (tx) => {
    const all = await recipientsOf(bank, tx, bookId, person.no, MOST)
    const waiting = all.findLast((each) => each.review_status === 'pending')
    if (!waiting) throw new Refusal('NotFound', { reason: 'no recipient of this customer waits' })
    const asked = waiting.approval_id
    if (asked !== null && !(await holdApproval(tx, bookId, asked))) throw new Refusal('Outdated')
    await decideReview(bank, tx, bookId, recipientPayload(waiting), to, {
      reason: to === 'approved' ? '' : 'declined',
      note: 'sandbox',
      at: bank.clock.now(),
    })
    const subject = `recipient:${waiting.id}`
    await logAudit(bank, tx, { bookId }, { action: 'recipient.decided', subject, data: { status: to } })
    if (asked !== null) await dropApproval(bank, tx, bookId, asked)
    return { recipient: waiting.id, status: to }
  })
}
