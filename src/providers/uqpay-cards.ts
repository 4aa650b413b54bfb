// The card issuer over UQPAY's issuing API. Must stay true: what comes back is decoded strictly, and of a card's number
// no more than four digits are ever read.

import { lastFourOf } from '../base/card-data.ts'
import { exactNumber } from '../base/exact-json.ts'
import { newId } from '../base/ids.ts'
import type {
  CardIssuer,
  CardProduct,
  IssuedCard,
  IssuedCardholder,
  IssuerOrder,
  IssuerTransaction,
  NewCardholder,
  OrderKey,
  VendorAnswer,
} from '../domain/ports.ts'
import { list, type Row, row, UnsoundAnswer } from './answer.ts'
import type { Uqpay } from './uqpay-http.ts'
import {
  decimal,
  given,
  instant,
  maybeDecimal,
  maybeInstant,
  maybeLink,
  maybeText,
  oneOf,
  text,
  whole,
} from './vendor-answer.ts'

const PRODUCTS = 100

export function uqpayCards(uqpay: Uqpay, frameUrl: string): CardIssuer {
  const order = async <T>(
    key: OrderKey,
    path: string,
    body: object,
    decode: (answer: Row) => T,
  ): Promise<VendorAnswer<T>> => {
    const answer = await uqpay.order(key, path, body)
    return answer.result === 'ok' ? { result: 'ok', value: decode(answer.value) } : answer
  }
  const read = async <T>(path: string, decode: (answer: Row) => T): Promise<T | undefined> => {
    const answer = await uqpay.read(path)
    return answer === undefined ? undefined : decode(answer)
  }
  const of = (id: string) => encodeURIComponent(id)

  return {
    async products() {
      const page = await read(`/v1/issuing/products?page_size=${PRODUCTS}&page_number=1`, itemsOf)
      return (page ?? []).map((one) => productIn(row(one, 'a product')))
    },
    createCardholder: (key, holder) => order(key, '/v1/issuing/cardholders', holderBody(holder), cardholderIn),
    updateCardholder: (key, id, change) =>
      order(key, `/v1/issuing/cardholders/${of(id)}`, holderBody(change), cardholderIn),
    cardholder: (id) =>
      read(`/v1/issuing/cardholders/${of(id)}`, (answer) => same(cardholderIn(answer), 'cardholderId', id)),
    createCard: (key, { cardholderId, productId, currency }) =>
      order(
        key,
        '/v1/issuing/cards',
        { cardholder_id: cardholderId, card_product_id: productId, card_currency: currency },
        orderIn,
      ),
    card: (id) => read(`/v1/issuing/cards/${of(id)}`, (answer) => same(cardIn(answer), 'cardId', id)),
    recharge: (key, cardId, amount) =>
      order(key, `/v1/issuing/cards/${of(cardId)}/recharge`, { amount: exactNumber(amount) }, (answer) =>
        same(orderIn(answer), 'cardId', cardId),
      ),
    setStatus: (key, cardId, status, reason) =>
      order(key, `/v1/issuing/cards/${of(cardId)}/status`, { card_status: status, update_reason: reason }, (answer) =>
        same(orderIn(answer), 'cardId', cardId),
      ),
    order: (id) => read(`/v1/issuing/cards/${of(id)}/order`, (answer) => same(orderIn(answer), 'orderId', id)),
    secureFrame: (cardId, language) =>
      // each is a token of its own, so each is asked for under a key of its own
      order({ orderId: newId(), step: 'frame' }, `/v1/issuing/cards/${of(cardId)}/token`, {}, (answer) => {
        const query = new URLSearchParams({ token: text(answer, 'token'), cardId, lang: language })
        return { url: `${frameUrl.replace(/\/+$/, '')}/iframe/card?${query}`, expiresAt: instant(answer, 'expires_at') }
      }),
    async transactions({ cardId, from, to, page, size }) {
      const query = new URLSearchParams({
        page_number: String(page),
        page_size: String(Math.max(10, Math.min(size, 100))), // the issuer's own bounds
        ...given({ card_id: cardId, start_time: from?.toISOString(), end_time: to?.toISOString() }),
      })
      const answer = await uqpay.read(`/v1/issuing/transactions?${query}`)
      if (!answer) return { items: [], pages: 0, total: 0 }
      const items = itemsOf(answer).map((one) => transactionIn(row(one, 'a transaction')))
      if (cardId !== undefined && items.some((one) => one.cardId !== cardId))
        throw new UnsoundAnswer("another card's transactions")
      return { items, pages: whole(answer, 'total_pages'), total: whole(answer, 'total_items') }
    },
    transaction: (id) =>
      read(`/v1/issuing/transactions/${of(id)}`, (answer) => same(transactionIn(answer), 'transactionId', id)),
    async balance(currency) {
      const answer = await uqpay.read('/v1/issuing/balances?page_size=100&page_number=1')
      const found = itemsOf(answer ?? { data: [] }).map((one) => row(one, 'a balance'))
      const own = found.find((one) => one.currency === currency)
      return own && decimal(own, 'available_balance')
    },
  }
}

