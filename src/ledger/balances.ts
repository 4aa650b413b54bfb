// Reading the books: what accounts hold now, held at an instant, and what moved them.
// Must stay true: costs follow the page that is asked for, never the length of an account's history.

import type { Queries, Tx } from '../base/database.ts'
import { Refusal } from '../base/errors.ts'
import { reversal } from './journals.ts'
import { post } from './post.ts'
import type { Leg } from './posting.ts'

export interface Balance {
  balance: bigint
  held: bigint
}

const nothing: Balance = { balance: 0n, held: 0n }

/** Balances by account id; an account that was never used has none. */
export async function balancesOf(
  q: Queries,
  bookId: number,
  accounts: readonly bigint[],
): Promise<(id: bigint) => Balance> {
  const rows = await q.query<{ id: bigint } & Balance>(
    'balances',
    'select id, balance, held from accounts where book_id = $1 and id = any ($2::bigint[])',
    [bookId, accounts],
  )
  const found = new Map(rows.map(({ id, balance, held }) => [id, { balance, held }]))
  return (id) => found.get(id) ?? nothing
}

export interface AccountState extends Balance {
  id: bigint
  status: 'open' | 'frozen' | 'closed'
}

/** Those of the accounts that were ever used. */
export const accountStates = (q: Queries, bookId: number, ids: readonly bigint[]): Promise<AccountState[]> =>
  q.query<AccountState>(
    'account-states',
    'select id, balance, held, status from accounts where book_id = $1 and id = any ($2::bigint[]) order by id',
    [bookId, ids],
  )

/** All accounts of an owner that were ever used. */
export const accountsOfOwner = (q: Queries, bookId: number, ownerNo: bigint): Promise<AccountState[]> =>
  q.query<AccountState>(
    'accounts-of-owner',
    `select id, balance, held, status from accounts
     where book_id = $1 and id >= $2::bigint << 16 and id < ($2::bigint + 1) << 16 order by id`,
    [bookId, ownerNo],
  )

/**
 * The balance that an account had at an instant, as it is known today: what was recorded by then, plus corrections
 * recorded later for a day before. With `knownAt` it is as it was known at that instant: a closed statement stays as it is.
 */
export async function balanceAsOf(
  q: Queries,
  bookId: number,
  account: bigint,
  at: Date,
  knownAt?: Date,
): Promise<bigint> {
  // of several entries in one batch the last sequence number wins; time never goes back along an account
  const [row] = await q.query<{ balance: bigint }>(
    'balance-as-of',
    `select (coalesce((select balance_after from entries
                       where book_id = $1 and account_id = $2 and recorded_at <= least($3::timestamptz, $4::timestamptz)
                       order by seq desc limit 1), 0)
           + coalesce((select sum(amount) from entries
                       where book_id = $1 and account_id = $2 and value_at <= $3
                         and recorded_at > least($3::timestamptz, $4::timestamptz)
                         and recorded_at <= coalesce($4, 'infinity')), 0))::bigint as balance`,
    [bookId, account, at, knownAt ?? null],
  )
  return row?.balance ?? 0n
}

export interface EntryLine {
  account_id: bigint
  seq: bigint
  journal_id: string
  kind: string
  order_kind: string
  order_id: string
  memo: string
  amount: bigint
  balance_after: bigint
  recorded_at: Date
}

/**
 * The accounts' entries, newest first. `kinds` filters by the journal's kind, `until` leaves out what was recorded later.
 * Cost grows with offset, not with history.
 */
export async function entriesOf(
  q: Queries,
  bookId: number,
  accounts: readonly bigint[],
  page: { offset: number; size: number; kinds?: readonly string[] | undefined; until?: Date | undefined },
): Promise<EntryLine[]> {
  return q.query<EntryLine>(
    'entries-of',
    `select e.* from unnest($2::bigint[]) a (id)
     cross join lateral (
       select x.account_id, x.seq, x.journal_id, j.kind, j.order_kind, j.order_id, j.memo, x.amount, x.balance_after, x.recorded_at
       from entries x join journals j on j.book_id = x.book_id and j.id = x.journal_id
       where x.book_id = $1 and x.account_id = a.id and ($3::text[] is null or j.kind = any ($3))
         and ($6::timestamptz is null or x.recorded_at <= $6)
       order by x.seq desc limit $4::int + $5::int
     ) e
     order by e.recorded_at desc, e.account_id, e.seq desc
     limit $4 offset $5`,
    [bookId, accounts, page.kinds ?? null, page.size, page.offset, page.until ?? null],
  )
}

