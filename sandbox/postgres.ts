// Starts and stops the embedded PostgreSQL: a real server from npm, on loopback, with a data folder of its own.
// Must stay true: fsync stays on unless a caller that throws its data away says otherwise; a server that a killed parent
// left behind is stopped before its folder is opened again; a half-made cluster is never taken for a whole one.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { sleep } from '../src/base/clock.ts'
import { randomToken } from '../src/base/crypto.ts'
import { dataFolder, type Identity, PostgresError, postgresPrograms, postgresUser } from './postgres-files.ts'
import { writeWhole } from './write-whole.ts'

export { PostgresError } from './postgres-files.ts'

export interface PostgresOptions {
  /** Our folder: holds the cluster, the superuser's password and the server's log. */
  dir: string
  port: number
  /** Only used when the cluster is made; otherwise one is made up. */
  password?: string
  /** Settings over the defaults below, e.g. `{ fsync: 'off' }` for a cluster that is thrown away. */
  flags?: Record<string, string>
}

export interface Postgres {
  readonly pid: number
  readonly port: number
  /** Superuser's address of one database. */
  url(database: string): string
  /** Ends connections and stops within seconds. */
  stop(): Promise<void>
  /** Settles when the server is gone, asked or not. */
  readonly exited: Promise<void>
  /** Our process may end before the server does. */
  unref(): void
}

const settings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_compression: 'on',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  autovacuum_naptime: '10s', // new tables are analysed before their first plans matter
  jit: 'off', // our statements are short; compiling them costs more than running them
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%u@%d ',
  log_min_duration_statement: '1s',
  // statements are logged with their place holders; values, and the details that quote them, may be personal
  log_parameter_max_length: '0',
  log_error_verbosity: 'terse',
}

const START_LIMIT = 60_000 // recovery after a crash replays up to max_wal_size
const LOG_LIMIT = 10_000_000

export async function startPostgres({ dir: given, port, password, flags = {} }: PostgresOptions): Promise<Postgres> {
  const dir = path.resolve(given)
  const user = postgresUser()
  const programs = postgresPrograms(user)
  const data = dataFolder(dir, user)
  const secret = superuserPassword(dir, data, password)

  if (fs.existsSync(path.join(data, 'PG_VERSION'))) await stopOrphan(data)
  else createCluster({ programs, data, user, secret, sync: flags.fsync !== 'off' })

  const log = openLog(path.join(dir, 'postgres.log'))
  try {
    const deadline = Date.now() + START_LIMIT
    for (;;) {
      const logStart = fs.fstatSync(log).size
      const args = Object.entries({ ...settings, ...flags }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      const child = spawn(path.join(programs, 'postgres'), ['-D', data, '-p', String(port), ...args], {
        ...user,
        cwd: '/',
        env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', log, log],
        detached: true, // Ctrl-C in the terminal reaches us alone, and we stop it in order
      })
      const exited = new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
        child.once('error', () => resolve())
      })
      if (await becameReady(child, data, deadline)) return handle(child, exited, port, secret)

      const said = fs.readFileSync(path.join(dir, 'postgres.log'), 'utf8').slice(logStart).trim()
      if (/could not bind|Address already in use/i.test(said)) throw new PostgresError(`port ${port} is taken`)
      // the processes of a server that was killed need a moment to notice it and let go of its shared memory
      const passing = /pre-existing shared memory block|lock file "postmaster.pid" already exists/i.test(said)
      if (!passing || Date.now() > deadline) {
        throw new PostgresError(`PostgreSQL did not start:\n${said.split('\n').slice(-8).join('\n')}`)
      }
      await sleep(200)
    }
  } finally {
    fs.closeSync(log)
  }
}

