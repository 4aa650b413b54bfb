// What operators see of cards: lists, and one card whole with what the issuer says of it just now.
// Must stay true: who listed what, and looked at whose, is in the audit log before it is shown.

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { houseAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import type { Bank } from '../context.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { personByUid } from '../people/people.ts'
import type { IssuedCard } from '../ports.ts'
import { type Card, findCard, isOver } from './card.ts'
import { cardMoney } from './card-transaction.ts'
import { type CardDebt, type CardEvent, cardEvents, cardMoneyOf } from './list-cards.ts'
import { type CardRelease, leftOn, releasesOf } from './release-card.ts'
import { loadedOnto } from './topup.ts'
import type { FamilyMoney } from './transaction-kind.ts'

/** Lists by `read`, for a customer where a UID is named. Refuses `NotFound` a UID of nobody. */
export async function listForOperator<R>(
  bank: Bank,
  operator: Operator,
  what: string,
  { uid, ...filter }: { uid?: string | undefined } & Record<string, unknown>,
  read: (q: Queries, personNo: bigint | undefined) => Promise<R[]>,
): Promise<R[]> {
  const person = uid === undefined ? undefined : await personByUid(bank, operator.bookId, uid)
  if (uid !== undefined && !person) throw new Refusal('NotFound')
  await logAudit(bank, bank.db, operator, { action: 'card.listed', subject: what, data: { uid, ...filter } })
  return read(bank.db, person?.no)
}

export interface CardDossier {
  card: Card
  events: CardEvent[]
  /** What all payments with this card come to, and all of its holder's with what they owe. */
  payments: FamilyMoney
  holder: CardDebt | undefined
  loaded: bigint
  releases: CardRelease[]
  /** What a `card_release` could give back; only of a card that is over. */
  left: bigint
  /** What the issuer says now; `unknown` when it does not answer, or knows none. */
  issuer: IssuedCard | 'unknown' | null
}

/** Refuses `NotFound`. */
export async function seeCard(bank: Bank, operator: Operator, id: string): Promise<CardDossier> {
  const { bookId } = operator
  const card = await findCard(bank.db, bookId, id)
  if (!card) throw new Refusal('NotFound')
  const people = [`U${card.person_no}`]
  await logAudit(bank, bank.db, operator, { action: 'card.seen', subject: `card:${id}`, data: { people } })
  const [events, payments, holder, loaded, releases, left, issuer] = await Promise.all([
    cardEvents(bank.db, bookId, id),
    cardMoney(bank.db, bookId, id),
    cardMoneyOf(bank.db, bookId, card.person_no),
    loadedOnto(bank.db, bookId, id),
    releasesOf(bank.db, bookId, id),
    isOver(card.status) ? leftOn(bank.db, bookId, card) : 0n,
    card.issuer_card_id === null ? null : asked(bank, () => bank.cardIssuer.card(card.issuer_card_id ?? '')),
  ])
  return { card, events, payments, holder, loaded, releases, left, issuer }
}

async function asked<V>(bank: Bank, ask: () => Promise<V | undefined>): Promise<V | 'unknown'> {
  try {
    return (await ask()) ?? 'unknown'
  } catch (error) {
    bank.log.warn({ reason: error instanceof Error ? error.message : '' }, 'the card issuer does not answer')
    return 'unknown'
  }
}

export interface IssuerFloat {
  /** What the books say the house has at the issuer, cards included; and what messages told beyond the statement. */
  float: bigint
  clearing: bigint
  /** What the issuer says is left of it beside the cards; `unknown` when it does not answer. */
  issuer: string | 'unknown'
}

export async function seeFloat(bank: Bank, bookId: number): Promise<IssuerFloat> {
  const [float, clearing] = [houseAccount('float'), houseAccount('issuer')]
  const of = await balancesOf(bank.db, bookId, [float, clearing])
  return {
    float: -of(float).balance,
    clearing: of(clearing).balance,
    issuer: await asked(bank, () => bank.cardIssuer.balance('USD')),
  }
}
