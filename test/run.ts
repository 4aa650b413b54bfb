// `npm test`: type-check and lint, one throw-away PostgreSQL, then every test file in a process of its own, a few at a time.
// Must stay true: the last line is "N passed, N failed" alone; a file that crashed, hung, ended early or held no test
// counts as failed; nothing is left running or lying about, however the run ends.
//
//   npm test                                    everything
//   npm test -- test/money.test.ts              these files only, without type-check and lint
//   npm run test:nightly                        everything, the long ones under test/nightly included

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../sandbox/free-port.ts'
import { type Postgres, startPostgres, stopOrphan } from '../sandbox/postgres.ts'
import type { Report } from './report-events.ts'

const root = path.join(import.meta.dirname, '..')
const LANES = Math.min(4, Math.max(2, os.availableParallelism()))
const SCRATCH = 'unipay-test-'
// each of the hundreds of processes of a run would compile the same files again: that is half of what starting one costs
process.env.NODE_COMPILE_CACHE ??= path.join(root, 'node_modules/.cache/node-compile')

const args = process.argv.slice(2)
const nightly = args.includes('--nightly')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const SILENCE_LIMIT = nightly ? 4 * 3_600_000 : 150_000 // a file in which no test ends for so long hangs
const startedAt = performance.now()
const elapsed = (since = startedAt) => `${((performance.now() - since) / 1000).toFixed(1)} s`
const say = (line: string) => process.stdout.write(`${line}\n`)

let passed = 0
let failed = 0
const failures: string[] = []
const running = new Set<ChildProcess>()
let postgres: Postgres | undefined
let scratch: string | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, async () => {
    await cleanUp()
    process.exit(130)
  })
}

try {
  const files = testFiles()
  if (wanted.length === 0) {
    await check('type-check', ['node_modules/typescript/bin/tsc', '-p', '.'])
    await check('types of the API', ['scripts/print-api-types.ts'])
    await check('type-check of the web apps', ['node_modules/typescript/bin/tsc', '-p', 'web'])
    await check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--reporter=summary'])
  }
  await startDatabase()
  const queue = [...files]
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) await runFile(file)
    }),
  )
} catch (error) {
  fail('the test run itself', error instanceof Error ? (error.stack ?? error.message) : String(error))
} finally {
  await cleanUp()
}
for (const failure of failures) say(failure)
say(`\n${elapsed()}`)
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function testFiles(): string[] {
  const patterns = wanted.length > 0 ? wanted : ['test/**/*.test.ts']
  const found = new Set(patterns.flatMap((pattern) => fs.globSync(pattern, { cwd: root })))
  const chosen = [...found].filter((file) => nightly || wanted.length > 0 || !file.startsWith('test/nightly/'))
  if (chosen.length === 0) throw new Error(`no test file matches ${patterns.join(' ')}`)
  return chosen.sort()
}

function fail(name: string, text: string): void {
  failed++
  failures.push(`\n✗ ${name}\n${text.replace(/^/gm, '    ')}`)
}

/** Runs a tool of ours with Node and counts it as one test. */
async function check(name: string, command: string[]): Promise<void> {
  const since = performance.now()
  const child = launch(command, ['ignore', 'pipe', 'pipe'], process.env)
  const output = collect(child)
  const { code } = await ended(child)
  if (code === 0) passed++
  else fail(name, output())
  say(`${code === 0 ? '✓' : '✗'} ${name}  ${elapsed(since)}`)
}

async function startDatabase(): Promise<void> {
  await sweepScratch()
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), `${SCRATCH}${process.pid}-`))
  if (process.env.TEST_DATABASE_URL) return
  const flags = { fsync: 'off', full_page_writes: 'off', max_connections: '400', log_min_duration_statement: '-1' }
  postgres = await startPostgres({ dir: path.join(openFolder(scratch), 'postgres'), port: await freePort(), flags })
  process.env.TEST_DATABASE_URL = postgres.url('postgres')
  say(`✓ PostgreSQL  ${elapsed()}`)
}

