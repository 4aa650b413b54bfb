// Proves books and prints what was found: what `unipay ledger verify` and `npm run ledger:verify` share.
// Must stay true: it only reads, and needs no key.

import { type Database, isDisconnected } from '../../base/database.ts'
import { orderChecks } from '../../domain/audit-book.ts'
import { type AuditReport, verifyLedger } from '../../ledger/audit.ts'
import { bookIds } from '../../ledger/books.ts'
import type { AnchorPlace } from '../../ledger/seal.ts'

/** Faults of one check that are printed. */
const TOLD = 20

const count = (n: number) => n.toLocaleString('en')
const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

export class NoSuchBook extends Error {}

export interface Proof {
  sound: boolean
  books: AuditReport[]
}

/** Proves all books, or one. `now` hears what is being checked. */
export async function proveBooks(
  db: Database,
  { book, anchors, now }: { book: number | undefined; anchors: AnchorPlace; now: (what: string) => void },
): Promise<Proof> {
  const all = await bookIds(db)
  if (book !== undefined && !all.includes(book)) {
    throw new NoSuchBook(`there is no book ${book}; this database has ${all.join(', ')}`)
  }
  const books: AuditReport[] = []
  for (const bookId of book === undefined ? all : [book]) {
    const onProgress = (check: string, done?: number) =>
      now(`book ${bookId}: ${check}${done === undefined ? '' : `: ${count(done)} journals so far`}`)
    books.push(await verifyLedger(db, { bookId, anchors: await anchors.all(bookId), orders: orderChecks, onProgress }))
  }
  return { sound: books.every((report) => report.faults.length === 0), books }
}

export function printProof({ books }: Proof): string {
  const faults = books.reduce((sum, report) => sum + report.faults.length, 0)
  const verdict = faults === 0 ? 'The books are sound.' : `${faults} ${faults === 1 ? 'fault' : 'faults'} found.`
  return [...books.map(printBook), '', verdict].join('\n')
}

function printBook(report: AuditReport): string {
  const { journals, entries, accounts, sealed } = report
  const sizes = Object.entries({ journals, entries, accounts, sealed }).map(([what, n]) => `${count(n)} ${what}`)
  const lines = [
    `Book ${report.bookId}: ${sizes.join(', ')} at ${report.at.toISOString()}, ${inSeconds(report.milliseconds)}`,
  ]
  for (const check of report.checks) {
    const mark = check.faults === 0 ? '✓' : '✗'
    lines.push(`  ${mark} ${check.invariant.padEnd(80)} ${inSeconds(check.milliseconds).padStart(8)}`)
    const faults = report.faults.filter((fault) => fault.invariant === check.invariant)
    for (const { detail } of faults.slice(0, TOLD)) lines.push(`      ${detail}`)
    if (faults.length > TOLD) lines.push(`      and ${faults.length - TOLD} more; --json lists them`)
  }
  return lines.join('\n')
}

/** Why books could not be proven, in a sentence; undefined for what nobody foresaw. */
export function whyNotProven(error: unknown): string | undefined {
  const { code, message } = error as { code?: string; message: string }
  if (error instanceof NoSuchBook) return message
  if (code === '42P01' || code === '3F000') return `the database has no UniPay schema (${message}): start UniPay once`
  if (code === '42704' || code === '22023') return `the database does not know the role unipay_app: start UniPay once`
  return isDisconnected(error) ? `the database does not answer (${message || code})` : undefined
}
