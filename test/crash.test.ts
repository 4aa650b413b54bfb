// kill -9 under load, over HTTP, against a whole installation: the API five times, PostgreSQL ten times. Nothing that was
// acknowledged is lost, nothing happens twice, every open outcome is known by its key, and all comes back by itself.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { sleep } from '../src/base/clock.ts'
import { openClient } from './harness/http-client.ts'
import { type Installation, install, type Person } from './harness/installation.ts'
import { eventually } from './harness/launcher.ts'
import { startLoad, type TransferLoad } from './harness/transfer-load.ts'

const PEOPLE = 8
const API_KILLS = process.env.NIGHTLY ? 20 : 5
const DATABASE_KILLS = process.env.NIGHTLY ? 50 : 10
const RECOVERY = 10_000

let unipay: Installation
let people: Person[]

before(async () => {
  unipay = await install()
  people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => unipay.signUp(`payer${i}`)))
  await Promise.all(people.map((person, i) => unipay.fund(person, i % 2 === 0 ? 'BSC' : 'ETH', '1000')))
})
after(() => unipay?.close())

/** Kills again and again while people pay; answers how long each time it took until the next payment went through. */
async function underLoad(times: number, kill: () => number): Promise<{ load: TransferLoad; recoveries: number[] }> {
  const load = startLoad(people, () => unipay.client)
  const recoveries: number[] = []
  try {
    for (let i = 0; i < times; i++) {
      const had = load.acknowledged.length
      await eventually('payments go through', () => load.acknowledged.length > had + 50, RECOVERY)
      await sleep(300)
      const pid = kill()
      const killed = performance.now()
      await eventually('the process is gone', () => !fs.existsSync(`/proc/${pid}/stat`) || isZombie(pid))
      // what was on its way when it died may still be acknowledged; a payment that is sent now proves the recovery
      const asked = performance.now()
      await eventually('a payment goes through again', () => load.lastSuccess > asked + 1, 2 * RECOVERY)
      recoveries.push(load.lastSuccess - killed)
    }
  } finally {
    await load.stop()
  }
  return { load, recoveries }
}
const isZombie = (pid: number) => /^\d+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))

async function query<R extends pg.QueryResultRow>(sql: string): Promise<R[]> {
  const client = new pg.Client(unipay.launcher.run().env.DATABASE_URL)
  await client.connect()
  try {
    return (await client.query<R>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Compares the clients' notes, all of them, with the books. */
async function assertWhole(loads: readonly TransferLoad[]): Promise<void> {
  const noted = loads.flatMap((load) => load.acknowledged)
  const rows = await query<{ id: string; from_id: string; to_id: string; amount: string; journals: string }>(
    `select t.id, p.id as from_id, t.to_person as to_id, t.amount,
       (select count(*) from journals j where j.book_id = t.book_id and j.order_id = t.id) as journals
     from transfers t join people p on p.book_id = t.book_id and p.no = t.from_no`,
  )
  const line = (id: string, from: string, to: string, units: bigint) => `${id} ${from} → ${to}: ${units}`
  assert.deepEqual(
    rows.map((row) => line(`t-${row.id}`, row.from_id, row.to_id, BigInt(row.amount))).sort(),
    noted.map(({ id, from, to, cents }) => line(id, from, to, BigInt(cents) * 10_000n)).sort(),
    'what is in the books is what was acknowledged, each once',
  )
  assert.ok(rows.every((row) => row.journals === '1'))
  const [left] = await query<{ holds: string; answers: string }>(
    `select (select count(*) from holds where status = 'open') as holds,
       (select count(*) from idempotency where scope like '%:transfer' and answer ? 'ok') as answers`,
  )
  assert.deepEqual(left, { holds: '0', answers: String(noted.length) })
  await eventually(
    'no job is left locked',
    async () => (await query('select from graphile_worker.jobs where locked_at is not null')).length === 0,
    60_000,
  )
  await unipay.proveBooks()
}

const loads: TransferLoad[] = []

test(`the API is killed ${API_KILLS} times`, async (t) => {
  const { load, recoveries } = await underLoad(API_KILLS, () => {
    const { pid } = unipay.launcher.run().children.api ?? { pid: 0 }
    process.kill(pid, 'SIGKILL')
    return pid
  })
  loads.push(load)
  t.diagnostic(
    `${load.acknowledged.length} payments, ${load.cut.length} cut; back after ${recoveries.map(Math.round)} ms`,
  )
  assert.deepEqual(load.faults, [])
  assert.ok(load.cut.length >= API_KILLS, 'it was killed under load')
  assert.ok(load.slowestAnswer <= 60_000)
  for (const recovery of recoveries) assert.ok(recovery <= RECOVERY, `${recoveries}`)
  await assertWhole(loads)
})

test(`PostgreSQL is killed ${DATABASE_KILLS} times, with fsync on`, async (t) => {
  const [fsync] = await query<{ fsync: string }>('show fsync')
  assert.equal(fsync?.fsync, 'on')
  const api = unipay.launcher.run().children.api?.pid
  const health = watchHealth()
  const { load, recoveries } = await underLoad(DATABASE_KILLS, () => {
    const file = path.join(unipay.launcher.dataDir, 'postgres/data/postmaster.pid')
    const pid = Number(fs.readFileSync(file, 'utf8').split('\n')[0])
    process.kill(pid, 'SIGKILL')
    return pid
  }).finally(health.stop)
  loads.push(load)
  const slowest = Math.max(...load.unavailable.map(({ milliseconds }) => milliseconds))
  t.diagnostic(
    `${load.acknowledged.length} payments, ${load.unavailable.length} answered 503, the slowest after ${Math.round(slowest)} ms; ` +
      `back after ${recoveries.map(Math.round)} ms; outcomes known after ${Math.round(load.slowestAnswer)} ms at most`,
  )
  assert.deepEqual(load.faults, [])
  assert.deepEqual(load.cut, [], 'the API itself stays up and answers')
  assert.ok(load.unavailable.length > 0, 'it was killed under load')
  for (const { text } of load.unavailable) assert.match(text, /"name":"(Unavailable|Busy)"/)
  assert.ok(slowest <= 5_000, `a 503 after ${slowest} ms`)
  assert.ok(load.slowestAnswer <= 60_000)
  for (const recovery of recoveries) assert.ok(recovery <= RECOVERY, `${recoveries}`)
  assert.equal(unipay.launcher.run().children.api?.pid, api, 'the API was never started again')
  assert.deepEqual(health.bad, [], 'health is that of the process, not of the database')
  await assertWhole(loads)
})

/** Notes every health check that fails or takes long. */
function watchHealth() {
  const client = openClient(unipay.launcher.base, { connections: 1 })
  const bad: string[] = []
  let going = true
  const watching = (async () => {
    while (going) {
      const { status, milliseconds } = await client.ask({ method: 'GET', path: '/healthz' })
      if (status !== 200 || milliseconds > 2_000) bad.push(`${status} after ${milliseconds} ms`)
      await sleep(50)
    }
  })()
  return {
    bad,
    async stop() {
      going = false
      await watching
      client.close()
    },
  }
}

test('everybody’s balance is what the notes say', async () => {
  for (const person of people) {
    let cents = 100_000
    for (const { from, to, cents: moved } of loads.flatMap((load) => load.acknowledged)) {
      if (from === person.id) cents -= moved
      if (to === person.id) cents += moved
    }
    const { main } = await unipay.get<{ main: { balance: string; frozen: string } }>(
      '/api/account/balance',
      person.token,
    )
    assert.deepEqual([main.balance, main.frozen], [(cents / 100).toFixed(2), '0'])
  }
})