/** As root, PostgreSQL runs as another user, who must be able to pass. */
function openFolder(folder: string): string {
  fs.chmodSync(folder, 0o711)
  return folder
}

/** What runs that were killed left behind. */
async function sweepScratch(): Promise<void> {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = new RegExp(`^${SCRATCH}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || fs.existsSync(`/proc/${pid}`)) continue
    const folder = path.join(os.tmpdir(), name)
    await stopOrphan(path.join(folder, 'postgres/data')).catch(() => {})
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function runFile(file: string): Promise<void> {
  const since = performance.now()
  const reportFile = path.join(scratch ?? os.tmpdir(), `${file.replaceAll(path.sep, '-')}.jsonl`)
  const reporter = [
    '--test-reporter',
    path.join(root, 'test/report-events.ts'),
    '--test-reporter-destination',
    reportFile,
  ]
  const env = { ...process.env, ...(nightly ? { NIGHTLY: '1' } : {}) }
  const child = launch([...reporter, file], ['ignore', 'pipe', 'pipe'], env)
  const output = collect(child)
  let hung = false
  let size = -1
  let movedAt = performance.now()
  const watch = setInterval(() => {
    const now = fs.existsSync(reportFile) ? fs.statSync(reportFile).size : 0
    if (now !== size) movedAt = performance.now()
    size = now
    if (performance.now() - movedAt < SILENCE_LIMIT) return
    hung = true
    kill(child, 'SIGKILL')
  }, 1_000)
  const { code, signal } = await ended(child)
  clearInterval(watch)
  kill(child, 'SIGKILL') // what it started and left running

  const reports = readReports(reportFile)
  const totals = reports.find((report) => report.type === 'totals')
  const bad = reports.filter((report) => report.type === 'fail')
  const good = totals?.passed ?? reports.filter((report) => report.type === 'pass').length
  passed += good
  for (const report of bad) {
    fail(
      `${file}: ${report.name}`,
      `${report.error}\n(${report.milliseconds.toFixed(0)} ms, ${path.relative(root, report.where)})`,
    )
  }
  let missing = (totals?.failed ?? 0) - bad.length // failures that only the totals know of
  for (; missing > 0; missing--) fail(`${file}: a test that was cancelled`, output())
  const ending = hung
    ? `no test ended for ${SILENCE_LIMIT / 1000} s`
    : !totals
      ? `ended early, with ${signal ?? `exit code ${code}`}`
      : good + bad.length === 0
        ? 'holds no test'
        : code !== 0 && bad.length === 0
          ? `exit code ${code}`
          : undefined
  if (ending) fail(`${file}: ${ending}`, output())
  const verdict = bad.length > 0 || ending ? '✗' : '✓'
  say(
    `${verdict} ${file}  ${good} passed${bad.length > 0 ? `, ${bad.length} failed` : ''}${ending ? `, ${ending}` : ''}  ${elapsed(since)}`,
  )
  if (verdict === '✗' && bad.length > 0 && output())
    failures.push(`\n  what ${file} printed last:\n${output().replace(/^/gm, '    ')}`)
}

function readReports(file: string): Report[] {
  if (!fs.existsSync(file)) return []
  const lines = fs.readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Report)
}

/** In a process group of its own, so that its children can be ended with it. */
function launch(command: string[], stdio: ['ignore', 'pipe', 'pipe'], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, command, { cwd: root, env, stdio, detached: true })
  running.add(child)
  return child
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal)
  } catch {
    // the whole group has ended
  }
}

function ended(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: -1, signal: null }))
    child.once('exit', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
}

/** The last lines that a process printed. */
function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-20_000)
    })
  }
  return () => text.trim().split('\n').slice(-40).join('\n')
}

async function cleanUp(): Promise<void> {
  for (const child of running) kill(child, 'SIGKILL')
  await postgres?.stop()
  if (scratch) fs.rmSync(scratch, { recursive: true, force: true })
}
