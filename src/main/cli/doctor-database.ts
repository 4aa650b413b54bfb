// What the doctor finds in the configuration and the database: version, schema, roles, clock, queue, books, keys, alerts.
// Must stay true: it only reads, each part by itself, so that one that fails hides no other.

import pg from 'pg'
import { sha256 } from '../../base/crypto.ts'
import { migrationFiles } from '../../base/migrate.ts'
import { openAlerts } from '../../domain/alert.ts'
import { lastAudits } from '../../domain/audit-book.ts'
import { readNetworks } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import { depositKeyPrints } from '../../domain/deposit/deposit-address.ts'
import { queueState } from '../../workers/queue-state.ts'
import { compose } from '../compose.ts'
import { configurationRefusals, databaseRefusals, ownershipRefusals } from '../live-checks.ts'
import { explain, type Shell, withoutAddresses } from './command.ts'
import { type Finding, fail, ok, warn } from './doctor-finding.ts'
import { pendingIn } from './migrate.ts'

const OLDEST_PROOF = 30 * 60_000
const LATE_JOB = 60
const DEAD_QUEUE = 600
const SKEW = 2_000
const WRONG_CLOCK = 30_000

/** Configuration that could be read at all: whoever gets here has passed the table's own checks. */
export function* configurationFindings({ config }: Shell): Generator<Finding> {
  const networks = readNetworks(config).filter(({ rpc }) => rpc !== '')
  const where = `${config.UNIPAY_MODE} mode, data in ${config.DATA_DIR}`
  yield ok('configuration', `${where}, networks: ${networks.map(({ code }) => code).join(', ') || 'none'}`)
  if (config.UNIPAY_MODE !== 'live') return
  for (const reason of configurationRefusals(config)) {
    yield fail('configuration', reason, 'set it; live mode does not start like this')
  }
}

export interface Database {
  findings: Finding[]
  /** Undefined when the database is of no use. */
  bank: Bank | undefined
  close(): Promise<void>
}

export async function databaseFindings(shell: Shell): Promise<Database> {
  const { config } = shell
  const useless = (finding: Finding) => ({ findings: [finding], bank: undefined, close: async () => {} })
  if (config.DATABASE_URL === '') {
    return useless(fail('database', 'none is named, and no launcher runs here', 'npm start, or set DATABASE_URL'))
  }
  const findings: Finding[] = []
  try {
    findings.push(...(await serverFindings(config.DATABASE_URL)))
    const schema = await schemaFinding(config.DATABASE_URL)
    findings.push(schema)
    if (schema.status === 'fail') return { findings, bank: undefined, close: async () => {} }
  } catch (error) {
    return useless(fail('database', withoutPassword(explain(error).message), 'start it, or correct DATABASE_URL'))
  }
  const { bank, close } = compose({ ...config, LOG_LEVEL: 'silent', DATABASE_POOL: 4 }, 'cli')
  for (const [part, look] of parts) {
    try {
      findings.push(...(await look(bank, shell)))
    } catch (error) {
      findings.push(fail(part, withoutPassword(explain(error).message), 'see whether the database is well'))
    }
  }
  return { findings, bank, close }
}

const withoutPassword = (text: string) => withoutAddresses(text).replace(/postgres(ql)?:\/\/\S+/g, '[database]')

