// `npm start`: reads the configuration, brings up what it does not name (the sandbox), the schema, and the bank's
// processes, and keeps all of it up until it is told to stop.
// Must stay true: whatever is wrong is said in a sentence and ends with exit code 1; Ctrl-C stops everything in order
// within 10 seconds; after a kill -9 of anything, of everything, the next start carries on with all that was acknowledged.

import net from 'node:net'
import path from 'node:path'
import pg from 'pg'
import { sleep } from '../base/clock.ts'
import { type Config, ConfigError, settings } from '../base/config.ts'
import { MigrationError } from '../base/migrate.ts'
import { readNetworks } from '../domain/chain/network.ts'
import { deriveKeys } from '../domain/keys.ts'
import { type Claim, claimFolder, FolderInUse, mark } from './claim-folder.ts'
import { completeConfig } from './environment.ts'
import {
  chainRefusals,
  configurationRefusals,
  databaseRefusals,
  ownershipRefusals,
  signerLoginRefusals,
} from './live-checks.ts'
import { prepareDatabase } from './prepare-database.ts'
import { ChildFailed, type ChildSpec, createSupervisor, type Supervisor } from './supervise.ts'
import { complain, say, step } from './terminal.ts'

/** Something the user can put right; said without a stack trace. */
class CannotStart extends Error {}

const root = path.join(import.meta.dirname, '../..')
/** The signer's alone, and the owner's login, which no process has. */
const hides = ['DATABASE_OWNER_URL', 'DATABASE_SIGNER_URL', 'KEYSTORE_PASSPHRASE', 'APPROVAL_KEY']
const program = (name: string, file: string, patience: number): ChildSpec => ({
  name,
  file: path.join(root, file),
  patience,
  hides,
})
// together less than the 10 seconds that stopping may take
const sandbox = { ...program('sandbox', 'sandbox/main.ts', 3_000), extends: ['NETWORKS'] }
/** The process with the keys is told what it needs and nothing else: no other login, no master key, no node. */
const signerSees =
  /^(UNIPAY_MODE|DATA_DIR|LOG_LEVEL|NETWORKS|KEYSTORE_PASSPHRASE|SIGNER_.*|DEPOSIT_XPUB_.*|HOT_XPUB_.*|COLD_ADDRESS_.*)$/
const signer = {
  ...program('signer', 'src/main/signer.ts', 1_000),
  hides: Object.keys(settings).filter((name) => !signerSees.test(name)),
}
const servers = [
  {
    ...program('api', 'src/main/api.ts', 5_000),
    // young objects of a few hundred requests at once: with Node's 16 MB half of them are copied twice before they die
    node: ['--max-semi-space-size=64'],
  },
  program('worker', 'src/main/worker.ts', 5_000),
]

let supervisor: Supervisor | undefined
let claim: Claim | undefined
let stopping: Promise<void> | undefined

process.chdir(root) // a relative DATA_DIR means the same from wherever we are started
process.on('SIGINT', () => void stop('stopping …'))
process.on('SIGTERM', () => void stop('stopping …'))
// Node undoes nohup's choice to ignore it; under nohup the output is no terminal
process.on('SIGHUP', () => {
  if (process.stdout.isTTY) void stop('')
})
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // nobody reads any more
watchNpm()

try {
  await start()
} catch (error) {
  if (!stopping) {
    complain(`\n${explain(error)}`)
    await stop('', 1)
  }
}

async function start(): Promise<void> {
  const { config, env } = completeConfig(process.env)
  readNetworks(config) // names what is wrong with it
  say(`UniPay, ${config.UNIPAY_MODE} mode, data in ${config.DATA_DIR}`)
  if (config.UNIPAY_MODE === 'live') refuse(configurationRefusals(config))
  if (config.DATABASE_URL) await reachDatabase(config.DATABASE_URL)
  claim = await claimFolder(config.DATA_DIR)
  await requirePort(config, claim.afterKill ? 5_000 : 0)

  const own = claim
  supervisor = createSupervisor({
    env,
    logs: path.join(config.DATA_DIR, 'logs'),
    onChange(pids, said) {
      const told = Object.fromEntries(Object.entries(said).filter(([name]) => !hides.includes(name)))
      own.update({ children: Object.fromEntries([...pids].map(([name, pid]) => [name, mark(pid)])), env: told })
    },
  })
  const hasSandbox = config.UNIPAY_MODE === 'sandbox' && needsSandbox(config)
  const outside = hasSandbox ? await supervisor.start([sandbox]) : {}
  const url = outside.DATABASE_URL ?? config.DATABASE_URL
  if (config.UNIPAY_MODE === 'live') refuse([...(await databaseRefusals(url)), ...(await chainRefusals(config))])
  const ownerUrl = outside.DATABASE_OWNER_URL ?? (config.DATABASE_OWNER_URL || url)
  const applied = await prepareDatabase(ownerUrl)
  const signsHere = config.SIGNER_RUNS === 'here'
  const signerUrl = outside.DATABASE_SIGNER_URL ?? (config.DATABASE_SIGNER_URL || url)
  if (config.UNIPAY_MODE === 'live') {
    refuse([...(await ownershipRefusals(url)), ...(signsHere ? await signerLoginRefusals(signerUrl) : [])])
  }
  step(applied.length > 0 ? `schema: ${applied.length} migrations applied` : 'schema')
  if (signsHere) {
    const approvalKey = deriveKeys(config.MASTER_KEY).withdrawalApproval.toString('hex')
    await supervisor.start([{ ...signer, adds: { DATABASE_SIGNER_URL: signerUrl, APPROVAL_KEY: approvalKey } }])
    step('signer')
  }
  await supervisor.start(servers)
  step('api and worker')
  welcome(config, hasSandbox)
}

