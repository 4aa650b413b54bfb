// Cards as operators see them: accounts, cards, top-ups, transactions, debts, the house's money at the issuer; freezing one.
// Ending a card, letting it go again and giving back what was left on it are approvals (card_decision, card_release).

import { Type as T } from 'typebox'
import { type CardStatus, cardTransitions, type Card as OneCard } from '../../domain/card/card.ts'
import { accountTransitions, type CardAccountStatus } from '../../domain/card/card-account.ts'
import { detailsOf } from '../../domain/card/card-transaction.ts'
import { freezeCard } from '../../domain/card/house-wish.ts'
import {
  type CardDebt,
  type ListedTransaction,
  listCardAccounts,
  listCardDebts,
  listCards,
  listCardTransactions,
  listTopups,
} from '../../domain/card/list-cards.ts'
import { listForOperator, seeCard, seeFloat } from '../../domain/card/see-cards.ts'
import { type TopupStatus, topupTransitions } from '../../domain/card/topup.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import {
  amountText,
  type ConsoleServer,
  Data,
  Done,
  done,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: cards']
const keysOf = <S extends string>(table: Readonly<Record<S, unknown>>) => Object.keys(table) as S[]
const oneOf = <S extends string>(statuses: readonly S[]) =>
  T.Optional(T.Union(statuses.map((status) => T.Literal(status))))
const Uid = T.Optional(T.String({ maxLength: 20, examples: ['U10001'] }))

const Account = T.Object({
  id: T.String(),
  uid: T.String(),
  status: T.String(),
  reason: T.String(),
  round: T.Integer(),
  issuer_id: OrNull(T.String()),
  created_at: Instant,
  changed_at: Instant,
})
const Card = T.Object({
  id: T.String(),
  uid: T.String(),
  status: T.String(),
  reason: T.String(),
  last4: OrNull(T.String()),
  house_wish: OrNull(T.String({ description: 'what the house wants of it: active, frozen or cancelled' })),
  issuer_id: OrNull(T.String()),
  statement_at: OrNull(Instant),
  created_at: Instant,
})
const Topup = T.Object({
  id: T.String(),
  uid: T.String(),
  from: T.String(),
  card: OrNull(T.String()),
  amount: T.String(),
  fee: T.String(),
  status: T.String(),
  reason: T.String(),
  issuer_id: OrNull(T.String()),
  created_at: Instant,
  changed_at: Instant,
})
const Transaction = T.Object({
  id: T.String({ description: "the issuer's" }),
  uid: T.String(),
  card: T.String(),
  original: OrNull(T.String()),
  type: T.String(),
  kind: T.String(),
  status: T.String(),
  amount: T.String(),
  fee: T.String({ description: 'what the issuer charges the house' }),
  fee_booked: T.String(),
  merchant: T.String(),
  description: T.String({ description: "the issuer's words" }),
  at: Instant,
  first_seen_at: Instant,
  statement_at: OrNull(Instant),
})
const Money = T.Object({
  uid: T.String(),
  order: T.String({ description: 'the order of all journals of their card payments' }),
  authorised: T.String(),
  taken: T.String(),
  confirmed: T.String(),
  owed: T.String(),
})
const Dossier = T.Object({
  ...Card.properties,
  timeline: T.Array(T.Object({ from: OrNull(T.String()), to: T.String(), reason: T.String(), at: Instant })),
  loaded: T.String({ description: 'put onto it so far' }),
  authorised: T.String(),
  taken: T.String(),
  confirmed: T.String(),
  left: T.String({ description: 'what a card_release could give back; of an ended card' }),
  releases: T.Array(T.Object({ id: T.String(), amount: T.String(), at: Instant })),
  holder: OrNull(Money),
  issuer: OrNull(
    T.Object(
      {
        status: T.String({ description: 'unknown when it does not answer, or knows none' }),
        available: OrNull(T.String()),
      },
      { description: 'what the issuer says just now' },
    ),
  ),
})

