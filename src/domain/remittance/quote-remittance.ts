// What a remittance costs and what arrives, worked out in one place for the preview and the submission alike.
//   what arrives = principal × rate, rounded down to the fen; the fee in CNY is the fee × rate, rounded up to the fen
//   the offered rate is the source's less the house's margin, rounded down to 4 decimals; the total is principal + fee
// Must stay true: printed numbers give exactly these; what a customer was shown is what is charged, or it is refused.

import { after, minutes, seconds } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { divCeil, divFloor, formatAmount, parseAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Actor, Bank } from '../context.ts'
import { settingsOf } from '../setting.ts'
import { RATE_SCALE, type Rate, rateNow } from './exchange-rate.ts'
import { ownRecipient, type Recipient } from './recipient.ts'

const scale = assets.USDT.scale
export const CNH_SCALE = 2
/** Principals are whole cents, so that every number has at most as many decimals as it is printed with. */
const CENT = 10n ** BigInt(scale - 2)
const RATE_STEP = 10n ** BigInt(RATE_SCALE - 4)
const ONE = 10n ** 6n
/** USDT units × millionths → fen. */
const TO_FEN = 10n ** BigInt(scale + RATE_SCALE - CNH_SCALE)
/** How long somebody who was shown a price may be surprised by another one. */
const REMEMBERED = minutes(30)

export interface Price {
  principal: bigint
  fee: bigint
  /** CNH for one USDT, in millionths, at most 4 decimals. */
  rate: bigint
  rate_at: Date
  /** Fen. */
  cnh: bigint
}

export interface Quote extends Price {
  id: string
  expires_at: Date
}

/** Fen of an amount of USDT, as the fee is shown: rounded up, so that nothing costs more than it says. */
export const feeInFen = ({ fee, rate }: Pick<Price, 'fee' | 'rate'>): bigint => divCeil(fee * rate, TO_FEN)

export function priceOf(principal: bigint, terms: { rate: Rate; margin: bigint; fee: bigint; feeRate: bigint }): Price {
  const { rate: source, margin, fee: flat, feeRate } = terms
  const rate = divFloor(source.rate * (ONE - margin), ONE * RATE_STEP) * RATE_STEP
  const fee = divCeil(flat + divCeil(principal * feeRate, ONE), CENT) * CENT
  return { principal, fee, rate, rate_at: source.at, cnh: divFloor(principal * rate, TO_FEN) }
}

/** Reads and bounds the principal. Refuses InvalidAmount, AmountBelowMinimum, AmountAboveMaximum, Unavailable. */
export async function readPrincipal(bank: Bank, bookId: number, text: string): Promise<bigint> {
  const principal = parsePositiveAmount(text, scale)
  if (principal % CENT !== 0n)
    throw new Refusal('InvalidAmount', { pointer: '/amount', reason: 'expected at most 2 decimals' })
  const settings = await settingsOf(bank, bookId, { fresh: true })
  if (!settings.isOn('remittance.enabled')) throw new Refusal('Unavailable', { reason: 'remittances are switched off' })
  const min = settings.units('remittance.min')
  const max = settings.units('remittance.max')
  if (principal < min)
    throw new Refusal('AmountBelowMinimum', { pointer: '/amount', minimum: formatAmount(min, scale) })
  if (principal > max)
    throw new Refusal('AmountAboveMaximum', { pointer: '/amount', maximum: formatAmount(max, scale) })
  return principal
}

export async function priceNow(bank: Bank, bookId: number, principal: bigint): Promise<Price> {
  const [settings, rate] = await Promise.all([settingsOf(bank, bookId, { fresh: true }), rateNow(bank, bookId)])
  const price = priceOf(principal, {
    rate,
    margin: settings.units('remittance.margin'),
    fee: settings.units('remittance.fee'),
    feeRate: settings.units('remittance.feeRate'),
  })
  if (price.cnh === 0n || price.rate === 0n) throw new Refusal('AmountBelowMinimum', { pointer: '/amount' })
  return price
}

