// What a customer does with a card that is there: sees its number on the issuer's own page, freezes it, lets it go again.
// Must stay true: the page's address is for one look within a minute, is asked for after PIN and TOTP, goes to the card's
// owner alone, and is kept nowhere.

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { authorizePayment, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import { advance } from './advance-card.ts'
import { askIssuer, type CardStatus, findCard, ownCard } from './card.ts'

/** Refuses NotFound, CardNotUsable unless it is active, what proving refuses, and Unavailable. */
export async function cardFrame(
  bank: Bank,
  actor: Actor,
  id: string,
  proof: PaymentProof,
): Promise<{ url: string; expiresAt: Date }> {
  const card = await ownCard(bank, actor, id)
  if (card.status !== 'active' || card.issuer_card_id === null) {
    throw new Refusal('CardNotUsable', { status: card.status })
  }
  await authorizePayment(bank, actor, proof)
  const issuerCardId = card.issuer_card_id
  const answer = await askIssuer(bank, () => bank.cardIssuer.secureFrame(issuerCardId, actor.locale))
  if (answer.result === 'refused') throw new Refusal('CardNotUsable', { status: card.status })
  return answer.value
}

/** Freezes without proof, as haste may count; letting go again is for `proof`. Answers the card's status by now. */
export async function setFrozen(
  bank: Bank,
  actor: Actor,
  id: string,
  frozen: boolean,
  proof?: PaymentProof,
): Promise<CardStatus> {
  const card = await ownCard(bank, actor, id)
  const [from, to] = frozen ? (['active', 'frozen'] as const) : (['frozen', 'active'] as const)
  if (card.status === to) return to
  if (card.status !== from || card.issuer_card_id === null) throw new Refusal('CardNotUsable', { status: card.status })
  // what the house froze its holder does not let go
  if (!frozen && card.house_wish !== null && card.house_wish !== 'active')
    throw new Refusal('CardNotUsable', { status: card.status })
  if (proof) await authorizePayment(bank, actor, proof)
  const issuerCardId = card.issuer_card_id
  // the same wish in the same state is the same order at the issuer
  const key = { orderId: id, step: `${to}:${await stepsOf(bank.db, actor.bookId, id)}` }
  const answer = await askIssuer(bank, () =>
    bank.cardIssuer.setStatus(key, issuerCardId, frozen ? 'FROZEN' : 'ACTIVE', 'asked for by the cardholder'),
  )
  if (answer.result === 'refused') throw new Refusal('CardNotUsable', { status: card.status })
  await askIssuer(bank, () => advance(bank, actor.bookId, 'card', id))
  return (await findCard(bank.db, actor.bookId, id))?.status ?? card.status
}

async function stepsOf(q: Queries, bookId: number, id: string): Promise<number> {
  const [row] = await q.query<{ count: number }>(
    'card-steps',
    'select count(*)::int as count from card_events where book_id = $1 and card_id = $2',
    [bookId, id],
  )
  return row?.count ?? 0
}
