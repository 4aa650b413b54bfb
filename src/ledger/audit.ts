// Proves the books in one snapshot: invariants I1 to I8, each by a query that finds what breaks it.
// Must stay true: it reads, it never mends; a fault names the row and the amount; both the database and this process
// work out the hash of every sealed journal, from different code.

import { createHash } from 'node:crypto'
import type { Database, Tx } from '../base/database.ts'

export interface Fault {
  invariant: string
  detail: string
}

export interface AuditReport {
  bookId: number
  at: Date
  journals: number
  entries: number
  accounts: number
  sealed: number
  faults: Fault[]
  milliseconds: number
}

/** The head of the seal chain as it was written down outside the database. */
export interface Anchor {
  bookId: number
  no: bigint
  hash: string
}

const checks: [invariant: string, sql: string][] = [
  [
    'I1 entries sum to zero per asset',
    `select 'asset ' || (account_id & 255) || ' is off by ' || sum(amount) as detail from entries
     where book_id = $1 group by account_id & 255 having sum(amount) <> 0`,
  ],
  [
    'I2 every journal has at least two legs that sum to zero per asset',
    `select 'journal ' || id as detail from journals
     where book_id = $1 and not (legs_balanced(account_ids, amounts)) limit 100`,
  ],
  [
    'I2 every journal has exactly the entries of its legs',
    `select 'journal ' || coalesce(l.id, e.journal_id) || ' account ' || coalesce(l.account, e.account_id)
            || ': legs ' || coalesce(l.amount::text, 'none') || ', entries ' || coalesce(e.amount::text, 'none') as detail
     from (select j.id, u.account, sum(u.amount) as amount, count(*) as n
           from journals j cross join unnest(j.account_ids, j.amounts) u (account, amount)
           where j.book_id = $1 group by j.id, u.account) l
     full join (select journal_id, account_id, sum(amount) as amount, count(*) as n from entries
                where book_id = $1 group by journal_id, account_id) e
       on e.journal_id = l.id and e.account_id = l.account
     where l.amount is distinct from e.amount or l.n is distinct from e.n limit 100`,
  ],
  [
    'I3 balance and sequence of an account are those of its entries',
    `select 'account ' || coalesce(a.id, e.account_id) || ': balance ' || coalesce(a.balance::text, 'none')
            || ', entries ' || coalesce(e.sum, 0) as detail
     from (select * from accounts where book_id = $1) a
     full join (select account_id, sum(amount) as sum, count(*) as n from entries where book_id = $1 group by account_id) e
       on e.account_id = a.id
     where a.id is null or a.balance <> coalesce(e.sum, 0) or a.seq <> coalesce(e.n, 0) limit 100`,
  ],
  [
    'I4 what a customer has available is never below zero',
    `select 'account ' || id || ': balance ' || balance || ', held ' || held as detail from accounts
     where book_id = $1 and (held < 0 or (id >> 16 >= 10000 and balance < held)) limit 100`,
  ],
  [
    'I4 held is the sum of open holds',
    `select 'account ' || a.id || ': held ' || a.held || ', holds ' || coalesce(h.sum, 0) as detail
     from accounts a left join (select account_id, sum(amount - captured) as sum from holds
                                where book_id = $1 and status = 'open' group by account_id) h on h.account_id = a.id
     where a.book_id = $1 and a.held <> coalesce(h.sum, 0) limit 100`,
  ],
  [
    'I5 each entry follows the one before it',
    `select 'account ' || account_id || ' entry ' || seq || ': ' || balance_after || ' after ' || amount as detail from (
       select account_id, seq, amount, balance_after, recorded_at,
              lag(balance_after, 1, 0) over w as before, lag(seq, 1, 0) over w as seq_before, lag(recorded_at) over w as at_before
       from entries where book_id = $1 window w as (partition by account_id order by seq)) x
     where balance_after <> before + amount or seq <> seq_before + 1 or recorded_at < at_before limit 100`,
  ],
  [
    'I6 a hold captured what its journals took',
    `select 'hold ' || h.id || ': captured ' || h.captured || ', journals ' || coalesce(j.sum, 0) as detail
     from holds h left join (
       select j.hold_id, -sum(e.amount) as sum from journals j
       join entries e on e.book_id = j.book_id and e.journal_id = j.id
       join holds h on h.book_id = j.book_id and h.id = j.hold_id and h.account_id = e.account_id
       where j.book_id = $1 and j.hold_id is not null group by j.hold_id) j on j.hold_id = h.id
     where h.book_id = $1 and (h.captured <> coalesce(j.sum, 0) or h.captured > h.amount
        or (h.status = 'open') <> (h.closed_at is null)) limit 100`,
  ],
  [
    'I7 no movement is reversed twice',
    `select 'journal ' || reverses as detail from journals
     where book_id = $1 and reverses is not null group by reverses having count(*) > 1 limit 100`,
  ],
]

/** Checks of the business rows against their journals (I7); each domain module adds its own. */
export interface OrderCheck {
  name: string
  sql: string
}

