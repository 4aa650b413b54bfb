// The heart of the ledger: a batch of postings of one book, decided and written in the transaction it is given.
// Order of things: lock all accounts in id order → read what the decisions need → decide each posting in memory, in
// turn → write everything with set-based statements. A refused posting leaves no trace but its stored answer.
// Must stay true: nothing is decided on a value read before the lock.

import type { Queries, Tx } from '../base/database.ts'
import { assert, Refusal, type RefusalCode, type RefusalDetails } from '../base/errors.ts'
import { newId } from '../base/ids.ts'
import { isPersonAccount } from './accounts.ts'
import type { Answer, HoldChange, HoldPlacement, Journal, Outcome, Posting, Velocity } from './posting.ts'
import { arrayLiteral, columnsOf, type Row } from './rows.ts'

interface AccountState {
  balance: bigint
  held: bigint
  status: string
}
interface HoldState {
  account_id: bigint
  amount: bigint
  captured: bigint
  status: string
}
type StoredAnswer = { ok: Answer } | { refusal: RefusalCode; details: RefusalDetails }

/** What was read under the lock, and what decisions so far have made of it. */
interface Desk {
  accounts: Map<bigint, AccountState>
  holds: Map<string, HoldState>
  reversed: Set<string>
  spent: Map<string, bigint>
  answers: Map<string, { requestHash: string; answer: StoredAnswer }>
  /** Order and key of journals that are in the books already. */
  known: Set<string>
}

/**
 * Answers one outcome per posting, in order. All postings are of `bookId`; no two change the same hold.
 * `known` says that some may have been written already (a retry after an unknown commit, a key that came from outside):
 * then keys are looked up first, and what is found counts as done.
 */
export async function applyBatch(
  tx: Tx,
  bookId: number,
  postings: readonly Posting[],
  known: boolean,
): Promise<Outcome[]> {
  const desk = await read(tx, bookId, postings, known)
  const accepted: Posting[] = []
  const stored: { posting: Posting; answer: StoredAnswer }[] = []
  const outcomes = postings.map((posting): Outcome => {
    const key = posting.idempotency && answerKey(posting.idempotency.scope, posting.idempotency.key)
    const before = key === undefined ? undefined : desk.answers.get(key)
    const hash = posting.idempotency && Buffer.from(posting.idempotency.requestHash).toString('hex')
    if (before) {
      if (before.requestHash !== hash) return refuse('IdempotencyKeyReused')
      if ('ok' in before.answer) return { ok: true, replayed: true, answer: before.answer.ok }
      return { ok: false, replayed: true, refusal: new Refusal(before.answer.refusal, before.answer.details) }
    }
    if (posting.journal && desk.known.has(journalKey(posting.journal.orderId, posting.journal.key))) {
      return { ok: true, replayed: true, answer: posting.answer ?? {} }
    }
    const refusal = decide(desk, posting)
    if (!refusal) accepted.push(posting)
    if (posting.idempotency && key !== undefined && hash !== undefined) {
      const answer: StoredAnswer = refusal
        ? { refusal: refusal.code, details: refusal.details }
        : { ok: posting.answer ?? {} }
      desk.answers.set(key, { requestHash: hash, answer }) // a twin later in this batch is answered alike
      stored.push({ posting, answer })
    }
    return refusal
      ? { ok: false, replayed: false, refusal }
      : { ok: true, replayed: false, answer: posting.answer ?? {} }
  })
  await write(tx, bookId, accepted, stored)
  return outcomes
}

const refuse = (code: RefusalCode): Outcome => ({ ok: false, replayed: false, refusal: new Refusal(code) })
const journalKey = (orderId: string, key: string) => `${orderId} ${key}`
const answerKey = (scope: string, key: string) => `${scope}\n${key}`
const spentKey = (subject: bigint, rule: string) => `${subject} ${rule}`

/** PostgreSQL array literal of values that need no quoting (integers, UUIDs, our own words). */
const plain = (values: readonly (string | bigint | number)[]) => `{${values.join(',')}}`

/** Every account that a posting locks. */
export function accountsOf({ journal, place, change, velocity }: Posting): bigint[] {
  const ids = journal?.legs.map((leg) => leg.account) ?? []
  if (place) ids.push(place.account)
  if (change) ids.push(change.account)
  if (velocity) ids.push(velocity.gate)
  return ids
}

