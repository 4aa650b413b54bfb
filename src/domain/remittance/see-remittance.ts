// What operators see of recipients and remittances, whole: with names, account numbers, and what the vendor says just now.
// Must stay true: who looked at which is in the audit log before it is shown.

import type { Bank } from '../context.ts'
import { type Approval, approvalById } from '../operator/approval.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import type { PayoutState } from '../ports.ts'
import { type Recipient, recipientById } from './recipient.ts'
import { askToPay } from './remittance-job.ts'
import { type Remittance, type RemittanceEvent, remittanceById, remittanceEvents } from './remittance-order.ts'

const approvalOf = (bank: Bank, bookId: number, id: string | null) =>
  id === null ? null : approvalById(bank, bookId, id)

/** Refuses `NotFound`. */
export async function seeRecipient(
  bank: Bank,
  operator: Operator,
  id: string,
): Promise<{ recipient: Recipient; approval: Approval | null }> {
  const { bookId } = operator
  const recipient = await recipientById(bank, bank.db, bookId, id)
  const people = [`U${recipient.person_no}`]
  await logAudit(bank, bank.db, operator, { action: 'recipient.seen', subject: `recipient:${id}`, data: { people } })
  return { recipient, approval: await approvalOf(bank, bookId, recipient.approval_id) }
}

export interface RemittanceDossier {
  order: Remittance
  events: RemittanceEvent[]
  approval: Approval | null
  /** What the vendor says now; `unknown` when it does not answer, or knows none. */
  vendor: PayoutState | 'unknown' | null
}

/** Refuses `NotFound`. */
export async function seeRemittance(bank: Bank, operator: Operator, id: string): Promise<RemittanceDossier> {
  const { bookId } = operator
  const order = await remittanceById(bank, bank.db, bookId, id)
  const people = [`U${order.person_no}`]
  await logAudit(bank, bank.db, operator, { action: 'order.seen', subject: `remittance:${id}`, data: { people } })
  const [events, approval, vendor] = await Promise.all([
    remittanceEvents(bank.db, bookId, id),
    approvalOf(bank, bookId, order.approval_id),
    order.payout_id === null ? null : askNow(bank, order.payout_id),
  ])
  return { order, events, approval, vendor }
}

async function askNow(bank: Bank, payoutId: string): Promise<PayoutState | 'unknown'> {
  try {
    return (await bank.payouts.payout(payoutId)) ?? 'unknown'
  } catch (error) {
    bank.log.warn({ err: error, payoutId }, 'the payout vendor does not answer')
    return 'unknown'
  }
}

/** Has the vendor asked again now, whatever the poll would do. Refuses `NotFound`. */
export async function askAgain(bank: Bank, operator: Operator, id: string): Promise<void> {
  const { bookId } = operator
  await bank.db.transaction(async (tx) => {
    await remittanceById(bank, tx, bookId, id)
    await askToPay(tx, bookId, id)
    await logAudit(bank, tx, operator, { action: 'remittance.asked', subject: `remittance:${id}` })
  })
}
