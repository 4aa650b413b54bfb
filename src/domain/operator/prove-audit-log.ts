// The proof of the audit log: nothing in it was changed, taken out, put in or cut off; and the writing down of its head
// where whoever can rewrite the database cannot. Must stay true: texts and hashes are worked out here by code that shares
// nothing with the SQL that made them; a chain that is not the one that was anchored is not anchored any further.

import { sha256 } from '../../base/crypto.ts'
import type { Database, Queries } from '../../base/database.ts'
import { type AnchorPlace, SealBroken } from '../../ledger/seal.ts'

const AT_ONCE = 1_000
/** The same trouble is told this many times; then it is counted. */
const TOLD = 20

interface Logged {
  no: bigint
  micros: string
  operator_id: string | null
  session_id: string | null
  ip: string
  request_id: string
  action: string
  subject: string
  data: string
  hash: Buffer
}

const measured = (text: string) => [Buffer.byteLength(text), text]

/** The text of a row that its hash is over; the definition is in sql/0010-operators.sql. */
const textOf = (bookId: number, row: Logged): string =>
  [
    bookId,
    row.no,
    row.micros,
    row.operator_id ?? '',
    row.session_id ?? '',
    ...[row.ip, row.request_id, row.action, row.subject, row.data].flatMap(measured),
  ].join('|')

const beginning = (bookId: number): Buffer => sha256(`unipay audit log ${bookId}`)

export interface AuditLogProof {
  rows: bigint
  /** Hexadecimal. */
  head: string
  faults: string[]
}

/** Reads all of it, in one snapshot. Without anchors, what was cut off its end can only be found by the head's row. */
export async function proveAuditLog(
  db: Database,
  bookId: number,
  place: Pick<AnchorPlace, 'all'> | undefined,
): Promise<AuditLogProof> {
  // before the snapshot: an anchor written after it would tell of rows that it does not have
  const anchors = new Map((await place?.all(bookId))?.map((anchor) => [anchor.no, anchor]))
  return db.transaction(
    async (tx) => {
      const missing: Run[] = []
      const changed: Run[] = []
      const unanchored: Run[] = []
      let chain = beginning(bookId)
      let last = 0n
      for (;;) {
        const rows = await tx.query<Logged>(
          'audit-prove',
          `select no, to_char(extract(epoch from at) * 1000000, 'FM999999999999999999') as micros, operator_id, session_id,
             ip, request_id, action, subject, data::text as data, hash
           from audit_log where book_id = $1 and no > $2 order by no limit $3`,
          [bookId, last, AT_ONCE],
        )
        for (const row of rows) {
          const next = last + 1n
          if (row.no > next) missing.push({ from: next, to: row.no - 1n })
          const follows = sha256(Buffer.concat([chain, Buffer.from(textOf(bookId, row))]))
          // after a gap no hash can follow, and that has been told
          if (row.no === next && !follows.equals(row.hash)) note(changed, row.no)
          const anchor = anchors.get(row.no)
          if (anchor && anchor.hash !== row.hash.toString('hex')) note(unanchored, row.no)
          chain = row.hash // go on from here, so that one fault is told once
          last = row.no
        }
        if (rows.length < AT_ONCE) break
      }
      const faults = [
        ...missing.map((run) => told(run, 'is missing', 'are missing')),
        ...changed.map((run) => told(run, 'is not as it was written', 'are not as they were written')),
        ...unanchored.map((run) => told(run, 'is not the one that was anchored', 'are not those that were anchored')),
      ]
      const far = [...anchors.keys()].reduce((no, each) => (each > no ? each : no), 0n)
      const head = await headOf(tx, bookId)
      const end = far > (head?.no ?? 0n) ? far : (head?.no ?? 0n)
      if (end > last) faults.push(`the log ends at row ${last}, and had ${end}`)
      else if (head && (head.no !== last || !head.hash.equals(chain))) faults.push(`the head of the log is another one`)
      return { rows: last, head: chain.toString('hex'), faults: shorten(faults) }
    },
    { mode: 'isolation level repeatable read read only' },
  )
}

/** Rows one after the other that have one fault. */
interface Run {
  from: bigint
  to: bigint
}

function note(runs: Run[], no: bigint): void {
  const before = runs.at(-1)
  if (before && before.to === no - 1n) before.to = no
  else runs.push({ from: no, to: no })
}

const told = ({ from, to }: Run, one: string, many: string) =>
  from === to ? `row ${from} ${one}` : `rows ${from} to ${to} ${many}`

const shorten = (faults: string[]) =>
  faults.length <= TOLD ? faults : [...faults.slice(0, TOLD), `and ${faults.length - TOLD} more`]

async function headOf(q: Queries, bookId: number): Promise<{ no: bigint; hash: Buffer } | undefined> {
  const [head] = await q.query<{ no: bigint; hash: Buffer }>(
    'audit-head',
    'select no, hash from audit_heads where book_id = $1',
    [bookId],
  )
  return head
}

/** Writes the head down outside the database. Throws `SealBroken` when the log is not the one that was anchored before. */
export async function anchorAuditLog(db: Database, bookId: number, place: AnchorPlace, at: Date): Promise<void> {
  const head = await headOf(db, bookId)
  const anchored = await place.last(bookId)
  if (anchored) {
    const [row] = await db.query<{ hash: Buffer }>(
      'audit-anchored',
      'select hash from audit_log where book_id = $1 and no = $2',
      [bookId, anchored.no],
    )
    if (row?.hash.toString('hex') !== anchored.hash || (head?.no ?? 0n) < anchored.no) {
      throw new SealBroken(
        `row ${anchored.no} of the audit log of book ${bookId}, which was anchored, ${row ? 'is another one now' : 'is gone'}`,
      )
    }
  }
  if (head && head.no > (anchored?.no ?? 0n)) {
    await place.append({ bookId, no: head.no, hash: head.hash.toString('hex'), at })
  }
}
