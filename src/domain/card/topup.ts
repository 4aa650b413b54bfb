// Topping a card up: money is held, the issuer puts as much onto the card, and only then is it taken; it comes back when the
// issuer refuses. Before there is a card it waits on the card account and is put onto the first one.
// Must stay true: the issuer is asked under the top-up's own id with no transaction open; an unknown outcome is a state and
// is asked about; locks: the top-up, the customer's card balance, accounts.

import type { Queries, Tx } from '../../base/database.ts'
import { assert, Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets, houseAccount, personAccount } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { cardTopup } from '../../ledger/card-journals.ts'
import { lockAccounts } from '../../ledger/desk.ts'
import { placeHold, voidHold } from '../../ledger/holds.ts'
import { post } from '../../ledger/post.ts'
import type { IdempotencyKey, Posting } from '../../ledger/posting.ts'
import { raiseAlert } from '../alert.ts'
import type { Actor, Bank } from '../context.ts'
import { type Answered, onceByKey } from '../idempotency.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { authorizeMoneyOut, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import type { IssuerOrder } from '../ports.ts'
import { settingsOf } from '../setting.ts'
import { type Card, findCard, liveCard } from './card.ts'
import { findCardAccount } from './card-account.ts'
import { queueCard, queueQuestion } from './card-job.ts'
import { lockCardBalance, settleCard } from './settle-card.ts'

export const topupTransitions = {
  /** The money is held; the issuer was not asked yet, or the answer is not recorded. */
  held: ['sent', 'uncertain', 'completed', 'failed'],
  /** Nobody knows whether the issuer took it: it is asked again under the same id. */
  uncertain: ['sent', 'completed', 'failed'],
  /** The issuer is putting it onto the card. */
  sent: ['completed', 'failed'],
  completed: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>
export type TopupStatus = keyof typeof topupTransitions

export interface Topup {
  id: string
  person_no: bigint
  /** `card`: what waited on the card account. */
  from_account: 'main' | 'node' | 'card'
  card_id: string | null
  amount: bigint
  fee: bigint
  status: TopupStatus
  reason: string
  hold_id: string | null
  issuer_order_id: string | null
  created_at: Date
}

const columns =
  'id, person_no, from_account, card_id, amount, fee, status, reason, hold_id, issuer_order_id, created_at'
const { scale } = assets.USDT
/** The issuer counts in cents. */
const CENT = 10_000n

export interface TopupInput {
  from: 'main' | 'node'
  amount: string
  proof: PaymentProof
  idempotency: IdempotencyKey | undefined
}

/**
 * Answers `{id, amount, fee, status}`. Refuses CardAccountNotOpen, CardNotUsable, InvalidAmount, AmountBelowMinimum,
 * AmountAboveMaximum, what proving refuses, InsufficientBalance, AccountClosed, IdempotencyKeyReused.
 */
export function topUp(bank: Bank, actor: Actor, input: TopupInput): Promise<Answered> {
  const amount = parsePositiveAmount(input.amount, scale)
  if (amount % CENT !== 0n) throw new Refusal('InvalidAmount', { pointer: '/amount', reason: 'at most 2 decimals' })
  const { bookId, personNo } = actor
  return onceByKey(bank, bookId, input.idempotency, { usesCode: input.proof.totpCode !== undefined }, async () => {
    const settings = await settingsOf(bank, bookId)
    const [min, max] = [settings.units('card.topupMin'), settings.units('card.topupMax')]
    if (amount < min) throw new Refusal('AmountBelowMinimum', { minimum: formatAmount(min, scale, 2) })
    if (amount > max) throw new Refusal('AmountAboveMaximum', { maximum: formatAmount(max, scale, 2) })
    const account = await findCardAccount(bank.db, bookId, personNo)
    if (account?.status !== 'success' || !settings.isOn('card.enabled')) throw new Refusal('CardAccountNotOpen')
    await authorizeMoneyOut(bank, actor, input.proof)
    return place(bank, actor, input, amount, settings.units('card.topupFee'))
  })
}

function place(bank: Bank, actor: Actor, input: TopupInput, amount: bigint, fee: bigint): Promise<Answered> {
  const { bookId, personNo } = actor
  const { from, idempotency } = input
  const [id, holdId, at] = [newId(), newId(), bank.clock.now()]
  return bank.db
    .transaction(async (tx) => {
      const balance = await lockCardBalance(tx, bookId, personNo)
      const card = cardFor(await liveCard(tx, bookId, personNo))
      const source = personAccount(personNo, from)
      const text = formatAmount(amount, scale, 2)
      await lockAccounts(tx, bookId, accountsFor(personNo, from))
      const journal = card ? undefined : cardTopup({ id, personNo, from, amount, fee })
      const posting: Posting = {
        bookId,
        ...(journal ? { journal } : {}),
        ...(card
          ? { place: { id: holdId, account: source, amount: amount + fee, orderKind: 'card_topup', orderId: id } }
          : {}),
        ...(idempotency ? { idempotency } : {}),
        answer: { id, amount: text, fee: formatAmount(fee, scale, 2), status: card ? 'held' : 'completed' },
        rows: [
          outboxRow(bookId, personNo, 'card.topup', { id, amount: text, status: card ? 'held' : 'completed' }, at),
        ],
      }
      const [outcome] = await applyBatch(tx, bookId, [posting], false)
      assert(outcome, 'a posting has an outcome')
      // thrown, a refusal would roll back its own stored answer: it is told after the commit
      if (!outcome.ok || outcome.replayed) return outcome
      const parts = [
        bookId,
        id,
        personNo,
        from,
        card?.id ?? null,
        amount,
        fee,
        card ? holdId : null,
        journal?.id ?? null,
        at,
      ]
      await tx.query('card-topup-submit', 'select card_topup_submit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', parts)
      if (card) await queueCard(tx, bookId, 'topup', id)
      else await settleCard(tx, bookId, personNo, balance)
      return outcome
    })
    .then((outcome) => {
      if (!outcome.ok) throw outcome.refusal
      return { answer: outcome.answer, replayed: outcome.replayed }
    })
}

/** The card to put money onto; none while it is not made yet. Refuses `CardNotUsable` one that takes no money. */
function cardFor(card: Card | undefined): Card | undefined {
  if (!card || card.status === 'requested' || card.status === 'uncertain' || card.status === 'pending') return undefined
  if (card.status !== 'active') throw new Refusal('CardNotUsable', { status: card.status })
  return card
}

/** All that a top-up and what follows it can touch, to be locked at once. */
const accountsFor = (personNo: bigint, from: Topup['from_account']): bigint[] => [
  houseAccount('fees'),
  houseAccount('receivable'),
  houseAccount('issuer'),
  houseAccount('float'),
  personAccount(personNo, from),
  personAccount(personNo, 'card'),
]

// --- what waits for a card ---

/** What a customer has topped up in all, and what of it is on no card and on its way to none. */
export async function toppedUp(
  q: Queries,
  bookId: number,
  personNo: bigint,
): Promise<{ total: bigint; waiting: bigint }> {
  const [row] = await q.query<{ total: bigint; waiting: bigint }>(
    'card-topped-up',
    `select coalesce(sum(amount) filter (where from_account <> 'card' and status = 'completed'), 0)::bigint as total,
            (coalesce(sum(amount) filter (where card_id is null), 0)
             - coalesce(sum(amount) filter (where from_account = 'card' and status <> 'failed'), 0))::bigint as waiting
     from card_topups where book_id = $1 and person_no = $2`,
    [bookId, personNo],
  )
  assert(row, 'a sum is a row')
  return row
}

/** Begins to put what waits on the card account onto the card. The caller holds the lock of the customer's card balance. */
export async function loadWaiting(bank: Bank, tx: Tx, bookId: number, card: Card): Promise<void> {
  const { person_no: personNo } = card
  const { waiting } = await toppedUp(tx, bookId, personNo)
  const account = personAccount(personNo, 'card')
  await lockAccounts(tx, bookId, [account])
  const { balance, held } = (await balancesOf(tx, bookId, [account]))(account)
  const there = waiting < balance - held ? waiting : balance - held
  const amount = there - (there % CENT)
  if (amount <= 0n) return
  const id = newId()
  const holdId = await placeHold(tx, { bookId, account, amount, orderKind: 'card_topup', orderId: id })
  await tx.query('card-topup-submit', 'select card_topup_submit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    bookId,
    id,
    personNo,
    'card',
    card.id,
    amount,
    0n,
    holdId,
    null,
    bank.clock.now(),
  ])
  await queueCard(tx, bookId, 'topup', id)
}

