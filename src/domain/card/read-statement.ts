// The issuer's statement of a card, read again and again: all that is on it is booked, and what it leaves on the card is
// compared with our books. Must stay true: a reading counts only when it was whole; it overlaps the one before, as the
// issuer may be late; a difference is told to operators and never mended by itself.

import { after, days, minutes } from '../../base/clock.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import type { IssuerTransaction } from '../ports.ts'
import { type Card, findCard, isOver, noteStatementRead } from './card.ts'
import { cardMoney, noteTransaction } from './card-transaction.ts'
import { bookCosts } from './issuer-cost.ts'
import { releasedFrom } from './release-card.ts'
import { lockCardBalance } from './settle-card.ts'
import { loadedOnto, loadWaiting, openTopups, recentlyFailed, toppedUp } from './topup.ts'

const OVERLAP = days(3)
const PAGE = 100
const MOST_PAGES = 200
const RETRY = minutes(10)

export async function readCardStatement(bank: Bank, bookId: number, cardId: string): Promise<void> {
  const card = await findCard(bank.db, bookId, cardId)
  if (!card?.issuer_card_id) return
  const at = bank.clock.now()
  for (const told of await statementOf(bank, card, card.issuer_card_id)) {
    await noteTransaction(bank, bookId, { cardId, personNo: card.person_no }, told, at)
  }
  await bookCosts(bank, bookId, cardId, card.person_no)
  await noteStatementRead(bank.db, bookId, cardId, at)
  if (card.status === 'active') await loadAgain(bank, bookId, card)
  await compare(bank, bookId, card, card.issuer_card_id)
}

/** Oldest first. Throws when it is not whole. */
async function statementOf(bank: Bank, card: Card, issuerCardId: string): Promise<IssuerTransaction[]> {
  const from = after(card.statement_at ?? card.created_at, -OVERLAP)
  const found: IssuerTransaction[] = []
  for (let page = 1; ; page++) {
    const { items, pages } = await bank.cardIssuer.transactions({ cardId: issuerCardId, from, page, size: PAGE })
    found.push(...items)
    if (page >= pages) return found.reverse()
    if (page >= MOST_PAGES || items.length === 0) throw new Error('a statement without an end')
  }
}

/** Money that waits although there is a card: it came while the card was being made, or could not be put onto it before. */
async function loadAgain(bank: Bank, bookId: number, card: Card): Promise<void> {
  if ((await toppedUp(bank.db, bookId, card.person_no)).waiting === 0n) return
  if (await recentlyFailed(bank.db, bookId, card.id, after(bank.clock.now(), -RETRY))) return
  await bank.db.transaction(async (tx) => {
    await lockCardBalance(tx, bookId, card.person_no)
    await loadWaiting(bank, tx, bookId, card)
  })
}

/** Only while nothing is on its way: then both sides must be the same. */
async function compare(bank: Bank, bookId: number, card: Card, issuerCardId: string): Promise<void> {
  const ours = async () => {
    if ((await openTopups(bank.db, bookId, { cardId: card.id }, 1)).length > 0) return undefined
    const { open, taken } = await cardMoney(bank.db, bookId, card.id)
    const released = await releasedFrom(bank.db, bookId, card.id)
    return (await loadedOnto(bank.db, bookId, card.id)) - taken - open - released
  }
  const before = await ours()
  const theirs = (await bank.cardIssuer.card(issuerCardId))?.available
  if (before === undefined || theirs === undefined || (await ours()) !== before) return
  const key = `card_balance:${card.id}`
  const { scale } = assets.USDT
  const negative = theirs.startsWith('-')
  const units = parseAmount(negative ? theirs.slice(1) : theirs, scale)
  // what was left on a card that ended is the house's at the issuer, until operators give it back
  const settled = isOver(card.status) && units === 0n && before >= 0n
  if (settled || (negative ? -units : units) === before) return closeAlert(bank.db, bookId, key)
  await raiseAlert(bank.db, bookId, {
    key,
    kind: 'card_disagrees',
    severity: 'warning',
    data: { card: card.id, issuer: theirs, books: formatAmount(before, scale, 2) },
  })
}
