// The approval of a change to a setting (domain/setting.ts).
// Must stay true: what was checked is a change from one value to another; when the first no longer holds it is refused.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { changeSetting, checkSetting } from '../setting.ts'
import { approvalKind } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

const editors = ['finance', 'risk', 'admin'] as const

export const settingApproval = approvalKind({
  kind: 'setting',
  title: { zh: '修改参数', en: 'Change of a setting' },
  makers: editors,
  checkers: editors,
  payload: T.Object(
    {
      name: T.String({ maxLength: 60, examples: ['withdrawal.fee'] }),
      scope: T.String({ maxLength: 40, examples: ['BSC/USDT'] }),
      value: T.String({ maxLength: 40, examples: ['1.5'] }),
      from: T.Optional(T.String({ maxLength: 40, description: 'the value that it has now; filled in when left out' })),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ name, scope }) => `setting:${name}:${scope}`,
  async prepare(bank, tx, bookId, { name, scope, value, from }) {
    const checked = await checkSetting(bank, tx, bookId, { name, scope, value })
    if (from !== undefined && from !== checked.before) throw new Refusal('Outdated', { current: checked.before })
    if (checked.value === checked.before) {
      throw new Refusal('InvalidParams', { pointer: '/payload/value', reason: 'it has this value already' })
    }
    return { name, scope, value: checked.value, from: checked.before }
  },
  describe: ({ name, scope, value, from = '' }) => {
    const of = scope && ` (${scope})`
    return { zh: `将 ${name}${of} 由 ${from} 改为 ${value}`, en: `Change ${name}${of} from ${from} to ${value}` }
  },
  async preview(bank, q, bookId, { name, scope, value, from = '' }) {
    const { before } = await checkSetting(bank, q, bookId, { name, scope, value })
    if (before !== from) throw new Refusal('Outdated', { current: before })
    const change = `${name}${scope && ` (${scope})`}: ${from} → ${value}`
    return { journals: [], effects: [{ zh: change, en: change }] }
  },
  async apply(bank, tx, { id, bookId, payload, reason, madeBy, checkedBy }) {
    const { name, scope, value, from } = payload
    if (madeBy === undefined) throw new Refusal('Forbidden', { reason: 'settings are changed by operators' })
    await changeSetting(bank, tx, bookId, { name, scope, value, from, reason, madeBy, checkedBy, approvalId: id })
    const data = { from, to: value, approval: id }
    await logAudit(bank, tx, { bookId }, { action: 'setting.changed', subject: `setting:${name}:${scope}`, data })
  },
})
