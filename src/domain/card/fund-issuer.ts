// The house pays money in at the card issuer, out of which cards are topped up, or takes it out again: told to the books by
// operators who agree, as nobody but their bank's statement knows of it. Must stay true: an order is its approval, one journal each.

import { Type as T } from 'typebox'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { issuerFunded } from '../../ledger/card-journals.ts'
import { post } from '../../ledger/post.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'

const { scale } = assets.USDT
const Payload = T.Object(
  {
    direction: T.Union([T.Literal('in'), T.Literal('out')], {
      description: 'in: paid in at the issuer; out: taken back',
    }),
    amount: T.String({ maxLength: 40, description: 'USDT', examples: ['10000.00'] }),
    reference: T.String({
      minLength: 1,
      maxLength: 100,
      description: "the payment's, as the bank's statement shows it",
    }),
  },
  { additionalProperties: false },
)

interface Funding {
  direction: 'in' | 'out'
  amount: string
  reference: string
}
const journalOf = (id: string, { direction, amount, reference }: Funding) =>
  issuerFunded({ id, direction, amount: parsePositiveAmount(amount, scale, '/payload/amount'), memo: reference })

export const fundIssuerApproval = approvalKind({
  kind: 'issuer_funding',
  title: { zh: '发卡方备付金入账', en: 'Money of the house at the card issuer' },
  makers: ['finance'],
  checkers: ['finance', 'admin'],
  payload: Payload,
  checks: () => 1,
  subject: ({ reference }) => `issuer_funding:${reference}`,
  async prepare(_bank, _tx, _bookId, payload) {
    const units = parsePositiveAmount(payload.amount, scale, '/payload/amount')
    return { ...payload, amount: formatAmount(units, scale, 2) }
  },
  describe: ({ direction, amount, reference }) =>
    direction === 'in'
      ? { zh: `向发卡方存入 ${amount} USDT(${reference})`, en: `Pay ${amount} USDT in at the issuer (${reference})` }
      : {
          zh: `从发卡方取回 ${amount} USDT(${reference})`,
          en: `Take ${amount} USDT back from the issuer (${reference})`,
        },
  preview: async (_bank, _q, _bookId, payload, id) => ({ journals: [journalOf(id, payload)], effects: [] }),
  async apply(bank, tx, { id, bookId, payload, reason }) {
    await post(tx, { bookId, journal: journalOf(id, payload) })
    const data = { approval: id, reason, ...payload }
    await logAudit(
      bank,
      tx,
      { bookId },
      { action: 'issuer.funded', subject: `issuer_funding:${payload.reference}`, data },
    )
  },
})
