// The approval of an operator's roles: which they are from now on.
// Must stay true: nobody takes part in giving roles to themselves but by asking; sessions end with the old roles.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { makeApprovalIn } from './approval.ts'
import { approvalKind, type Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'
import { inviteColleague, operatorById } from './operator.ts'
import { endOperatorSessions } from './operator-session.ts'
import { roles as all, type Role } from './role.ts'

const said = (roles: readonly string[]) => (roles.length > 0 ? roles.join(', ') : '—')
const same = (a: readonly Role[], b: readonly Role[]) => [...a].sort().join() === [...b].sort().join()

export const roleApproval = approvalKind({
  kind: 'operator_role',
  title: { zh: '运营人员角色', en: 'Roles of an operator' },
  makers: ['admin'],
  checkers: ['admin'],
  payload: T.Object(
    {
      operator: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
      roles: T.Array(T.Union(all.map((role) => T.Literal(role))), { maxItems: all.length, examples: [['support']] }),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ operator }) => `operator:${operator}`,
  async prepare(bank, tx, bookId, { operator, roles: given }) {
    const roles = [...new Set(given)].sort()
    const found = await operatorById(bank, tx, bookId, operator)
    if (found.status === 'disabled') throw new Refusal('NotFound')
    if (same(found.roles, roles)) {
      throw new Refusal('InvalidParams', { pointer: '/payload/roles', reason: 'these are the roles already' })
    }
    return { operator, roles }
  },
  describe: ({ operator, roles }) => ({
    zh: `将运营人员 ${operator} 的角色设为 ${said(roles)}`,
    en: `Give operator ${operator} the roles ${said(roles)}`,
  }),
  async preview(bank, q, bookId, { operator, roles }) {
    const { name, roles: before } = await operatorById(bank, q, bookId, operator)
    const change = `${name}: ${said(before)} → ${said(roles)}`
    return { journals: [], effects: [{ zh: `${change},其会话全部结束`, en: `${change}; all their sessions end` }] }
  },
  async apply(bank, tx, { id, bookId, payload: { operator, roles }, checkedBy }) {
    if (checkedBy.includes(operator)) throw new Refusal('OwnApproval')
    const { status, roles: before } = await operatorById(bank, tx, bookId, operator)
    if (status === 'disabled') throw new Refusal('NotFound')
    await tx.query('operator-set-roles', 'select operator_set_roles($1, $2)', [bookId, id])
    await endOperatorSessions(bank, tx, bookId, operator, 'roles changed')
    const data = { from: before, to: roles, approval: id }
    await logAudit(bank, tx, { bookId }, { action: 'operator.roles_changed', subject: `operator:${operator}`, data })
  },
})

export interface Invited {
  operatorId: string
  /** Of the roles that were asked for; null when none were. */
  approvalId: string | null
}

/** Invites a colleague by mail and proposes their roles, which another must check. Refuses `ContactTaken`. */
export async function invite(
  bank: Bank,
  operator: Operator,
  { email, name, roles, reason }: { email: string; name: string; roles: readonly Role[]; reason: string },
): Promise<Invited> {
  return bank.db.transaction(async (tx) => {
    const operatorId = await inviteColleague(bank, tx, operator, { email, name })
    if (roles.length === 0) return { operatorId, approvalId: null }
    const proposal = { kind: roleApproval.kind, payload: { operator: operatorId, roles }, reason }
    return { operatorId, approvalId: await makeApprovalIn(bank, tx, operator, proposal) }
  })
}
