// A partner pushes an order: everything is checked and priced, what is sold is held, and the order made, in one transaction
// that also decides whether operators look at it first.
// Must stay true: an order number is one order for ever, or one refusal, whatever changes since; another body under it is
// refused; a refusal that is not for want of money or limit leaves no row.

import { sha256 } from '../../base/crypto.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, houseAccount, personAccount } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { lockAccounts } from '../../ledger/desk.ts'
import type { IdempotencyKey, Posting } from '../../ledger/posting.ts'
import type { Bank } from '../context.ts'
import { onceByKey } from '../idempotency.ts'
import { tellPerson } from '../notice/security-log.ts'
import { openApproval } from '../operator/approval.ts'
import type { Person } from '../people/people.ts'
import { rateNow } from '../remittance/exchange-rate.ts'
import { settingsOf } from '../setting.ts'
import { rampUpdated, sellingParams } from './order-notice.ts'
import { RAMP_REVIEW, reviewPayload } from './order-review.ts'
import { limitOf } from './partner-limit.ts'
import { priceIn, priceOut, readFiat, refuseBeyond } from './price.ts'
import { customerNamed, type Named, personOf, type RampCustomer, sellsAll, speaksFor } from './ramp-customer.ts'
import type { RampDetails } from './ramp-order.ts'
import { broughtBy, type Direction, insertRampOrder, type NewRampOrder, noteRampApproval } from './ramp-order.ts'
import { approveOrder } from './settle-order.ts'

export interface PushedOrder extends Named {
  orderNo: string
  direction: Direction
  /** Of fiat for `in`, of USDT for `out`: decimal text. */
  amount: string
  fiat: string
  details: RampDetails
}

const { scale } = assets.USDT
const SHORT = 'InsufficientBalance'

/**
 * Takes an order, once per order number. Refuses `InvalidParams`, `PersonFrozen` (who left), `InvalidAmount`, `AmountBelowMinimum`,
 * `AmountAboveMaximum`, `RateUnavailable`; and, for ever under this number, `LimitExceeded`, `InsufficientBalance`,
 * `AccountClosed`. `IdempotencyKeyReused`: the number was used for another order.
 */
export async function pushOrder(bank: Bank, bookId: number, pushed: PushedOrder): Promise<void> {
  const { partner, source, orderNo, direction, account, amount, fiat: fiatText, details } = pushed
  const pointer = direction === 'in' ? '/legalAmount' : '/currencyAmount'
  const fiat = readFiat(fiatText, '/fiatCurrency')
  const key: IdempotencyKey = {
    scope: `ramp:${partner.id}`,
    key: orderNo,
    requestHash: sha256(JSON.stringify([direction, source, account, amount, fiat, Object.entries(details).sort()])),
  }
  const { answer } = await onceByKey(bank, bookId, key, { usesCode: true }, async () => {
    const { rate, at: rateAt } = await rateNow(bank, bookId, fiat)
    const price = (direction === 'in' ? priceIn : priceOut)(amount, rate, partner, pointer)
    refuseBeyond(price, partner, pointer)
    const customer = await customerNamed(bank, bookId, pushed)
    const order: NewRampOrder = {
      id: newId(),
      partner_id: partner.id,
      source,
      order_no: orderNo,
      direction,
      customer_id: customer.id,
      person_no: customer.person_no,
      fiat,
      legal: price.legal,
      amount: price.amount,
      fee: price.fee,
      channel_fee: price.channelFee,
      channel_fee_rate: partner.channelFeeRate,
      rate,
      rate_at: rateAt,
      release: partner.release,
      hold_id: direction === 'out' ? newId() : null,
      details,
    }
    // read before the transaction: one that holds a connection must not wait for another
    const person = await personOf(bank, bookId, customer)
    if (!person) throw new Refusal('PersonFrozen', { reason: 'the customer has left' })
    const secondReviewAbove = (await settingsOf(bank, bookId, { fresh: true })).units('ramp.secondReviewAbove')
    const placing = { pushed, customer, person, order, secondReviewAbove }
    const outcome = await bank.db.transaction((tx) => place(bank, tx, bookId, placing, key))
    if (!outcome.ok) throw outcome.refusal
    return { answer: outcome.answer, replayed: outcome.replayed }
  })
  if (answer.refused === SHORT) throw new Refusal(SHORT)
}

interface Placing {
  pushed: PushedOrder
  customer: RampCustomer
  person: Person
  order: NewRampOrder
  secondReviewAbove: bigint
}

/** A refusal of the ledger is an answer and not thrown: it is kept for repeats. */
async function place(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { pushed: { partner }, customer, person, order, secondReviewAbove }: Placing,
  idempotency: IdempotencyKey,
) {
  const at = bank.clock.now()
  const main = personAccount(order.person_no, 'main')
  // one partner's orders queue here, so that limits and what it brought are decided one after the other
  await lockAccounts(tx, bookId, [main, houseAccount('ramp', 'USDT', partner.no)])
  const isShort =
    order.direction === 'out' && !sellsAll(customer) && (await broughtBy(tx, bookId, customer.id)) < order.amount
  const posting: Posting = isShort
    ? { bookId, idempotency, answer: { refused: SHORT } }
    : {
        bookId,
        idempotency,
        answer: { id: order.id },
        velocity: limitOf(partner, order),
        ...(order.hold_id === null
          ? {}
          : {
              place: { id: order.hold_id, account: main, amount: order.amount, orderKind: 'ramp', orderId: order.id },
            }),
        rows: rampUpdated(bookId, order, 'review', at),
      }
  const [outcome] = await applyBatch(tx, bookId, [posting], false)
  if (!outcome) throw new Error('a posting has an outcome')
  if (!outcome.ok || outcome.replayed || isShort) return outcome
  const made = await insertRampOrder(bank, tx, bookId, order, at)
  if (order.direction === 'out') await tellPerson(bank, tx, person, 'ramp_selling', sellingParams(order, partner.name))
  const isKnown = person.status === 'active' && person.kycLevel !== 'none' && speaksFor(customer)
  if (isKnown && order.amount <= partner.autoUpTo) {
    await approveOrder(bank, tx, bookId, made, partner, { reason: 'automatic', note: '', at })
    return outcome
  }
  const approval = await openApproval(bank, tx, bookId, {
    kind: RAMP_REVIEW,
    payload: reviewPayload(made, partner, secondReviewAbove),
    reason: isKnown
      ? `more than ${formatAmount(partner.autoUpTo, scale)} USDT`
      : 'the identity of the customer is not known',
  })
  await noteRampApproval(tx, bookId, order.id, approval)
  return outcome
}
