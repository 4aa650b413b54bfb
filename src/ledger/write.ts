// Writes what was decided: journals and holds by the database's one writer, limits used, stored answers, and the rows of
// the business, all in one statement. A batch costs the same handful of round trips whatever goes with its postings.

import { sha256 } from '../base/crypto.ts'
import type { Tx } from '../base/database.ts'
import { type StoredAnswer, spentKey } from './desk.ts'
import type { HoldChange, HoldPlacement, Journal, Posting, Velocity } from './posting.ts'
import { arrayLiteral, columnsOf, plain, type Row } from './rows.ts'

/** One statement of the batch; its parameters are numbered from `at`. */
interface Part {
  name: string
  sql: (at: number) => string
  values: unknown[]
}

export interface StoredFor {
  posting: Posting
  answer: StoredAnswer
}

export async function writeBatch(
  tx: Tx,
  bookId: number,
  accepted: readonly Posting[],
  stored: readonly StoredFor[],
): Promise<void> {
  const moving = accepted.filter((p) => p.journal || p.place || p.change)
  const limits = accepted.flatMap((p) => (p.velocity ? [p.velocity] : []))
  const inserts = [
    ...(limits.length > 0 ? [velocityPart(bookId, limits)] : []),
    ...(stored.length > 0 ? [answersPart(bookId, stored)] : []),
    ...rowParts(accepted),
  ]
  if (moving.length === 0 && inserts.length === 0) return
  const last: Part =
    moving.length > 0 ? ledgerPart(bookId, moving) : { name: 'nothing', sql: () => 'select', values: [] }
  const values: unknown[] = []
  const place = ({ sql, values: own }: Part) => {
    const text = sql(values.length + 1)
    values.push(...own)
    return text
  }
  // inserts in WITH run whether they are read or not; the function has to be what is selected
  const steps = inserts.map((part, i) => `w${i} as (${place(part)})`)
  const main = place(last)
  const names = [...inserts, last].map((part) => part.name).join('+')
  // PostgreSQL cuts names of prepared statements at 63 characters: a longer one goes by its hash
  const name = names.length < 58 ? names : sha256(names).toString('hex').slice(0, 40)
  await tx.query(`write ${name}`, steps.length > 0 ? `with ${steps.join(', ')} ${main}` : main, values)
}

function ledgerPart(bookId: number, postings: readonly Posting[]): Part {
  const journals: { journal: Journal; change: HoldChange | undefined }[] = []
  const placed: HoldPlacement[] = []
  const changed: HoldChange[] = []
  for (const { journal, place, change } of postings) {
    if (journal) journals.push({ journal, change })
    if (place) placed.push(place)
    if (change) changed.push(change)
  }
  const accounts: bigint[] = []
  const amounts: bigint[] = []
  const legTo: number[] = []
  const legJournals: string[] = []
  const legValueAt: (string | undefined)[] = []
  for (const { journal } of journals) {
    for (const leg of journal.legs) {
      accounts.push(leg.account)
      amounts.push(leg.amount)
      legJournals.push(journal.id)
      legValueAt.push(journal.valueAt?.toISOString())
    }
    legTo.push(accounts.length)
  }
  // optional values are rare: no array at all is what the database reads fastest
  const orNull = (values: (string | undefined)[]) =>
    values.some((v) => v !== undefined) ? plain(values.map((v) => v ?? 'null')) : '{}'
  return {
    name: 'ledger',
    sql: (at) => `select ledger_write(${Array.from({ length: 24 }, (_, i) => `$${at + i}`).join(', ')})`,
    values: [
      bookId,
      plain(journals.map((j) => j.journal.id)),
      plain(journals.map((j) => j.journal.kind)),
      journals.map((j) => j.journal.key),
      plain(journals.map((j) => j.journal.orderKind)),
      plain(journals.map((j) => j.journal.orderId)),
      journals.some((j) => j.journal.memo !== '') ? journals.map((j) => j.journal.memo) : '{}',
      orNull(journals.map((j) => (j.change && j.change.captured > 0n ? j.change.id : undefined))),
      orNull(journals.map((j) => j.journal.reverses)),
      orNull(journals.map((j) => j.journal.valueAt?.toISOString())),
      plain(legTo),
      plain(accounts),
      plain(amounts),
      plain(legJournals),
      orNull(legValueAt),
      plain(placed.map((h) => h.id)),
      plain(placed.map((h) => h.account)),
      plain(placed.map((h) => h.amount)),
      plain(placed.map((h) => h.orderKind)),
      plain(placed.map((h) => h.orderId)),
      orNull(placed.map((h) => h.expiresAt?.toISOString())),
      plain(changed.map((h) => h.id)),
      plain(changed.map((h) => h.captured)),
      plain(changed.map((h) => h.to)),
    ],
  }
}

function velocityPart(bookId: number, limits: readonly Velocity[]): Part {
  const sums = new Map<string, Velocity>()
  for (const limit of limits) {
    const key = spentKey(limit.subject, limit.rule)
    const sum = sums.get(key)
    sums.set(key, sum ? { ...sum, amount: sum.amount + limit.amount } : limit)
  }
  const rows = [...sums.values()]
  return {
    name: 'velocity',
    sql: (at) =>
      `insert into velocity (book_id, subject, rule, hour, spent)
       select $${at}::integer, u.subject, u.rule, date_trunc('hour', now()), u.amount
       from unnest($${at + 1}::bigint[], $${at + 2}::text[], $${at + 3}::bigint[]) u (subject, rule, amount)
       on conflict (book_id, subject, rule, hour) do update set spent = velocity.spent + excluded.spent`,
    values: [
      bookId,
      plain(rows.map((v) => v.subject)),
      plain(rows.map((v) => v.rule)),
      plain(rows.map((v) => v.amount)),
    ],
  }
}

function answersPart(bookId: number, stored: readonly StoredFor[]): Part {
  const keys = stored.map((s) => s.posting.idempotency)
  return {
    name: 'answers',
    sql: (at) =>
      `insert into idempotency (book_id, scope, key, request_hash, answer)
       select $${at}::integer, * from unnest($${at + 1}::text[], $${at + 2}::text[], $${at + 3}::bytea[], $${at + 4}::jsonb[])`,
    values: [
      bookId,
      arrayLiteral(
        keys.map((k) => k?.scope),
        'text',
      ),
      arrayLiteral(
        keys.map((k) => k?.key),
        'text',
      ),
      arrayLiteral(
        keys.map((k) => Buffer.from(k?.requestHash ?? [])),
        'bytea',
      ),
      arrayLiteral(
        stored.map((s) => s.answer),
        'jsonb',
      ),
    ],
  }
}

/** One insert a table, in the order in which the postings name the tables. */
function rowParts(accepted: readonly Posting[]): Part[] {
  const byTable = new Map<string, Row[]>()
  for (const posting of accepted) {
    for (const row of posting.rows ?? []) {
      const rows = byTable.get(row.table.name)
      if (rows) rows.push(row)
      else byTable.set(row.table.name, [row])
    }
  }
  return [...byTable.values()].flatMap((rows) =>
    rows[0] ? [{ name: rows[0].table.name, sql: rows[0].table.insert, values: columnsOf(rows) }] : [],
  )
}