/** Everything that the sandbox can stand in for and that is not named. */
function needsSandbox(config: Config): boolean {
  const names = Object.keys(config).filter((name) => name.startsWith('RPC_'))
  return ['DATABASE_URL', 'SMTP_URL', 'SMS_URL', 'UQPAY_URL', 'SUMSUB_URL', 'RATE_URL', ...names].some(
    (name) => config[name as keyof Config] === '',
  )
}

function refuse(reasons: readonly string[]): void {
  if (reasons.length > 0) throw new CannotStart(`UNIPAY_MODE=live does not start:\n  ${reasons.join('\n  ')}`)
}

/** `patience`: children of a launcher that was killed may need a moment to let go of it. */
async function requirePort({ HOST, PORT }: Config, patience: number): Promise<void> {
  for (let waited = 0; ; waited += 100) {
    const problem = await tryListen(HOST, PORT)
    if (problem === undefined) return
    if (problem === 'EADDRINUSE' && waited < patience) {
      await sleep(100)
      continue
    }
    if (problem === 'EADDRINUSE')
      throw new CannotStart(`port ${PORT} on ${HOST} is taken by another program. Set PORT to a free one.`)
    throw new CannotStart(`cannot listen on ${HOST} port ${PORT} (${problem}). Set HOST and PORT.`)
  }
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = net.createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}

/** A database that is just starting is waited for a little; one that says no is not. */
async function reachDatabase(url: string): Promise<void> {
  const { hostname, port, pathname, username } = new URL(url)
  const where = `the database ${pathname.slice(1)} at ${hostname}:${port || 5432}`
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 4_000 })
    try {
      await client.connect()
      const { rows } = await client.query<{ version: number }>(
        "select current_setting('server_version_num')::int as version",
      )
      const version = rows[0]?.version ?? 0
      if (version < 150_000)
        throw new CannotStart(`${where} is PostgreSQL ${Math.floor(version / 10_000)}; 15 or newer is needed`)
      return
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (error instanceof CannotStart) throw error
      if (code === '28P01' || code === '28000')
        throw new CannotStart(`${where} refuses the user ${username}: ${message}. Check DATABASE_URL.`)
      if (code === '3D000') throw new CannotStart(`${where} does not exist: create it, or check DATABASE_URL.`)
      if (attempt === 4) throw new CannotStart(`${where} does not answer (${message || code}). Check DATABASE_URL.`)
      await sleep(1_000)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

function welcome(config: Config, hasSandbox: boolean): void {
  const any = config.HOST === '0.0.0.0' || config.HOST === '::'
  const host = any ? 'localhost' : config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST
  const base = `http://${host}:${config.PORT}`
  say(`
UniPay is up.

  ${base}/                wallet
  ${base}/console         operators' console
  ${base}/docs            API documentation
  ${base}/healthz         health`)
  if (hasSandbox) {
    say(`  ${base}/sandbox/outbox  mails and SMS that were sent, codes included

Fund a deposit address with test USDT:
  curl ${base}/sandbox/faucet -H 'content-type: application/json' \\
    -d '{"network":"BSC","address":"0x…","amount":"100"}'`)
  }
  say('\nCtrl-C stops it; the data stays.\n')
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `The configuration is wrong:\n  ${error.message.replaceAll('\n', '\n  ')}`
  const plain = [CannotStart, FolderInUse, MigrationError, ChildFailed]
  if (plain.some((kind) => error instanceof kind)) return (error as Error).message
  const { code, path: file } = error as NodeJS.ErrnoException
  if (code && file)
    return `cannot use ${file} (${code}). Was it made by another user, or is the disk full? DATA_DIR names the folder.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function stop(why: string, code = 0): Promise<void> {
  stopping ??= (async () => {
    if (why) say(`\n${why}`)
    await supervisor?.stop()
    claim?.release()
    if (why) step('stopped')
    process.exit(code)
  })()
  return stopping
}

/** Started by npm, we end when npm is gone: whoever killed it meant us. */
function watchNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) void stop('npm is gone; stopping …')
  }, 1_000).unref()
}
