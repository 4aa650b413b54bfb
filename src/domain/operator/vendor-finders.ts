// Orders that a vendor carries out as an operator finds them by id: cards, top-ups, card money, what was given back of a
// card, remittances. Must stay true: what is shown is what the rows say; nothing is worked out, and nothing is unsealed here.

import type { Queries } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { findCard } from '../card/card.ts'
import { type CardEvent, cardEvents, cardMoneyById, topupEvents } from '../card/list-cards.ts'
import { releaseById } from '../card/release-card.ts'
import { findTopup } from '../card/topup.ts'
import { remittanceEvents, remittanceMoney } from '../remittance/remittance-order.ts'
import type { FoundOrder, OrderStep } from './order-view.ts'

const text = (units: bigint) => formatAmount(units, assets.USDT.scale, 2)
const stepsOf = (events: readonly CardEvent[]): OrderStep[] =>
  events.map(({ from_status, to_status, reason, at }) => ({ from: from_status, to: to_status, note: reason, at }))
const EPOCH = new Date(0)

type Find = (q: Queries, bookId: number, id: string) => Promise<FoundOrder | undefined>

const card: Find = async (q, bookId, id) => {
  const found = await findCard(q, bookId, id)
  if (!found) return undefined
  return {
    kind: 'card',
    status: found.status,
    people: [found.person_no],
    createdAt: found.created_at,
    fields: {
      last4: found.last4,
      issuer_card: found.issuer_card_id,
      issuer_order: found.issuer_order_id,
      reason: found.reason,
      house_wish: found.house_wish,
    },
    steps: stepsOf(await cardEvents(q, bookId, id)),
  }
}

const topup: Find = async (q, bookId, id) => {
  const found = await findTopup(q, bookId, id)
  if (!found) return undefined
  return {
    kind: 'card_topup',
    status: found.status,
    people: [found.person_no],
    createdAt: found.created_at,
    fields: {
      from: found.from_account,
      card: found.card_id,
      amount: text(found.amount),
      fee: text(found.fee),
      reason: found.reason,
      issuer_order: found.issuer_order_id,
    },
    steps: stepsOf(await topupEvents(q, bookId, id)),
  }
}

/** All journals of a customer's card payments belong to one order. */
const cardMoney: Find = async (q, bookId, id) => {
  const found = await cardMoneyById(q, bookId, id)
  if (!found) return undefined
  return {
    kind: 'card_payment',
    status: found.owed > 0n ? 'owed' : 'settled',
    people: [found.person_no],
    createdAt: EPOCH,
    fields: {
      authorised: text(found.open),
      taken: text(found.taken),
      confirmed: text(found.confirmed),
      owed: text(found.owed),
    },
    steps: [],
  }
}

const release: Find = async (q, bookId, id) => {
  const found = await releaseById(q, bookId, id)
  if (!found) return undefined
  return {
    kind: 'card_release',
    status: 'booked',
    people: [found.person_no],
    createdAt: found.created_at,
    fields: { card: found.card_id, amount: text(found.amount) },
    steps: [],
  }
}

const remittance: Find = async (q, bookId, id) => {
  const found = await remittanceMoney(q, bookId, id)
  if (!found) return undefined
  const events = await remittanceEvents(q, bookId, id)
  return {
    kind: 'remittance',
    status: found.status,
    people: [found.person_no],
    createdAt: found.created_at,
    fields: {
      principal: text(found.principal),
      fee: text(found.fee),
      rate: formatAmount(found.rate, 6, 4),
      cnh: formatAmount(found.cnh, 2, 2),
      recipient: found.recipient_id,
      payout: found.payout_id,
      vendor_status: found.vendor_status,
      reason: found.reason,
    },
    steps: events.map(({ from_status, to_status, reason, note, at }) => ({
      from: from_status,
      to: to_status,
      note: [reason, note].filter((part) => part !== '').join(': '),
      at,
    })),
  }
}

export const vendorFinders: readonly Find[] = [card, topup, cardMoney, release, remittance]
