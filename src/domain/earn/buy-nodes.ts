// A customer buys nodes: stock, limit and price are decided under the lock of the stock, and in the same transaction the
// money moves, points are granted, the inviter gets cashback and the order is written.
// Must stay true: the stock is locked before any account, and all accounts of the purchase at once, in the ledger's order;
// never more is sold than there is, never at another total than the customer agreed to.

import { keyedQueue } from '../../base/batch.ts'
import type { Tx } from '../../base/database.ts'
import { isRefusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { addJob } from '../../base/jobs.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { lockAccounts, openAccounts } from '../../ledger/desk.ts'
import { nodeCashback, nodePurchase, uptGranted } from '../../ledger/node-journals.ts'
import type { IdempotencyKey, Journal, Outcome, Posting } from '../../ledger/posting.ts'
import type { Actor, Bank } from '../context.ts'
import { type Answered, onceByKey } from '../idempotency.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { authorizeMoneyOut, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { uplineOf } from '../people/referral.ts'
import { perBank } from '../per-bank.ts'
import { RECOMPUTE_LEVELS, recomputeLevels } from './level.ts'
import { writeCashback, writeOrder } from './node-order.ts'
import { lockTiers, totalOf } from './node-tier.ts'
import { PAY_COMMISSIONS } from './pay-commissions.ts'
import { decidePurchase, readShop } from './quote-nodes.ts'
import { productText, shareOf } from './rate.ts'
import { type SaleSettings, saleSettings } from './sale-settings.ts'

export interface NodePurchase {
  quantity: number
  /** The total that the customer was shown; another one is refused. */
  expectedTotal: string
  proof: PaymentProof
  idempotency: IdempotencyKey | undefined
}

const { scale } = assets.USDT

/** Whoever waits for the stock waits here, and not with a connection that other requests need. */
const queues = perBank(() => keyedQueue<number>())

/**
 * Buys nodes from the actor's main account. Answers `{id, quantity, total_usdt, upt, created_at}`. Refuses InvalidAmount,
 * NodesSoldOut, NodeLimitReached, PriceChanged, PersonFrozen, MoneyOutHeld, payment password, TOTP, InsufficientBalance,
 * AccountClosed, IdempotencyKeyReused.
 */
export async function buyNodes(bank: Bank, actor: Actor, input: NodePurchase): Promise<Answered> {
  const { bookId, personNo } = actor
  const expected = parsePositiveAmount(input.expectedTotal, scale, '/expected_total_usdt')
  const usesCode = input.proof.totpCode !== undefined
  return onceByKey(bank, bookId, input.idempotency, { usesCode }, async () => {
    decidePurchase(await readShop(bank, actor), input.quantity, expected) // what is refused anyway needs no lock, no code
    await authorizeMoneyOut(bank, actor, input.proof)
    const settings = await saleSettings(bank, bookId, { fresh: true })
    const [inviterNo] = await uplineOf(bank.db, bookId, personNo, 1)
    const asked = { quantity: input.quantity, expected, settings, inviterNo, idempotency: input.idempotency }
    // opened between locks, accounts of new customers could be waited for in a circle
    await openAccounts(bank.db, bookId, accountsOf(journalsFor(actor, asked, newId(), expected)))
    const outcome = await queues(bank)(bookId, () => bank.db.transaction((tx) => sell(bank, tx, actor, asked)))
    if (!outcome.ok) throw outcome.refusal
    if (!outcome.replayed) await showLevel(bank, actor)
    return { answer: outcome.answer, replayed: outcome.replayed }
  })
}

interface Asked {
  quantity: number
  expected: bigint
  settings: SaleSettings
  inviterNo: bigint | undefined
  idempotency: IdempotencyKey | undefined
}

interface Journals {
  purchase: Journal
  grant: Journal | undefined
  /** An order of its own. */
  cashback: { journal: Journal; personNo: bigint; amount: bigint } | undefined
}

/** What a purchase at this total moves. */
function journalsFor(
  { personNo }: Actor,
  { quantity, settings, inviterNo }: Asked,
  id: string,
  total: bigint,
): Journals {
  const upt = settings.upt * BigInt(quantity)
  return {
    purchase: nodePurchase({ id, personNo, total, fee: shareOf(total, settings.feeShare) }),
    grant:
      upt > 0n ? uptGranted({ id, orderKind: 'node_purchase', personNo, account: 'node', amount: upt }) : undefined,
    cashback: inviterNo === undefined ? undefined : cashbackFor(inviterNo, total, settings.cashback),
  }
}

function cashbackFor(personNo: bigint, total: bigint, rate: bigint): Journals['cashback'] {
  const amount = shareOf(total, rate)
  if (amount === 0n) return undefined
  return { personNo, amount, journal: nodeCashback({ id: newId(), personNo, amount, memo: productText(total, rate) }) }
}

const accountsOf = ({ purchase, grant, cashback }: Journals): bigint[] =>
  [purchase, grant, cashback?.journal].flatMap((journal) => journal?.legs.map((leg) => leg.account) ?? [])

/** A refusal of the ledger is an answer and not thrown: it is kept for repeats. */
async function sell(bank: Bank, tx: Tx, actor: Actor, asked: Asked): Promise<Outcome> {
  const { bookId, personNo } = actor
  const { quantity, expected, settings } = asked
  const { tiers, held } = await lockTiers(tx, bookId, personNo)
  const parts = decidePurchase({ tiers, held: { nodes: held }, settings }, quantity, expected)
  const total = totalOf(parts)
  const id = newId()
  const at = bank.clock.now()
  const journals = journalsFor(actor, asked, id, total)
  await lockAccounts(tx, bookId, accountsOf(journals))
  const [outcome] = await applyBatch(tx, bookId, [purchasePosting(actor, asked, journals.purchase, at)], false)
  if (!outcome) throw new Error('a posting has an outcome')
  if (!outcome.ok || outcome.replayed) return outcome

  const cashback = await give(tx, actor, journals, at)
  const fee = shareOf(total, settings.feeShare)
  const upt = settings.upt * BigInt(quantity)
  const order = { id, personNo, quantity, total, fee, upt, parts, most: settings.perPerson, at }
  await writeOrder(tx, bookId, order)
  if (cashback) {
    const { journal, personNo: inviterNo, amount } = cashback
    const paid = { id: journal.orderId, orderId: id, personNo: inviterNo, rate: settings.cashback, amount, at }
    await writeCashback(tx, bookId, paid)
  }
  await addJob(tx, PAY_COMMISSIONS, {}, { key: PAY_COMMISSIONS, queue: PAY_COMMISSIONS })
  const buyer = { bookId, personNo: `${personNo}` }
  await addJob(tx, RECOMPUTE_LEVELS, buyer, { key: `${RECOMPUTE_LEVELS}:${bookId}:${personNo}` })
  return outcome
}

/** Points for the buyer and cashback for the inviter: answers it, unless the inviter's account is closed. */
async function give(tx: Tx, actor: Actor, { grant, cashback }: Journals, at: Date): Promise<Journals['cashback']> {
  const { bookId } = actor
  const postings: Posting[] = []
  if (grant) postings.push({ bookId, journal: grant })
  if (cashback) postings.push(cashbackPosting(actor, cashback, at))
  const outcomes = await applyBatch(tx, bookId, postings, false)
  let given = cashback
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.ok) continue
    const isClosed = postings[i]?.journal === cashback?.journal && isRefusal(outcome.refusal, 'AccountClosed')
    if (!isClosed) throw outcome.refusal
    given = undefined
  }
  return given
}

