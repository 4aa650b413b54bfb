// Proves the books of one book id in one snapshot: invariants I1 to I8, each by a query that finds what breaks it.
// Must stay true: it reads, it never mends; a fault names the row and the amount; nothing it needs grows with the books
// (a million entries take seconds and little memory: rows are followed along indexes, not gathered).

import type { Database } from '../base/database.ts'
import { auditSeals } from './audit-seals.ts'
import type { Anchor } from './seal.ts'

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
  /** Journals under seal. */
  sealed: number
  faults: Fault[]
  checks: { invariant: string; milliseconds: number; faults: number }[]
  milliseconds: number
}

/** Finds rows `detail`, at most 100, each one fault. The parameter is the book. */
export interface Check {
  name: string
  sql: string
}

const checks: readonly Check[] = [
  {
    name: 'I1 entries sum to zero per asset',
    sql: `select 'asset ' || (account_id & 255) || ' is off by ' || sum(amount) as detail from entries
          where book_id = $1 group by account_id & 255 having sum(amount) <> 0`,
  },
  {
    name: 'I2 every journal has at least two legs that sum to zero per asset',
    sql: `select 'journal ' || id as detail from journals
          where book_id = $1 and not (
            case when cardinality(amounts) = 2 and cardinality(account_ids) = 2
              then amounts[1] <> 0 and amounts[1] + amounts[2] = 0 and account_ids[1] & 255 = account_ids[2] & 255
              else legs_balanced(account_ids, amounts) end) limit 100`,
  },
  {
    // two legs on two accounts, nearly all journals, need no sorting
    name: 'I2 every journal has exactly the entries of its legs, recorded when it was',
    sql: `select 'journal ' || j.id || ' at ' || j.recorded_at || ': legs '
                 || (select string_agg(u.a || ' ' || u.b, ', ') from unnest(j.account_ids, j.amounts) u (a, b)) || '; entries '
                 || coalesce((select string_agg(x.account_id || ' ' || x.amount || ' at ' || x.recorded_at, ', ') from entries x
                              where x.book_id = j.book_id and x.journal_id = j.id), 'none') as detail
          from journals j
          cross join lateral (
            select count(*) = cardinality(j.amounts)
                   and bool_and(x.recorded_at = j.recorded_at and x.value_at is not distinct from j.value_at)
                   and case when cardinality(j.amounts) = 2 and j.account_ids[1] <> j.account_ids[2]
                     then min(x.account_id) <> max(x.account_id) and bool_and(
                       x.account_id = j.account_ids[1] and x.amount = j.amounts[1]
                       or x.account_id = j.account_ids[2] and x.amount = j.amounts[2])
                     else (select array_agg((y.account_id, y.amount) order by y.account_id, y.amount) from entries y
                           where y.book_id = j.book_id and y.journal_id = j.id)
                          = (select array_agg((u.a, u.b) order by u.a, u.b) from unnest(j.account_ids, j.amounts) u (a, b))
                   end as alike
            from entries x where x.book_id = j.book_id and x.journal_id = j.id offset 0) e
          where j.book_id = $1 and e.alike is distinct from true limit 100`,
  },
  {
    name: 'I2 every entry belongs to a journal',
    sql: `select 'account ' || e.account_id || ' entry ' || e.seq || ' of ' || e.amount || ': journal ' || e.journal_id || ' is not there' as detail
          from entries e where e.book_id = $1
            and not exists (select from journals j where j.book_id = e.book_id and j.id = e.journal_id) limit 100`,
  },
  {
    name: 'I3 balance and sequence of an account are those of its entries',
    sql: `select 'account ' || coalesce(a.id, e.account_id) || ': balance ' || coalesce(a.balance::text, 'none')
                 || ', entries ' || coalesce(e.sum, 0) as detail
          from (select * from accounts where book_id = $1) a
          full join (select account_id, sum(amount) as sum, count(*) as n from entries where book_id = $1 group by account_id) e
            on e.account_id = a.id
          where a.id is null or a.balance <> coalesce(e.sum, 0) or a.seq <> coalesce(e.n, 0) limit 100`,
  },
  {
    name: 'I4 what a customer has available is never below zero',
    sql: `select 'account ' || id || ': balance ' || balance || ', held ' || held as detail from accounts
          where book_id = $1 and (held < 0 or (id >> 16 >= 10000 and balance < held)) limit 100`,
  },
  {
    name: 'I4 held is the sum of open holds',
    sql: `select 'account ' || coalesce(a.id, h.account_id) || ': held ' || coalesce(a.held::text, 'none') || ', holds ' || coalesce(h.sum, 0) as detail
          from (select id, held from accounts where book_id = $1) a
          full join (select account_id, sum(amount - captured) as sum from holds
                     where book_id = $1 and status = 'open' group by account_id) h on h.account_id = a.id
          where a.held is distinct from coalesce(h.sum, 0) limit 100`,
  },
  {
    name: 'I5 each entry follows the one before it, in time as well',
    sql: `select 'account ' || account_id || ' entry ' || seq || ': ' || balance_after || ' after ' || amount as detail from (
            select account_id, seq, amount, balance_after, recorded_at,
                   lag(balance_after, 1, 0) over w as before, lag(seq, 1, 0) over w as seq_before, lag(recorded_at) over w as at_before
            from entries where book_id = $1 window w as (partition by account_id order by seq)) x
          where balance_after <> before + amount or seq <> seq_before + 1 or recorded_at < at_before limit 100`,
  },
  {
    name: 'I5 nothing is recorded in the future',
    sql: `select 'journal ' || id || ' at ' || recorded_at as detail from journals
          where book_id = $1 and recorded_at > now() + interval '1 minute' limit 100`,
  },
  {
    name: 'I6 a hold gave what its journals took, and ended once',
    sql: `select 'hold ' || h.id || ' ' || h.status || ': captured ' || h.captured || ' of ' || h.amount || ', journals ' || coalesce(j.sum, 0) as detail
          from holds h left join (
            select j.hold_id, -sum(e.amount) as sum from journals j
            join holds h on h.book_id = j.book_id and h.id = j.hold_id
            left join entries e on e.book_id = j.book_id and e.journal_id = j.id and e.account_id = h.account_id
            where j.book_id = $1 and j.hold_id is not null group by j.hold_id) j on j.hold_id = h.id
          where h.book_id = $1 and (h.captured <> coalesce(j.sum, 0) or h.captured not between 0 and h.amount
             or (h.status = 'open') <> (h.closed_at is null) or (h.status = 'captured' and h.captured = 0)
             or (h.status in ('open', 'voided', 'expired') and h.captured = h.amount)) limit 100`,
  },
  {
    name: 'I6 a journal captures from a hold that is there',
    sql: `select 'journal ' || j.id || ': hold ' || j.hold_id as detail from journals j
          where j.book_id = $1 and j.hold_id is not null
            and not exists (select from holds h where h.book_id = j.book_id and h.id = j.hold_id) limit 100`,
  },
  {
    name: 'I7 a movement is reversed once, and after it happened',
    sql: `select 'journal ' || r.reverses || ' by ' || string_agg(r.id::text, ' and ') as detail
          from journals r left join journals j on j.book_id = r.book_id and j.id = r.reverses
          where r.book_id = $1 and r.reverses is not null
          group by r.reverses having count(*) > 1 or bool_or(j.id is null or j.recorded_at > r.recorded_at) limit 100`,
  },
  {
    name: 'I7 no two movements of one order have one key',
    sql: `select 'order ' || order_id || ' key ' || key || ': ' || count(*) as detail from journals
          where book_id = $1 group by order_id, key having count(*) > 1 limit 100`,
  },
]

