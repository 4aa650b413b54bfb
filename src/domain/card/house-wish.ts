// What the house wants of a card, whatever its holder wants: frozen at once by one operator, ended or let go by two. The
// issuer is told by a job, again until it is so.
// Must stay true: the wish is committed before the issuer is told, so nothing that dies in between forgets it; what the house
// froze the holder cannot let go; an end is for ever.

import { type Static, Type as T } from 'typebox'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { approvalKind, type Operator, type Words } from '../operator/approval-kind.ts'
import { type AuditActor, logAudit } from '../operator/audit-log.ts'
import { type Card, type CardStatus, type CardWish, findCard, isOver, lockCard, noteWish } from './card.ts'
import { queueCard } from './card-job.ts'
import { lockCardBalance } from './settle-card.ts'

/** One operator alone, at once. Refuses `NotFound`, and `Outdated` a card that is over or frozen so already. */
export async function freezeCard(bank: Bank, operator: Operator, id: string, why: string): Promise<void> {
  const reason = why.trim()
  if (reason === '') throw new Refusal('InvalidParams', { pointer: '/reason', reason: 'say why' })
  await bank.db.transaction(async (tx) => {
    const card = await lockThere(tx, operator.bookId, id)
    if (isOver(card.status) || card.house_wish === 'frozen' || card.house_wish === 'cancelled')
      throw new Refusal('Outdated', { status: card.status, wish: card.house_wish ?? '' })
    await wish(bank, tx, operator, card, 'frozen', { reason })
  })
}

/** The card under the locks that moving it takes. */
async function lockThere(tx: Tx, bookId: number, id: string): Promise<Card> {
  const card = isId(id) ? await findCard(tx, bookId, id) : undefined
  if (!card) throw new Refusal('NotFound')
  await lockCardBalance(tx, bookId, card.person_no)
  return lockCard(tx, bookId, id)
}

const actions = { frozen: 'card.frozen', active: 'card.unfrozen', cancelled: 'card.cancelled' } as const

async function wish(
  bank: Bank,
  tx: Tx,
  by: AuditActor,
  card: Card,
  to: CardWish,
  data: Record<string, string>,
): Promise<void> {
  await noteWish(tx, by.bookId, card.id, to, bank.clock.now())
  await queueCard(tx, by.bookId, 'card', card.id)
  const people = [`U${card.person_no}`]
  await logAudit(bank, tx, by, { action: actions[to], subject: `card:${card.id}`, data: { ...data, people } })
}

// --- deciding, by two ---

const Payload = T.Object(
  {
    card: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
    decision: T.Union([T.Literal('unfreeze'), T.Literal('cancel')], {
      description:
        'unfreeze: what the house froze; cancel: for ever, what is left on it is given back by a card_release',
    }),
  },
  { additionalProperties: false },
)

/** Refuses `NotFound`, and `Outdated` what is over, was not made yet, or is not frozen by the house. */
async function decidable(q: Queries, bookId: number, { card: id, decision }: Static<typeof Payload>): Promise<Card> {
  const card = isId(id) ? await findCard(q, bookId, id) : undefined
  if (!card) throw new Refusal('NotFound')
  const fits =
    !isOver(card.status) &&
    card.issuer_card_id !== null &&
    card.house_wish !== 'cancelled' &&
    (decision === 'cancel' || card.house_wish === 'frozen')
  if (!fits) throw new Refusal('Outdated', { status: card.status, wish: card.house_wish ?? '' })
  return card
}

const effects: Readonly<Record<'unfreeze' | 'cancel', (card: Card) => Words>> = {
  unfreeze: (card) => ({
    zh: `U${card.person_no} 的卡(尾号 ${card.last4 ?? '—'})恢复使用`,
    en: `The card of U${card.person_no} ending in ${card.last4 ?? '—'} can be used again`,
  }),
  cancel: (card) => ({
    zh: `U${card.person_no} 的卡(尾号 ${card.last4 ?? '—'})永久注销,卡内余额须另行审批退回`,
    en: `The card of U${card.person_no} ending in ${card.last4 ?? '—'} ends for ever; what is left on it takes an approval of its own`,
  }),
}

export const cardDecision = approvalKind({
  kind: 'card_decision',
  title: { zh: '解冻或注销卡', en: 'Letting a card go again, or ending it' },
  makers: ['risk', 'admin'],
  checkers: ['risk', 'admin'],
  payload: Payload,
  checks: () => 1,
  subject: ({ card }) => `card:${card}`,
  async prepare(_bank, tx, bookId, payload) {
    await decidable(tx, bookId, payload)
    return payload
  },
  describe: ({ card, decision }) =>
    decision === 'cancel'
      ? { zh: `注销卡 ${card}`, en: `End card ${card}` }
      : { zh: `解冻卡 ${card}`, en: `Unfreeze card ${card}` },
  preview: async (_bank, q, bookId, payload) => ({
    journals: [],
    effects: [effects[payload.decision](await decidable(q, bookId, payload))],
  }),
  async apply(bank, tx, { id, bookId, payload, reason }) {
    await lockThere(tx, bookId, payload.card)
    const card = await decidable(tx, bookId, payload)
    await wish(bank, tx, { bookId }, card, payload.decision === 'cancel' ? 'cancelled' : 'active', {
      approval: id,
      reason,
    })
  },
})

// --- telling the issuer ---

const alertKey = (id: string) => `card_wish:${id}`
const HOUR = 3_600_000

/** Tells the issuer what the house wants of a card, unless it is so. Throws when nobody knows. */
export async function fulfilWish(bank: Bank, bookId: number, id: string): Promise<void> {
  const card = await findCard(bank.db, bookId, id)
  if (!card || card.house_wish === null || card.issuer_card_id === null || isOver(card.status)) {
    if (card?.house_wish && isOver(card.status)) await closeAlert(bank.db, bookId, alertKey(id))
    return
  }
  const { house_wish: to, issuer_card_id: issuerCardId } = card
  if (card.status === to) return settle(bank, bookId, id, to)
  // the same wish within an hour is the same order at the issuer; later it may have failed there, and is asked for anew
  const key = { orderId: id, step: `house-${to}:${Math.floor(bank.clock.now().getTime() / HOUR)}` }
  const answer = await bank.cardIssuer.setStatus(key, issuerCardId, issuerWords[to], 'asked for by the bank')
  if (answer.result === 'refused') {
    bank.log.warn({ bookId, card: id, code: answer.refusal.code }, 'the issuer refuses what the house wants of a card')
    await raiseAlert(bank.db, bookId, {
      key: alertKey(id),
      kind: 'card_wish_refused',
      severity: 'critical',
      data: { card: id, customer: `U${card.person_no}`, wish: to, status: card.status },
    })
  }
}

const issuerWords = { active: 'ACTIVE', frozen: 'FROZEN', cancelled: 'CANCELLED' } as const

async function settle(bank: Bank, bookId: number, id: string, to: CardStatus): Promise<void> {
  await closeAlert(bank.db, bookId, alertKey(id))
  // once it is active its holder decides again
  if (to === 'active')
    await bank.db.transaction(async (tx) => {
      const card = await lockThere(tx, bookId, id)
      if (card.status === 'active' && card.house_wish === 'active')
        await noteWish(tx, bookId, id, null, bank.clock.now())
    })
}