/** Shows a price, and remembers that it was shown. Refuses also `NotFound` a recipient, `RateUnavailable`. */
export async function previewRemittance(
  bank: Bank,
  actor: Actor,
  input: { recipientId: string; amount: string },
): Promise<{ quote: Quote; recipient: Recipient }> {
  const { bookId, personNo } = actor
  const principal = await readPrincipal(bank, bookId, input.amount)
  const recipient = await ownRecipient(bank, bank.db, actor, input.recipientId)
  const price = await priceNow(bank, bookId, principal)
  const life = (await settingsOf(bank, bookId)).units('remittance.quoteLife')
  const lasts = seconds(Number(life))
  const at = bank.clock.now()
  const quote: Quote = { ...price, id: newId(), expires_at: after(at, lasts) }
  await bank.db.query(
    'remittance-quote',
    `insert into remittance_quotes (book_id, id, person_no, recipient_id, principal, fee, rate, rate_at, cnh, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      bookId,
      quote.id,
      personNo,
      recipient.id,
      principal,
      quote.fee,
      quote.rate,
      quote.rate_at,
      quote.cnh,
      at,
      quote.expires_at,
    ],
  )
  return { quote, recipient }
}

export interface Expected {
  /** What the customer was shown, by its id. */
  quoteId?: string | undefined
  /** Or number by number. */
  totalDebit?: string | undefined
  recipientCnh?: string | undefined
}

/**
 * The price that a submission is charged: that of a quote which still holds, else today's, if it is the one that the
 * customer was last shown. Refuses `QuoteExpired`, `PriceChanged`, and what pricing refuses.
 */
export async function agreedPrice(
  bank: Bank,
  actor: Actor,
  input: { recipientId: string; principal: bigint },
  expected: Expected,
): Promise<Price> {
  const shown = await shownQuote(bank.db, actor, input, after(bank.clock.now(), -REMEMBERED), expected.quoteId)
  const holds = shown !== undefined && shown.expires_at > bank.clock.now()
  if (expected.quoteId !== undefined && !holds) throw new Refusal('QuoteExpired', { pointer: '/quote_id' })
  const price = holds ? shown : await priceNow(bank, actor.bookId, input.principal)
  const isAsShown = shown === undefined || (shown.fee === price.fee && shown.rate === price.rate)
  const isAsExpected =
    isEqual(expected.totalDebit, price.principal + price.fee, scale, '/expected_total_debit') &&
    isEqual(expected.recipientCnh, price.cnh, CNH_SCALE, '/expected_recipient_cnh')
  const isConfirmed = expected.totalDebit !== undefined && expected.recipientCnh !== undefined
  if (!isAsExpected || !(isAsShown || isConfirmed)) {
    throw new Refusal('PriceChanged', {
      fee_usdt: formatAmount(price.fee, scale, 2),
      total_debit: formatAmount(price.principal + price.fee, scale, 2),
      recipient_cnh: formatAmount(price.cnh, CNH_SCALE, 2),
      rate: formatAmount(price.rate, RATE_SCALE, 4),
    })
  }
  return price
}

const isEqual = (text: string | undefined, units: bigint, decimals: number, pointer: string): boolean =>
  text === undefined || parseAmount(text, decimals, pointer) === units

/** The one that is named, or the last one for this recipient and amount. */
async function shownQuote(
  q: Queries,
  { bookId, personNo }: Actor,
  { recipientId, principal }: { recipientId: string; principal: bigint },
  since: Date,
  id: string | undefined,
): Promise<Quote | undefined> {
  const [quote] = await q.query<Quote>(
    'remittance-quote-shown',
    `select id, principal, fee, rate, rate_at, cnh, expires_at from remittance_quotes
     where book_id = $1 and person_no = $2 and recipient_id = $3 and principal = $4 and created_at >= $5
       and ($6::uuid is null or id = $6) order by id desc limit 1`,
    [bookId, personNo, recipientId, principal, since, id ?? null],
  )
  return quote
}

export const forgetQuotes = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('remittance-quote-forget', 'delete from remittance_quotes where book_id = $1 and created_at < $2', [
    bookId,
    before,
  ])
