// Sealing: journals of a closed period get their hashes, and the new head is written down outside the database, where
// whoever can rewrite the one cannot rewrite the other. See sql/0005-seals.sql for why nothing is skipped.
// Must stay true: a head counts once it is anchored; nothing is sealed on top of a chain that differs from its anchors.

import { seconds, sleep } from '../base/clock.ts'
import type { Database } from '../base/database.ts'

/** The head of a book's chain at one time. */
export interface Anchor {
  bookId: number
  no: bigint
  /** Hexadecimal. */
  hash: string
  at: Date
}

/** Where heads are written down. */
export interface AnchorPlace {
  /** Resolves when the anchor cannot be lost any more. */
  append(anchor: Anchor): Promise<void>
  /** The furthest of the book's anchors. */
  last(bookId: number): Promise<Anchor | undefined>
  /** The book's anchors; of those long ago some may be left out, never the last. */
  all(bookId: number): Promise<Anchor[]>
}

/** The chain is not the one that was anchored: somebody rewrote the past, or an old backup came back. */
export class SealBroken extends Error {}

export interface SealRun {
  /** Journals sealed and anchored by this run. */
  sealed: number
  /** A transaction that began before the period closed is still under way: the next run seals what this one left. */
  waiting: boolean
  head: Anchor | undefined
}

type HeadRow = { no: bigint; hash: Buffer; at: Date }

export async function sealBook(
  db: Database,
  bookId: number,
  place: AnchorPlace,
  { chunk = 50_000, patience = seconds(5) }: { chunk?: number; patience?: number } = {},
): Promise<SealRun> {
  const anchored = await place.last(bookId)
  if (anchored) await compare(db, anchored)
  let head = await headOf(db, bookId)
  // a run that ended between commit and anchor left its head to the next one
  if (head && head.no > (anchored?.no ?? 0n)) await place.append(head)

  const to = await closePeriod(db, bookId)
  if (!(await endOfThoseUnderWay(db, patience))) return { sealed: 0, waiting: true, head }
  let sealed = 0
  for (;;) {
    const [row] = await db.query<HeadRow & { sealed: bigint }>(
      'seal-book',
      'select no, hash, sealed, now() as at from ledger_seal($1, $2::text::timestamptz, $3)',
      [bookId, to, chunk],
    )
    if (!row || row.sealed === 0n) break
    head = anchorOf(bookId, row)
    await place.append(head)
    sealed += Number(row.sealed)
    if (row.sealed < BigInt(chunk)) break
  }
  return { sealed, waiting: false, head }
}

const anchorOf = (bookId: number, { no, hash, at }: HeadRow): Anchor => ({ bookId, no, hash: hash.toString('hex'), at })

async function headOf(db: Database, bookId: number): Promise<Anchor | undefined> {
  const [row] = await db.query<HeadRow>(
    'seal-head',
    'select no, hash, sealed_at as at from seals where book_id = $1 order by no desc limit 1',
    [bookId],
  )
  return row && anchorOf(bookId, row)
}

async function compare(db: Database, anchored: Anchor): Promise<void> {
  const [row] = await db.query<{ hash: Buffer }>(
    'seal-compare',
    'select hash from seals where book_id = $1 and no = $2',
    [anchored.bookId, anchored.no],
  )
  const fault = !row ? 'is gone' : row.hash.toString('hex') === anchored.hash ? undefined : 'is another one now'
  if (fault) throw new SealBroken(`seal ${anchored.no} of book ${anchored.bookId}, which was anchored, ${fault}`)
}

/** The instant after which whoever writes from now on will record; as text, because a Date drops the microseconds. */
async function closePeriod(db: Database, bookId: number): Promise<string> {
  const [row] = await db.query<{ closed_to: string | null }>(
    'seal-close',
    'select ledger_close($1)::text as closed_to',
    [bookId],
  )
  if (!row?.closed_to) throw new Error(`there is no book ${bookId}`)
  return row.closed_to
}

/** Waits until every transaction that may have read the books before has ended. False when that takes too long. */
async function endOfThoseUnderWay(db: Database, patience: number): Promise<boolean> {
  const [begun] = await db.query<{ next: string }>(
    'seal-begun',
    'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
  )
  for (let waited = 0; ; waited += 20) {
    const [row] = await db.query<{ ended: boolean }>(
      'seal-ended',
      'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8 as ended',
      [begun?.next],
    )
    if (row?.ended) return true
    if (waited >= patience) return false
    await sleep(20)
  }
}