async function serverFindings(url: string): Promise<Finding[]> {
  const { hostname, port, pathname } = new URL(url)
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    const began = Date.now()
    const { rows } = await client.query<{ version: string; no: number; login: string; member: boolean; at: Date }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as no,
              session_user as login, clock_timestamp() as at,
              exists (select from pg_roles where rolname = 'unipay_app')
                and pg_has_role(session_user, (select oid from pg_roles where rolname = 'unipay_app'), 'member') as member`,
    )
    const [row] = rows
    if (!row) return []
    const name = `PostgreSQL ${row.version}, ${pathname.slice(1)} at ${hostname}:${port || 5432}`
    return [
      row.no < 150_000 ? fail('database', name, 'PostgreSQL 15 or newer is needed') : ok('database', name),
      clockFinding('database clock', row.at.getTime() - (began + Date.now()) / 2),
      ...(await roleFindings(url, row.login, row.member)),
    ]
  } finally {
    await client.end()
  }
}

/** `ahead`: milliseconds by which the other's clock is ahead of ours. */
export function clockFinding(part: string, ahead: number): Finding {
  const off = `${(Math.abs(ahead) / 1000).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`
  const next = 'set both machines by the same time servers'
  if (Math.abs(ahead) > WRONG_CLOCK) return fail(part, off, next)
  return Math.abs(ahead) > SKEW ? warn(part, off, next) : ok(part, `within ${SKEW / 1000} s of this machine's`)
}

async function roleFindings(url: string, login: string, member: boolean): Promise<Finding[]> {
  if (!member) return [fail('database role', `${login} is no member of unipay_app`, `grant unipay_app to ${login}`)]
  // its last check asks for the owner of a table that a database without our schema does not have
  const owns = await ownershipRefusals(url).catch(() => [])
  const reasons = [...(await databaseRefusals(url)), ...owns]
  if (reasons.length === 0) return [ok('database role', `${login} may do what unipay_app may, and nothing else`)]
  return reasons.map((reason) => warn('database role', reason, 'UNIPAY_MODE=live would refuse to start on this'))
}

async function schemaFinding(url: string): Promise<Finding> {
  const files = await migrationFiles()
  const pending = await pendingIn(url)
  const head = files.at(-1)?.name ?? ''
  if (pending.length > 0)
    return fail('schema', `${pending.length} migrations to apply, from ${pending[0]}`, 'unipay migrate')
  const newer = (await appliedIn(url)).filter((name) => !files.some((file) => file.name === name))
  if (newer[0]) return fail('schema', `newer than this code: it has ${newer[0]}`, 'start the newer release')
  return ok('schema', `at head, ${head}`)
}

async function appliedIn(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return (await client.query<{ name: string }>('select name from schema_migrations')).rows.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

type Look = (bank: Bank, shell: Shell) => Promise<Finding[]>

const parts: readonly [string, Look][] = [
  ['jobs', jobFindings],
  ['books', bookFindings],
  ['keystore', keyFindings],
  ['alerts', alertFindings],
]

async function jobFindings({ db }: Bank): Promise<Finding[]> {
  const { oldestSeconds, waiting, failed, workers } = await queueState(db)
  const findings: Finding[] = []
  if (workers === 0) {
    findings.push(fail('worker', 'none has been heard of for 30 s', 'npm start, or node src/main/worker.ts'))
  } else findings.push(ok('worker', `${workers} at work`))
  const queue = `${waiting} wait, the oldest for ${oldestSeconds} s`
  const next = 'look at logs/worker.log in DATA_DIR'
  if (oldestSeconds > DEAD_QUEUE) findings.push(fail('jobs', queue, next))
  else findings.push(oldestSeconds > LATE_JOB ? warn('jobs', queue, next) : ok('jobs', queue))
  if (failed > 0) findings.push(warn('jobs', `${failed} were given up after all their attempts`, next))
  return findings
}

async function bookFindings({ db, clock }: Bank): Promise<Finding[]> {
  const audits = await lastAudits(db)
  if (audits.length === 0) return [warn('books', 'were never proven', 'unipay ledger verify')]
  return audits.map(({ book_id: book, at, faults, journals, milliseconds }) => {
    const age = clock.now().getTime() - at.getTime()
    const minutes = Math.round(age / 60_000)
    if (faults > 0) return fail(`book ${book}`, `${faults} faults found ${minutes} min ago`, 'unipay ledger verify')
    const says = `sound ${minutes} min ago (${journals} journals)`
    return age > OLDEST_PROOF + milliseconds * 20
      ? warn(`book ${book}`, says, 'unipay ledger verify, and see why the worker does not')
      : ok(`book ${book}`, says)
  })
}

/** The key that the running signer handed out must be the one that the book's addresses came from. */
async function keyFindings({ db, config }: Bank, { bookId }: Shell): Promise<Finding[]> {
  const known: Record<string, string> = { evm: config.DEPOSIT_XPUB_EVM, tron: config.DEPOSIT_XPUB_TRON }
  const prints = await depositKeyPrints(db, bookId)
  if (prints.length === 0) return [ok('keystore', 'no deposit address was made yet')]
  return prints.map(({ family, key_print, next_index }) => {
    const part = `keystore ${family}`
    const xpub = known[family] ?? ''
    if (xpub === '') return warn(part, 'the signer has not told its public key', 'npm start, or set DEPOSIT_XPUB_…')
    const print = key_print.toString('hex').slice(0, 16)
    return sha256(xpub).equals(key_print)
      ? ok(part, `${print}…, ${next_index} addresses`)
      : fail(
          part,
          `is not the one of the ${next_index} addresses (${print}…)`,
          'bring back the keystore they came from',
        )
  })
}

async function alertFindings({ db }: Bank, { bookId }: Shell): Promise<Finding[]> {
  const alerts = await openAlerts(db, bookId)
  if (alerts.length === 0) return [ok('alerts', 'none is open')]
  return alerts.map(({ key, severity, raised_at, data }) => {
    const says = `${key} since ${raised_at.toISOString()} ${JSON.stringify(data)}`
    return { part: 'alert', status: severity === 'critical' ? 'fail' : 'warn', says, next: nextFor(key) }
  })
}

const nextFor = (key: string): string => {
  if (/^(deep_reorg|chain_halted)/.test(key)) return 'docs/deposits.md; then unipay chain resume, or reread'
  if (key.startsWith('deposit_review')) return 'unipay chain approve, or reject'
  if (/^(ledger_fault|seal_broken)/.test(key)) return 'unipay ledger verify'
  return 'unipay chain status'
}
