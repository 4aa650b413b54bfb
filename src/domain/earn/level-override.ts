// The approval of a level that operators give a customer whatever the rules say, or take back.
// Must stay true: the system's own level goes on being worked out beside it, and holds again when it is lifted.

import { Type as T } from 'typebox'
import type { Queries } from '../../base/database.ts'
import { assert, Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { type Levels, levelsOf, lockLevels, overrideLevel, personById } from '../people/people.ts'
import { levels } from './fee-source.ts'
import { noteLevel } from './level.ts'

interface Payload {
  person: string
  level: string
}

/** Instead of a level: the system's holds again. */
const LIFT = 'none'
const asked = ({ level }: Payload) => (level === LIFT ? null : Number.parseInt(level, 10))

async function read(bank: Bank, q: Queries, bookId: number, payload: Payload): Promise<{ uid: string; now: Levels }> {
  const person = isId(payload.person) ? await personById(bank, bookId, payload.person) : undefined
  if (!person || person.status === 'deleted') throw new Refusal('NotFound')
  const [now] = await levelsOf(q, bookId, [person.no])
  assert(now, 'a person has levels')
  if (now.manual === asked(payload)) throw new Refusal('Outdated', { level: payload.level })
  return { uid: person.uid, now }
}

export const levelOverride = approvalKind({
  kind: 'level_override',
  title: { zh: '人工设定等级', en: 'Level set by hand' },
  makers: ['finance', 'admin'], // a level decides on yield
  checkers: ['finance', 'admin'],
  payload: T.Object(
    {
      person: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
      level: T.Union(
        [...levels, LIFT].map((level) => T.Literal(level)),
        { examples: ['3'] },
      ),
    },
    { additionalProperties: false },
  ),
  checks: () => 1,
  subject: ({ person }) => `person:${person}`,
  async prepare(bank, tx, bookId, payload) {
    await read(bank, tx, bookId, payload)
    return payload
  },
  describe: ({ person, level }) =>
    level === LIFT
      ? { zh: `取消客户 ${person} 的人工等级`, en: `Lift the level that customer ${person} was given by hand` }
      : { zh: `将客户 ${person} 的等级设为 ${level}`, en: `Give customer ${person} level ${level}` },
  async preview(bank, q, bookId, payload) {
    const { uid, now } = await read(bank, q, bookId, payload)
    const change = `${uid}: ${now.manual ?? now.system} → ${asked(payload) ?? now.system}`
    return {
      journals: [],
      effects: [
        { zh: `等级 ${change}(系统等级 ${now.system})`, en: `Level of ${change} (the system's: ${now.system})` },
      ],
    }
  },
  async apply(bank, tx, { id, bookId, payload }) {
    const person = await personById(bank, bookId, payload.person)
    if (!person || person.status === 'deleted') throw new Refusal('NotFound')
    const [before] = await lockLevels(tx, bookId, [person.no])
    assert(before, 'a person has levels')
    const manual = asked(payload)
    if (before.manual === manual) throw new Refusal('Outdated', { level: payload.level })
    await overrideLevel(tx, bookId, person.no, manual)
    const reason = manual === null ? 'override_lifted' : 'override'
    await noteLevel(bank, tx, bookId, before, { ...before, manual }, { reason, approvalId: id })
    const data = { from: before.manual, to: manual, approval: id }
    await logAudit(bank, tx, { bookId }, { action: 'person.level_set', subject: `person:${person.id}`, data })
  },
})
