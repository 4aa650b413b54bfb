// Seeing a customer's contact in clear: another operator must agree, then its maker may look, once, within a quarter of
// an hour. Must stay true: who looked at whose contact, and why, stands in the audit log before it is shown.

import { Type as T } from 'typebox'
import { after, minutes } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { contactsOf } from '../people/directory.ts'
import { personById } from '../people/people.ts'
import { approvalKind, type Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'
import { everyRole } from './role.ts'

const OPEN = minutes(15)

export const revealApproval = approvalKind({
  kind: 'reveal',
  title: { zh: '查看联系方式', en: "Sight of a customer's contact" },
  makers: everyRole,
  checkers: ['risk', 'admin'],
  payload: T.Object(
    { person: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }) },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: () => '', // several operators may each have their reason
  async prepare(bank, _tx, bookId, payload) {
    await aliveWithId(bank, bookId, payload.person)
    return payload
  },
  describe: ({ person }) => ({ zh: `查看客户 ${person} 的联系方式`, en: `See the contacts of customer ${person}` }),
  async preview(bank, _q, bookId, { person }) {
    const { uid, maskedName } = await aliveWithId(bank, bookId, person)
    return {
      journals: [],
      effects: [
        {
          zh: `发起人可在 15 分钟内查看一次 ${uid}(${maskedName})的联系方式`,
          en: `Its maker may see the contacts of ${uid} (${maskedName}) once within 15 minutes`,
        },
      ],
    }
  },
  async apply(bank, tx, { id, bookId, payload: { person }, madeBy, at }) {
    if (madeBy === undefined) throw new Refusal('Forbidden', { reason: 'nobody could look' })
    await aliveWithId(bank, bookId, person)
    await tx.query(
      'reveal-grant',
      'insert into reveals (book_id, approval_id, operator_id, person_id, until) values ($1, $2, $3, $4, $5)',
      [bookId, id, madeBy, person, after(at, OPEN)],
    )
    const data = { approval: id, to: madeBy }
    await logAudit(bank, tx, { bookId }, { action: 'contact.revealed', subject: `person:${person}`, data })
  },
})

async function aliveWithId(bank: Bank, bookId: number, id: string) {
  const person = isId(id) ? await personById(bank, bookId, id) : undefined
  if (!person || person.status === 'deleted') throw new Refusal('NotFound')
  return person
}

export interface Revealed {
  person: string
  email: string | null
  mobile: string | null
}

/** Shows what an approval allowed. Refuses (`NotFound`) everybody but its maker, a second look, and one too late. */
export async function seeContact(bank: Bank, operator: Operator, approvalId: string): Promise<Revealed> {
  const { bookId, operatorId } = operator
  if (!isId(approvalId)) throw new Refusal('NotFound')
  return bank.db.transaction(async (tx) => {
    const [row] = await tx.query<{ person_id: string }>(
      'reveal-see',
      `update reveals set seen_at = $4
       where book_id = $1 and approval_id = $2 and operator_id = $3 and seen_at is null and until > $4 returning person_id`,
      [bookId, approvalId, operatorId, bank.clock.now()],
    )
    if (!row) throw new Refusal('NotFound')
    const contacts = await contactsOf(bank, tx, bookId, row.person_id)
    const one = (kind: string) => contacts.find((contact) => contact.kind === kind)?.value ?? null
    const data = { approval: approvalId }
    await logAudit(bank, tx, operator, { action: 'contact.seen', subject: `person:${row.person_id}`, data })
    return { person: row.person_id, email: one('email'), mobile: one('mobile') }
  })
}
