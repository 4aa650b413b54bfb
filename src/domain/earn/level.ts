// Levels: what the rules make of a customer's own nodes and those of the team below, recorded with its history.
// Must stay true: holdings are locked before people, so that of two that count at once the later one has the last word;
// each change is a row, the newest of which is what the customer has: what held on a past day can be asked.

import type { Queries, Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { post } from '../../ledger/post.ts'
import type { Bank } from '../context.ts'
import { outboxRow } from '../notice/outbox.ts'
import { effectiveLevel, type Levels, levelsOf, lockLevels, setSystemLevel } from '../people/people.ts'
import { TEAM_DEPTH, uplineOf } from '../people/referral.ts'
import { type SettingReader, settingsOf } from '../setting.ts'
import { levels } from './fee-source.ts'
import { type Holdings, holdingsAfter, lockHoldings, manyHoldings } from './node-holdings.ts'

export const RECOMPUTE_LEVELS = 'recompute-levels'

/** What a level takes. */
interface Rung {
  level: number
  ownNodes: bigint
  teamNodes: bigint
}

const rungsOf = (settings: SettingReader): Rung[] =>
  levels.slice(1).map((scope) => ({
    level: Number.parseInt(scope, 10),
    ownNodes: settings.units('level.ownNodes', scope),
    teamNodes: settings.units('level.teamNodes', scope),
  }))

/** The highest level that these reach; what a level asks for never falls from one to the next. */
function levelFor({ nodes, team_nodes }: Holdings, rungs: readonly Rung[]): number {
  const reached = rungs.findLast(({ ownNodes, teamNodes }) => nodes >= ownNodes && team_nodes >= teamNodes)
  return reached?.level ?? 0
}

const differs = (held: Holdings, now: Levels, rungs: readonly Rung[]) =>
  now.system !== levelFor(held, rungs) || now.isNode !== held.nodes > 0

/** Works the levels of these people out anew, and answers how many changed. */
export async function recomputeLevels(bank: Bank, bookId: number, people: readonly bigint[]): Promise<number> {
  const rungs = rungsOf(await settingsOf(bank, bookId, { fresh: true }))
  // most are right already: only those that are not are locked
  const held = await manyHoldings(bank.db, bookId, people)
  const now = byNo(await levelsOf(bank.db, bookId, people))
  const suspects = held.filter((one) => {
    const levelsNow = now.get(one.person_no)
    return levelsNow !== undefined && differs(one, levelsNow, rungs)
  })
  if (suspects.length === 0) return 0
  return bank.db.transaction((tx) =>
    settle(
      bank,
      tx,
      bookId,
      suspects.map((one) => one.person_no),
      rungs,
    ),
  )
}

async function settle(
  bank: Bank,
  tx: Tx,
  bookId: number,
  people: readonly bigint[],
  rungs: readonly Rung[],
): Promise<number> {
  const held = await lockHoldings(tx, bookId, people)
  const now = byNo(await lockLevels(tx, bookId, people))
  let changed = 0
  for (const one of held) {
    const before = now.get(one.person_no)
    if (!before || !differs(one, before, rungs)) continue
    const after = { ...before, system: levelFor(one, rungs), isNode: one.nodes > 0 }
    await setSystemLevel(tx, bookId, before.no, { level: after.system, isNode: after.isNode })
    await noteLevel(bank, tx, bookId, before, after, { reason: 'worked_out', approvalId: null })
    changed++
  }
  return changed
}

const byNo = (rows: readonly Levels[]) => new Map(rows.map((row) => [row.no, row]))

/** The buyer's level and those of everybody above, after a purchase. */
export async function recomputeAbove(bank: Bank, bookId: number, personNo: bigint): Promise<void> {
  await recomputeLevels(bank, bookId, [personNo, ...(await uplineOf(bank.db, bookId, personNo, TEAM_DEPTH))])
}

const AT_ONCE = 500

/** Everybody's: the rules may have changed, or a job may have been lost. */
export async function recomputeAll(bank: Bank, bookId: number): Promise<void> {
  let page = await holdingsAfter(bank.db, bookId, 0n, AT_ONCE)
  while (page.length > 0) {
    const people = page.map((one) => one.person_no)
    await recomputeLevels(bank, bookId, people)
    page = await holdingsAfter(bank.db, bookId, people.at(-1) ?? 0n, AT_ONCE)
  }
}

// --- history ---

export type LevelReason = 'worked_out' | 'override' | 'override_lifted'

const effective = ({ system, manual }: Levels) => effectiveLevel({ levelSystem: system, levelManual: manual })

/** Writes what became of a level in the transaction that changed it, with the person's row locked; tells the customer. */
export async function noteLevel(
  bank: Bank,
  tx: Tx,
  bookId: number,
  before: Levels,
  after: Levels,
  { reason, approvalId }: { reason: LevelReason; approvalId: string | null },
): Promise<void> {
  assert(before.no === after.no, 'a level is one person’s')
  const at = bank.clock.now()
  await tx.query(
    'level-change',
    `insert into level_changes (book_id, person_no, no, system, manual, is_node, reason, approval_id, changed_at)
     select $1::int, $2::bigint, 1 + coalesce(max(no), 0), $3::smallint, $4::smallint, $5::boolean, $6, $7::uuid, $8::timestamptz
     from level_changes where book_id = $1 and person_no = $2`,
    [bookId, after.no, after.system, after.manual, after.isNode, reason, approvalId, at],
  )
  const data = { level: effective(after), before: effective(before), is_node: after.isNode }
  await post(tx, { bookId, rows: [outboxRow(bookId, after.no, 'level.changed', data, at)] })
}

/** The levels that these people had at an instant; who is not among them had none. */
export async function levelsAsOf(
  q: Queries,
  bookId: number,
  people: readonly bigint[],
  at: Date,
): Promise<Map<bigint, number>> {
  const rows = await q.query<{ person_no: bigint; level: number }>(
    'levels-as-of',
    `select p.no as person_no, l.level from unnest($2::bigint[]) p (no) cross join lateral (
       select coalesce(manual, system) as level from level_changes
       where book_id = $1 and person_no = p.no and changed_at < $3 order by no desc limit 1) l`,
    [bookId, people, at],
  )
  return new Map(rows.map((row) => [row.person_no, row.level]))
}

export interface LevelChange {
  no: number
  system: number
  manual: number | null
  is_node: boolean
  reason: LevelReason
  approval_id: string | null
  changed_at: Date
}

/** Newest first. */
export const levelChanges = (
  q: Queries,
  bookId: number,
  personNo: bigint,
  page: { offset: number; size: number },
): Promise<LevelChange[]> =>
  q.query<LevelChange>(
    'level-changes',
    `select no, system, manual, is_node, reason, approval_id, changed_at from level_changes
     where book_id = $1 and person_no = $2 order by no desc limit $3 offset $4`,
    [bookId, personNo, page.size, page.offset],
  )
