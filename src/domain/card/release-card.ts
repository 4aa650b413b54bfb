// Money that was left on a card when it ended goes back to its holder's main account, when operators agree: an order whose
// id is its approval's. Must stay true: no more than was put onto that card and neither spent, authorised nor given back.

import { type Static, Type as T } from 'typebox'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { cardRelease } from '../../ledger/card-journals.ts'
import { lockAccounts } from '../../ledger/desk.ts'
import { post } from '../../ledger/post.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import { approvalKind } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { type Card, findCard, isOver } from './card.ts'
import { cardMoney } from './card-transaction.ts'
import { lockCardBalance } from './settle-card.ts'
import { loadedOnto } from './topup.ts'

const { scale } = assets.USDT
const textOf = (units: bigint) => formatAmount(units, scale, 2)

export interface CardRelease {
  id: string
  card_id: string
  person_no: bigint
  amount: bigint
  journal_id: string
  created_at: Date
}
const columns = 'id, card_id, person_no, amount, journal_id, created_at'

export async function releaseById(q: Queries, bookId: number, id: string): Promise<CardRelease | undefined> {
  const [row] = await q.query<CardRelease>(
    'card-release-find',
    `select ${columns} from card_releases where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

export const releasesOf = (q: Queries, bookId: number, cardId: string): Promise<CardRelease[]> =>
  q.query<CardRelease>(
    'card-releases-of',
    `select ${columns} from card_releases where book_id = $1 and card_id = $2 order by id desc limit 100`,
    [bookId, cardId],
  )

/** What was given back of a card so far. */
export async function releasedFrom(q: Queries, bookId: number, cardId: string): Promise<bigint> {
  const [row] = await q.query<{ amount: bigint }>(
    'card-released',
    'select coalesce(sum(amount), 0)::bigint as amount from card_releases where book_id = $1 and card_id = $2',
    [bookId, cardId],
  )
  return row?.amount ?? 0n
}

/** What could be given back of a card: of its own money, and only what its holder has there. */
export async function leftOn(q: Queries, bookId: number, { id, person_no: personNo }: Card): Promise<bigint> {
  const { open, taken } = await cardMoney(q, bookId, id)
  const own = (await loadedOnto(q, bookId, id)) - taken - open - (await releasedFrom(q, bookId, id))
  const account = personAccount(personNo, 'card')
  const { balance, held } = (await balancesOf(q, bookId, [account]))(account)
  const there = balance - held
  const left = own < there ? own : there
  return left > 0n ? left : 0n
}

const Payload = T.Object(
  {
    card: T.String({ maxLength: 40, examples: ['00000000-0000-7000-8000-000000000000'] }),
    amount: T.Optional(T.String({ maxLength: 40, description: 'USDT; all that is left on it when it is not said' })),
  },
  { additionalProperties: false },
)

/** Refuses `NotFound`, `Outdated` a card that is not over, `InsufficientBalance` more than is left. */
async function releasable(q: Queries, bookId: number, payload: Static<typeof Payload>) {
  const card = isId(payload.card) ? await findCard(q, bookId, payload.card) : undefined
  if (!card) throw new Refusal('NotFound')
  if (!isOver(card.status) || card.issuer_card_id === null) throw new Refusal('Outdated', { status: card.status })
  const left = await leftOn(q, bookId, card)
  const amount = payload.amount === undefined ? left : parsePositiveAmount(payload.amount, scale, '/payload/amount')
  if (amount === 0n || amount > left) throw new Refusal('InsufficientBalance', { left: textOf(left) })
  return { card, amount }
}

const journalOf = (id: string, { card, amount }: { card: Card; amount: bigint }) =>
  cardRelease({ id, personNo: card.person_no, amount })

export const releaseApproval = approvalKind({
  kind: 'card_release',
  title: { zh: '退回已注销卡的余额', en: 'Giving back what was left on a card' },
  makers: ['finance'],
  checkers: ['finance', 'admin'],
  payload: Payload,
  checks: () => 1,
  subject: ({ card }) => `card_release:${card}`,
  async prepare(_bank, tx, bookId, payload) {
    const { amount } = await releasable(tx, bookId, payload)
    return { card: payload.card, amount: textOf(amount) }
  },
  describe: ({ card, amount = '' }) => ({
    zh: `将卡 ${card} 的余额 ${amount} USDT 退回主账户`,
    en: `Give ${amount} USDT of card ${card} back to its holder's main account`,
  }),
  preview: async (_bank, q, bookId, payload, id) => ({
    journals: [journalOf(id, await releasable(q, bookId, payload))],
    effects: [],
  }),
  async apply(bank, tx, { id, bookId, payload, reason, at }) {
    const { card: seen } = await releasable(tx, bookId, payload)
    const { person_no: personNo } = seen
    await lockCardBalance(tx, bookId, personNo)
    await lockAccounts(tx, bookId, [personAccount(personNo, 'main'), personAccount(personNo, 'card')])
    const { card, amount } = await releasable(tx, bookId, payload)
    const journal = journalOf(id, { card, amount })
    const rows = [
      inboxRow(bookId, personNo, 'card_released', { amount: textOf(amount), last4: card.last4 ?? '' }, at),
      outboxRow(bookId, personNo, 'card.released', { id, card_id: card.id, amount: textOf(amount) }, at),
    ]
    await post(tx, { bookId, journal, rows, evenIfFrozen: true })
    await insertRelease(tx, bookId, {
      id,
      card_id: card.id,
      person_no: personNo,
      amount,
      journal_id: journal.id,
      created_at: at,
    })
    const people = [`U${personNo}`]
    const data = { approval: id, reason, amount: textOf(amount), people }
    await logAudit(bank, tx, { bookId }, { action: 'card.released', subject: `card:${card.id}`, data })
  },
})

const insertRelease = (tx: Tx, bookId: number, row: CardRelease) =>
  tx.query(
    'card-release-insert',
    `insert into card_releases (book_id, id, card_id, person_no, amount, journal_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [bookId, row.id, row.card_id, row.person_no, row.amount, row.journal_id, row.created_at],
  )
