// A customer's card: asked for at the issuer, made by it, used, frozen. One live card a customer.
// Must stay true: the table below is the database's (card_transitions); of the number no more than four digits are known;
// the issuer is asked with no transaction open, and its answer alone moves the card.

import type { Queries, Tx } from '../../base/database.ts'
import { assert, Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { post } from '../../ledger/post.ts'
import type { IdempotencyKey } from '../../ledger/posting.ts'
import type { Actor, Bank } from '../context.ts'
import { type Answered, onceByKey } from '../idempotency.ts'
import { putInInbox } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { authorizePayment, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import type { IssuedCard } from '../ports.ts'
import { settingsOf } from '../setting.ts'
import { findCardAccount } from './card-account.ts'
import { queueCard, queueQuestion } from './card-job.ts'
import { lockCardBalance } from './settle-card.ts'

export const cardTransitions = {
  requested: ['pending', 'uncertain', 'failed'],
  /** Nobody knows whether the issuer took the order: it is asked again under the same id. */
  uncertain: ['pending', 'failed'],
  pending: ['active', 'failed'],
  active: ['frozen', 'blocked', 'cancelled', 'lost', 'stolen'],
  frozen: ['active', 'blocked', 'cancelled', 'lost', 'stolen'],
  blocked: ['active', 'frozen', 'cancelled', 'lost', 'stolen'],
  cancelled: [],
  lost: [],
  stolen: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>
export type CardStatus = keyof typeof cardTransitions
/** What the house wants of a card; see house-wish.ts. */
export type CardWish = 'active' | 'frozen' | 'cancelled'

export interface Card {
  id: string
  person_no: bigint
  status: CardStatus
  reason: string
  cardholder_id: string
  product_id: string
  currency: string
  issuer_card_id: string | null
  issuer_order_id: string | null
  last4: string | null
  statement_at: Date | null
  house_wish: CardWish | null
  created_at: Date
}

const columns =
  'id, person_no, status, reason, cardholder_id, product_id, currency, issuer_card_id, issuer_order_id, last4, statement_at, house_wish, created_at'

export async function findCard(q: Queries, bookId: number, id: string): Promise<Card | undefined> {
  const [row] = await q.query<Card>('card-find', `select ${columns} from cards where book_id = $1 and id = $2`, [
    bookId,
    id,
  ])
  return row
}

export async function cardByIssuerId(q: Queries, bookId: number, issuerCardId: string): Promise<Card | undefined> {
  const [row] = await q.query<Card>(
    'card-by-issuer',
    `select ${columns} from cards where book_id = $1 and issuer_card_id = $2`,
    [bookId, issuerCardId],
  )
  return row
}

/** Newest first; a customer has few. */
export const cardsOf = (q: Queries, bookId: number, personNo: bigint): Promise<Card[]> =>
  q.query<Card>(
    'cards-of',
    `select ${columns} from cards where book_id = $1 and person_no = $2 order by id desc limit 100`,
    [bookId, personNo],
  )

const over: readonly CardStatus[] = ['cancelled', 'lost', 'stolen', 'failed']
export const isOver = (status: CardStatus): boolean => over.includes(status)

/** The card that money goes onto: there is one at most. */
export const liveCard = async (q: Queries, bookId: number, personNo: bigint): Promise<Card | undefined> =>
  (await cardsOf(q, bookId, personNo)).find(({ status }) => !over.includes(status))

/** Refuses `NotFound` what is not the actor's. */
export async function ownCard(bank: Bank, actor: Actor, id: string): Promise<Card> {
  const card = await findCard(bank.db, actor.bookId, id)
  if (!card || card.person_no !== actor.personNo) throw new Refusal('NotFound')
  return card
}

/**
 * Asks for a card. Answers `{id, status}`. Refuses CardAccountNotOpen, CardTopupNeeded while less than the threshold was
 * topped up, CardExists, what proving refuses, and Unavailable when the issuer offers none.
 */
export function requestCard(
  bank: Bank,
  actor: Actor,
  input: { proof: PaymentProof; idempotency: IdempotencyKey | undefined; toppedUp: (q: Queries) => Promise<bigint> },
): Promise<Answered> {
  const { bookId, personNo } = actor
  const { proof, idempotency, toppedUp } = input
  return onceByKey(bank, bookId, idempotency, { usesCode: proof.totpCode !== undefined }, async () => {
    const account = await findCardAccount(bank.db, bookId, personNo)
    if (account?.status !== 'success' || account.cardholder_id === null) throw new Refusal('CardAccountNotOpen')
    if (await liveCard(bank.db, bookId, personNo)) throw new Refusal('CardExists')
    const least = (await settingsOf(bank, bookId)).units('card.firstTopup')
    if ((await toppedUp(bank.db)) < least) {
      throw new Refusal('CardTopupNeeded', { minimum: formatAmount(least, assets.USDT.scale, 2) })
    }
    const productId = await productOf(bank)
    await authorizePayment(bank, actor, proof)
    const id = newId()
    const at = bank.clock.now()
    const [outcome] = await bank.db.transaction(async (tx) => {
      await lockCardBalance(tx, bookId, personNo) // two requests of one customer come one after the other
      const posting = {
        bookId,
        answer: { id, status: 'pending' },
        rows: [outboxRow(bookId, personNo, 'card.status', { id, status: 'pending' }, at)],
        ...(idempotency ? { idempotency } : {}),
      }
      const outcomes = await applyBatch(tx, bookId, [posting], false)
      if (outcomes[0]?.ok && !outcomes[0].replayed) {
        if (await liveCard(tx, bookId, personNo)) throw new Refusal('CardExists')
        await tx.query('card-request', 'select card_request($1, $2, $3, $4, $5, $6, $7)', [
          bookId,
          id,
          personNo,
          account.cardholder_id,
          productId,
          'USD',
          at,
        ])
        await queueCard(tx, bookId, 'card', id)
      }
      return outcomes
    })
    assert(outcome, 'a posting has an outcome')
    if (!outcome.ok) throw outcome.refusal
    return { answer: outcome.answer, replayed: outcome.replayed }
  })
}

async function productOf(bank: Bank): Promise<string> {
  const products = await askIssuer(bank, () => bank.cardIssuer.products())
  const product = products.find(
    ({ enabled, mode, currencies }) => enabled && mode === 'SINGLE' && currencies.includes('USD'),
  )
  if (!product) throw new Refusal('Unavailable', { retryAfter: 60, reason: 'the issuer offers no card' })
  return product.productId
}

/** For questions whose answer the customer waits for: no answer is a refusal to try again, not an error of ours. */
export async function askIssuer<T>(bank: Bank, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Refusal) throw error
    bank.log.warn({ reason: error instanceof Error ? error.message : '' }, 'the card issuer does not answer')
    throw new Refusal('Unavailable', { retryAfter: 10, reason: 'the card issuer does not answer' })
  }
}

/** Locks a card and reads it under that lock, which comes after its customer's card balance. */
export async function lockCard(tx: Tx, bookId: number, id: string): Promise<Card> {
  const [row] = await tx.query<Card>(
    'card-lock',
    `select ${columns} from cards where book_id = $1 and id = $2 for no key update`,
    [bookId, id],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

interface Step {
  to: CardStatus
  reason?: string
  issuerCardId?: string
  issuerOrderId?: string
  last4?: string | undefined
}

/** Moves a card along its table, tells the customer, and does nothing where it does not lead there. */
export async function moveCard(bank: Bank, tx: Tx, bookId: number, id: string, step: Step): Promise<Card | undefined> {
  const card = await lockCard(tx, bookId, id)
  const { to } = step
  if (!cardTransitions[card.status].some((next) => next === to)) return undefined
  const at = bank.clock.now()
  const [moved] = await tx.query<{ done: boolean }>(
    'card-move',
    'select card_move($1, $2, $3, $4, $5, $6, $7, $8, $9) as done',
    [
      bookId,
      id,
      card.status,
      to,
      step.reason ?? '',
      step.issuerCardId ?? null,
      step.issuerOrderId ?? null,
      step.last4 ?? null,
      at,
    ],
  )
  assert(moved?.done, 'a card is moved from the state that it was read in')
  if (to === 'pending') await queueQuestion(tx, bookId, 'card', id)
  if (to === 'uncertain' || (card.status !== 'active' && to === 'pending')) return { ...card, status: to }
  await post(tx, { bookId, rows: [outboxRow(bookId, card.person_no, 'card.status', { id, status: to }, at)] })
  if (to === 'active' && card.status === 'pending') {
    await putInInbox(tx, bookId, card.person_no, 'card_active', { last4: step.last4 ?? '' }, at)
  }
  if (to === 'failed') await putInInbox(tx, bookId, card.person_no, 'card_failed', {}, at)
  return { ...card, status: to }
}

const statusOf: Readonly<Record<IssuedCard['status'], CardStatus>> = {
  PENDING: 'pending',
  ACTIVE: 'active',
  FROZEN: 'frozen',
  BLOCKED: 'blocked',
  CANCELLED: 'cancelled',
  LOST: 'lost',
  STOLEN: 'stolen',
  FAILED: 'failed',
}

/** Goes on with a card: orders it, or asks how it is. Throws when nobody knows. `onActive` runs with it becoming so. */
export async function advanceCard(
  bank: Bank,
  bookId: number,
  id: string,
  onActive: (tx: Tx, card: Card) => Promise<void>,
): Promise<void> {
  const card = await findCard(bank.db, bookId, id)
  if (!card || over.includes(card.status)) return
  if (card.issuer_card_id === null) return orderCard(bank, bookId, card)
  const issued = await bank.cardIssuer.card(card.issuer_card_id)
  if (!issued) throw new Error('the issuer does not know its card')
  await bank.db.transaction(async (tx) => {
    await lockCardBalance(tx, bookId, card.person_no)
    // a card that was frozen before we heard that it is there was active first
    if (issued.status !== 'FAILED' && issued.status !== 'PENDING') {
      const active = await moveCard(bank, tx, bookId, id, { to: 'active', last4: issued.last4 })
      if (active) await onActive(tx, active)
    }
    const moved = await moveCard(bank, tx, bookId, id, { to: statusOf[issued.status], last4: issued.last4 })
    if (!moved) await touch(bank, tx, bookId, id)
  })
}

const touch = (bank: Bank, tx: Tx, bookId: number, id: string) =>
  tx.query('card-touch', 'update cards set changed_at = $3 where book_id = $1 and id = $2', [
    bookId,
    id,
    bank.clock.now(),
  ])

export const noteWish = (tx: Tx, bookId: number, id: string, wish: CardWish | null, at: Date): Promise<unknown> =>
  tx.query('card-wish', 'update cards set house_wish = $3, changed_at = $4 where book_id = $1 and id = $2', [
    bookId,
    id,
    wish,
    at,
  ])

async function orderCard(bank: Bank, bookId: number, card: Card): Promise<void> {
  const { id } = card
  const move = (step: Step) => bank.db.transaction((tx) => moveCard(bank, tx, bookId, id, step))
  const asked = { cardholderId: card.cardholder_id, productId: card.product_id, currency: card.currency }
  let answer: Awaited<ReturnType<Bank['cardIssuer']['createCard']>>
  try {
    answer = await bank.cardIssuer.createCard({ orderId: id, step: 'card' }, asked)
  } catch (error) {
    await move({ to: 'uncertain' })
    throw error
  }
  if (answer.result === 'refused') {
    bank.log.warn({ bookId, card: id, code: answer.refusal.code }, 'the issuer refused a card')
    await move({ to: 'failed', reason: 'refused' })
    return
  }
  const { cardId: issuerCardId, orderId: issuerOrderId, status } = answer.value
  await move(status === 'FAILED' ? { to: 'failed', reason: 'failed' } : { to: 'pending', issuerCardId, issuerOrderId })
}

/** Cards on their way, or not as the house wants them, of which nothing was heard for a while. */
export async function openCards(q: Queries, bookId: number, before: Date, limit: number): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'cards-open',
    `select id from cards where book_id = $1 and changed_at < $2 and (status in ('requested', 'uncertain', 'pending')
       or house_wish <> status and status not in ('cancelled', 'lost', 'stolen', 'failed'))
     order by changed_at limit $3`,
    [bookId, before, limit],
  )
  return rows.map(({ id }) => id)
}

/** Cards whose statement was last read before this, longest ago first. */
export async function cardsToRead(q: Queries, bookId: number, before: Date, limit: number): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'cards-to-read',
    `select id from cards where book_id = $1 and issuer_card_id is not null and (statement_at is null or statement_at < $2)
     order by statement_at nulls first limit $3`,
    [bookId, before, limit],
  )
  return rows.map(({ id }) => id)
}

export const noteStatementRead = (q: Queries, bookId: number, id: string, at: Date): Promise<unknown> =>
  q.query(
    'card-statement-read',
    'update cards set statement_at = greatest(statement_at, $3) where book_id = $1 and id = $2',
    [bookId, id, at],
  )
