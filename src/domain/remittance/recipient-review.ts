// What operators are asked about a recipient: an approval of the bank's own making, for one version of one recipient.
// Must stay true: the payload names no person, for approvals are shown to many; a version that was changed meanwhile is
// not approved; who looks at the whole of it does so through the logged view.

import { Type as T } from 'typebox'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { post } from '../../ledger/post.ts'
import type { Bank } from '../context.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { maskName } from '../people/contact.ts'
import { decideRecipient, lockRecipient, type Recipient, recipientById } from './recipient.ts'
import { maskAccount } from './recipient-fields.ts'
import { recipientRejectionOf, recipientRejections } from './recipient-words.ts'

export const RECIPIENT_REVIEW = 'recipient_review'

const Payload = T.Object(
  { recipient: T.String(), version: T.String(), bank: T.String(), account: T.String() },
  { additionalProperties: false },
)

export const recipientPayload = (recipient: Pick<Recipient, 'id' | 'version' | 'bank_code' | 'details'>) => ({
  recipient: recipient.id,
  version: `${recipient.version}`,
  bank: recipient.bank_code,
  account: maskAccount(recipient.details.account),
})

/** "ICBC ****6789": how a recipient is called wherever others may read it. */
export const recipientLabel = (recipient: Pick<Recipient, 'bank_code' | 'details'>): string =>
  `${recipient.bank_code} ${maskAccount(recipient.details.account)}`

async function pendingVersion(bank: Bank, q: Queries, bookId: number, payload: { recipient: string; version: string }) {
  return refuseOther(await recipientById(bank, q, bookId, payload.recipient), payload.version)
}

function refuseOther(recipient: Recipient, version: string): Recipient {
  const { review_status: status, status: life } = recipient
  if (status !== 'pending' || life !== 'active' || `${recipient.version}` !== version)
    throw new Refusal('Outdated', { status: life === 'active' ? status : life })
  return recipient
}

export const recipientReview = approvalKind({
  kind: RECIPIENT_REVIEW,
  title: { zh: '收款人审核', en: 'Recipient of remittances' },
  payload: Payload,
  makers: [], // the bank itself asks
  checkers: ['risk', 'finance', 'admin'],
  lasts: null,
  checks: () => 1,
  subject: (payload) => `recipient:${payload.recipient}`,
  prepare: async (_bank, _tx, _bookId, payload) => payload,
  describe: ({ bank, account }) => ({ zh: `收款人 ${bank} ${account}`, en: `Recipient ${bank} ${account}` }),
  async preview(bank, q, bookId, payload) {
    const { details, ...recipient } = await pendingVersion(bank, q, bookId, payload)
    const who = `U${recipient.person_no}`
    const whom = `${maskName(details.holder)} ${recipientLabel({ ...recipient, details })}`
    return {
      journals: [],
      effects: [{ zh: `${who} 可以向 ${whom} 汇款`, en: `${who} may send remittances to ${whom}` }],
    }
  },
  async apply(bank, tx, { bookId, payload, note, at }) {
    await decideReview(bank, tx, bookId, payload, 'approved', { reason: '', note, at })
  },
  async reject(bank, tx, { bookId, payload, note, at }) {
    await decideReview(bank, tx, bookId, payload, 'rejected', { reason: recipientRejectionOf(note), note, at })
  },
})

/** What the last check of an approval does, and the sandbox in place of operators. */
export async function decideReview(
  bank: Bank,
  tx: Tx,
  bookId: number,
  payload: { recipient: string; version: string },
  to: 'approved' | 'rejected',
  decision: { reason: '' | keyof typeof recipientRejections; note: string; at: Date },
): Promise<void> {
  const recipient = refuseOther(await lockRecipient(bank, tx, bookId, payload.recipient), payload.version)
  await decideRecipient(tx, bookId, recipient.id, to, decision)
  const { person_no: personNo } = recipient
  const { at, reason } = decision
  const label = recipientLabel(recipient)
  const message =
    reason === ''
      ? inboxRow(bookId, personNo, 'recipient_approved', { recipient: label }, at)
      : inboxRow(bookId, personNo, 'recipient_rejected', { recipient: label, why: recipientRejections[reason] }, at)
  const event = outboxRow(bookId, personNo, `recipient.${to}`, { id: recipient.id, recipient: label }, at)
  await post(tx, { bookId, rows: [message, event] })
}
