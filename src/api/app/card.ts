// U 卡 of the app document: the account at the issuer, topping up, cards, the page that shows a card's number, payments;
// and beyond it freezing a card. Wire ↔ domain only: the rules are those of domain/card.

import { Type as T } from 'typebox'
import { sleep } from '../../base/clock.ts'
import { advance } from '../../domain/card/advance-card.ts'
import { type CardStatus, cardsOf, requestCard } from '../../domain/card/card.ts'
import { type CardAccountStatus, findCardAccount, idvOf, openCardAccount } from '../../domain/card/card-account.ts'
import { cardTransactions, detailsOf } from '../../domain/card/card-transaction.ts'
import { readCardholder } from '../../domain/card/cardholder-form.ts'
import { toppedUp, topUp } from '../../domain/card/topup.ts'
import { declineWords } from '../../domain/card/transaction-words.ts'
import { cardFrame, setFrozen } from '../../domain/card/use-card.ts'
import type { Actor, Bank } from '../../domain/context.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
import { personAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { parseStrictJson } from '../strict-json.ts'
import {
  Amount,
  type AppServer,
  actorOf,
  amountText,
  Instant,
  instantText,
  MoneyHeaders,
  markReplay,
  Ok,
  ok,
  PaymentPassword,
  pageOf,
  pageQuery,
  readWireId,
  strict,
  TotpCode,
  wireId,
} from './wire.ts'

const tags = ['U 卡']
/** Two megabytes of picture, as base64, and what stands around it. */
const LARGEST_FORM = 3 * 1024 * 1024
/** So long the answer waits for the issuer's link; later it is found by asking again. */
const PATIENCE = 6_000

const Text = (description: string, most = 100) => T.String({ minLength: 1, maxLength: most, description })
const Country = (description: string) => T.String({ pattern: '^[A-Z]{2}$', description })

const Account = T.Object({
  status: T.Enum(['none', 'applying', 'incomplete', 'success', 'failed']),
  card_balance: T.String(),
  cardholder_id: T.String(),
  idv_url: T.String({ description: '核验链接,无或已过期时为空 / empty when there is none, or it ran out' }),
  idv_expires_at: T.String(),
  next_step: T.String({ description: '接下来 / what to do next' }),
})

const shownStatus = (status: CardStatus) => (status === 'requested' || status === 'uncertain' ? 'pending' : status)

const nextSteps: Record<CardAccountStatus | 'none' | 'expired', { zh: string; en: string }> = {
  none: { zh: '提交开户资料', en: 'Fill in the application.' },
  applying: { zh: '发卡方处理中,请稍候', en: 'The issuer is looking at it. Please wait.' },
  incomplete: { zh: '请打开核验链接完成人脸与证件核验', en: 'Open the link and prove who you are.' },
  expired: { zh: '核验链接已过期,请重新提交开户资料', en: 'The link ran out. Apply again.' },
  success: { zh: '可以充值并开卡', en: 'Top up and ask for a card.' },
  failed: { zh: '未通过,请核对资料后重新提交', en: 'It was not approved. Check what you filled in and apply again.' },
}

export function cardRoutes(app: AppServer, bank: Bank) {
  const cardMoneyOf = async ({ bookId, personNo }: Actor) => {
    const account = personAccount(personNo, 'card')
    const { balance, held } = (await balancesOf(bank.db, bookId, [account]))(account)
    return { balance, available: balance - held }
  }

  async function accountAnswer(actor: Actor) {
    const [account, { balance }] = await Promise.all([
      findCardAccount(bank.db, actor.bookId, actor.personNo),
      cardMoneyOf(actor),
    ])
    const idv = account && idvOf(bank, actor.bookId, account)
    const isExpired = account?.status === 'incomplete' && !idv
    return ok({
      status: account?.status ?? ('none' as const),
      card_balance: amountText(balance),
      cardholder_id: account?.cardholder_id ? wireId('ch', account.id) : '',
      idv_url: idv?.url ?? '',
      idv_expires_at: idv ? instantText(idv.until) : '',
      next_step: nextSteps[isExpired ? 'expired' : (account?.status ?? 'none')][actor.locale],
    })
  }

  // a form with a picture is larger than anything else that is sent here
  app.register(async (own) => {
    const form = own as unknown as AppServer
    own.removeContentTypeParser('application/json')
    own.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: LARGEST_FORM },
      async (_request: unknown, body: Buffer) => parseStrictJson(body),
    )
    form.post(
      '/api/card/account',
      {
        schema: {
          tags,
          operationId: 'openCardAccount',
          summary: '开通卡账户 / Open a card account at the issuer',
          description:
            'id_front 为 JPEG、PNG 或 WebP 图片的 base64,至多 2 MB;资料密封转交发卡方,之后不再保留 / id_front is a picture in base64, at most 2 MB. What is filled in goes to the issuer and is not kept.',
          body: strict({
            first_name: Text('名(拼音)/ given name in Latin letters', 40),
            last_name: Text('姓(拼音)/ family name in Latin letters', 40),
            email: Text('邮箱 / e-mail', 254),
            country_code: Country('国家码 ISO2 / country of the telephone'),
            phone_number: Text('手机号 / telephone without the calling code', 20),
            date_of_birth: Text('生日 YYYY-MM-DD', 10),
            nationality: Country('国籍 ISO2 / nationality'),
            id_type: T.Enum(['ID_CARD', 'PASSPORT']),
            id_number: Text('证件号 / number of the document', 40),
            id_front: T.String({ minLength: 1, maxLength: 2_800_000, description: '证件正面 base64 / its front' }),
            addr_country: Country('地址国家 ISO2'),
            addr_state: Text('省/州'),
            addr_city: Text('城市'),
            addr_line1: Text('地址行', 200),
            addr_line_en: Text('英文地址 / in Latin letters', 200),
            addr_postal_code: Text('邮编', 20),
          }),
          response: { 200: Ok(Account) },
        },
      },
      async (request, reply) => {
        const actor = actorOf(request)
        await openCardAccount(bank, actor, () => readCardholder(bank, request.body))
        // the job does it in any case; mostly the issuer is quick enough to answer with its link at once
        await Promise.race([
          advance(bank, actor.bookId, 'account', `${actor.personNo}`).catch(() => {}),
          sleep(PATIENCE),
        ])
        reply.header('cache-control', 'no-store')
        return accountAnswer(actor)
      },
    )
  })

  app.get(
    '/api/card/account',
    {
      schema: {
        tags,
        operationId: 'showCardAccount',
        summary: '卡账户状态与余额 / The card account and its balance',
        response: { 200: Ok(Account) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return accountAnswer(actorOf(request))
    },
  )

  app.post(
    '/api/card/transfer',
    {
      schema: {
        tags,
        operationId: 'topUpCard',
        summary: '充值到卡账户 / Top up the card account; money only goes in',
        headers: MoneyHeaders,
        body: strict({
          from: T.Enum(['main', 'node']),
          to: T.Literal('card'),
          amount: Amount,
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: {
          200: Ok(
            T.Object({
              transfer_id: T.String(),
              amount: T.String(),
              fee: T.String(),
              status: T.Enum(['held', 'completed'], {
                description: 'held:等待发卡方确认 / held: the issuer is being asked',
              }),
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { from, amount, payment_password, totp_code } = request.body
      const { answer, replayed } = await topUp(bank, actor, {
        from,
        amount,
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(
          request.headers['idempotency-key'],
          `app:${actor.personId}:card-topup`,
          request.body,
        ),
      })
      markReplay(reply, replayed)
      return ok({
        transfer_id: wireId('t', `${answer.id}`),
        amount: `${answer.amount}`,
        fee: `${answer.fee}`,
        status: answer.status === 'held' ? ('held' as const) : ('completed' as const),
      })
    },
  )

  app.post(
    '/api/card/cards',
    {
      schema: {
        tags,
        operationId: 'requestCard',
        summary: '开卡 / Ask for a card',
        headers: MoneyHeaders,
        body: strict({ payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) }),
        response: { 200: Ok(T.Object({ card_id: T.String(), status: T.Literal('pending') })) },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { payment_password, totp_code } = request.body
      const { answer, replayed } = await requestCard(bank, actor, {
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(request.headers['idempotency-key'], `app:${actor.personId}:card`, request.body),
        toppedUp: async (q) => (await toppedUp(q, actor.bookId, actor.personNo)).total,
      })
      markReplay(reply, replayed)
      return ok({ card_id: wireId('cd', `${answer.id}`), status: 'pending' as const })
    },
  )

  app.get(
    '/api/card/cards',
    {
      schema: {
        tags,
        operationId: 'listCards',
        summary: '我的卡 / My cards',
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  status: T.String(),
                  currency: T.String(),
                  card_limit: T.String({ description: '可用额度 / what it can still pay' }),
                  masked_pan: T.String(),
                  created_at: Instant,
                }),
              ),
            }),
          ),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const [cards, { available }] = await Promise.all([
        cardsOf(bank.db, actor.bookId, actor.personNo),
        cardMoneyOf(actor),
      ])
      return ok({
        items: cards.map((card) => ({
          id: wireId('cd', card.id),
          status: shownStatus(card.status),
          currency: card.currency,
          card_limit: card.status === 'active' ? amountText(available) : '0',
          masked_pan: card.last4 ? `****${card.last4}` : '',
          created_at: instantText(card.created_at),
        })),
      })
    },
  )

  const ofCard = strict({ id: T.String({ minLength: 1, maxLength: 64 }) })
  const proofBody = strict({ payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) })

  app.post(
    '/api/card/cards/:id/secure-token',
    {
      schema: {
        tags,
        operationId: 'showCardNumber',
        summary: '一次性卡号页面 / A page of the issuer that shows the number, once, for a minute',
        params: ofCard,
        body: proofBody,
        response: { 200: Ok(T.Object({ iframe_url: T.String(), expires_at: Instant })) },
      },
    },
    async (request, reply) => {
      const { payment_password, totp_code } = request.body
      reply.header('cache-control', 'no-store')
      const frame = await cardFrame(bank, actorOf(request), readWireId('cd', request.params.id), {
        paymentPassword: payment_password,
        totpCode: totp_code,
      })
      return ok({ iframe_url: frame.url, expires_at: instantText(frame.expiresAt) })
    },
  )

  const Status = Ok(T.Object({ id: T.String(), status: T.String() }))

  app.post(
    '/api/card/cards/:id/freeze',
    {
      schema: {
        tags,
        operationId: 'freezeCard',
        summary: '冻结卡 / Freeze a card',
        params: ofCard,
        response: { 200: Status },
      },
    },
    async (request) => {
      const status = await setFrozen(bank, actorOf(request), readWireId('cd', request.params.id), true)
      return ok({ id: request.params.id, status: shownStatus(status) })
    },
  )

  app.post(
    '/api/card/cards/:id/unfreeze',
    {
      schema: {
        tags,
        operationId: 'unfreezeCard',
        summary: '解冻卡 / Let a frozen card go again',
        params: ofCard,
        body: proofBody,
        response: { 200: Status },
      },
    },
    async (request) => {
      const { payment_password, totp_code } = request.body
      const status = await setFrozen(bank, actorOf(request), readWireId('cd', request.params.id), false, {
        paymentPassword: payment_password,
        totpCode: totp_code,
      })
      return ok({ id: request.params.id, status: shownStatus(status) })
    },
  )

  app.get(
    '/api/card/transactions',
    {
      schema: {
        tags,
        operationId: 'listCardTransactions',
        summary: '卡账单 / What was done with the card',
        querystring: strict(pageQuery),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  transaction_id: T.String(),
                  card_id: T.String(),
                  type: T.String(),
                  status: T.String(),
                  billing_amount: T.String(),
                  billing_currency: T.String(),
                  merchant_name: T.String(),
                  reason: T.String({ description: '被拒原因 / why it was declined; else empty' }),
                  available_balance: T.String({ description: '该笔之后 / after it, as the issuer says' }),
                  transaction_time: Instant,
                }),
              ),
              has_more: T.Boolean(),
              available_balance: T.String(),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const [rows, { available }] = await Promise.all([
        cardTransactions(bank, actor, { offset, size: size + 1 }),
        cardMoneyOf(actor),
      ])
      return ok({
        items: rows.slice(0, size).map((row) => {
          const { merchant, description } = detailsOf(bank, actor.bookId, row)
          return {
            transaction_id: row.transaction_id,
            card_id: wireId('cd', row.card_id),
            type: row.type,
            status: row.status,
            billing_amount: amountText(row.amount),
            billing_currency: 'USD',
            merchant_name: merchant,
            reason: row.status === 'DECLINED' ? declineWords(description, actor.locale) : '',
            available_balance: row.available === null ? '' : amountText(row.available),
            transaction_time: instantText(row.at),
          }
        }),
        has_more: rows.length > size,
        available_balance: amountText(available),
        page,
        size,
      })
    },
  )
}
