// `npm run ledger:verify`: proves all books of an installation, running or not named by DATABASE_URL, and says so.
// Must stay true: it only reads; exit code 0 says sound, 1 that a fault was found, 2 that nothing could be proven.

import { Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../base/config.ts'
import { type Database, isDisconnected, openDatabase } from '../base/database.ts'
import { orderChecks } from '../domain/audit-book.ts'
import { anchorFile } from '../ledger/anchor-file.ts'
import { type AuditReport, verifyLedger } from '../ledger/audit.ts'
import { bookIds } from '../ledger/books.ts'
import { runningConfig } from './environment.ts'
import { complain, say } from './terminal.ts'

/** The books are proven without any key, so none is asked for or made. */
const UNUSED_KEY = '00'.repeat(32)

/** Faults of one check that are printed. */
const TOLD = 20

const count = (n: number) => n.toLocaleString('en')
const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

/** Why nothing could be proven; said without a stack trace. */
class CannotRun extends Error {}

const program = new Command('ledger:verify')
  .description(
    'Proves the books: every entry, balance, hold, order and seal, in one snapshot. Asks the\nrunning installation of DATA_DIR, or DATABASE_URL.',
  )
  .option('--book <id>', 'only this book', bookId)
  .option('--anchors <folder>', 'folder that holds anchors/book-<id>.jsonl (default: DATA_DIR)')
  .option('--json', 'one JSON document on stdout')
  .addHelpText('after', '\nExit codes: 0 sound, 1 faults were found, 2 it could not run.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
const options = program.opts<{ book?: number; anchors?: string; json?: true }>()

try {
  process.exitCode = (await prove()) ? 0 : 1
} catch (error) {
  complain(explain(error))
  process.exitCode = 2
}

function bookId(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a book is a whole number from 1 on')
  return Number(text)
}

/** True when all books are sound. */
async function prove(): Promise<boolean> {
  const config = runningConfig({ MASTER_KEY: UNUSED_KEY, ...process.env })
  if (config.DATABASE_URL === '') {
    throw new CannotRun('there is no database to ask: start UniPay with "npm start", or set DATABASE_URL')
  }
  const db = openDatabase({ url: config.DATABASE_URL, role: 'unipay_app', max: 2 })
  try {
    const anchors = anchorFile(options.anchors ?? config.DATA_DIR)
    const reports: AuditReport[] = []
    for (const book of await booksToProve(db)) {
      const { onProgress, end } = watch(book)
      const proof = verifyLedger(db, {
        bookId: book,
        anchors: await anchors.all(book),
        orders: orderChecks,
        onProgress,
      })
      const report = await proof.finally(end)
      reports.push(report)
      if (!options.json) print(report)
    }
    const faults = reports.reduce((sum, report) => sum + report.faults.length, 0)
    if (options.json) say(JSON.stringify({ sound: faults === 0, books: reports }, null, 2))
    else say(faults === 0 ? '\nThe books are sound.' : `\n${faults} ${faults === 1 ? 'fault' : 'faults'} found.`)
    return faults === 0
  } finally {
    await db.close()
  }
}

async function booksToProve(db: Database): Promise<number[]> {
  const all = await bookIds(db)
  const { book } = options
  if (book === undefined) return all
  if (!all.includes(book)) throw new CannotRun(`there is no book ${book}; this database has ${all.join(', ')}`)
  return [book]
}

/** Says on stderr what is being checked, every two seconds. */
function watch(book: number) {
  let now = ''
  const timer = setInterval(() => process.stderr.write(`  book ${book}: ${now} …\n`), 2_000)
  return {
    onProgress: (check: string, done?: number) => {
      now = done === undefined ? check : `${check}: ${count(done)} journals so far`
    },
    end: () => clearInterval(timer),
  }
}

function print(report: AuditReport): void {
  const { journals, entries, accounts, sealed } = report
  const sizes = { journals, entries, accounts, sealed }
  const text = Object.entries(sizes).map(([what, n]) => `${count(n)} ${what}`)
  say(`\nBook ${report.bookId}: ${text.join(', ')} at ${report.at.toISOString()}, ${inSeconds(report.milliseconds)}`)
  for (const check of report.checks) {
    say(
      `  ${check.faults === 0 ? '✓' : '✗'} ${check.invariant.padEnd(80)} ${inSeconds(check.milliseconds).padStart(8)}`,
    )
    const faults = report.faults.filter((fault) => fault.invariant === check.invariant)
    for (const { detail } of faults.slice(0, TOLD)) say(`      ${detail}`)
    if (faults.length > TOLD) say(`      and ${faults.length - TOLD} more; --json lists them`)
  }
}

function explain(error: unknown): string {
  if (error instanceof CannotRun || error instanceof ConfigError) return error.message
  const { code, message } = error as { code?: string; message: string }
  if (code === '42P01' || code === '3F000') return `the database has no UniPay schema (${message}): start UniPay once`
  if (code === '42704' || code === '22023') return `the database does not know the role unipay_app: start UniPay once`
  if (isDisconnected(error)) return `the database does not answer (${message || code})`
  return error instanceof Error ? (error.stack ?? message) : String(error)
}