export function cardConsoleRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/card-accounts',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListCardAccounts',
        summary: '卡账户列表 / Card accounts, newest first',
        querystring: strict({ status: oneOf(keysOf(accountTransitions)), uid: Uid, ...pageQuery }),
        response: { 200: Items(Account) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const status = request.query.status as CardAccountStatus | undefined
      const found = await listForOperator(
        bank,
        operator,
        'card accounts',
        { uid: request.query.uid, status, page },
        (q, personNo) => listCardAccounts(q, operator.bookId, { status, personNo, offset, size }),
      )
      const items = found.map((one) => ({
        id: one.id,
        uid: `U${one.person_no}`,
        status: one.status,
        reason: one.reason,
        round: one.round,
        issuer_id: one.cardholder_id,
        created_at: instantText(one.created_at),
        changed_at: instantText(one.changed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/cards',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListCards',
        summary: '卡列表 / Cards, newest first',
        querystring: strict({ status: oneOf(keysOf(cardTransitions)), uid: Uid, ...pageQuery }),
        response: { 200: Items(Card) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const status = request.query.status as CardStatus | undefined
      const found = await listForOperator(
        bank,
        operator,
        'cards',
        { uid: request.query.uid, status, page },
        (q, personNo) => listCards(q, operator.bookId, { status, personNo, offset, size }),
      )
      return { data: { items: found.map(cardRow), page, size } }
    },
  )

  app.get(
    '/cards/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowCard',
        summary:
          '卡详情与发卡方实时状态(每次查看均记录)/ A card, whole, and what the issuer says now; every look is logged',
        params: strict({ id: Id }),
        response: { 200: Data(Dossier) },
      },
    },
    async (request) => {
      const seen = await seeCard(bank, operatorOf(request), readId(request.params.id))
      const { card, issuer } = seen
      const said = issuer === 'unknown' ? undefined : issuer
      return {
        data: {
          ...cardRow(card),
          timeline: seen.events.map(({ from_status, to_status, reason, at }) => ({
            from: from_status,
            to: to_status,
            reason,
            at: instantText(at),
          })),
          loaded: amountText(seen.loaded),
          authorised: amountText(seen.payments.open),
          taken: amountText(seen.payments.taken),
          confirmed: amountText(seen.payments.confirmed),
          left: amountText(seen.left),
          releases: seen.releases.map(({ id, amount, created_at }) => ({
            id,
            amount: amountText(amount),
            at: instantText(created_at),
          })),
          holder: seen.holder ? moneyRow(seen.holder) : null,
          issuer: issuer && { status: said?.status ?? 'unknown', available: said?.available ?? null },
        },
      }
    },
  )

  app.post(
    '/cards/:id/freeze',
    {
      config: { roles: ['risk'] },
      schema: {
        tags,
        operationId: 'consoleFreezeCard',
        summary: '立即冻结卡,持卡人不能自行解冻 / Freeze a card at once; its holder cannot let it go',
        params: strict({ id: Id }),
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await freezeCard(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )

  app.get(
    '/card-topups',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListCardTopups',
        summary: '卡充值列表 / Card top-ups, newest first',
        querystring: strict({ status: oneOf(keysOf(topupTransitions)), uid: Uid, ...pageQuery }),
        response: { 200: Items(Topup) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const status = request.query.status as TopupStatus | undefined
      const found = await listForOperator(
        bank,
        operator,
        'card top-ups',
        { uid: request.query.uid, status, page },
        (q, personNo) => listTopups(q, operator.bookId, { status, personNo, offset, size }),
      )
      const items = found.map((one) => ({
        id: one.id,
        uid: `U${one.person_no}`,
        from: one.from_account,
        card: one.card_id,
        amount: amountText(one.amount),
        fee: amountText(one.fee),
        status: one.status,
        reason: one.reason,
        issuer_id: one.issuer_order_id,
        created_at: instantText(one.created_at),
        changed_at: instantText(one.changed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/card-transactions',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListCardTransactions',
        summary:
          '卡交易列表;unconfirmed=true 为账单尚未确认的 / Card transactions, newest first; unconfirmed are those that no statement has shown, oldest first',
        querystring: strict({
          status: oneOf(['APPROVED', 'DECLINED', 'PENDING']),
          unconfirmed: T.Optional(T.Literal('true')),
          card: T.Optional(Id),
          uid: Uid,
          ...pageQuery,
        }),
        response: { 200: Items(Transaction) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const { uid, status, card, unconfirmed } = request.query
      const cardId = card === undefined ? undefined : readId(card)
      const filter = { uid, status, card, unconfirmed, page }
      const found = await listForOperator(bank, operator, 'card transactions', filter, (q, personNo) =>
        listCardTransactions(q, operator.bookId, {
          status: status as ListedTransaction['status'] | undefined,
          unconfirmed: unconfirmed !== undefined,
          cardId,
          personNo,
          offset,
          size,
        }),
      )
      const items = found.map((one) => {
        const { merchant, description } = detailsOf(bank, operator.bookId, one)
        return {
          id: one.transaction_id,
          uid: `U${one.person_no}`,
          card: one.card_id,
          original: one.original_id,
          type: one.type,
          kind: one.kind,
          status: one.status,
          amount: amountText(one.amount),
          fee: amountText(one.fee),
          fee_booked: amountText(one.fee_booked),
          merchant,
          description,
          at: instantText(one.at),
          first_seen_at: instantText(one.first_seen_at),
          statement_at: instantOrNull(one.statement_at),
        }
      })
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/card-debts',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListCardDebts',
        summary: '卡欠款 / Customers whose cards took more than they had, most first',
        querystring: strict(pageQuery),
        response: { 200: Items(Money) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const found = await listForOperator(bank, operator, 'card debts', { page }, (q) =>
        listCardDebts(q, operator.bookId, { offset, size }),
      )
      return { data: { items: found.map(moneyRow), page, size } }
    },
  )

  app.get(
    '/issuer',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleShowIssuer',
        summary:
          '发卡方备付金:账面与发卡方所述 / The house’s money at the issuer: by the books, and as the issuer says',
        response: {
          200: Data(
            T.Object({
              float: T.String({ description: 'by the books, with what is on cards' }),
              clearing: T.String({ description: 'told by messages, not on a statement yet' }),
              issuer_available: T.String({ description: 'beside the cards; unknown when the issuer does not answer' }),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { float, clearing, issuer } = await seeFloat(bank, operatorOf(request).bookId)
      return { data: { float: amountText(float), clearing: amountText(clearing), issuer_available: issuer } }
    },
  )
}

const cardRow = (card: OneCard) => ({
  id: card.id,
  uid: `U${card.person_no}`,
  status: card.status,
  reason: card.reason,
  last4: card.last4,
  house_wish: card.house_wish,
  issuer_id: card.issuer_card_id,
  statement_at: instantOrNull(card.statement_at),
  created_at: instantText(card.created_at),
})

const moneyRow = (money: CardDebt) => ({
  uid: `U${money.person_no}`,
  order: money.id,
  authorised: amountText(money.open),
  taken: amountText(money.taken),
  confirmed: amountText(money.confirmed),
  owed: amountText(money.owed),
})
