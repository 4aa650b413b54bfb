// What operators are asked about a basic identity check: an approval of the bank's own making.
// Must stay true: its payload names check and customer and tells nothing of them, as payloads lie in clear and for ever; a
// check with a flag takes two operators.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { withdrawalPerDay } from '../setting.ts'
import { aliveOwner, decideCheck } from './decide-identity.ts'
import { checkById } from './identity-check.ts'
import { IDENTITY_REVIEW, rejectionIn } from './identity-words.ts'

const reviewers = ['risk', 'admin'] as const

export const identityReview = approvalKind({
  kind: IDENTITY_REVIEW,
  title: { zh: '实名认证审核', en: 'Identity check' },
  payload: T.Object(
    { check: T.String(), person: T.String(), flags: T.Array(T.String()) },
    { additionalProperties: false },
  ),
  makers: [], // the bank itself asks
  checkers: reviewers,
  lasts: null, // a customer waits until somebody decides
  checks: ({ flags }) => (flags.length > 0 ? 2 : 1),
  subject: ({ check }) => `identity:${check}`,
  prepare: async (_bank, _tx, _bookId, payload) => payload,
  describe: ({ person, flags }) => ({
    zh: `客户 ${person} 的实名认证${flags.length > 0 ? `(注意:${flags.join(', ')})` : ''}`,
    en: `Identity of customer ${person}${flags.length > 0 ? ` (look at: ${flags.join(', ')})` : ''}`,
  }),
  async preview(bank, q, bookId, { check: id }) {
    if (!isId(id)) throw new Refusal('NotFound')
    const check = await checkById(q, bookId, id)
    if (check.status !== 'pending') throw new Refusal('Outdated', { status: check.status })
    const { uid } = await aliveOwner(bank, bookId, check)
    const perDay = formatAmount(await withdrawalPerDay(bank, bookId, 'basic'), 6, 2)
    return {
      journals: [],
      effects: [
        {
          zh: `${uid} 通过基础实名认证,24 小时提币限额为 ${perDay} USDT`,
          en: `${uid} is verified (basic) and may withdraw ${perDay} USDT in 24 hours`,
        },
      ],
    }
  },
  apply: (bank, tx, { bookId, payload, note }) =>
    decideCheck(bank, tx, bookId, payload.check, { status: 'approved', reason: '', note }),
  async reject(bank, tx, { bookId, payload, note }) {
    await decideCheck(bank, tx, bookId, payload.check, { status: 'rejected', reason: rejectionIn(note), note })
  },
})
