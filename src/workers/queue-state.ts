// How the job queue is: what waits, what was given up, and who works on it. For metrics, the doctor and people.
// Must stay true: it only reads.

import type { Queries } from '../base/database.ts'
import { livingPools } from './free-jobs.ts'

export interface QueueState {
  /** Jobs that are due and nobody has taken. */
  waiting: number
  oldestSeconds: number
  /** Jobs that failed as often as they may. */
  failed: number
  /** Job pools that were heard of in the last half minute. */
  workers: number
}

export async function queueState(q: Queries): Promise<QueueState> {
  const [row] = await q.query<{ waiting: bigint; oldest: number; failed: bigint }>(
    'queue-state',
    `select count(*) filter (where due) as waiting,
            coalesce(extract(epoch from now() - min(run_at) filter (where due)), 0)::integer as oldest,
            count(*) filter (where attempts >= max_attempts and locked_at is null) as failed
     from (select *, run_at <= now() and locked_at is null and attempts < max_attempts as due from graphile_worker.jobs) j`,
  )
  if (!row) throw new Error('a query without groups has one row')
  return {
    waiting: Number(row.waiting),
    oldestSeconds: row.oldest,
    failed: Number(row.failed),
    workers: await livingPools(q),
  }
}
