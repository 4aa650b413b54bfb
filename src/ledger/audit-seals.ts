// I8: the chain of seals is unbroken, is the one that was anchored, and covers exactly the journals that are there.
// Must stay true: the texts and hashes are worked out here by code that shares nothing with the SQL that made them, and
// a fault is named where it is, once.

import { createHash } from 'node:crypto'
import type { Tx } from '../base/database.ts'
import type { Anchor } from './seal.ts'

export interface SealedJournal {
  id: string
  bookId: number
  orderId: string
  holdId: string | null
  reverses: string | null
  /** Microseconds since 1970, as text. */
  recordedAt: string
  valueAt: string | null
  kind: string
  key: string
  orderKind: string
  memo: string
  /** `account,sequence number,amount,balance after` of each entry, by account and number, with `;` between. */
  legs: string
}

const measured = (text: string) => [Buffer.byteLength(text), text]

/** The text of a journal that its seal holds the hash of; the definition is in sql/0005-seals.sql. */
export const textOf = (j: SealedJournal): string =>
  [
    j.bookId,
    j.id,
    j.orderId,
    j.holdId ?? '',
    j.reverses ?? '',
    j.recordedAt,
    j.valueAt ?? '',
    ...[j.kind, j.key, j.orderKind, j.memo].flatMap(measured),
    j.legs,
  ].join('|')

export const digestOf = (j: SealedJournal): Buffer => createHash('sha256').update(textOf(j)).digest()

interface Seal {
  no: bigint
  journal_ids: string[]
  digests: Buffer
  hash: Buffer
  last_at: string
  last_micros: bigint
}

export interface SealAudit {
  seals: bigint
  journals: number
  faults: string[]
}

const SEALS_AT_ONCE = 40
/** The same trouble is told this many times; then it is counted. */
const TOLD = 100

/** `anchors` undefined: they are not looked at. */
export async function auditSeals(
  tx: Tx,
  bookId: number,
  anchors: readonly Anchor[] | undefined,
  onProgress: (journals: number) => void = () => {},
): Promise<SealAudit> {
  const faults: string[] = []
  const heads = new Map<bigint, string>()
  let chain: Buffer = createHash('sha256').update(`unipay book ${bookId}`).digest()
  let last = { no: 0n, at: '-infinity', id: '00000000-0000-0000-0000-000000000000' }
  let journals = 0
  let place = ''
  for (;;) {
    const seals = await tx.query<Seal>(
      'audit-seals',
      `select no, journal_ids, digests, hash, last_at::text as last_at, micros(last_at) as last_micros
       from seals where book_id = $1 and no > $2 order by no limit $3`,
      [bookId, last.no, SEALS_AT_ONCE],
    )
    const end = seals.at(-1)
    if (!end) break
    const there = await journalsBetween(tx, bookId, last, { at: end.last_at, id: end.journal_ids.at(-1) ?? last.id })
    const strangers = new Set(there.keys())
    const absent = seals.flatMap((seal) => seal.journal_ids.filter((id) => !there.has(id)))
    if (absent.length > 0) for (const journal of await journalsById(tx, bookId, absent)) there.set(journal.id, journal)
    for (const seal of seals) {
      if (seal.no > last.no + 1n) faults.push(missing(last.no + 1n, seal.no - 1n))
      const follows = createHash('sha256').update(chain).update(seal.digests).digest()
      // after a gap no hash can follow, and that has been told
      if (seal.no === last.no + 1n && !follows.equals(seal.hash)) {
        faults.push(`seal ${seal.no} does not follow from the one before it`)
      }
      chain = seal.hash // go on from here, so that one fault is told once
      heads.set(seal.no, seal.hash.toString('hex'))
      place = compareJournals(seal, there, place, faults)
      for (const id of seal.journal_ids) strangers.delete(id)
      journals += seal.journal_ids.length
      last = { no: seal.no, at: seal.last_at, id: seal.journal_ids.at(-1) ?? last.id }
    }
    for (const id of strangers) {
      faults.push(`journal ${id} lies in the time of seals ${seals[0]?.no} to ${end.no} and is in none of them`)
    }
    onProgress(journals)
  }
  if (anchors) faults.push(...(await compareAnchors(tx, bookId, anchors, heads)))
  faults.push(...(await unsealed(tx, bookId, last)))
  return { seals: last.no, journals, faults: shorten(faults) }
}

const missing = (from: bigint, to: bigint) =>
  from === to ? `seal ${from} is missing` : `seals ${from} to ${to} are missing`

