// `npm run bench`: one PostgreSQL, one run, one table: pgbench's TPC-B, the ledger alone, POST /api/transfer over HTTP.
// The figure to quote is the ratio: all rows share the machine and the minute. Ends with an audit of what it made.
// Options: --seconds N (per cell), --only pgbench,ledger,http, --clients 1,16, --json.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../sandbox/free-port.ts'
import { startPostgres } from '../sandbox/postgres.ts'
import { readConfig } from '../src/base/config.ts'
import { openDatabase } from '../src/base/database.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { compose } from '../src/main/compose.ts'
import { prepareDatabase } from '../src/main/prepare-database.ts'
import { makeCustomers } from './customers.ts'
import { benchHttp } from './http.ts'
import { benchLedger, fundLedger } from './ledger.ts'
import type { Result, Spread } from './load.ts'
import { benchPgbench, benchTpcB } from './tpc-b.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    only: { type: 'string', default: 'pgbench,ledger,http' },
    clients: { type: 'string', default: '1,16,64,256' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number.parseInt(options.seconds, 10)
const clientCounts = options.clients.split(',').map((n) => Number.parseInt(n, 10))
const parts = new Set(options.only.split(','))
const spreads: Spread[] = ['uniform', 'zipf', 'hot']

interface Row {
  what: string
  spread: string
  clients: number
  result: Result
  ratio: number
}
const rows: Row[] = []
let yardstick = Number.NaN

function report(what: string, spread: string, clients: number, result: Result) {
  const row = { what, spread, clients, result, ratio: result.perSecond / yardstick }
  rows.push(row)
  const text = (n: number, digits = 1) => (Number.isNaN(n) ? '-' : n.toFixed(digits))
  if (options.json) return
  const cells = [
    what,
    spread,
    `${clients}`,
    text(result.perSecond, 0),
    text(row.ratio, 2),
    text(result.p50),
    text(result.p99),
    `${result.failed}`,
  ]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-bench-'))
const postgres = await startPostgres({ dir: path.join(dir, 'postgres'), port: await freePort() })
let api: ChildProcess | undefined
try {
  await bench()
} finally {
  const ended = api && new Promise((resolve) => api?.once('exit', resolve))
  api?.kill('SIGTERM')
  await ended // before its database goes, or it says that it lost it
  await postgres.stop()
  fs.rmSync(dir, { recursive: true, force: true })
}
if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)

async function bench() {
  if (!options.json) {
    process.stdout.write(
      `${os.cpus().length} cores, ${os.cpus()[0]?.model ?? ''}, Node ${process.version}, ${seconds} s a cell\n\n`,
    )
    process.stdout.write(
      '| what | receivers | clients | per second | × TPC-B | p50 ms | p99 ms | failed |\n|---|---|---:|---:|---:|---:|---:|---:|\n',
    )
  }
  const url = postgres.url('postgres')
  await prepareDatabase(url)
  if (parts.has('pgbench')) await benchYardstick(url)
  if (parts.has('ledger')) {
    const db = openDatabase({ url, role: 'unipay_app', max: 8 })
    await fundLedger(db, 100_000)
    for (const spread of spreads) {
      for (const clients of clientCounts)
        report('ledger', spread, clients, await benchLedger(db, 100_000, spread, clients, seconds))
    }
    await db.close()
  }
  if (parts.has('http')) await benchApi(url)
  const db = openDatabase({ url, role: 'unipay_app', max: 2 })
  const audit = await verifyLedger(db, { bookId: 1 })
  await db.close()
  process.stderr.write(`\naudit: ${audit.entries} entries, ${audit.faults.length} faults, ${audit.milliseconds} ms\n`)
  if (audit.faults.length > 0) throw new Error(JSON.stringify(audit.faults))
}

async function benchYardstick(url: string) {
  const found = await benchPgbench(url, 32, seconds)
  if (found) {
    yardstick = found.perSecond
    return report('pgbench TPC-B', '-', 32, found)
  }
  const db = openDatabase({ url, max: 32 })
  const result = await benchTpcB(db, 32, seconds)
  await db.close()
  yardstick = result.perSecond
  report('TPC-B through pg', '-', 32, result)
}

async function benchApi(url: string) {
  const port = await freePort()
  const env = {
    DATABASE_URL: url,
    MASTER_KEY: randomBytes(32).toString('hex'),
    PORT: `${port}`,
    LOG_LEVEL: 'warn',
    DATA_DIR: dir,
  }
  const { bank, close } = compose(readConfig(env), 'bench')
  const customers = await makeCustomers(bank, 2_000)
  await close()
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=64', path.join(import.meta.dirname, '../src/main/api.ts')],
    {
      env: { PATH: process.env.PATH, RATE_LIMIT_PER_MINUTE: '0', ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  api = child
  await new Promise((resolve, reject) => child.once('message', resolve).once('exit', reject))
  for (const spread of spreads) {
    for (const clients of clientCounts)
      report('POST /api/transfer', spread, clients, await benchHttp(port, customers, spread, clients, seconds))
  }
}
