// What only the worker does: jobs of killed workers are taken up again, and operators decide from a shell.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { addJob } from '../src/base/jobs.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { freeDeadJobs } from '../src/workers/free-jobs.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'

let base: TestDatabase
let dir: string
before(async () => {
  base = await createTestDatabase()
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-worker-'))
})
after(async () => {
  await base?.drop()
  fs.rmSync(dir, { recursive: true, force: true })
})

test('jobs of a pool that is dead are free within a minute; those of a living one, and fresh ones, are left alone', async () => {
  const lock = async (pool: string, seconds: number, queue: string) => {
    await addJob(base.db, 'remove-expired', {}, { key: pool, queue })
    await base.owner.query(
      '',
      `update graphile_worker._private_jobs set locked_by = $1, locked_at = now() - make_interval(secs => $2) where key = $1`,
      [pool, seconds],
    )
    await base.owner.query(
      '',
      `update graphile_worker._private_job_queues set locked_by = $1, locked_at = now() where queue_name = $2`,
      [pool, queue],
    )
  }
  await lock('pool-living', 600, 'a')
  await lock('pool-dead', 50, 'b')
  await lock('pool-never-seen', 20, 'c')
  await lock('pool-just-started', 5, 'd')
  await base.db.query(
    '',
    `insert into worker_heartbeats (worker_id, seen_at) values ('pool-living', now()), ('pool-dead', now() - interval '40 seconds')`,
  )
  assert.deepEqual((await freeDeadJobs(base.db)).sort(), ['pool-dead', 'pool-never-seen'])
  const rows = await base.owner.query<{ key: string; locked_by: string | null }>(
    '',
    'select key, locked_by from graphile_worker.jobs',
  )
  assert.deepEqual(
    rows
      .filter((row) => row.locked_by !== null)
      .map((row) => row.key)
      .sort(),
    ['pool-just-started', 'pool-living'],
  )
  const queues = await base.owner.query<{ n: bigint }>(
    '',
    'select count(*) as n from graphile_worker._private_job_queues where locked_by is not null',
  )
  assert.equal(queues[0]?.n, 2n)
  assert.deepEqual(await freeDeadJobs(base.db), [])
})

const ids = { first: '01900000-0000-7000-8000-000000000001', second: '01900000-0000-7000-8000-000000000002' }

function chain(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main/cli.ts', 'chain', ...args], {
    cwd: path.join(import.meta.dirname, '..'),
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: base.url, DATA_DIR: dir, NODE_NO_WARNINGS: '1' },
  })
  return { status, said: stdout + stderr }
}

test('an operator sees what is open and decides from a shell', async () => {
  await base.owner.query(
    '',
    `insert into chain_states (book_id, network, number, hash, head, money_out_paused_at, money_out_paused_for)
     values (1, 'ETH', 100, '0x1', 105, now(), 'a reorganisation of 30 blocks undid 1 booked deposits')`,
  )
  for (const [i, id] of Object.values(ids).entries()) {
    await base.owner.query(
      '',
      `insert into deposits (book_id, id, network, tx_hash, ordinal, class, status, reason, person_no, address, from_address, contract,
         value, received, amount_received, confirmations, block_number, block_hash, mined_at, created_at, settled_at)
       values (1, $1, 'ETH', $2, 0, 'customer', 'review', 'above the review threshold', 10001, '0xa', '0xb', '0xc',
         7000000, 7000000, 7000000, 3, 90, '0x2', now(), now(), now())`,
      [id, `0x${i}`],
    )
  }
  const seen = chain('status')
  assert.equal(seen.status, 0, seen.said)
  for (const part of [
    'ETH   following, block 100, 5 behind',
    'money out is paused: a reorganisation',
    `r-${ids.first}  U10001  7.00 USDT`,
  ]) {
    assert.ok(seen.said.includes(part), seen.said)
  }
  assert.deepEqual(chain('--by', 'ann', 'approve', `r-${ids.first}`), { status: 0, said: 'credited\n' })
  assert.equal(chain('approve', ids.first).status, 1)
  assert.equal(chain('--by', 'ann', 'reject', ids.second, 'source of funds').status, 0)
  assert.equal(chain('approve', ids.second).status, 1)
  assert.equal(chain('resume', 'ETH').status, 0)
  assert.equal(chain('resume', 'DOGE').status, 1)
  assert.equal(chain('reread', 'ETH', '7').status, 3, 'no node is named')
  assert.ok(!chain('status').said.includes('paused'))
  const account = personAccount(10_001n, 'main')
  assert.equal((await balancesOf(base.db, 1, [account]))(account).balance, 7_000_000n)
  const events = await base.owner.query<{ reason: string }>('', 'select reason from deposit_events order by at')
  assert.deepEqual(
    events.map((event) => event.reason),
    ['approved by ann', 'refused by ann: source of funds'],
  )
})