/** The journals recorded after one and up to another, by id, in order. */
async function journalsBetween(
  tx: Tx,
  bookId: number,
  from: { at: string; id: string },
  to: { at: string; id: string },
): Promise<Map<string, SealedJournal>> {
  const rows = await tx.query<SealedJournal>(
    'audit-journals',
    `${JOURNAL} where j.book_id = $1 and j.recorded_at between $2::text::timestamptz and $4::text::timestamptz
       and (j.recorded_at, j.id) > ($2::text::timestamptz, $3::uuid)
       and (j.recorded_at, j.id) <= ($4::text::timestamptz, $5::uuid)
     order by j.recorded_at, j.id`,
    [bookId, from.at, from.id, to.at, to.id],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

const JOURNAL = `
  select j.id, j.book_id as "bookId", j.order_id as "orderId", j.hold_id as "holdId", j.reverses,
         to_char(extract(epoch from j.recorded_at) * 1000000, 'FM999999999999999999') as "recordedAt",
         to_char(extract(epoch from j.value_at) * 1000000, 'FM999999999999999999') as "valueAt",
         j.kind, j.key, j.order_kind as "orderKind", j.memo, coalesce(l.legs, '') as legs
  from journals j cross join lateral (
    select string_agg(e.account_id || ',' || e.seq || ',' || e.amount || ',' || e.balance_after, ';' order by e.account_id, e.seq) as legs
    from entries e where e.book_id = j.book_id and e.journal_id = j.id offset 0) l`

/** Journals that are not where they belong in time: theirs was changed, or they are gone. */
const journalsById = (tx: Tx, bookId: number, ids: string[]): Promise<SealedJournal[]> =>
  tx.query<SealedJournal>('audit-journals-by-id', `${JOURNAL} where j.book_id = $1 and j.id = any ($2::uuid[])`, [
    bookId,
    ids,
  ])

/** `place` is where the journal before stood in time; answers where the last one of this seal does. */
function compareJournals(
  seal: Seal,
  there: ReadonlyMap<string, SealedJournal>,
  place: string,
  faults: string[],
): string {
  let before = place
  let inOrder = true
  for (const [i, id] of seal.journal_ids.entries()) {
    const journal = there.get(id)
    if (!journal) {
      faults.push(`journal ${id} of seal ${seal.no} is gone`)
      continue
    }
    if (!digestOf(journal).equals(seal.digests.subarray(i * 32, i * 32 + 32))) {
      faults.push(`journal ${id} is not as it was sealed (seal ${seal.no})`)
      continue
    }
    const here = `${journal.recordedAt.padStart(20, '0')} ${id}`
    inOrder &&= here > before
    before = here
    const isLast = i === seal.journal_ids.length - 1
    if (isLast && journal.recordedAt !== seal.last_micros.toString()) {
      faults.push(`seal ${seal.no} ends at another time than its last journal`)
    }
  }
  if (!inOrder) faults.push(`seal ${seal.no} is not in the order of time`)
  return before
}

async function compareAnchors(
  tx: Tx,
  bookId: number,
  anchors: readonly Anchor[],
  heads: ReadonlyMap<bigint, string>,
): Promise<string[]> {
  const own = anchors.filter((anchor) => anchor.bookId === bookId)
  const wrong = own.filter((anchor) => heads.get(anchor.no) !== anchor.hash).sort((a, b) => (a.no < b.no ? -1 : 1))
  const [first] = wrong
  const faults: string[] = []
  if (first) {
    const what = heads.has(first.no) ? 'is not the one that was anchored' : 'was anchored and is gone'
    const others = wrong.length > 1 ? `, and ${wrong.length - 1} anchored after it` : ''
    faults.push(`seal ${first.no} (${first.at.toISOString()}) ${what}${others}`)
  }
  const far = own.reduce((no, anchor) => (anchor.no > no ? anchor.no : no), 0n)
  const [late] = await tx.query<{ n: bigint }>(
    'audit-anchors-late',
    `select count(*) as n from seals where book_id = $1 and no > $2 and sealed_at < now() - interval '1 hour'`,
    [bookId, far],
  )
  if (late && late.n > 0n) faults.push(`${late.n} seals older than an hour are not anchored`)
  return faults
}

async function unsealed(tx: Tx, bookId: number, last: { at: string; id: string }): Promise<string[]> {
  const [row] = await tx.query<{ n: bigint; first: string | null }>(
    'audit-unsealed',
    `select count(*) as n, min(j.id::text) as first from journals j
     where j.book_id = $1 and (j.recorded_at, j.id) > ($2::text::timestamptz, $3::uuid)
       and j.recorded_at >= $2::text::timestamptz and j.recorded_at < now() - interval '1 hour'`,
    [bookId, last.at, last.id],
  )
  return row && row.n > 0n ? [`${row.n} journals older than an hour are not sealed, ${row.first} for one`] : []
}

const shorten = (faults: string[]) =>
  faults.length <= TOLD ? faults : [...faults.slice(0, TOLD), `and ${faults.length - TOLD} more`]
