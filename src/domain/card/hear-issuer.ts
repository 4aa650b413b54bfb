// What the card issuer's messages set off, and what is asked when none come. A message is only a reason to ask the issuer
// how things stand: it may be late, or older than what is known.

import { after, minutes, seconds } from '../../base/clock.ts'
import type { Bank } from '../context.ts'
import type { VendorEvent, VendorHandler, VendorPoll } from '../vendor-event/handler.ts'
import { advance } from './advance-card.ts'
import { cardByIssuerId, cardsToRead, openCards } from './card.ts'
import { openCardAccounts, personOfCardholder } from './card-account.ts'
import { noteTransaction } from './card-transaction.ts'
import { readCardStatement } from './read-statement.ts'
import { openTopups } from './topup.ts'

const QUIET = seconds(20)
const STATEMENT_EVERY = minutes(2)

const ignored = (why: string) => ({ ignored: why })

function fieldOf({ body }: VendorEvent, name: string): string {
  const data: unknown = body.data
  const value = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' ? value : ''
}

async function hearCardholder(bank: Bank, bookId: number, event: VendorEvent) {
  const personNo = await personOfCardholder(bank.db, bookId, fieldOf(event, 'cardholder_id'))
  if (personNo === undefined) return ignored('no cardholder of ours')
  await advance(bank, bookId, 'account', `${personNo}`)
  return undefined
}

async function hearCard(bank: Bank, bookId: number, event: VendorEvent) {
  const card = await cardByIssuerId(bank.db, bookId, fieldOf(event, 'card_id'))
  if (!card) return ignored('no card of ours')
  await advance(bank, bookId, 'card', card.id)
  return undefined
}

async function hearRecharge(bank: Bank, bookId: number, event: VendorEvent) {
  const card = await cardByIssuerId(bank.db, bookId, fieldOf(event, 'card_id'))
  if (!card) return ignored('no card of ours')
  for (const id of await openTopups(bank.db, bookId, { cardId: card.id }, 20)) await advance(bank, bookId, 'topup', id)
  return undefined
}

async function hearTransaction(bank: Bank, bookId: number, event: VendorEvent) {
  const card = await cardByIssuerId(bank.db, bookId, fieldOf(event, 'card_id'))
  if (!card) return ignored('no card of ours')
  const told = await bank.cardIssuer.transaction(fieldOf(event, 'transaction_id'))
  if (!told) throw new Error('the issuer told of a transaction that it does not know yet')
  if (told.cardId !== card.issuer_card_id) throw new Error("the issuer told of another card's transaction")
  await noteTransaction(bank, bookId, { cardId: card.id, personNo: card.person_no }, told, null)
  return undefined
}

export const cardHandlers: readonly VendorHandler[] = [
  { vendor: 'uqpay', type: 'cardholder.*', handle: hearCardholder },
  { vendor: 'uqpay', type: 'card.create.*', handle: hearCard },
  { vendor: 'uqpay', type: 'card.status.*', handle: hearCard },
  { vendor: 'uqpay', type: 'card.recharge.*', handle: hearRecharge },
  { vendor: 'uqpay', type: 'issuing.transaction.*', handle: hearTransaction },
]

const quiet = (bank: Bank) => after(bank.clock.now(), -QUIET)

export const cardPolls: readonly VendorPoll[] = [
  {
    name: 'card accounts',
    open: (bank, bookId, limit) => openCardAccounts(bank.db, bookId, quiet(bank), limit),
    ask: (bank, bookId, id) => advance(bank, bookId, 'account', id),
  },
  {
    name: 'cards',
    open: (bank, bookId, limit) => openCards(bank.db, bookId, quiet(bank), limit),
    ask: (bank, bookId, id) => advance(bank, bookId, 'card', id),
  },
  {
    name: 'card top-ups',
    open: (bank, bookId, limit) => openTopups(bank.db, bookId, { before: quiet(bank) }, limit),
    ask: (bank, bookId, id) => advance(bank, bookId, 'topup', id),
  },
  {
    name: 'card statements',
    open: (bank, bookId, limit) => cardsToRead(bank.db, bookId, after(bank.clock.now(), -STATEMENT_EVERY), limit),
    ask: readCardStatement,
  },
]
