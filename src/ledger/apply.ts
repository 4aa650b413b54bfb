// The heart of the ledger: a batch of postings of one book, decided and written in the transaction it is given.
// Order of things: lock all accounts in id order → read what the decisions need → decide each posting in memory, in
// turn → write everything with set-based statements. A refused posting leaves no trace but its stored answer.
// Must stay true: nothing is decided on a value read before the lock.

import type { Tx } from '../base/database.ts'
import { assert, Refusal, type RefusalCode } from '../base/errors.ts'
import { newId } from '../base/ids.ts'
import { isPersonAccount } from './accounts.ts'
import { answerKey, type Desk, journalKey, readDesk, type StoredAnswer, spentKey } from './desk.ts'
import type { Journal, Outcome, Posting } from './posting.ts'
import { type StoredFor, writeBatch } from './write.ts'

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
  const desk = await readDesk(tx, bookId, postings, known)
  const accepted: Posting[] = []
  const stored: StoredFor[] = []
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
  await writeBatch(tx, bookId, accepted, stored)
  return outcomes
}

const refuse = (code: RefusalCode): Outcome => ({ ok: false, replayed: false, refusal: new Refusal(code) })

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
    if (!posting.evenIfClosed) {
      if (state.status === 'closed') return new Refusal('AccountClosed')
      if (state.status === 'frozen' && (by < 0n || held > 0n) && !posting.evenIfFrozen)
        return new Refusal('AccountClosed')
    }
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

/** A journal with a fresh id. The key defaults to the kind: one such movement an order. */
export function journal(parts: Omit<Journal, 'id' | 'key' | 'memo'> & { key?: string; memo?: string }): Journal {
  return { id: newId(), memo: '', ...parts, key: parts.key ?? parts.kind }
}
