// What others hear of an order of the ramp: an event for the partner's webhooks and the customer's stream, and what the
// customer finds in the inbox. Rows are written with the step that they tell of.

import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Row } from '../../ledger/rows.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { partnerEventRow } from '../webhook/past-events.ts'
import { FIAT_SCALE } from './price.ts'
import type { RampOrder, RampStatus } from './ramp-order.ts'

export type Told = Pick<
  RampOrder,
  | 'id'
  | 'partner_id'
  | 'source'
  | 'order_no'
  | 'direction'
  | 'person_no'
  | 'fiat'
  | 'legal'
  | 'amount'
  | 'fee'
  | 'channel_fee'
>

const UPDATED = 'ramp.order.updated'
const text = (units: bigint) => formatAmount(units, assets.USDT.scale, 2)
const fiatText = (order: Told) => `${formatAmount(order.legal, FIAT_SCALE, 2)} ${order.fiat}`

/** `ramp.order.updated`: its state now, for the partner and for the customer. */
export function rampUpdated(bookId: number, order: Told, status: RampStatus, at: Date, reason = ''): Row[] {
  const data = {
    id: order.id,
    partner_id: order.partner_id,
    source: order.source,
    order_no: order.order_no,
    direction: order.direction,
    status,
    ...(reason ? { reason } : {}),
    amount: text(order.amount),
    fee: text(order.fee + order.channel_fee),
    fiat: order.fiat,
    fiat_amount: formatAmount(order.legal, FIAT_SCALE, 2),
  }
  return [
    partnerEventRow(bookId, `partner:${order.partner_id}`, UPDATED, data, at),
    outboxRow(bookId, order.person_no, UPDATED, data, at),
  ]
}

export const boughtRow = (bookId: number, order: Told, at: Date): Row =>
  inboxRow(
    bookId,
    order.person_no,
    'ramp_bought',
    { amount: text(order.amount - order.fee - order.channel_fee), fiat: fiatText(order) },
    at,
  )

/** What a customer is told whose money was set apart by a partner's order; also by mail, for it was not they who asked. */
export const sellingParams = (order: Told, partner: string) => ({
  amount: text(order.amount),
  fiat: fiatText(order),
  partner,
})

export const soldRow = (bookId: number, order: Told, at: Date): Row =>
  inboxRow(bookId, order.person_no, 'ramp_sold', { amount: text(order.amount), fiat: fiatText(order) }, at)

export const givenBackRow = (bookId: number, order: Told, at: Date): Row =>
  inboxRow(bookId, order.person_no, 'ramp_given_back', { amount: text(order.amount), fiat: fiatText(order) }, at)
