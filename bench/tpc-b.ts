// The yardstick: pgbench's TPC-B on the same server. Where the binary is not installed, the same five statements in one
// transaction through pg, which is slower than pgbench and said so in the table.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Database } from '../src/base/database.ts'
import { closedLoop, type Result } from './load.ts'

const run = promisify(execFile)
const SCALE = 10

export async function benchPgbench(url: string, clients: number, seconds: number): Promise<Result | undefined> {
  try {
    await run('pgbench', ['-i', '-q', '-s', `${SCALE}`, url])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const { stdout } = await run('pgbench', ['-c', `${clients}`, '-j', '2', '-M', 'prepared', '-T', `${seconds}`, url])
  const number = (pattern: RegExp) => Number.parseFloat(pattern.exec(stdout)?.[1] ?? 'NaN')
  return {
    perSecond: number(/tps = ([\d.]+)/),
    p50: number(/latency average = ([\d.]+)/),
    p99: Number.NaN,
    done: number(/processed: (\d+)/),
    failed: 0,
  }
}

export async function benchTpcB(db: Database, clients: number, seconds: number): Promise<Result> {
  await db.query(
    '',
    `create table bench_branches (bid int primary key, bbalance int not null default 0);
     create table bench_tellers (tid int primary key, bid int, tbalance int not null default 0);
     create table bench_accounts (aid int primary key, bid int, abalance int not null default 0);
     create table bench_history (tid int, bid int, aid int, delta int, mtime timestamp);
     insert into bench_branches select g from generate_series(1, ${SCALE}) g;
     insert into bench_tellers select g, (g - 1) / 10 + 1 from generate_series(1, ${SCALE * 10}) g;
     insert into bench_accounts select g, (g - 1) / 100000 + 1 from generate_series(1, ${SCALE * 100_000}) g;
     analyze bench_accounts;`,
  )
  const draw = (n: number) => 1 + Math.floor(Math.random() * n)
  return closedLoop(clients, seconds, async () => {
    const [aid, tid, bid, delta] = [draw(SCALE * 100_000), draw(SCALE * 10), draw(SCALE), draw(10_001) - 5_001]
    await db.transaction(async (tx) => {
      await tx.query('b1', 'update bench_accounts set abalance = abalance + $1 where aid = $2', [delta, aid])
      await tx.query('b2', 'select abalance from bench_accounts where aid = $1', [aid])
      await tx.query('b3', 'update bench_tellers set tbalance = tbalance + $1 where tid = $2', [delta, tid])
      await tx.query('b4', 'update bench_branches set bbalance = bbalance + $1 where bid = $2', [delta, bid])
      await tx.query('b5', 'insert into bench_history values ($1, $2, $3, $4, now())', [tid, bid, aid, delta])
    })
    return true
  })
}