// --- through the issuer ---

export async function findTopup(q: Queries, bookId: number, id: string): Promise<Topup | undefined> {
  const [row] = await q.query<Topup>(
    'card-topup-find',
    `select ${columns} from card_topups where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

/** Goes on with a top-up: takes it to the issuer, or asks what became of it. Throws when nobody knows. */
export async function advanceTopup(bank: Bank, bookId: number, id: string): Promise<void> {
  const topup = await findTopup(bank.db, bookId, id)
  if (!topup || topup.card_id === null || topup.status === 'completed' || topup.status === 'failed') return
  if (topup.status === 'sent' && topup.issuer_order_id !== null) {
    const order = await bank.cardIssuer.order(topup.issuer_order_id)
    if (!order) throw new Error('the issuer does not know its order')
    return record(bank, bookId, id, order)
  }
  const card = await findCard(bank.db, bookId, topup.card_id)
  assert(card?.issuer_card_id, 'a top-up goes onto a card that the issuer has made')
  let answer: Awaited<ReturnType<Bank['cardIssuer']['recharge']>>
  try {
    const key = { orderId: id, step: 'recharge' }
    answer = await bank.cardIssuer.recharge(key, card.issuer_card_id, formatAmount(topup.amount, scale, 2))
  } catch (error) {
    await step(bank, bookId, id, 'uncertain', 'unanswered')
    throw error
  }
  if (answer.result === 'ok') return record(bank, bookId, id, answer.value)
  bank.log.warn({ bookId, topup: id, code: answer.refusal.code }, 'the issuer refused a top-up')
  await step(bank, bookId, id, 'failed', 'refused')
}

async function record(bank: Bank, bookId: number, id: string, order: IssuerOrder): Promise<void> {
  if (order.status === 'SUCCESS') await step(bank, bookId, id, 'completed', '', order.orderId)
  else if (order.status === 'FAILED') await step(bank, bookId, id, 'failed', 'failed', order.orderId)
  else await step(bank, bookId, id, 'sent', '', order.orderId)
}

async function step(
  bank: Bank,
  bookId: number,
  id: string,
  to: TopupStatus,
  reason: string,
  issuerOrderId: string | null = null,
): Promise<void> {
  await bank.db.transaction(async (tx) => {
    const [topup] = await tx.query<Topup>(
      'card-topup-lock',
      `select ${columns} from card_topups where book_id = $1 and id = $2 for no key update`,
      [bookId, id],
    )
    assert(topup, 'a top-up that was asked about is there')
    const at = bank.clock.now()
    if (!topupTransitions[topup.status].some((next) => next === to)) {
      await tx.query('card-topup-touch', 'update card_topups set changed_at = $3 where book_id = $1 and id = $2', [
        bookId,
        id,
        at,
      ])
      return
    }
    const journalId = await end(tx, bookId, topup, to, at)
    await tx.query('card-topup-move', 'select card_topup_move($1, $2, $3, $4, $5, $6, $7, $8)', [
      bookId,
      id,
      topup.status,
      to,
      reason,
      journalId,
      issuerOrderId,
      at,
    ])
    if (to === 'sent') await queueQuestion(tx, bookId, 'topup', id)
  })
}

/** The money of an end: taken from where it was held, or let go. Answers the journal's id. */
async function end(tx: Tx, bookId: number, topup: Topup, to: TopupStatus, at: Date): Promise<string | null> {
  if (to !== 'completed' && to !== 'failed') return null
  const { id, person_no: personNo, from_account: from, amount, fee, hold_id: holdId } = topup
  assert(holdId, 'the money of a top-up under way is held')
  const balance = await lockCardBalance(tx, bookId, personNo)
  await lockAccounts(tx, bookId, accountsFor(personNo, from))
  const text = formatAmount(amount, scale, 2)
  const rows = [outboxRow(bookId, personNo, 'card.topup', { id, amount: text, status: to }, at)]
  let journalId: string | null = null
  if (to === 'completed' && from !== 'card') {
    const journal = cardTopup({ id, personNo, from, amount, fee })
    const change = {
      id: holdId,
      account: personAccount(personNo, from),
      to: 'captured',
      captured: amount + fee,
    } as const
    await post(tx, { bookId, journal, change, evenIfFrozen: true, evenIfClosed: true }) // the issuer has done it
    journalId = journal.id
    rows.push(inboxRow(bookId, personNo, 'card_topped_up', { amount: text }, at))
  } else {
    await voidHold(tx, bookId, holdId)
    if (to === 'failed' && from !== 'card')
      rows.push(inboxRow(bookId, personNo, 'card_topup_failed', { amount: text }, at))
  }
  if (to === 'failed') {
    await raiseAlert(tx, bookId, {
      key: `card_topup_failed:${id}`,
      kind: 'card_topup_failed',
      severity: 'warning',
      data: { topup: id, customer: `U${personNo}`, amount: text, asset: 'USDT' },
    })
  }
  await settleCard(tx, bookId, personNo, balance)
  await post(tx, { bookId, rows })
  return journalId
}

/** Top-ups under way of which nothing was heard for a while; with `cardId` all of that card. */
export async function openTopups(
  q: Queries,
  bookId: number,
  which: { before?: Date; cardId?: string },
  limit: number,
): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'card-topups-open',
    `select id from card_topups where book_id = $1 and status in ('held', 'sent', 'uncertain')
       and ($2::timestamptz is null or changed_at < $2) and ($3::uuid is null or card_id = $3)
     order by changed_at limit $4`,
    [bookId, which.before ?? null, which.cardId ?? null, limit],
  )
  return rows.map(({ id }) => id)
}

/** What top-ups have put onto a card. */
export async function loadedOnto(q: Queries, bookId: number, cardId: string): Promise<bigint> {
  const [row] = await q.query<{ amount: bigint }>(
    'card-loaded',
    `select coalesce(sum(amount), 0)::bigint as amount from card_topups
     where book_id = $1 and card_id = $2 and status = 'completed'`,
    [bookId, cardId],
  )
  return row?.amount ?? 0n
}

/** Whether putting what waits onto a card failed since then. */
export async function recentlyFailed(q: Queries, bookId: number, cardId: string, since: Date): Promise<boolean> {
  const rows = await q.query(
    'card-topup-failed-lately',
    `select from card_topups where book_id = $1 and card_id = $2 and from_account = 'card' and status = 'failed'
       and changed_at > $3 limit 1`,
    [bookId, cardId, since],
  )
  return rows.length > 0
}