export async function verifyLedger(
  db: Database,
  {
    bookId,
    anchors = [],
    orders = [],
  }: { bookId: number; anchors?: readonly Anchor[]; orders?: readonly OrderCheck[] },
): Promise<AuditReport> {
  const started = performance.now()
  return db.transaction(
    async (tx) => {
      await tx.query('', "set local statement_timeout = '10min'")
      await tx.query('', 'set local enable_seqscan = on')
      await tx.query('', "set local work_mem = '256MB'")
      const faults: Fault[] = []
      for (const [invariant, sql] of [...checks, ...orders.map((o): [string, string] => [`I7 ${o.name}`, o.sql])]) {
        const rows = await tx.query<{ detail: string }>('', sql, [bookId])
        for (const row of rows) faults.push({ invariant, detail: row.detail })
      }
      const sealed = await verifySeals(tx, bookId, anchors, faults)
      const [counts] = await tx.query<{ journals: bigint; entries: bigint; accounts: bigint; at: Date }>(
        '',
        `select (select count(*) from journals where book_id = $1) as journals,
                (select count(*) from entries where book_id = $1) as entries,
                (select count(*) from accounts where book_id = $1) as accounts, now() as at`,
        [bookId],
      )
      return {
        bookId,
        at: counts?.at ?? new Date(0),
        journals: Number(counts?.journals ?? 0),
        entries: Number(counts?.entries ?? 0),
        accounts: Number(counts?.accounts ?? 0),
        sealed,
        faults,
        milliseconds: Math.round(performance.now() - started),
      }
    },
    { mode: 'isolation level repeatable read read only' },
  )
}

interface SealedJournal {
  no: bigint
  hash: Buffer
  id: string | null
  fields: string[] | null
  legs: string[] | null
}

/** I8: the chain is unbroken from the first seal on, and every anchor is on it. Answers how many are sealed. */
async function verifySeals(tx: Tx, bookId: number, anchors: readonly Anchor[], faults: Fault[]): Promise<number> {
  const invariant = 'I8 the hash chain is unbroken'
  const waiting = new Map(anchors.filter((a) => a.bookId === bookId).map((a) => [a.no, a.hash]))
  let chain: Buffer = createHash('sha256').update(`unipay book ${bookId}`).digest()
  let last = 0n
  for (;;) {
    const rows = await tx.query<SealedJournal>(
      'audit-seals',
      `select s.no, s.hash, j.id,
              array[j.book_id::text, j.id::text, j.kind, j.key, j.order_kind, j.order_id::text, j.memo, coalesce(j.hold_id::text, ''),
                    coalesce(j.reverses::text, ''), micros(j.recorded_at), coalesce(micros(j.value_at), '')] as fields,
              e.legs
       from seals s
       left join journals j on j.book_id = s.book_id and j.id = s.journal_id
       left join lateral (
         select array_agg(v order by x.account_id, x.seq, i) as legs
         from entries x
         cross join unnest(array[x.account_id::text, x.seq::text, x.amount::text, x.balance_after::text]) with ordinality u (v, i)
         where x.book_id = s.book_id and x.journal_id = s.journal_id) e on true
       where s.book_id = $1 and s.no > $2 order by s.no limit 5000`,
      [bookId, last],
    )
    for (const row of rows) {
      if (row.no !== last + 1n) faults.push({ invariant, detail: `seal ${last + 1n} is missing` })
      last = row.no
      if (!row.fields || row.id === null) {
        faults.push({ invariant, detail: `the journal of seal ${row.no} is gone` })
        chain = row.hash
        continue
      }
      const digest = createHash('sha256')
        .update([...row.fields, ...(row.legs ?? [])].map(field).join(''))
        .digest()
      chain = createHash('sha256').update(chain).update(digest).digest()
      if (!chain.equals(row.hash)) {
        faults.push({ invariant, detail: `journal ${row.id} is not as it was sealed (no ${row.no})` })
        chain = row.hash // go on from here, so that one fault is reported once
      }
      const anchored = waiting.get(row.no)
      if (anchored !== undefined) {
        if (anchored !== row.hash.toString('hex')) {
          faults.push({ invariant, detail: `seal ${row.no} is not the one that was anchored` })
        }
        waiting.delete(row.no)
      }
    }
    if (rows.length === 0) break
  }
  for (const no of waiting.keys()) faults.push({ invariant, detail: `seal ${no} was anchored and is gone` })
  const [stale] = await tx.query<{ n: bigint }>(
    '',
    `select count(*) as n from journals j where j.book_id = $1 and j.recorded_at < now() - interval '1 hour'
       and not exists (select from seals s where s.book_id = j.book_id and s.journal_id = j.id)`,
    [bookId],
  )
  if (stale && stale.n > 0n && last > 0n)
    faults.push({ invariant, detail: `${stale.n} journals older than an hour are not sealed` })
  return Number(last)
}

const field = (value: string) => `${Buffer.byteLength(value)}:${value}`