function purchasePosting(
  actor: Actor,
  { quantity, settings, idempotency }: Asked,
  journal: Journal,
  at: Date,
): Posting {
  const { bookId, personNo } = actor
  const { orderId: id } = journal
  const total = formatAmount(-(journal.legs[0]?.amount ?? 0n), scale, 2)
  const upt = formatAmount(settings.upt * BigInt(quantity), assets.UPT.scale)
  return {
    bookId,
    journal,
    ...(idempotency ? { idempotency } : {}),
    answer: { id, quantity, total_usdt: total, upt, created_at: at.toISOString() },
    rows: [
      inboxRow(bookId, personNo, 'nodes_bought', { quantity, amount: total, upt }, at),
      outboxRow(bookId, personNo, 'node.bought', { id, quantity, total_usdt: total, upt_granted: upt }, at),
    ],
  }
}

function cashbackPosting(
  { bookId, personNo }: Actor,
  { journal, personNo: inviterNo, amount: units }: NonNullable<Journals['cashback']>,
  at: Date,
): Posting {
  const amount = formatAmount(units, scale, 2)
  const from = `U${personNo}`
  return {
    bookId,
    journal,
    rows: [
      inboxRow(bookId, inviterNo, 'node_cashback', { amount, from }, at),
      outboxRow(bookId, inviterNo, 'cashback.paid', { id: journal.orderId, amount, from }, at),
    ],
  }
}

/** The buyer sees the new level at once. The job does it again, and for everybody above. */
async function showLevel(bank: Bank, { bookId, personNo }: Actor): Promise<void> {
  try {
    await recomputeLevels(bank, bookId, [personNo])
  } catch (error) {
    bank.log.warn({ err: error }, 'a level waits for its job') // the purchase stands
  }
}
