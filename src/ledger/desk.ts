// What is on the desk while a batch is decided: accounts and holds under lock, limits used, answers given before.
// Must stay true: locks come first, accounts in id order and then holds; everything else is read after them.

import type { Queries, Tx } from '../base/database.ts'
import { assert, type RefusalCode, type RefusalDetails } from '../base/errors.ts'
import type { Answer, Posting } from './posting.ts'
import { arrayLiteral, plain } from './rows.ts'

export interface AccountState {
  balance: bigint
  held: bigint
  status: string
}
export interface HoldState {
  account_id: bigint
  amount: bigint
  captured: bigint
  status: string
}
export type StoredAnswer = { ok: Answer } | { refusal: RefusalCode; details: RefusalDetails }

/** What was read under the lock, and what decisions so far have made of it. */
export interface Desk {
  accounts: Map<bigint, AccountState>
  holds: Map<string, HoldState>
  reversed: Set<string>
  spent: Map<string, bigint>
  answers: Map<string, { requestHash: string; answer: StoredAnswer }>
  /** Order and key of journals that are in the books already. */
  known: Set<string>
}

export const journalKey = (orderId: string, key: string) => `${orderId} ${key}`
export const answerKey = (scope: string, key: string) => `${scope}\n${key}`
export const spentKey = (subject: bigint, rule: string) => `${subject} ${rule}`

/** Every account that a posting locks. */
export function accountsOf({ journal, place, change, velocity }: Posting): bigint[] {
  const ids = journal?.legs.map((leg) => leg.account) ?? []
  if (place) ids.push(place.account)
  if (change) ids.push(change.account)
  if (velocity) ids.push(velocity.gate)
  return ids
}

/** Locks the accounts of all postings in id order and reads what deciding on them takes. */
export async function readDesk(tx: Tx, bookId: number, postings: readonly Posting[], known: boolean): Promise<Desk> {
  const ids = new Set<bigint>()
  for (const posting of postings) for (const id of accountsOf(posting)) ids.add(id)
  const accounts = await lockAccounts(tx, bookId, ids)
  const desk: Desk = {
    accounts: new Map(accounts.map(({ id, balance, held, status }) => [id, { balance, held, status }])),
    holds: new Map(),
    reversed: new Set(),
    spent: new Map(),
    answers: new Map(),
    known: new Set(),
  }
  assert(desk.accounts.size === ids.size, 'every account is locked')

  const changes = postings.flatMap((p) => (p.change ? [p.change.id] : []))
  if (changes.length > 0) {
    const rows = await tx.query<{ id: string } & HoldState>(
      'ledger-lock-holds',
      'select id, account_id, amount, captured, status from ledger_lock_holds($1, $2)',
      [bookId, plain(changes)],
    )
    for (const row of rows) desk.holds.set(row.id, row)
  }
  const reversals = postings.flatMap((p) => (p.journal?.reverses ? [p.journal.reverses] : []))
  if (reversals.length > 0) {
    const rows = await tx.query<{ reverses: string }>(
      'ledger-reversed',
      'select reverses from journals where book_id = $1 and reverses = any ($2::uuid[])',
      [bookId, plain(reversals)],
    )
    for (const row of rows) desk.reversed.add(row.reverses)
  }
  await readLimitsAndAnswers(tx, bookId, postings, desk)
  const journals = known ? postings.flatMap((p) => (p.journal ? [p.journal] : [])) : []
  if (journals.length > 0) {
    const rows = await tx.query<{ key: string; order_id: string }>(
      'ledger-known',
      `select j.order_id, j.key from unnest($2::uuid[], $3::text[]) u (order_id, key)
       cross join lateral (select * from journals x
         where x.book_id = $1 and x.order_id = u.order_id and x.key = u.key offset 0) j`,
      [bookId, plain(journals.map((j) => j.orderId)), journals.map((j) => j.key)],
    )
    for (const row of rows) desk.known.add(journalKey(row.order_id, row.key))
  }
  return desk
}

/**
 * Locks accounts in id order, opening those that are not there yet. A verb that posts twice in one transaction locks the
 * accounts of both postings first: asked for one after the other they could be waited for in a circle.
 */
export async function lockAccounts(
  tx: Tx,
  bookId: number,
  ids: Iterable<bigint>,
): Promise<({ id: bigint } & AccountState)[]> {
  const sorted = [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1))
  const lock = () =>
    tx.query<{ id: bigint } & AccountState>(
      'ledger-lock',
      'select id, balance, held, status from ledger_lock($1, $2)',
      [bookId, plain(sorted)],
    )
  const accounts = await lock()
  if (accounts.length === sorted.length) return accounts
  await openAccounts(tx, bookId, sorted)
  return lock()
}

/** Opens the accounts that are not there yet. */
export const openAccounts = (q: Queries, bookId: number, ids: readonly bigint[]) =>
  q.query('ledger-open', 'select ledger_open($1, $2)', [bookId, plain(ids)])

async function readLimitsAndAnswers(tx: Tx, bookId: number, postings: readonly Posting[], desk: Desk) {
  const limits = postings.flatMap((p) => (p.velocity ? [p.velocity] : []))
  const keyed = postings.flatMap((p) => (p.idempotency ? [p.idempotency] : []))
  if (limits.length === 0 && keyed.length === 0) return
  const rows = await tx.query<{ subject: bigint; a: string; b: string; spent: bigint; answer: StoredAnswer | null }>(
    'ledger-limits-and-answers',
    // the aggregate and the `offset 0` leave the planner no choice but the primary keys
    `select u.subject, u.rule as a, '' as b, v.spent, null::jsonb as answer
     from unnest($2::bigint[], $3::text[]) u (subject, rule)
     cross join lateral (
       select coalesce(sum(x.spent), 0)::bigint as spent from velocity x
       where x.book_id = $1 and x.subject = u.subject and x.rule = u.rule
         and x.hour >= date_trunc('hour', now() - interval '24 hours')) v
     union all
     select null, i.scope || E'\\n' || i.key, encode(i.request_hash, 'hex'), null, i.answer
     from unnest($4::text[], $5::text[]) u (scope, key)
     cross join lateral (select * from idempotency x
       where x.book_id = $1 and x.scope = u.scope and x.key = u.key offset 0) i`,
    [
      bookId,
      plain(limits.map((v) => v.subject)),
      plain(limits.map((v) => v.rule)),
      arrayLiteral(
        keyed.map((k) => k.scope),
        'text',
      ),
      arrayLiteral(
        keyed.map((k) => k.key),
        'text',
      ),
    ],
  )
  for (const { subject, a, b, spent, answer } of rows) {
    if (answer) desk.answers.set(a, { requestHash: b, answer })
    else desk.spent.set(spentKey(subject, a), spent)
  }
}