function handle(child: ChildProcess, exited: Promise<void>, port: number, secret: string): Postgres {
  const pid = child.pid ?? 0
  return {
    pid,
    port,
    exited,
    unref: () => child.unref(),
    url: (database) => `postgres://postgres:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`,
    async stop() {
      // fast shutdown with a checkpoint; then immediate, which recovers at the next start; both keep every commit
      for (const [signal, patience] of [
        ['SIGINT', 6_000],
        ['SIGQUIT', 2_000],
        ['SIGKILL', 2_000],
      ] as const) {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill(signal)
        const patienceEnds = new AbortController()
        await Promise.race([exited, sleep(patience, patienceEnds.signal)])
        patienceEnds.abort()
      }
    },
  }
}

function superuserPassword(dir: string, data: string, given: string | undefined): string {
  const file = path.join(dir, 'superuser.password')
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8').trim()
  if (fs.existsSync(path.join(data, 'PG_VERSION'))) {
    throw new PostgresError(`${file} is missing, so nobody can log in to the database in ${data}: put it back`)
  }
  const secret = given ?? randomToken(24)
  writeWhole(file, `${secret}\n`)
  return secret
}

interface NewCluster {
  programs: string
  data: string
  user: Identity | undefined
  secret: string
  sync: boolean
}

/** Made under another name and renamed when whole, so that a crash half-way leaves nothing to trip over. */
function createCluster({ programs, data, user, secret, sync }: NewCluster): void {
  const half = `${data}.new`
  fs.rmSync(half, { recursive: true, force: true })
  fs.rmSync(data, { recursive: true, force: true })
  fs.mkdirSync(half, { mode: 0o700 })
  if (user) fs.chownSync(half, user.uid, user.gid)
  const passwordFile = `${data}.password`
  fs.rmSync(passwordFile, { force: true })
  fs.writeFileSync(passwordFile, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  if (user) fs.chownSync(passwordFile, user.uid, user.gid)
  const args = ['-D', half, '-U', 'postgres', `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8']
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] // the same on every machine
  const made = spawnSync(path.join(programs, 'initdb'), [...args, ...locale, ...(sync ? [] : ['--no-sync'])], {
    ...user,
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    encoding: 'utf8',
  })
  fs.rmSync(passwordFile)
  if (made.status !== 0) throw new PostgresError(`initdb failed:\n${made.stderr || made.error?.message || made.stdout}`)
  fs.renameSync(half, data)
}

/** True once the server takes connections; false when it has ended instead. The server notes its state in its pid file. */
async function becameReady(child: ChildProcess, data: string, deadline: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const lines = readLines(path.join(data, 'postmaster.pid'))
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return true
    if (Date.now() > deadline) {
      child.kill('SIGQUIT')
      throw new PostgresError(`PostgreSQL was not ready after ${START_LIMIT / 1000} s`)
    }
    await sleep(20)
  }
  return false
}

/** Before a port is chosen: a server that outlived its parent would still hold the one from last time. */
export const stopLeftOver = (dir: string): Promise<void> => stopOrphan(dataFolder(path.resolve(dir), postgresUser()))

/** A server on our folder whose parent was killed: stop it, fast, and wait. Another process with that pid is left alone. */
export async function stopOrphan(data: string): Promise<void> {
  const pidFile = path.join(data, 'postmaster.pid')
  const pid = Number(readLines(pidFile)[0] ?? 0)
  const isOurs = () => {
    const command = readLines(`/proc/${pid}/cmdline`).join('').split('\0')
    return path.basename(command[0] ?? '') === 'postgres' && command.includes(data)
  }
  if (!(pid > 1) || !isOurs()) return
  process.kill(pid, 'SIGINT')
  for (let waited = 0; isOurs(); waited += 50) {
    if (waited === 8_000) process.kill(pid, 'SIGQUIT')
    if (waited > 20_000)
      throw new PostgresError(`another PostgreSQL (process ${pid}) runs on ${data} and does not stop`)
    await sleep(50)
  }
}

function readLines(file: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function openLog(file: string): number {
  if (fs.existsSync(file) && fs.statSync(file).size > LOG_LIMIT) fs.renameSync(file, `${file}.1`)
  return fs.openSync(file, 'a', 0o600)
}