const SEALS = 'I8 the seals are unbroken, anchored, and cover all that is older than an hour'

export interface AuditOptions {
  bookId: number
  /** What was written down outside the database. Undefined: it is not looked at. */
  anchors?: readonly Anchor[] | undefined
  /** Checks of business rows against their journals (I7); each domain module has its own. */
  orders?: readonly Check[]
  /** Told when a check begins, and how far a long one is. */
  onProgress?: (check: string, done?: number) => void
}

export async function verifyLedger(
  db: Database,
  { bookId, anchors, orders = [], onProgress = () => {} }: AuditOptions,
): Promise<AuditReport> {
  const started = performance.now()
  return db.transaction(
    async (tx) => {
      await tx.query('', "set local statement_timeout = '30min'")
      await tx.query('', "set local idle_in_transaction_session_timeout = '10min'")
      await tx.query('', 'set local enable_seqscan = on')
      await tx.query('', "set local work_mem = '64MB'")
      const report: Pick<AuditReport, 'faults' | 'checks'> = { faults: [], checks: [] }
      const timed = async (invariant: string, run: () => Promise<string[]>) => {
        onProgress(invariant)
        const since = performance.now()
        const details = await run()
        for (const detail of details) report.faults.push({ invariant, detail })
        report.checks.push({ invariant, milliseconds: elapsed(since), faults: details.length })
      }
      for (const { name, sql } of [...checks, ...orders.map((o) => ({ name: `I7 ${o.name}`, sql: o.sql }))]) {
        await timed(name, async () => (await tx.query<{ detail: string }>('', sql, [bookId])).map((row) => row.detail))
      }
      let sealed = 0
      await timed(SEALS, async () => {
        const audit = await auditSeals(tx, bookId, anchors, (done) => onProgress(SEALS, done))
        sealed = audit.journals
        return audit.faults
      })
      const [counts] = await tx.query<{ journals: bigint; entries: bigint; accounts: bigint; at: Date }>(
        '',
        `select (select count(*) from journals where book_id = $1) as journals,
                (select count(*) from entries where book_id = $1) as entries,
                (select count(*) from accounts where book_id = $1) as accounts, now() as at`,
        [bookId],
      )
      if (!counts) throw new Error('a query without a table has one row')
      return {
        bookId,
        at: counts.at,
        journals: Number(counts.journals),
        entries: Number(counts.entries),
        accounts: Number(counts.accounts),
        sealed,
        ...report,
        milliseconds: elapsed(started),
      }
    },
    { mode: 'isolation level repeatable read read only' },
  )
}

const elapsed = (instant: number) => Math.round(performance.now() - instant)
