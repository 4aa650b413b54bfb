// The issuer's cardholders, cards and orders. Orders are carried out a moment after they are taken, and told by webhook.
// Must stay true: a card's number and code are made here, are shown by the frame alone, and are told to nobody.

import { randomInt } from 'node:crypto'
import { randomToken } from '../src/base/crypto.ts'
import type { RowFile, Table } from './row-file.ts'
import { type Cardholder, holderRoutes } from './uqpay-cardholders.ts'
import {
  amountIn,
  badRequest,
  type Call,
  id,
  notFound,
  numeric,
  page,
  printed,
  type Routes,
  shortId,
  textIn,
  timeText,
  UqpayError,
} from './uqpay-wire.ts'

export interface Card {
  card_id: string
  cardholder_id: string
  product_id: string
  currency: string
  status: string
  number: string
  cvv: string
  expires: string
  /** Hundredths: what was put on it and not posted off it; may fall below zero. */
  balance: string
  reason: string
  created: string
}

export interface Order {
  card_order_id: string
  card_id: string
  type: 'CREATE' | 'RECHARGE' | 'WITHDRAW' | 'STATUS'
  amount: string
  /** Of STATUS. */
  wanted: string
  reason: string
  status: 'PROCESSING' | 'SUCCESS' | 'FAILED'
  created: string
  updated: string
  due: number
}

export interface IssuingWorld {
  rows: RowFile
  now: () => Date
  /** Milliseconds until an order is carried out. */
  settleMs: number
  tell(type: string, sourceId: string, data: object, name?: string): void
  /** Opens a check of who somebody is, and where. */
  openCheck?: (cardholderId: string) => { url: string; expiresAt: Date }
}

export interface Issuing {
  routes: Routes
  cards: Table<Card>
  holders: Table<Cardholder>
  orders: Table<Order>
  /** What can be spent of a card: set by whoever keeps its authorisations. */
  held: (cardId: string) => bigint
  cardOf(cardId: string): Card
  available(card: Card): bigint
  /** Carries out what is due. */
  tick(): void
  /** The answer of a check. */
  decide(cardholderId: string, answer: 'GREEN' | 'RED' | 'RETRY'): void
  /** The card behind a token, which is good once and for a minute. */
  redeem(token: string, cardId: string): Card | undefined
}

const PRODUCT = '5a9239b7-1618-41a5-989b-4a41fc2d4856'
const BIN = '40963608'
const FRAME_TOKEN = 60_000
const TREASURY = 'USD'
const FUNDS = 1_000_000_00n
/** Recharges that end so fail, for trying it out. */
const FAILING = /\.13$/

