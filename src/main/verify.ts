// `npm run ledger:verify`: proves all books of an installation, running or not named by DATABASE_URL, and says so.
// Must stay true: it only reads; exit code 0 says sound, 1 that a fault was found, 2 that nothing could be proven.

import { Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../base/config.ts'
import { openDatabase } from '../base/database.ts'
import { anchorFile } from '../ledger/anchor-file.ts'
import { printProof, proveBooks, whyNotProven } from './cli/ledger-proof.ts'
import { runningConfig } from './environment.ts'
import { complain, say } from './terminal.ts'

/** The books are proven without any key, so none is asked for or made. */
const UNUSED_KEY = '00'.repeat(32)

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
  const known = error instanceof CannotRun || error instanceof ConfigError ? error.message : whyNotProven(error)
  complain(known ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)))
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
  let current = ''
  const timer = setInterval(() => process.stderr.write(`  ${current} …\n`), 2_000)
  try {
    const proof = await proveBooks(db, {
      book: options.book,
      anchors: anchorFile(options.anchors ?? config.DATA_DIR),
      now(what) {
        current = what
      },
    })
    say(options.json ? JSON.stringify(proof, null, 2) : printProof(proof))
    return proof.sound
  } finally {
    clearInterval(timer)
    await db.close()
  }
}
