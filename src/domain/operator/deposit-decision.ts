// The approval of what becomes of a deposit in review: credited, or kept aside.
// Must stay true: what is booked is what deposit/decide-deposit.ts says it would book.

import { Type as T } from 'typebox'
import { assert, Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { decideDeposit, journalsOfDecision } from '../deposit/decide-deposit.ts'
import { approvalKind } from './approval-kind.ts'

const deciders = ['risk', 'finance'] as const

export const depositDecision = approvalKind({
  kind: 'deposit_decision',
  title: { zh: '充值复核', en: 'Decision on a deposit' },
  makers: deciders,
  checkers: deciders,
  payload: T.Object(
    {
      deposit: T.String({ maxLength: 60, examples: ['00000000-0000-7000-8000-000000000000'] }),
      decision: T.Union([T.Literal('credit'), T.Literal('reject')]),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ deposit }) => `deposit:${deposit}`,
  async prepare(bank, tx, bookId, { deposit: given, decision }) {
    const deposit = given.replace(/^r-/, '') // as customers see it
    if (!isId(deposit)) throw new Refusal('NotFound')
    await journalsOfDecision(bank, tx, bookId, deposit, decision)
    return { deposit, decision }
  },
  describe: ({ deposit, decision }) =>
    decision === 'credit'
      ? { zh: `入账充值 ${deposit}`, en: `Credit deposit ${deposit}` }
      : { zh: `拒绝充值 ${deposit},资金暂存`, en: `Refuse deposit ${deposit}; the coins are kept aside` },
  async preview(bank, q, bookId, { deposit, decision }) {
    return { journals: await journalsOfDecision(bank, q, bookId, deposit, decision), effects: [] }
  },
  async apply(bank, tx, { bookId, payload: { deposit, decision }, reason, madeBy, checkedBy }) {
    assert(madeBy, 'an operator proposed it')
    const by = [madeBy, ...checkedBy].join(', ')
    await decideDeposit(
      bank,
      tx,
      bookId,
      deposit,
      decision,
      `${decision === 'credit' ? 'approved' : 'refused'} by ${by}: ${reason}`,
    )
  },
})
