// What keeps the books sealed, proven and free of dead holds, as the worker runs it; and the command that people run.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { parseCrontab, runOnce } from 'graphile-worker'
import { buildServer } from '../src/api/server.ts'
import type { Clock } from '../src/base/clock.ts'
import { readConfig } from '../src/base/config.ts'
import { newId } from '../src/base/ids.ts'
import { addJob } from '../src/base/jobs.ts'
import { lastAudits } from '../src/domain/audit-book.ts'
import type { Bank } from '../src/domain/context.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { anchorFile } from '../src/ledger/anchor-file.ts'
import { journal } from '../src/ledger/apply.ts'
import { placeHold } from '../src/ledger/holds.ts'
import { compose } from '../src/main/compose.ts'
import { crontab, tasksOf } from '../src/workers/tasks.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { main, moneyOf } from './harness/ledger.ts'

const ALICE = 10_001n
let base: TestDatabase
let bank: Bank
let dataDir: string
let now: Date | undefined
const clock: Clock = { now: () => now ?? new Date() }

before(async () => {
  base = await createTestDatabase()
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-jobs-'))
  const config = readConfig({
    MASTER_KEY: '11'.repeat(32),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    DATABASE_URL: base.url,
  })
  bank = compose(config, 'test', { db: base.db, clock }).bank
  await give(1_000n)
})
after(async () => {
  await base.drop()
  fs.rmSync(dataDir, { recursive: true, force: true })
})

async function give(amount: bigint) {
  const legs = [
    { account: houseAccount('suspense'), amount: -amount },
    { account: main(ALICE), amount },
  ]
  const gift = journal({ kind: 'gift', orderKind: 'gift', orderId: newId(), legs })
  assert.ok((await bank.poster.submit({ bookId: 1, journal: gift })).ok)
}

/** Runs a task as the worker does, from the queue. */
async function runTask(task: string) {
  await addJob(base.db, task, {}, { maxAttempts: 1 })
  await runOnce({ connectionString: base.url, taskList: tasksOf(bank, () => undefined) })
  const failed = await base.owner.query('', 'select last_error from graphile_worker.jobs where last_error is not null')
  assert.deepEqual(failed, [])
}

/** A sealer waits for other tests' transactions on this server; in a worker the next run comes of itself. */
async function sealTo(no: bigint) {
  for (let tries = 0; tries < 20 && ((await anchorFile(dataDir).last(1))?.no ?? 0n) < no; tries++)
    await runTask('seal-books')
  assert.equal((await anchorFile(dataDir).last(1))?.no, no)
}

const openAlerts = () =>
  base.owner.query<{ key: string; times: number }>(
    '',
    'select key, times from alerts where closed_at is null order by key',
  )

test('every regular task has a line that the queue understands', () => {
  const names = new Set(Object.keys(tasksOf(bank, () => undefined)))
  const lines = parseCrontab(crontab)
  assert.ok(lines.length >= 4)
  for (const line of lines) assert.ok(names.has(line.task), line.task)
})

test('sealing seals, anchors, and comes again in ten seconds', async () => {
  await sealTo(1n)
  const [next] = await base.owner.query<{ seconds: string; n: string }>(
    '',
    `select count(*)::text as n, max(extract(epoch from run_at - now()))::text as seconds from graphile_worker.jobs where task_identifier = 'seal-books'`,
  )
  assert.equal(next?.n, '1')
  assert.match(next?.seconds ?? '', /^[6-9]\./)
})

test('the audit says sound, then what is wrong until it is sound again', async () => {
  await runTask('audit-books')
  const state = async () =>
    (await lastAudits(base.db)).map(({ book_id, faults, sealed }) => ({ book_id, faults, sealed }))
  assert.deepEqual(await state(), [{ book_id: 1, faults: 0, sealed: 1n }])
  assert.deepEqual(await openAlerts(), [])

  await base.owner.query('', 'update accounts set balance = balance + 5 where id = $1', [main(ALICE)])
  now = new Date(Date.now() + 3_600_000)
  await runTask('audit-books')
  await runTask('audit-books')
  assert.deepEqual(await state(), [{ book_id: 1, faults: 1, sealed: 1n }])
  assert.deepEqual(await openAlerts(), [{ key: 'ledger_fault', times: 2 }])
  const server = await buildServer(bank)
  const metrics = (await server.inject('/metrics')).body
  await server.close()
  assert.match(metrics, /^unipay_ledger_faults\{book="1"\} 1$/m)
  assert.match(metrics, /^unipay_ledger_proven_seconds\{book="1"\} 3\d{3}/m)

  await base.owner.query('', 'update accounts set balance = balance - 5 where id = $1', [main(ALICE)])
  await runTask('audit-books')
  assert.deepEqual(await openAlerts(), [])
  now = undefined
})

