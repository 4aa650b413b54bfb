// What operators are asked about a large remittance: an approval of the bank's own making, for one order.
// Must stay true: it holds exactly (id, recipient and its version, principal, fee, CNH), and so does its hash; an order that
// is not that any more is not approved; above the second threshold two different operators must have said yes.

import { type Static, Type as T } from 'typebox'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { remittance } from '../../ledger/remittance-journals.ts'
import type { Bank } from '../context.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { personByNo } from '../people/people.ts'
import { settingsOf } from '../setting.ts'
import { giveMoneyBack } from './give-back.ts'
import { CNH_SCALE } from './quote-remittance.ts'
import { maskAccount } from './recipient-fields.ts'
import { askToPay } from './remittance-job.ts'
import { endedRow, happened } from './remittance-notice.ts'
import { lockRemittance, moveRemittance, type Remittance, remittanceById } from './remittance-order.ts'
import { rejectionOf } from './remittance-words.ts'

export const REMITTANCE_REVIEW = 'remittance_review'
/** Number of the payout vendor in house accounts. */
export const VENDOR = 1

const { scale } = assets.USDT

const Payload = T.Object(
  {
    remittance: T.String(),
    recipient: T.String(),
    version: T.String(),
    to: T.String(),
    principal: T.String(),
    fee: T.String(),
    cnh: T.String(),
  },
  { additionalProperties: false },
)
type ReviewPayload = Static<typeof Payload>

export const reviewPayload = (order: Remittance): ReviewPayload => ({
  remittance: order.id,
  recipient: order.recipient_id,
  version: `${order.recipient_version}`,
  to: `${order.recipient.bankCode} ${maskAccount(order.recipient.account)}`,
  principal: formatAmount(order.principal, scale),
  fee: formatAmount(order.fee, scale),
  cnh: formatAmount(order.cnh, CNH_SCALE),
})

const asked = ({ principal, cnh, to }: ReviewPayload) => `${principal} USDT → ${cnh} CNH, ${to}`

export const remittanceReview = approvalKind({
  kind: REMITTANCE_REVIEW,
  title: { zh: '汇款审核', en: 'Remittance' },
  payload: Payload,
  makers: [], // the bank itself asks
  checkers: ['risk', 'finance', 'admin'],
  lasts: null, // a customer's order waits until somebody decides
  async checks(payload, bank, tx, bookId) {
    const settings = await settingsOf(bank, bookId, { within: tx })
    return parseAmount(payload.principal, scale) > settings.units('remittance.secondReviewAbove') ? 2 : 1
  },
  subject: (payload) => `remittance:${payload.remittance}`,
  prepare: async (_bank, _tx, _bookId, payload) => payload,
  describe: (payload) => ({ zh: `汇款 ${asked(payload)}`, en: `Remit ${asked(payload)}` }),
  async preview(bank, q, bookId, payload) {
    const order = await remittanceById(bank, q, bookId, payload.remittance)
    if (order.status !== 'review') throw new Refusal('Outdated', { status: order.status })
    const { id, person_no: personNo, principal, fee } = order
    return {
      journals: [remittance({ id, personNo, vendor: VENDOR, principal, fee })],
      effects: [
        {
          zh: `通过付款渠道汇出 ${asked(payload)},渠道接受后记账`,
          en: `Pays out ${asked(payload)}; booked when the vendor has taken it on`,
        },
      ],
    }
  },
  async apply(bank, tx, { bookId, payload, note, at }) {
    const order = await lockInReview(bank, tx, bookId, payload)
    const person = await personByNo(bank, bookId, order.person_no)
    if (person?.status !== 'active') throw new Refusal('PersonFrozen', { reason: 'the customer may not pay now' })
    await moveRemittance(tx, bookId, order, 'queued', { reason: 'operators', note, at })
    await askToPay(tx, bookId, order.id)
  },
  async reject(bank, tx, { bookId, payload, note, at }) {
    const order = await lockInReview(bank, tx, bookId, payload)
    const reason = rejectionOf(note)
    await giveMoneyBack(tx, bookId, order, [
      endedRow(bookId, order, 'rejected', reason, at),
      happened(bookId, order, 'rejected', at, reason),
    ])
    await moveRemittance(tx, bookId, order, 'rejected', { reason, note, at })
  },
})

async function lockInReview(
  bank: Bank,
  tx: Tx,
  bookId: number,
  payload: ReviewPayload,
): Promise<Remittance & { status: 'review' }> {
  const order = await lockRemittance(bank, tx, bookId, payload.remittance)
  const { status } = order
  if (status !== 'review') throw new Refusal('Outdated', { status })
  const now = reviewPayload(order)
  if ((Object.keys(now) as (keyof ReviewPayload)[]).some((field) => now[field] !== payload[field]))
    throw new Refusal('Outdated', { reason: 'the order is not what was shown' })
  return { ...order, status }
}
