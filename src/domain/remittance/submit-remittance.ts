// A customer sends a remittance: everything is checked, the money held and the order made in one transaction, which also
// decides whether it goes by itself or waits for operators.
// Must stay true: what is charged is what the customer was shown; a refusal that is not for want of money or limit leaves
// no row and uses no TOTP code; the same key is one remittance.

import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { applyBatch } from '../../ledger/apply.ts'
import { post } from '../../ledger/post.ts'
import type { IdempotencyKey, Outcome } from '../../ledger/posting.ts'
import type { Actor, Bank } from '../context.ts'
import { type Answered, onceByKey } from '../idempotency.ts'
import { openApproval } from '../operator/approval.ts'
import { authorizeMoneyOut, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { ownPerson } from '../people/people.ts'
import { settingsOf } from '../setting.ts'
import type { KycLevel } from '../setting-definitions.ts'
import { bankByCode } from './bank-directory.ts'
import { agreedPrice, CNH_SCALE, type Expected, type Price, readPrincipal } from './quote-remittance.ts'
import { ownRecipient, type Recipient } from './recipient.ts'
import { askToPay } from './remittance-job.ts'
import { limitOf } from './remittance-limit.ts'
import { happened, submittedRow } from './remittance-notice.ts'
import { insertRemittance, lockRemittance, moveRemittance, type NewRemittance } from './remittance-order.ts'
import { REMITTANCE_REVIEW, reviewPayload } from './remittance-review.ts'

export interface RemittanceInput {
  recipientId: string
  amount: string
  expected: Expected
  proof: PaymentProof
  idempotency: IdempotencyKey | undefined
}

const { scale } = assets.USDT

/**
 * Answers `{id, principal_usdt, fee_usdt, total_debit, amount_cnh, rate, status, created_at}`. Refuses what pricing refuses,
 * NotFound, IdentityRequired, RecipientNotApproved, PriceChanged, QuoteExpired, what authorizeMoneyOut refuses,
 * LimitExceeded, InsufficientBalance, AccountClosed, IdempotencyKeyReused.
 */
export function submitRemittance(bank: Bank, actor: Actor, input: RemittanceInput): Promise<Answered> {
  const usesCode = input.proof.totpCode !== undefined
  return onceByKey(bank, actor.bookId, input.idempotency, { usesCode }, async () => {
    const principal = await readPrincipal(bank, actor.bookId, input.amount)
    const recipient = await ownRecipient(bank, bank.db, actor, input.recipientId)
    const person = await ownPerson(bank, actor)
    const level = person.kycLevel
    if (level === 'none') throw new Refusal('IdentityRequired')
    if (recipient.review_status !== 'approved')
      throw new Refusal('RecipientNotApproved', { review_status: recipient.review_status })
    const price = await agreedPrice(bank, actor, { recipientId: recipient.id, principal }, input.expected)
    await authorizeMoneyOut(bank, actor, input.proof)
    return place(bank, actor, { recipient, price, level }, input.idempotency)
  })
}

interface Asked {
  recipient: Recipient
  price: Price
  level: KycLevel
}

async function place(
  bank: Bank,
  actor: Actor,
  asked: Asked,
  idempotency: IdempotencyKey | undefined,
): Promise<Answered> {
  const { bookId } = actor
  const settings = await settingsOf(bank, bookId, { fresh: true })
  const { recipient, price, level } = asked
  const { code, name_zh, swift } = await bankByCode(bank.db, recipient.bank_code)
  const order: NewRemittance = {
    id: newId(),
    person_no: actor.personNo,
    recipient_id: recipient.id,
    recipient_version: recipient.version,
    ...{ principal: price.principal, fee: price.fee, rate: price.rate, rate_at: price.rate_at, cnh: price.cnh },
    hold_id: newId(),
    recipient: { ...recipient.details, bankCode: code, bankName: name_zh, swift },
  }
  const terms = {
    perDay: settings.units('remittance.perDay', level),
    autoBelow: settings.units('remittance.autoBelow'),
  }
  const outcome = await bank.db.transaction((tx) => placeIn(bank, tx, bookId, order, terms, idempotency))
  if (!outcome.ok) throw outcome.refusal
  return { answer: outcome.answer, replayed: outcome.replayed }
}

/** A refusal of the ledger is an answer and not thrown: it is kept for repeats. */
async function placeIn(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: NewRemittance,
  { perDay, autoBelow }: { perDay: bigint; autoBelow: bigint },
  idempotency: IdempotencyKey | undefined,
): Promise<Outcome> {
  const at = bank.clock.now()
  const { principal, fee, person_no: personNo } = order
  const needsReview = principal > autoBelow
  const [outcome] = await applyBatch(
    tx,
    bookId,
    [
      {
        bookId,
        place: {
          id: order.hold_id,
          account: personAccount(personNo, 'main'),
          amount: principal + fee,
          orderKind: 'remittance',
          orderId: order.id,
        },
        velocity: limitOf(personNo, principal, perDay),
        ...(idempotency ? { idempotency } : {}),
        answer: {
          id: order.id,
          principal_usdt: formatAmount(principal, scale, 2),
          fee_usdt: formatAmount(fee, scale, 2),
          total_debit: formatAmount(principal + fee, scale, 2),
          amount_cnh: formatAmount(order.cnh, CNH_SCALE, 2),
          rate: formatAmount(order.rate, 6, 4),
          status: needsReview ? 'review' : 'processing',
          created_at: at.toISOString(),
        },
        rows: [submittedRow(bookId, order, at), happened(bookId, order, 'submitted', at)],
      },
    ],
    false,
  )
  if (!outcome) throw new Error('a posting has an outcome')
  if (!outcome.ok || outcome.replayed) return outcome
  await insertRemittance(bank, tx, bookId, order, at)
  const made = { ...(await lockRemittance(bank, tx, bookId, order.id)), status: 'submitted' as const }
  if (!needsReview) {
    await moveRemittance(tx, bookId, made, 'queued', { reason: 'automatic', at })
    await askToPay(tx, bookId, order.id)
    return outcome
  }
  await post(tx, { bookId, rows: [happened(bookId, order, 'review', at)] })
  const approvalId = await openApproval(bank, tx, bookId, {
    kind: REMITTANCE_REVIEW,
    payload: reviewPayload(made),
    reason: `more than ${formatAmount(autoBelow, scale)} USDT`,
  })
  await moveRemittance(tx, bookId, made, 'review', { reason: 'above_auto', approvalId, at })
  return outcome
}
