// Yields that were paid, by customer and by day.
// Must stay true: what is shown is what the row kept when it was paid; nothing is worked out anew.

import type { Queries } from '../../base/database.ts'

export interface NodeYield {
  id: string
  person_no: bigint
  day: string
  nodes: number
  principal: bigint
  level: number
  rate: bigint
  amount: bigint
  created_at: Date
}

interface Page {
  offset: number
  size: number
}

const YIELD = 'id, person_no, day::text as day, nodes, principal, level, rate, amount, created_at'

/** A person's, newest day first. */
export const yieldsOf = (q: Queries, bookId: number, personNo: bigint, { offset, size }: Page): Promise<NodeYield[]> =>
  q.query<NodeYield>(
    'yields-of',
    `select ${YIELD} from node_yields where book_id = $1 and person_no = $2 order by node_yields.day desc limit $3 offset $4`,
    [bookId, personNo, size, offset],
  )

/** A day's, in order of people's numbers. */
export const yieldsOn = (q: Queries, bookId: number, day: string, { offset, size }: Page): Promise<NodeYield[]> =>
  q.query<NodeYield>(
    'yields-on',
    `select ${YIELD} from node_yields where book_id = $1 and day = $2::text::date order by person_no limit $3 offset $4`,
    [bookId, day, size, offset],
  )

export async function yieldById(q: Queries, bookId: number, id: string): Promise<NodeYield | undefined> {
  const [row] = await q.query<NodeYield>(
    'yield-by-id',
    `select ${YIELD} from node_yields where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

export interface YieldRun {
  day: string
  people: number
  paid: bigint
  started_at: Date
  /** Null while it is being paid. */
  finished_at: Date | null
}

/** Newest day first. */
export const yieldRuns = (q: Queries, bookId: number, { offset, size }: Page): Promise<YieldRun[]> =>
  q.query<YieldRun>(
    'yield-runs',
    `select day::text as day, people, paid, started_at, finished_at from yield_runs
     where book_id = $1 order by yield_runs.day desc limit $2 offset $3`,
    [bookId, size, offset],
  )
