// Freezing a customer, who then may look and not pay, and unfreezing. Risk freezes at once and alone; all else takes two.
// What was approved for them and is not signed yet is stopped as well.
// Must stay true: what is frozen in haste is never unfrozen by the same person alone.

import { Type as T } from 'typebox'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { changePersonStatus, personById } from '../people/people.ts'
import { queueStop, stopForFrozen } from '../withdrawal/stop-for-frozen.ts'
import { approvalKind, type Operator } from './approval-kind.ts'
import { type AuditActor, logAudit } from './audit-log.ts'

export const freezers = ['risk'] as const

/** At once. Refuses `NotFound`, and `Outdated` who is frozen already. */
export async function freezePerson(bank: Bank, operator: Operator, personId: string, why: string): Promise<void> {
  const reason = why.trim()
  if (reason === '') throw new Refusal('InvalidParams', { pointer: '/reason', reason: 'say why' })
  if (!isId(personId)) throw new Refusal('NotFound')
  const personNo = await bank.db.transaction((tx) => change(bank, tx, operator, personId, 'frozen', { reason }))
  await stopForFrozen(bank, operator.bookId, personNo) // now, and by the job again
}

async function change(
  bank: Bank,
  tx: Tx,
  by: AuditActor,
  personId: string,
  status: 'active' | 'frozen',
  data: Record<string, string>,
): Promise<bigint> {
  const personNo = await changePersonStatus(bank, tx, by.bookId, personId, status)
  if (status === 'frozen') await queueStop(tx, by.bookId, personNo)
  const action = status === 'frozen' ? 'person.frozen' : 'person.unfrozen'
  await logAudit(bank, tx, by, { action, subject: `person:${personId}`, data })
  return personNo
}

const changeable = async (bank: Bank, bookId: number, id: string, status: 'active' | 'frozen') => {
  const person = isId(id) ? await personById(bank, bookId, id) : undefined
  if (!person || person.status === 'deleted') throw new Refusal('NotFound')
  if (person.status === status) throw new Refusal('Outdated', { status })
  return person
}

export const statusApproval = approvalKind({
  kind: 'person_status',
  title: { zh: '冻结或解冻客户', en: 'Freezing or unfreezing a customer' },
  makers: ['support', 'risk', 'admin'],
  checkers: ['risk', 'admin'],
  payload: T.Object(
    {
      person: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
      status: T.Union([T.Literal('active'), T.Literal('frozen')]),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ person }) => `person:${person}`,
  async prepare(bank, _tx, bookId, payload) {
    await changeable(bank, bookId, payload.person, payload.status)
    return payload
  },
  describe: ({ person, status }) =>
    status === 'frozen'
      ? { zh: `冻结客户 ${person}`, en: `Freeze customer ${person}` }
      : { zh: `解冻客户 ${person}`, en: `Unfreeze customer ${person}` },
  async preview(bank, _q, bookId, { person: id, status }) {
    const { uid } = await changeable(bank, bookId, id, status)
    return {
      journals: [],
      effects: [
        status === 'frozen'
          ? {
              zh: `${uid} 不能再转出资金,已批准但未签名的提现将停止`,
              en: `${uid} can no longer pay; withdrawals that are approved and not signed yet are stopped`,
            }
          : { zh: `${uid} 恢复使用`, en: `${uid} can pay again` },
      ],
    }
  },
  async apply(bank, tx, { id, bookId, payload: { person, status }, reason }) {
    await change(bank, tx, { bookId }, person, status, { approval: id, reason })
  },
})
