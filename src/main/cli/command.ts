// What every command of `unipay` has in common: the configuration of the running installation, one bank for one command,
// output for people or as JSON, progress, exit codes.
// Must stay true: a user's mistake is said in a sentence, never with a stack trace; with --json stdout holds one document
// and nothing else; nothing secret is printed, a node's address neither, for it may carry a key.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type Config, ConfigError } from '../../base/config.ts'
import { type Database, isDisconnected, openDatabase } from '../../base/database.ts'
import { isRefusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import type { Keys } from '../../domain/keys.ts'
import { runningConfig } from '../environment.ts'
import { complain, say } from '../terminal.ts'

export const exitCodes = { done: 0, found: 1, usage: 2, unreachable: 3, bug: 70 } as const

export const exitCodeHelp = `
Exit codes: 0 done, nothing is wrong; 1 something was found, or the bank refused;
2 wrong usage or configuration; 3 the database, a node or a file cannot be reached.`

/** What a command came to. */
export interface Outcome {
  /** Something that a person should look at: exit code 1. */
  found?: boolean
  /** For --json. bigint and Date become texts. */
  data: object
  /** For people. */
  text: string
}

/** The user asked for something that cannot be: exit code 2. */
export class WrongUsage extends Error {}
/** What is needed does not answer or is not there: exit code 3. */
export class CannotReach extends Error {}

export interface Shell {
  config: Config
  bookId: number
  /** Who decides, for what is noted with a decision. */
  by: string
  json: boolean
  /** Says what is being done; shown on stderr when it takes longer than two seconds. */
  now(what: string): void
}

export interface DatabaseShell extends Shell {
  db: Database
}

export interface BankShell extends Shell {
  bank: Bank
}

interface Globals {
  json?: true
  book?: number
  by: string
}

/** Options that every command takes, before or after its own. */
export const withGlobals = (program: Command): Command =>
  program
    .option('--json', 'one JSON document on stdout')
    .option('--book <id>', 'another book than DEFAULT_BOOK', wholeNumber(1, 1_000_000))
    .option('--by <name>', 'who decides; noted with the decision', userName())

type Work<S, O> = (shell: S, args: string[], options: O) => Promise<Outcome>

/** An action that needs configuration alone. */
export function onConfig<O = object>(work: Work<Shell, O>) {
  return (...given: unknown[]) => run(given, readWithoutKey, work)
}

/** An action that reads the database, as the bank's processes see it. */
export function onDatabase<O = object>(work: Work<DatabaseShell, O>) {
  return onConfig<O>(async (shell, args, options) => {
    const db = openDatabase({ url: requireDatabase(shell.config).DATABASE_URL, role: 'unipay_app', max: 2 })
    try {
      return await work({ ...shell, db }, args, options)
    } finally {
      await db.close()
    }
  })
}

/** An action that needs the bank, and so a database, but none of its secrets: it cannot come near them. */
export function onBank<O = object>(work: Work<BankShell, O>) {
  const keys = new Proxy({} as Keys, {
    get: (_none, name) => {
      throw new Error(`a command without keys asked for ${String(name)}`)
    },
  })
  return onConfig<O>((shell, args, options) => withBank(shell, { keys }, (bank) => work(bank, args, options)))
}

/** An action that needs the bank with its secrets: it seals, or signs, or reads what is sealed. */
export function onKeyedBank<O = object>(work: Work<BankShell, O>) {
  return (...given: unknown[]) =>
    run<O>(given, readWithKey, (shell, args, options) => withBank(shell, {}, (bank) => work(bank, args, options)))
}

async function withBank<T>(shell: Shell, parts: Partial<Bank>, work: (shell: BankShell) => Promise<T>): Promise<T> {
  const config = { ...requireDatabase(shell.config), LOG_LEVEL: 'silent' as const, DATABASE_POOL: 4 }
  const { compose } = await import('../compose.ts') // brings nearly everything there is, so only where it is needed
  const { bank, close } = compose(config, 'cli', parts)
  try {
    return await work({ ...shell, bank })
  } finally {
    await close()
  }
}

/** A master key that opens nothing. Without one, reading the configuration would make a new one in DATA_DIR. */
const NO_KEY = '00'.repeat(32)

function readWithoutKey(): Config {
  return runningConfig({ ...process.env, MASTER_KEY: process.env.MASTER_KEY || NO_KEY })
}

function readWithKey(): Config {
  const { DATA_DIR } = readWithoutKey()
  if (process.env.MASTER_KEY || fs.existsSync(path.join(DATA_DIR, 'master.key'))) return runningConfig()
  throw new CannotReach(`there is no master key in ${DATA_DIR}: start UniPay once, or set DATA_DIR or MASTER_KEY`)
}

export function requireDatabase(config: Config): Config {
  if (config.DATABASE_URL !== '') return config
  throw new CannotReach('there is no database to ask: start UniPay with "npm start", or set DATABASE_URL')
}

async function run<O>(given: unknown[], read: () => Config, work: Work<Shell, O>): Promise<void> {
  const command = given.at(-1) as Command
  const options = command.optsWithGlobals<Globals & O>()
  const json = options.json === true
  const progress = watch()
  try {
    const config = read()
    const shell: Shell = {
      config,
      bookId: options.book ?? config.DEFAULT_BOOK,
      by: options.by,
      json,
      now: progress.now,
    }
    const { data, text, found } = await work(shell, command.args, options).finally(progress.end)
    if (json) say(toJson(data))
    else if (text !== '') say(text)
    process.exitCode = found ? exitCodes.found : exitCodes.done
  } catch (error) {
    const { code, message } = explain(error)
    if (json) say(toJson({ error: message }))
    complain(message)
    process.exitCode = code
  } finally {
    progress.end()
  }
}

/** Says every two seconds what is being done. */
function watch() {
  let current = ''
  const timer = setInterval(() => {
    if (current !== '') process.stderr.write(`  ${current} …\n`)
  }, 2_000)
  return {
    now(what: string) {
      current = what
    },
    end: () => clearInterval(timer),
  }
}

export const toJson = (data: unknown): string =>
  JSON.stringify(data, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)

/** A sentence for whatever went wrong, and the exit code. Only what nobody foresaw keeps its stack. */
export function explain(error: unknown): { code: number; message: string } {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  if (error instanceof ConfigError || error instanceof WrongUsage) return { code: exitCodes.usage, message }
  if (error instanceof CannotReach) return { code: exitCodes.unreachable, message }
  if (isRefusal(error)) return { code: exitCodes.found, message: `refused: ${message}` }
  const reason = databaseTrouble(error, code, message) ?? nodeTrouble(error, message)
  if (reason !== undefined) return { code: exitCodes.unreachable, message: reason }
  if (/unable to authenticate data/.test(message)) {
    return { code: exitCodes.usage, message: 'what is sealed in the database does not open with this MASTER_KEY' }
  }
  const bug = error instanceof Error ? (error.stack ?? message) : String(error)
  return { code: exitCodes.bug, message: `this should not happen; please report it:\n${bug}` }
}

function databaseTrouble(error: unknown, code: string, message: string): string | undefined {
  if (code === '42P01' || code === '3F000' || code === '42883') {
    return `the database is not at this release's schema (${message}): start UniPay once, or run "unipay migrate"`
  }
  if (code === '42704' || code === '22023') return 'the database does not know the role unipay_app: start UniPay once'
  if (code === '42501') return `the database's login may not do that (${message}): check DATABASE_URL`
  if (code === '28P01' || code === '28000' || code === '3D000')
    return `the database says no (${message}): check DATABASE_URL`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the database's host is not known (${code}): check DATABASE_URL`
  return isDisconnected(error) ? `the database does not answer (${message || code})` : undefined
}

/** Errors of the node's client; their full texts carry its address. */
function nodeTrouble(error: unknown, message: string): string | undefined {
  const { name = '', shortMessage } = error as { name?: string; shortMessage?: string }
  if (!/HttpRequest|Timeout|Rpc|UnsoundAnswer|SocketClosed|fetch failed/i.test(`${name} ${message}`)) return undefined
  return `the node does not answer as it should (${withoutAddresses(shortMessage ?? message)})`
}

export const withoutAddresses = (text: string): string => text.replace(/https?:\/\/\S+/g, '[node]').slice(0, 300)

/** An option's value. */
export function wholeNumber(from: number, to: number) {
  return (text: string): number => {
    const n = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (n >= from && n <= to) return n
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
  }
}

function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return 'nobody' // a user without an entry, as in some containers
  }
}

/** Columns that line up; numbers to the right where `right` says so. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), [])
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}