const itemsOf = (answer: Row) => list(answer.data, 'data')

/** An answer about something else than what was asked is no answer. */
function same<T extends object, K extends keyof T>(value: T, field: K, asked: T[K]): T {
  if (value[field] !== asked) throw new UnsoundAnswer(`${String(field)} is another one's`)
  return value
}

const productIn = (from: Row): CardProduct => ({
  productId: text(from, 'product_id'),
  mode: oneOf(from, 'mode_type', ['SINGLE', 'SHARE']),
  currencies: list(from.card_currency ?? [], 'card_currency').map(String),
  kycLevel:
    from.kyc_level === undefined ? 'SIMPLIFIED' : oneOf(from, 'kyc_level', ['SIMPLIFIED', 'STANDARD', 'ENHANCED']),
  enabled: oneOf(from, 'product_status', ['ENABLED', 'DISABLED']) === 'ENABLED',
})

const cardholderIn = (from: Row): IssuedCardholder =>
  given({
    cardholderId: text(from, 'cardholder_id'),
    status: oneOf(from, 'cardholder_status', ['PENDING', 'INCOMPLETE', 'SUCCESS', 'FAILED']),
    idvUrl: maybeLink(from, 'idv_verification_url'),
    idvExpiresAt: maybeInstant(from, 'idv_url_expires_at'),
  }) as IssuedCardholder

const statuses = ['PENDING', 'ACTIVE', 'FROZEN', 'BLOCKED', 'CANCELLED', 'LOST', 'STOLEN', 'FAILED'] as const

function cardIn(from: Row): IssuedCard {
  const holder = from.cardholder === undefined ? {} : row(from.cardholder, 'cardholder')
  return given({
    cardId: text(from, 'card_id'),
    cardholderId: maybeText(holder, 'cardholder_id'),
    status: oneOf(from, 'card_status', statuses),
    last4: lastFourOf(from.card_number),
    currency: maybeText(from, 'card_currency'),
    available: maybeDecimal(from, 'available_balance'),
  }) as IssuedCard
}

const orderIn = (from: Row): IssuerOrder =>
  given({
    orderId: text(from, 'card_order_id'),
    cardId: text(from, 'card_id'),
    status: oneOf(from, 'order_status', ['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED']),
    amount: maybeDecimal(from, 'amount'),
  }) as IssuerOrder

function transactionIn(from: Row): IssuerTransaction {
  const billing = { amount: decimal(from, 'billing_amount'), currency: text(from, 'billing_currency') }
  const shop =
    from.merchant_data === undefined || from.merchant_data === null
      ? undefined
      : row(from.merchant_data, 'merchant_data')
  const word = (field: string) => (shop && maybeText(shop, field)) ?? ''
  return given({
    transactionId: text(from, 'transaction_id'),
    originalId: maybeText(from, 'original_transaction_id'),
    cardId: text(from, 'card_id'),
    type: text(from, 'transaction_type'),
    status: oneOf(from, 'transaction_status', ['APPROVED', 'DECLINED', 'PENDING']),
    billing,
    transaction: { amount: decimal(from, 'transaction_amount'), currency: text(from, 'transaction_currency') },
    fee: {
      amount: maybeDecimal(from, 'transaction_fee') ?? '0',
      currency: maybeText(from, 'transaction_fee_currency') ?? billing.currency,
    },
    availableAfter: decimal(from, 'card_available_balance'),
    merchant: shop && {
      name: word('name'),
      city: word('city'),
      country: word('country'),
      categoryCode: word('category_code'),
    },
    description: maybeText(from, 'description') ?? '',
    last4: lastFourOf(from.card_number),
    at: instant(from, 'transaction_time'),
    postedAt: maybeInstant(from, 'posted_time'),
  }) as IssuerTransaction
}

function holderBody(holder: Partial<NewCardholder>): object {
  const { address, identity, kyc } = holder
  return given({
    email: holder.email,
    first_name: holder.firstName,
    last_name: holder.lastName,
    country_code: holder.countryCode,
    phone_number: holder.phone,
    date_of_birth: holder.dateOfBirth,
    gender: holder.gender,
    nationality: holder.nationality,
    residential_address:
      address &&
      given({
        country: address.country,
        state: address.state,
        city: address.city,
        district: address.district,
        line1: address.line1,
        line2: address.line2,
        line_en: address.lineEn,
        postal_code: address.postalCode,
      }),
    identity:
      identity &&
      given({
        type: identity.type,
        number: identity.number,
        front_file: identity.front,
        back_file: identity.back,
        hand_file: identity.hand,
      }),
    kyc_verification:
      kyc &&
      (kyc.method === 'redirect'
        ? { method: 'SUMSUB_REDIRECT' }
        : { method: 'THIRD_PARTY', kyc_proof: { provider: kyc.provider, reference_id: kyc.referenceId } }),
  })
}
