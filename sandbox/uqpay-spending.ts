// What happens on a card: authorisations, increments, reversals, captures, refunds, forced posts, expiry.
// Must stay true: what a card has left is what was put on it, less what was posted, less what is held; each transaction
// says what was left after it.

import { randomInt } from 'node:crypto'
import type { Card, Issuing, IssuingWorld } from './uqpay-issuing.ts'
import {
  amountIn,
  badRequest,
  type Fields,
  id,
  maybeTextIn,
  notFound,
  page,
  printed,
  type Routes,
  shortId,
  textIn,
  timeText,
} from './uqpay-wire.ts'

export interface Transaction {
  transaction_id: string
  short_transaction_id: string
  original: string
  card_id: string
  cardholder_id: string
  type: string
  amount: string
  currency: string
  left: string
  code: string
  merchant: { category_code: string; city: string; country: string; name: string }
  description: string
  status: 'APPROVED' | 'DECLINED' | 'PENDING'
  at: string
  posted: string
  /** Of authorisations: what is still held for it. */
  held: string
  /** What the house is charged for it: taken from its balance, not from the card. */
  fee?: string
}

export function createSpending(world: IssuingWorld, issuing: Issuing) {
  const transactions = world.rows.table<Transaction>('transaction')
  const held = new Map<string, bigint>()
  for (const one of transactions.all()) hold(one.card_id, BigInt(one.held))
  issuing.held = (cardId) => held.get(cardId) ?? 0n

  function hold(cardId: string, change: bigint): void {
    held.set(cardId, (held.get(cardId) ?? 0n) + change)
  }
  const transactionOf = (transactionId: string) => {
    const found = transactions.get(transactionId)
    if (!found) throw notFound('transaction')
    return found
  }
  /** The authorisation that something belongs to. */
  const authorisationOf = (body: Fields) => {
    const found = transactionOf(textIn(body, 'transaction_id'))
    if (found.type !== 'AUTHORIZATION' || found.status === 'DECLINED')
      throw badRequest('the transaction is no approved authorization', 'card_error')
    return found
  }
  const partIn = (body: Fields, otherwise: bigint) => (body.amount === undefined ? otherwise : amountIn(body, 'amount'))

  const shown = (one: Transaction) => ({
    card_id: one.card_id,
    card_number: `${issuing.cardOf(one.card_id).number.slice(0, 8)}****${issuing.cardOf(one.card_id).number.slice(-4)}`,
    cardholder_id: one.cardholder_id,
    transaction_id: one.transaction_id,
    short_transaction_id: one.short_transaction_id,
    ...(one.original ? { original_transaction_id: one.original } : {}),
    transaction_type: one.type,
    transaction_fee: printed(BigInt(one.fee ?? '0')),
    transaction_fee_currency: one.currency,
    fee_pass_through: 'N',
    card_available_balance: printed(BigInt(one.left)),
    authorization_code: one.code,
    billing_amount: printed(BigInt(one.amount)),
    billing_currency: one.currency,
    transaction_amount: printed(BigInt(one.amount)),
    transaction_currency: one.currency,
    transaction_time: one.at,
    ...(one.posted ? { posted_time: one.posted } : {}),
    merchant_data: one.merchant,
    description: one.description,
    transaction_status: one.status,
    wallet_type: '',
  })

  interface New {
    type: string
    event: string
    amount: bigint
    original?: Transaction
    status?: Transaction['status']
    posted?: boolean
    held?: bigint
    description?: string
    merchant?: Transaction['merchant']
    fee?: bigint
  }

  function record(card: Card, made: New): object {
    const at = timeText(world.now())
    const row: Transaction = {
      transaction_id: id(),
      short_transaction_id: shortId('CT', world.now()),
      original: made.original?.transaction_id ?? '',
      card_id: card.card_id,
      cardholder_id: card.cardholder_id,
      type: made.type,
      amount: String(made.amount),
      currency: card.currency,
      left: String(issuing.available(issuing.cardOf(card.card_id))),
      code: made.original?.code ?? String(randomInt(1_000_000)).padStart(6, '0'),
      merchant: made.merchant ??
        made.original?.merchant ?? { category_code: '5999', city: 'SINGAPORE', country: 'SG', name: 'SANDBOX' },
      description: made.description ?? '',
      status: made.status ?? 'APPROVED',
      at,
      posted: made.posted ? at : '',
      held: String(made.held ?? 0n),
      ...(made.fee ? { fee: String(made.fee) } : {}),
    }
    transactions.put(row.transaction_id, row)
    world.tell(`issuing.transaction.${made.event}`, row.transaction_id, shown(row))
    return shown(row)
  }

  /** Lets go of part of what is held for an authorisation; never of more than there is. */
  function release(authorisation: Transaction, amount: bigint): bigint {
    const left = BigInt(authorisation.held)
    const part = amount < left ? amount : left
    transactions.put(authorisation.transaction_id, { ...authorisation, held: String(left - part) })
    hold(authorisation.card_id, -part)
    return part
  }
  function post(card: Card, change: bigint): void {
    issuing.cards.put(card.card_id, { ...card, balance: String(BigInt(card.balance) + change) })
  }
  const feeIn = (body: Fields) => (body.fee === undefined ? 0n : amountIn(body, 'fee'))
  const merchantIn = (body: Fields) => ({
    category_code: maybeTextIn(body, 'merchant_category_code') ?? '5999',
    city: maybeTextIn(body, 'merchant_city') ?? 'SINGAPORE',
    country: maybeTextIn(body, 'merchant_country') ?? 'SG',
    name: maybeTextIn(body, 'merchant_name') ?? 'SANDBOX SHOP',
  })

  const simulate: Routes = {
    authorization({ body }) {
      const card = issuing.cardOf(textIn(body, 'card_id'))
      const amount = amountIn(body, 'transaction_amount')
      const wanted = maybeTextIn(body, 'transaction_status', /^(APPROVED|DECLINED)$/)
      const why =
        wanted === 'DECLINED'
          ? 'declined on request'
          : card.status !== 'ACTIVE'
            ? `the card is ${card.status}`
            : issuing.available(card) < amount
              ? 'insufficient balance'
              : undefined
      const merchant = merchantIn(body)
      if (why) {
        return record(card, {
          type: 'AUTHORIZATION',
          event: 'declined',
          amount,
          status: 'DECLINED',
          description: why,
          merchant,
        })
      }
      hold(card.card_id, amount)
      return record(card, { type: 'AUTHORIZATION', event: 'authorization', amount, held: amount, merchant })
    },
    increment({ body }) {
      const original = authorisationOf(body)
      const card = issuing.cardOf(original.card_id)
      const amount = amountIn(body, 'amount')
      const approved = BigInt(original.held) > 0n && issuing.available(card) >= amount && card.status === 'ACTIVE'
      if (approved) {
        transactions.put(original.transaction_id, { ...original, held: String(BigInt(original.held) + amount) })
        hold(card.card_id, amount)
      }
      const status = approved ? 'APPROVED' : 'DECLINED'
      return record(card, {
        type: 'INCREMENTAL_AUTHORIZATION',
        event: approved ? 'authorization' : 'declined',
        amount,
        original,
        status,
      })
    },
    reversal({ body }) {
      const original = authorisationOf(body)
      const amount = release(original, partIn(body, BigInt(original.held)))
      if (amount === 0n) throw badRequest('nothing is left to reverse', 'card_error')
      return record(issuing.cardOf(original.card_id), { type: 'REVERSAL', event: 'reversal', amount, original })
    },
    expiry({ body }) {
      const original = authorisationOf(body)
      const amount = release(original, BigInt(original.held))
      if (amount === 0n) throw badRequest('nothing is left to expire', 'card_error')
      return record(issuing.cardOf(original.card_id), {
        type: 'REVERSAL',
        event: 'reversal',
        amount,
        original,
        description: 'authorization expired',
      })
    },
    capture({ body }) {
      const original = authorisationOf(body)
      const amount = partIn(body, BigInt(original.held))
      if (amount === 0n) throw badRequest('nothing is left to capture', 'card_error')
      release(original, amount)
      const card = issuing.cardOf(original.card_id)
      post(card, -amount)
      const captured = record(card, {
        type: 'SETTLEMENT_DEBIT',
        event: 'settlement.debit',
        amount,
        original,
        posted: true,
        fee: feeIn(body),
      })
      // the last capture gives the rest back, which is a transaction of its own
      const rest = BigInt(transactionOf(original.transaction_id).held)
      if (body.final === true && rest > 0n) {
        release(transactionOf(original.transaction_id), rest)
        record(issuing.cardOf(original.card_id), {
          type: 'REVERSAL',
          event: 'reversal',
          amount: rest,
          original,
          description: 'final capture',
        })
      }
      return captured
    },
    'force-post'({ body }) {
      const card = issuing.cardOf(textIn(body, 'card_id'))
      const amount = amountIn(body, 'amount')
      post(card, -amount)
      return record(card, {
        type: 'SETTLEMENT_DEBIT',
        event: 'settlement.debit',
        amount,
        posted: true,
        merchant: merchantIn(body),
        description: 'posted without authorization',
        fee: feeIn(body),
      })
    },
    refund({ body }) {
      const original = body.transaction_id === undefined ? undefined : transactionOf(textIn(body, 'transaction_id'))
      const card = issuing.cardOf(original?.card_id ?? textIn(body, 'card_id'))
      const amount = partIn(body, BigInt(original?.amount ?? '0'))
      if (amount === 0n) throw badRequest('amount is required')
      post(card, amount)
      return record(card, {
        type: 'REFUND',
        event: 'refund',
        amount,
        posted: true,
        merchant: merchantIn(body),
        ...(original ? { original } : {}),
      })
    },
  }

  const routes: Routes = {
    ...Object.fromEntries(Object.entries(simulate).map(([name, act]) => [`POST /v1/simulation/issuing/${name}`, act])),
    'GET /v1/issuing/transactions': ({ query }) => {
      const [card, start, end] = [query.get('card_id'), query.get('start_time'), query.get('end_time')]
      const [from, to] = [start ? Date.parse(start) : 0, end ? Date.parse(end) : Number.POSITIVE_INFINITY]
      const found = [...transactions.all()].filter((one) => {
        const at = Date.parse(one.at)
        return (!card || one.card_id === card) && at >= from - 999 && at <= to
      })
      return page(found.reverse().map(shown), query, 10)
    },
    'GET /v1/issuing/transactions/:id': ({ id: transactionId }) => shown(transactionOf(transactionId)),
  }
  return { routes, transactions }
}