async function read(tx: Tx, bookId: number, postings: readonly Posting[], known: boolean): Promise<Desk> {
  const ids = new Set<bigint>()
  for (const posting of postings) for (const id of accountsOf(posting)) ids.add(id)
  const sorted = [...ids].sort((a, b) => (a < b ? -1 : 1))
  const lock = () =>
    tx.query<{ id: bigint } & AccountState>(
      'ledger-lock',
      'select id, balance, held, status from ledger_lock($1, $2)',
      [bookId, plain(sorted)],
    )
  let accounts = await lock()
  if (accounts.length < sorted.length) {
    await openAccounts(tx, bookId, sorted)
    accounts = await lock()
  }
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
  const limits = postings.flatMap((p) => (p.velocity ? [p.velocity] : []))
  if (limits.length > 0) await readVelocity(tx, bookId, limits, desk)
  const keyed = postings.flatMap((p) => (p.idempotency ? [p.idempotency] : []))
  if (keyed.length > 0) {
    const rows = await tx.query<{ scope: string; key: string; request_hash: Buffer; answer: StoredAnswer }>(
      'ledger-answers',
      `select i.scope, i.key, i.request_hash, i.answer
       from unnest($2::text[], $3::text[]) u (scope, key)
       cross join lateral (select * from idempotency x
         where x.book_id = $1 and x.scope = u.scope and x.key = u.key offset 0) i`,
      [bookId, keyed.map((k) => k.scope), keyed.map((k) => k.key)],
    )
    for (const row of rows) {
      desk.answers.set(answerKey(row.scope, row.key), {
        requestHash: row.request_hash.toString('hex'),
        answer: row.answer,
      })
    }
  }
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

/** Opens the accounts that are not there yet. */
export const openAccounts = (q: Queries, bookId: number, ids: readonly bigint[]) =>
  q.query('ledger-open', 'select ledger_open($1, $2)', [bookId, plain(ids)])

async function readVelocity(tx: Tx, bookId: number, limits: readonly Velocity[], desk: Desk) {
  const rows = await tx.query<{ subject: bigint; rule: string; spent: bigint }>(
    'ledger-velocity',
    // an aggregate per subject leaves the planner no choice but the primary key
    `select u.subject, u.rule, v.spent
     from unnest($2::bigint[], $3::text[]) u (subject, rule)
     cross join lateral (
       select coalesce(sum(x.spent), 0)::bigint as spent from velocity x
       where x.book_id = $1 and x.subject = u.subject and x.rule = u.rule
         and x.hour >= date_trunc('hour', now() - interval '24 hours')) v`,
    [bookId, plain(limits.map((v) => v.subject)), plain(limits.map((v) => v.rule))],
  )
  for (const row of rows) desk.spent.set(spentKey(row.subject, row.rule), row.spent)
}

/** The reason why not, or nothing; in that case the desk has moved on by this posting. */
function decide(desk: Desk, posting: Posting): Refusal | undefined {
  const { journal, place, change, velocity } = posting
  const balanceBy = new Map<bigint, bigint>()
  const heldBy = new Map<bigint, bigint>()
  const add = (map: Map<bigint, bigint>, key: bigint, amount: bigint) => map.set(key, (map.get(key) ?? 0n) + amount)
  let short = false // each leg is an entry of its own, and none may leave a customer below zero
  for (const leg of journal?.legs ?? []) {
    add(balanceBy, leg.account, leg.amount)
    const balance = (desk.accounts.get(leg.account)?.balance ?? 0n) + (balanceBy.get(leg.account) ?? 0n)
    if (leg.amount < 0n && balance < 0n && isPersonAccount(leg.account)) short = true
  }
  if (journal?.reverses && desk.reversed.has(journal.reverses)) return new Refusal('AlreadyReversed')
  if (place) add(heldBy, place.account, place.amount)
  if (change) {
    const hold = desk.holds.get(change.id)
    if (hold?.status !== 'open') return new Refusal('HoldNotOpen')
    assert(hold.account_id === change.account, 'a hold is changed under its own account')
    const left = hold.amount - hold.captured
    if (change.captured < 0n || change.captured > left) return new Refusal('HoldExceeded')
    assert(
      (change.to === 'voided' || change.to === 'expired') === (change.captured === 0n),
      'a capture captures something, an end without capture nothing',
    )
    assert(change.to !== 'open' || change.captured < left, 'a capture of all that is left is the final one')
    add(heldBy, change.account, change.to === 'open' ? -change.captured : -left)
  }
  for (const account of new Set([...balanceBy.keys(), ...heldBy.keys()])) {
    const state = desk.accounts.get(account)
    assert(state, 'account is on the desk')
    const by = balanceBy.get(account) ?? 0n
    const held = heldBy.get(account) ?? 0n
    if (!isPersonAccount(account)) continue
    if (held <= 0n && !balanceBy.has(account)) continue // what was set aside comes back, whatever became of the account
    if (state.status === 'closed') return new Refusal('AccountClosed')
    if (state.status === 'frozen' && (by < 0n || held > 0n) && !posting.evenIfFrozen)
      return new Refusal('AccountClosed')
    const available = state.balance + by - state.held - held
    if (available < 0n && by - held < 0n) return new Refusal('InsufficientBalance')
  }
  if (short) return new Refusal('InsufficientBalance')
  if (velocity) {
    const spent = desk.spent.get(spentKey(velocity.subject, velocity.rule)) ?? 0n
    if (spent + velocity.amount > velocity.max) return new Refusal('LimitExceeded')
    desk.spent.set(spentKey(velocity.subject, velocity.rule), spent + velocity.amount)
  }
  if (journal?.reverses) desk.reversed.add(journal.reverses)
  for (const [account, by] of balanceBy) {
    const state = desk.accounts.get(account)
    if (state) state.balance += by
  }
  for (const [account, by] of heldBy) {
    const state = desk.accounts.get(account)
    if (state) state.held += by
  }
  return undefined
}

async function write(
  tx: Tx,
  bookId: number,
  accepted: readonly Posting[],
  stored: { posting: Posting; answer: StoredAnswer }[],
) {
  const moving = accepted.filter((p) => p.journal || p.place || p.change)
  if (moving.length > 0) await writeLedger(tx, bookId, moving)
  const limits = accepted.flatMap((p) => (p.velocity ? [p.velocity] : []))
  if (limits.length > 0) await writeVelocity(tx, bookId, limits)
  if (stored.length > 0) {
    await tx.query(
      'ledger-store-answers',
      `insert into idempotency (book_id, scope, key, request_hash, answer)
       select $1, * from unnest($2::text[], $3::text[], $4::bytea[], $5::jsonb[])`,
      [
        bookId,
        arrayLiteral(
          stored.map((s) => s.posting.idempotency?.scope),
          'text',
        ),
        arrayLiteral(
          stored.map((s) => s.posting.idempotency?.key),
          'text',
        ),
        arrayLiteral(
          stored.map((s) => Buffer.from(s.posting.idempotency?.requestHash ?? [])),
          'bytea',
        ),
        arrayLiteral(
          stored.map((s) => s.answer),
          'jsonb',
        ),
      ],
    )
  }
  const byTable = new Map<string, Row[]>()
  for (const posting of accepted) {
    for (const row of posting.rows ?? []) {
      const rows = byTable.get(row.table.name)
      if (rows) rows.push(row)
      else byTable.set(row.table.name, [row])
    }
  }
  for (const [name, rows] of byTable) {
    const table = rows[0]?.table
    if (table) await tx.query(`ledger-rows-${name}`, table.insert, columnsOf(rows))
  }
}

function writeLedger(tx: Tx, bookId: number, postings: readonly Posting[]) {
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
  return tx.query(
    'ledger-write',
    `select ledger_write(${Array.from({ length: 24 }, (_, i) => `$${i + 1}`).join(', ')})`,
    [
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
  )
}

function writeVelocity(tx: Tx, bookId: number, limits: readonly Velocity[]) {
  const sums = new Map<string, Velocity>()
  for (const limit of limits) {
    const key = spentKey(limit.subject, limit.rule)
    const sum = sums.get(key)
    sums.set(key, sum ? { ...sum, amount: sum.amount + limit.amount } : limit)
  }
  const rows = [...sums.values()]
  return tx.query(
    'ledger-spend',
    `insert into velocity (book_id, subject, rule, hour, spent)
     select $1, u.subject, u.rule, date_trunc('hour', now()), u.amount
     from unnest($2::bigint[], $3::text[], $4::bigint[]) u (subject, rule, amount)
     on conflict (book_id, subject, rule, hour) do update set spent = velocity.spent + excluded.spent`,
    [bookId, plain(rows.map((v) => v.subject)), rows.map((v) => v.rule), plain(rows.map((v) => v.amount))],
  )
}

/** A journal with a fresh id. The key defaults to the kind: one such movement an order. */
export function journal(parts: Omit<Journal, 'id' | 'key' | 'memo'> & { key?: string; memo?: string }): Journal {
  return { id: newId(), memo: '', ...parts, key: parts.key ?? parts.kind }
}
