// Who invited whom, as a transitive closure: teams, recursive counts and the chain upwards are index reads.
// Must stay true: a person joins once, at registration, below somebody who was there before; so there is no cycle.

import type { Queries, Tx } from '../../base/database.ts'
import type { Bank } from '../context.ts'
import { personByNo } from './people.ts'

/** Generations that the tree remembers. Commissions reach far less deep, and a chain cannot make sign-up slow. */
export const TEAM_DEPTH = 128

/** Enters a new person below the inviter and everyone above. */
export async function joinTeam(tx: Tx, bookId: number, personNo: bigint, inviterNo: bigint, at: Date): Promise<void> {
  await tx.query(
    'referral-join',
    `insert into referrals (book_id, descendant_no, depth, ancestor_no, joined_at)
     select $1::int, $2::bigint, 1, $3::bigint, $4::timestamptz
     union all
     select $1, $2, depth + 1, ancestor_no, $4 from referrals where book_id = $1 and descendant_no = $3 and depth < $5`,
    [bookId, personNo, inviterNo, at, TEAM_DEPTH],
  )
}

/** The numbers of those above a person, the inviter first, at most `layers` of them. */
export async function uplineOf(q: Queries, bookId: number, personNo: bigint, layers: number): Promise<bigint[]> {
  const rows = await q.query<{ ancestor_no: bigint }>(
    'referral-upline',
    'select ancestor_no from referrals where book_id = $1 and descendant_no = $2 and depth <= $3 order by depth',
    [bookId, personNo, layers],
  )
  return rows.map((row) => row.ancestor_no)
}

/** The same of many people at once. */
export async function uplinesOf(
  q: Queries,
  bookId: number,
  people: readonly bigint[],
  layers: number,
): Promise<Map<bigint, bigint[]>> {
  const rows = await q.query<{ descendant_no: bigint; ancestor_no: bigint }>(
    'referral-uplines',
    `select r.descendant_no, r.ancestor_no from unnest($2::bigint[]) p (no) cross join lateral (
       select descendant_no, ancestor_no, depth from referrals
       where book_id = $1 and descendant_no = p.no and depth <= $3 order by depth) r
     order by r.descendant_no, r.depth`,
    [bookId, [...new Set(people)], layers],
  )
  const uplines = new Map<bigint, bigint[]>(people.map((no) => [no, []]))
  for (const { descendant_no, ancestor_no } of rows) uplines.get(descendant_no)?.push(ancestor_no)
  return uplines
}

export interface TeamMember {
  uid: string
  isNode: boolean
  /** How many this member invited. */
  subCount: number
  createdAt: Date
}

/** Those whom a person invited, newest first. */
export async function teamOf(
  bank: Bank,
  bookId: number,
  personNo: bigint,
  page: { offset: number; size: number },
): Promise<TeamMember[]> {
  const rows = await bank.db.query<{ no: bigint; sub_count: number; joined_at: Date }>(
    'referral-team',
    `select t.descendant_no as no, t.joined_at,
       (select count(*)::int from referrals s where s.book_id = $1 and s.ancestor_no = t.descendant_no and s.depth = 1) as sub_count
     from referrals t
     where t.book_id = $1 and t.ancestor_no = $2 and t.depth = 1
     order by t.joined_at desc, t.descendant_no desc limit $3 offset $4`,
    [bookId, personNo, page.size, page.offset],
  )
  return Promise.all(
    rows.map(async (row) => ({
      uid: `U${row.no}`,
      isNode: (await personByNo(bank, bookId, row.no))?.isNode ?? false,
      subCount: row.sub_count,
      createdAt: row.joined_at,
    })),
  )
}

export interface TeamSummary {
  direct: number
  recursive: number
  thisWeekNew: number
  thisMonthNew: number
}

/** Counts of the whole team; weeks begin on Monday, days in UTC. */
export async function teamSummary(bank: Bank, bookId: number, personNo: bigint): Promise<TeamSummary> {
  const [row] = await bank.db.query<{ direct: number; recursive: number; week: number; month: number }>(
    'referral-summary',
    `select count(*) filter (where depth = 1)::int as direct, count(*)::int as recursive,
       count(*) filter (where joined_at >= date_trunc('week', $3::timestamptz, 'UTC'))::int as week,
       count(*) filter (where joined_at >= date_trunc('month', $3::timestamptz, 'UTC'))::int as month
     from referrals where book_id = $1 and ancestor_no = $2`,
    [bookId, personNo, bank.clock.now()],
  )
  return {
    direct: row?.direct ?? 0,
    recursive: row?.recursive ?? 0,
    thisWeekNew: row?.week ?? 0,
    thisMonthNew: row?.month ?? 0,
  }
}