export function createIssuing(world: IssuingWorld): Issuing {
  const { rows, now } = world
  const cards = rows.table<Card>('card')
  const orders = rows.table<Order>('order')
  const tokens = rows.table<{ token: string; card_id: string; until: number }>('frame-token')
  const balances = rows.table<{ balance_id: string; currency: string; available: string; created: string }>('balance')
  const transfers = rows.table<Record<string, string>>('transfer')
  const people = holderRoutes(world)
  if (!balances.get(TREASURY))
    balances.put(TREASURY, { balance_id: id(), currency: TREASURY, available: String(FUNDS), created: timeText(now()) })
  const open = new Set([...orders.all()].filter((one) => one.status === 'PROCESSING').map((one) => one.card_order_id))

  const cardOf = (cardId: string) => {
    const card = cards.get(cardId)
    if (!card) throw notFound('card')
    return card
  }
  const available = (card: Card) => BigInt(card.balance) - issuing.held(card.card_id)
  const masked = (card: Card) => `${BIN}****${card.number.slice(-4)}`

  function newOrder(card: Card, type: Order['type'], more: Partial<Order> = {}): Order {
    const at = timeText(now())
    const order: Order = {
      card_order_id: id(),
      card_id: card.card_id,
      type,
      amount: '0',
      wanted: '',
      reason: '',
      status: 'PROCESSING',
      created: at,
      updated: at,
      due: Date.now() + world.settleMs,
      ...more,
    }
    open.add(order.card_order_id)
    return orders.put(order.card_order_id, order)
  }

  const shownCard = (card: Card) => ({
    card_id: card.card_id,
    card_bin: BIN,
    card_scheme: 'VISA',
    card_number: masked(card),
    card_currency: card.currency,
    card_product_id: card.product_id,
    form_factor: 'VIRTUAL',
    mode_type: 'SINGLE',
    card_limit: numeric(0n),
    available_balance: printed(available(card)),
    cardholder: people.short(card.cardholder_id),
    spending_controls: [],
    risk_controls: {},
    metadata: {},
    card_status: card.status,
    update_reason: card.reason,
    create_time: card.created,
  })
  const shownOrder = (order: Order) => ({
    card_id: order.card_id,
    card_order_id: order.card_order_id,
    order_type: order.type,
    amount: numeric(BigInt(order.amount)),
    card_currency: cardOf(order.card_id).currency,
    create_time: order.created,
    update_time: order.updated,
    ...(order.status === 'PROCESSING' ? {} : { complete_time: order.updated }),
    order_status: order.status,
  })

  const steps: Record<Order['type'], (order: Order, card: Card) => boolean> = {
    CREATE(order, card) {
      const made = cards.put(card.card_id, { ...card, status: 'ACTIVE' })
      world.tell('card.create.succeeded', order.card_order_id, {
        card_available_balance: printed(available(made)),
        card_bin: BIN,
        card_id: made.card_id,
        card_number: masked(made),
        card_product_id: made.product_id,
        card_scheme: 'VISA',
        card_status: made.status,
        cardholder: people.short(made.cardholder_id),
        form_factor: 'VIRTUAL',
        metadata: {},
        mode_type: 'SINGLE',
        risk_control: {},
        spending_limits: [],
      })
      return true
    },
    RECHARGE: (order, card) => move(order, card, BigInt(order.amount), 'recharge'),
    WITHDRAW: (order, card) => move(order, card, -BigInt(order.amount), 'withdraw'),
    STATUS(order, card) {
      const done = card.status !== 'CANCELLED'
      const left = available(card)
      const house = balances.get(card.currency)
      // what can still be spent of a card that ends is the house's again
      const returned = done && order.wanted === 'CANCELLED' && house && left > 0n ? left : 0n
      if (house && returned > 0n)
        balances.put(card.currency, { ...house, available: String(BigInt(house.available) + returned) })
      const balance = String(BigInt(card.balance) - returned)
      const changed = done
        ? cards.put(card.card_id, { ...card, balance, status: order.wanted, reason: order.reason })
        : card
      world.tell(`card.status.update.${done ? 'succeeded' : 'failed'}`, order.card_order_id, {
        card_id: card.card_id,
        card_number: masked(card),
        card_status: changed.status,
        update_reason: order.reason,
        update_time: timeText(now()),
      })
      return done
    },
  }

  /** Between the house's balance and a card. */
  function move(order: Order, card: Card, onto: bigint, word: string): boolean {
    const house = balances.get(card.currency)
    const fails =
      !house ||
      FAILING.test(printed(BigInt(order.amount))) ||
      BigInt(house.available) < onto ||
      available(card) + onto < 0n
    if (!fails) {
      balances.put(card.currency, { ...house, available: String(BigInt(house.available) - onto) })
      cards.put(card.card_id, { ...card, balance: String(BigInt(card.balance) + onto) })
    }
    const at = timeText(now())
    world.tell(`card.${word}.${fails ? 'failed' : 'succeeded'}`, order.card_order_id, {
      amount: printed(BigInt(order.amount)),
      card_available_balance: printed(available(cardOf(card.card_id))),
      card_currency: card.currency,
      card_id: card.card_id,
      card_status: card.status,
      complete_time: at,
      order_status: fails ? 'FAILED' : 'SUCCESS',
      update_time: at,
    })
    return !fails
  }

  const load = (type: 'RECHARGE' | 'WITHDRAW') => (call: Call) => {
    const card = cardOf(call.id)
    const amount = amountIn(call.body, 'amount')
    if (card.status !== 'ACTIVE') throw badRequest(`the card is ${card.status}`, 'card_error')
    if (type === 'RECHARGE' && amount > BigInt(balances.get(card.currency)?.available ?? '0'))
      throw badRequest('insufficient balance', 'account_error')
    return shownOrder(newOrder(card, type, { amount: String(amount) }))
  }

  const routes: Routes = {
    ...people.routes,
    'GET /v1/issuing/products': ({ query }) =>
      page(
        [
          {
            product_id: PRODUCT,
            mode_type: 'SINGLE',
            card_bin: BIN,
            card_form: ['VIR'],
            max_card_quota: 10,
            card_scheme: 'VISA',
            card_currency: ['USD'],
            create_time: '2025-01-01T00:00:00+08:00',
            update_time: '2025-01-01T00:00:00+08:00',
            product_status: 'ENABLED',
            kyc_level: 'ENHANCED',
            required_fields: ['gender', 'nationality', 'date_of_birth'].map((name) => ({
              name,
              type: 'string',
              required: true,
            })),
          },
        ],
        query,
      ),
    'POST /v1/issuing/cards': ({ body }) => {
      const holder = people.holders.get(textIn(body, 'cardholder_id'))
      if (!holder) throw notFound('cardholder')
      if (textIn(body, 'card_product_id') !== PRODUCT) throw new UqpayError(404, 'product_error', 'product not found')
      if (textIn(body, 'card_currency') !== 'USD') throw badRequest('card_currency is not supported', 'product_error')
      if (holder.status !== 'SUCCESS') throw badRequest(`the cardholder is ${holder.status}`, 'cardholder_error')
      const card = newCard(holder.cardholder_id, timeText(now()))
      cards.put(card.card_id, card)
      const order = newOrder(card, 'CREATE')
      return {
        card_id: card.card_id,
        card_order_id: order.card_order_id,
        create_time: order.created,
        card_status: card.status,
        order_status: order.status,
        cardholder_status: holder.status,
      }
    },
    'GET /v1/issuing/cards': ({ query }) => {
      const [status, holder] = [query.get('card_status'), query.get('cardholder_id')]
      const found = [...cards.all()].filter(
        (card) => (!status || card.status === status) && (!holder || card.cardholder_id === holder),
      )
      return page(found.reverse().map(shownCard), query)
    },
    'GET /v1/issuing/cards/:id': ({ id: cardId }) => shownCard(cardOf(cardId)),
    'POST /v1/issuing/cards/:id/status': ({ id: cardId, body }) => {
      const card = cardOf(cardId)
      const wanted = textIn(body, 'card_status', /^(ACTIVE|FROZEN|CANCELLED)$/)
      if (!['ACTIVE', 'FROZEN', 'BLOCKED'].includes(card.status))
        throw badRequest(`the card is ${card.status}`, 'card_error')
      const reason = typeof body.update_reason === 'string' ? body.update_reason : ''
      const order = newOrder(card, 'STATUS', { wanted, reason })
      return { card_id: cardId, card_order_id: order.card_order_id, order_status: order.status, update_reason: reason }
    },
    'POST /v1/issuing/cards/:id/recharge': load('RECHARGE'),
    'POST /v1/issuing/cards/:id/withdraw': load('WITHDRAW'),
    'GET /v1/issuing/cards/:id/order': ({ id: orderId }) => {
      const order = orders.get(orderId)
      if (!order) throw notFound('card order')
      return shownOrder(order)
    },
    'POST /v1/issuing/cards/:id/token': ({ id: cardId }) => {
      const card = cardOf(cardId)
      if (card.status === 'PENDING' || card.status === 'CANCELLED')
        throw badRequest(`the card is ${card.status}`, 'card_error')
      const token = `pan_${randomToken(24)}`
      const until = Date.now() + FRAME_TOKEN
      for (const old of [...tokens.all()]) if (old.until < Date.now()) tokens.remove(old.token)
      tokens.put(token, { token, card_id: cardId, until })
      return { token, expires_in: FRAME_TOKEN / 1_000, expires_at: timeText(new Date(until)) }
    },
    'GET /v1/issuing/cards/:id/secure': ({ id: cardId }) => {
      const { cvv, expires, number } = cardOf(cardId)
      return { cvv, expire_date: expires, card_number: number }
    },
    'GET /v1/issuing/balances': ({ query }) => page([...balances.all()].map(shownBalance), query),
    'POST /v1/issuing/balances': ({ body }) => {
      const found = balances.get(textIn(body, 'currency'))
      if (!found) throw notFound('balance')
      return shownBalance(found)
    },
    'GET /v1/issuing/balances/transactions': ({ query }) =>
      page(
        [...orders.all()]
          .filter((one) => one.status === 'SUCCESS' && (one.type === 'RECHARGE' || one.type === 'WITHDRAW'))
          .reverse()
          .map((one) => ({
            transaction_id: one.card_order_id,
            short_transaction_id: shortId('CO', new Date(one.due)),
            account_id: 'sandbox-entity',
            balance_id: balances.get(TREASURY)?.balance_id,
            transaction_type: `CARD_${one.type}`,
            currency: TREASURY,
            amount: numeric(BigInt(one.amount)),
            create_time: one.created,
            complete_time: one.updated,
            transaction_status: 'COMPLETED',
            ending_balance: numeric(BigInt(balances.get(TREASURY)?.available ?? '0')),
          })),
        query,
      ),
    'POST /v1/issuing/transfers': ({ body }) => {
      const amount = amountIn(body, 'amount')
      const at = timeText(now())
      const transfer = {
        transfer_id: id(),
        short_transaction_id: shortId('TR', now()),
        source_account_id: textIn(body, 'source_account_id'),
        destination_account_id: textIn(body, 'destination_account_id'),
        amount: printed(amount),
        fee_amount: '0',
        currency: textIn(body, 'currency', /^[A-Z]{3}$/),
        transfer_status: 'COMPLETED',
        create_time: at,
        complete_time: at,
        remark: typeof body.remark === 'string' ? body.remark : '',
      }
      transfers.put(transfer.transfer_id, transfer)
      return { transfer_id: transfer.transfer_id, short_transaction_id: transfer.short_transaction_id }
    },
    'GET /v1/issuing/transfers/:id': ({ id: transferId }) => {
      const found = transfers.get(transferId)
      if (!found) throw notFound('transfer')
      return found
    },
  }

  const shownBalance = (one: { balance_id: string; currency: string; available: string; created: string }) => ({
    balance_id: one.balance_id,
    currency: one.currency,
    available_balance: printed(BigInt(one.available)),
    margin_balance: '0',
    frozen_balance: '0',
    create_time: one.created,
    last_trade_time: one.created,
    balance_status: 'ACTIVE',
  })

  const issuing: Issuing = {
    routes,
    cards,
    holders: people.holders,
    orders,
    held: () => 0n,
    cardOf,
    available,
    tick() {
      people.tick()
      for (const orderId of open) {
        const order = orders.get(orderId)
        if (!order || order.due > Date.now()) continue
        open.delete(orderId)
        const done = steps[order.type](order, cardOf(order.card_id))
        orders.put(orderId, { ...order, status: done ? 'SUCCESS' : 'FAILED', updated: timeText(now()) })
      }
    },
    decide: people.decide,
    redeem(token, cardId) {
      const found = tokens.get(token)
      if (!found) return undefined
      tokens.remove(token)
      return found.card_id === cardId && found.until > Date.now() ? cards.get(cardId) : undefined
    },
  }
  return issuing
}

/** A number of the simulator's BIN with its check digit: no real card's. */
function newCard(cardholderId: string, created: string): Card {
  const body = `${BIN}${String(randomInt(10_000_000)).padStart(7, '0')}`
  const sum = [...body].reverse().reduce((all, text, i) => {
    const digit = Number(text)
    return all + (i % 2 === 1 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2)
  }, 0)
  return {
    card_id: id(),
    cardholder_id: cardholderId,
    product_id: PRODUCT,
    currency: 'USD',
    status: 'PENDING',
    number: `${body}${(10 - (sum % 10)) % 10}`,
    cvv: String(randomInt(1_000)).padStart(3, '0'),
    expires: '12/30',
    balance: '0',
    reason: '',
    created,
  }
}