test('a chain that was tampered with is not sealed any further, and said so', async () => {
  await give(1n)
  await base.owner.query('', `update seals set hash = sha256('other') where no = 1`)
  await runTask('seal-books')
  assert.deepEqual(await openAlerts(), [{ key: 'seal_broken', times: 1 }])
  const [seals] = await base.owner.query<{ n: bigint }>('', 'select count(*) as n from seals')
  assert.equal(seals?.n, 1n)
  await base.owner.query('', `update seals set hash = sha256(sha256('unipay book 1') || digests) where no = 1`)
  now = new Date(Date.now() + 3_600_000)
  await runTask('audit-books')
  now = undefined
  assert.deepEqual(await openAlerts(), [])
  await sealTo(2n)
})

test('holds expire when their time is over, and only then', async () => {
  const start = Date.now()
  const hold = (seconds: number) =>
    base.db.transaction((tx) =>
      placeHold(tx, {
        bookId: 1,
        account: main(ALICE),
        amount: 2n,
        orderKind: 'test',
        orderId: newId(),
        expiresAt: new Date(start + seconds * 1_000),
      }),
    )
  for (let i = 0; i < 210; i++) await hold(60)
  await hold(120)
  await runTask('expire-holds')
  assert.equal((await moneyOf(base.db, ALICE)).held, 422n)
  await base.db.query('', `select ledger_set_status(1, $1, 'closed')`, [ALICE])
  now = new Date(start + 61_000)
  await runTask('expire-holds')
  assert.equal((await moneyOf(base.db, ALICE)).held, 2n)
  const [expired] = await base.db.query<{ n: bigint }>('', `select count(*) as n from holds where status = 'expired'`)
  assert.equal(expired?.n, 210n)
  now = undefined
})

// --- npm run ledger:verify -------------------------------------------------------------------------------------------

async function verify(args: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../src/main/verify.ts'), ...args], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATA_DIR: dataDir,
      DATABASE_URL: base.url,
      ...env,
    },
  })
  let out = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, said }
}

test('the command proves the books: 0', async () => {
  const { code, out, said } = await verify()
  assert.deepEqual([code, said], [0, ''])
  assert.match(out, /^Book 1: 2 journals, 4 entries, 2 accounts, 2 sealed at 20/m)
  assert.match(out, /✓ I1 entries sum to zero per asset +\d\.\d s/)
  assert.match(out, /The books are sound\.\n$/)
  const json = await verify(['--json', '--book', '1'])
  const { sound, books } = JSON.parse(json.out) as { sound: boolean; books: { bookId: number; checks: unknown[] }[] }
  assert.deepEqual([json.code, sound, books.length, books[0]?.bookId], [0, true, 1, 1])
  assert.ok((books[0]?.checks.length ?? 0) > 10)
})

test('it names what is wrong: 1', async () => {
  await base.owner.query('', 'update accounts set balance = balance + 5 where id = $1', [main(ALICE)])
  const { code, out } = await verify()
  assert.equal(code, 1)
  assert.match(out, new RegExp(`✗ I3 .*\\n +account ${main(ALICE)}: balance 1006, entries 1001\\n`))
  assert.match(out, /\n1 fault found\.\n$/)
  const json = await verify(['--json'])
  assert.equal(json.code, 1)
  assert.equal((JSON.parse(json.out) as { sound: boolean }).sound, false)
  await base.owner.query('', 'update accounts set balance = balance - 5 where id = $1', [main(ALICE)])
})

test('it says why it cannot run: 2', async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['--book', '9'], {}, /^there is no book 9; this database has 1\n$/],
    [['--book', 'x'], {}, /a book is a whole number/],
    [['--what'], {}, /unknown option/],
    [[], { DATABASE_URL: '' }, /^there is no database to ask: start UniPay/],
    [[], { DATABASE_URL: 'postgres://u@127.0.0.1:1/x' }, /^the database does not answer \(/],
    [[], { DATABASE_URL: 'mysql://x' }, /^DATABASE_URL must be a URL/],
    [[], { DATABASE_URL: base.url.replace(/\/[^/]*$/, '/postgres') }, /^the database has no UniPay schema/],
  ]
  for (const [args, env, expected] of cases) {
    const { code, said } = await verify(args, env)
    assert.match(said, expected)
    assert.equal(code, 2, said)
  }
  const help = await verify(['--help'])
  assert.deepEqual([help.code, /Exit codes/.test(help.out)], [0, true])
})