export interface EntryInFull {
  seq: bigint
  amount: bigint
  journal_id: string
  kind: string
  order_kind: string
  order_id: string
  reverses: string | null
  account_ids: bigint[]
  amounts: bigint[]
  recorded_at: Date
}

/**
 * An account's entries after the one with this number, oldest first, each with the legs of its journal. Numbers are gapless
 * and given under the account's lock: who has read up to one will never find another entry before it.
 */
export const entriesAfter = (
  q: Queries,
  bookId: number,
  account: bigint,
  seq: bigint,
  limit: number,
): Promise<EntryInFull[]> =>
  q.query<EntryInFull>(
    'entries-after',
    `select e.seq, e.amount, j.id as journal_id, j.kind, j.order_kind, j.order_id, j.reverses, j.account_ids, j.amounts, e.recorded_at
     from entries e join journals j on j.book_id = e.book_id and j.id = e.journal_id
     where e.book_id = $1 and e.account_id = $2 and e.seq > $3 order by e.seq limit $4`,
    [bookId, account, seq, limit],
  )

export interface JournalView {
  id: string
  kind: string
  key: string
  order_kind: string
  order_id: string
  memo: string
  reverses: string | null
  hold_id: string | null
  recorded_at: Date
  value_at: Date | null
  account_ids: bigint[]
  amounts: bigint[]
}

const JOURNAL = `id, kind, key, order_kind, order_id, memo, reverses, hold_id, recorded_at, value_at, account_ids, amounts`

/** Refuses with `JournalUnknown`. */
export async function journalById(q: Queries, bookId: number, id: string): Promise<JournalView> {
  const [row] = await q.query<JournalView>(
    'journal-by-id',
    `select ${JOURNAL} from journals where book_id = $1 and id = $2`,
    [bookId, id],
  )
  if (!row) throw new Refusal('JournalUnknown')
  return row
}

/** What an order moved, in the order in which it did. */
export const journalsOfOrder = (q: Queries, bookId: number, orderId: string): Promise<JournalView[]> =>
  q.query<JournalView>(
    'journals-of-order',
    `select ${JOURNAL} from journals where book_id = $1 and order_id = $2 order by recorded_at, id`,
    [bookId, orderId],
  )

/** Undoes a journal in full, once. Refuses with `JournalUnknown`, `AlreadyReversed`, `InsufficientBalance`. */
export async function reverseJournal(tx: Tx, bookId: number, journalId: string, memo: string): Promise<void> {
  const [row] = await tx.query<{ order_kind: string; order_id: string; account_ids: bigint[]; amounts: bigint[] }>(
    'journal-to-reverse',
    'select order_kind, order_id, account_ids, amounts from journals where book_id = $1 and id = $2',
    [bookId, journalId],
  )
  if (!row) throw new Refusal('JournalUnknown')
  const legs = row.account_ids.map((account, i): Leg => ({ account, amount: row.amounts[i] ?? 0n }))
  const outcome = await post(tx, {
    bookId,
    journal: reversal({ id: journalId, orderKind: row.order_kind, orderId: row.order_id, legs }, memo),
  })
  if (outcome.replayed) throw new Refusal('AlreadyReversed')
}

/** Opens, freezes (nothing leaves) or closes (nothing moves) all accounts of a person, those not yet used included. */
export const setAccountsStatus = (
  tx: Queries,
  bookId: number,
  personNo: bigint,
  status: 'open' | 'frozen' | 'closed',
): Promise<unknown> => tx.query('accounts-status', 'select ledger_set_status($1, $2, $3)', [bookId, personNo, status])
