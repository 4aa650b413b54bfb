// Lets go of what a killed worker had locked. The queue itself waits four hours for that; customers' codes cannot.
// Every job pool notes that it lives; a lock whose holder has not been heard of for half a minute is opened.

import { seconds, sleep } from '../base/clock.ts'
import type { Queries } from '../base/database.ts'
import type { Bank } from '../domain/context.ts'

const EVERY = seconds(10)
const DEAD_AFTER = 30

/** Notes that `pool` lives and frees dead pools' jobs, again and again until the signal; then the pool is forgotten. */
export async function keepJobsFree(bank: Bank, pool: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await beat(bank.db, pool)
      const freed = await freeDeadJobs(bank.db)
      if (freed.length > 0) bank.log.warn({ pools: freed }, 'jobs of dead workers were freed')
    } catch (error) {
      bank.log.warn({ err: error }, 'no heartbeat')
    }
    await sleep(EVERY, signal)
  }
  await bank.db.query('heart-stop', 'delete from worker_heartbeats where worker_id = $1', [pool]).catch(() => {})
}

async function beat(q: Queries, pool: string): Promise<void> {
  await q.query(
    'heart-beat',
    `insert into worker_heartbeats (worker_id) values ($1) on conflict (worker_id) do update set seen_at = now()`,
    [pool],
  )
}

/** Answers the pools whose jobs were freed. The database's clock counts. */
export async function freeDeadJobs(q: Queries): Promise<string[]> {
  const dead = await q.query<{ pool: string }>(
    'dead-pools',
    `select distinct j.locked_by as pool from graphile_worker.jobs j
     where j.locked_at < now() - make_interval(secs => ${DEAD_AFTER / 2}) and not exists (
       select from worker_heartbeats h
       where h.worker_id = j.locked_by and h.seen_at > now() - make_interval(secs => ${DEAD_AFTER}))`,
  )
  const pools = dead.map((row) => row.pool)
  if (pools.length > 0) {
    await q.query('free-jobs', 'select graphile_worker.force_unlock_workers($1::text[])', [pools])
  }
  await q.query('dead-hearts', `delete from worker_heartbeats where seen_at < now() - interval '1 hour'`)
  return pools
}

/** Job pools that were heard of in the last half minute. */
export async function livingPools(q: Queries): Promise<number> {
  const [row] = await q.query<{ n: bigint }>(
    'living-pools',
    `select count(*) as n from worker_heartbeats where seen_at > now() - make_interval(secs => ${DEAD_AFTER})`,
  )
  return Number(row?.n ?? 0n)
}
