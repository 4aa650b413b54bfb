// 账户 of the app document: balances, statement, moves between own accounts.
// Wire ↔ domain only: the rules are those of domain/transfer.ts and domain/statement.ts.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { holdingsOf } from '../../domain/holdings.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
import { mainAndNode, statement, statementTypes } from '../../domain/statement.ts'
import { transferBetweenOwn } from '../../domain/transfer.ts'
import { assets } from '../../ledger/accounts.ts'
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
  strict,
  TotpCode,
  wireId,
} from './wire.ts'

const tags = ['账户']
const Own = T.Enum(['main', 'node', 'futures'])
const Holdings = T.Object({ balance: T.String(), frozen: T.String(), available: T.String() })

const holdings = ({ balance, held }: { balance: bigint; held: bigint }) => ({
  balance: amountText(balance),
  frozen: amountText(held),
  available: amountText(balance - held),
})

export function accountRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/account/balance',
    {
      schema: {
        tags,
        operationId: 'getBalance',
        summary:
          '账户余额 / Balances in USDT; `balance` includes what is frozen. `coins`: other assets of the main account',
        response: {
          200: Ok(
            T.Object({
              main: Holdings,
              node: Holdings,
              futures: Holdings,
              total: T.String(),
              coins: T.Object({ TRX: Holdings }),
            }),
          ),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const [{ main, node }, trx, [futures]] = await Promise.all([
        mainAndNode(bank, actor),
        mainAndNode(bank, actor, 'TRX'),
        holdingsOf(bank, actor, 'futures', ['USDT']),
      ])
      const apart = futures ?? { balance: 0n, held: 0n }
      return ok({
        main: holdings(main),
        node: holdings(node),
        futures: holdings(apart),
        total: amountText(main.balance + node.balance + apart.balance),
        coins: { TRX: holdings(trx.main) },
      })
    },
  )

  app.get(
    '/api/account/ledger',
    {
      schema: {
        tags,
        operationId: 'getStatement',
        summary: '账户流水 / Statement, newest first',
        querystring: strict({
          account: T.Optional(T.Union([T.Literal('main'), T.Literal('node'), T.Literal('card'), T.Literal('futures')])),
          type: T.Optional(T.String({ maxLength: 40, description: `业务类型: ${statementTypes.join(', ')}` })),
          asset: T.Optional(T.Enum(['USDT', 'TRX'], { description: '币种,默认 USDT / asset, USDT unless said' })),
          ...pageQuery,
        }),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  account_type: T.String(),
                  asset: T.String(),
                  direction: T.Union([T.Literal('debit'), T.Literal('credit')]),
                  amount: T.String(),
                  balance_after: T.String(),
                  biz_type: T.String(),
                  memo: T.String(),
                  created_at: Instant,
                }),
              ),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { account, type, asset, ...query } = request.query
      if (type !== undefined && !statementTypes.some((known) => known === type)) {
        throw new Refusal('InvalidParams', { pointer: '/type', reason: `one of ${statementTypes.join(', ')}` })
      }
      const { page, size, offset } = pageOf(query)
      const lines = await statement(
        bank,
        actorOf(request),
        { account, asset: asset as 'USDT' | 'TRX' | undefined, type, offset, size },
        request.origin.locale,
      )
      return ok({
        items: lines.map((line) => ({
          id: wireId('l', line.id),
          account_type: line.account,
          asset: line.asset,
          direction: line.direction,
          amount: amountText(line.amount, assets[line.asset].scale),
          balance_after: amountText(line.balanceAfter, assets[line.asset].scale),
          biz_type: line.type,
          memo: line.memo,
          created_at: instantText(line.at),
        })),
        page,
        size,
      })
    },
  )

  app.post(
    '/api/account/transfer-internal',
    {
      schema: {
        tags,
        operationId: 'transferInternal',
        summary: '账户间互转 / Move between own accounts: main, node, futures',
        headers: MoneyHeaders,
        body: strict({
          from: Own,
          to: Own,
          amount: Amount,
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: {
          200: Ok(
            T.Object({
              transfer_id: T.String(),
              from: T.String(),
              to: T.String(),
              amount: T.String(),
              created_at: Instant,
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { from, to, amount, payment_password, totp_code } = request.body
      const { answer, replayed } = await transferBetweenOwn(bank, actor, {
        from,
        to,
        amount,
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(
          request.headers['idempotency-key'],
          `app:${actor.personId}:transfer-internal`,
          request.body,
        ),
      })
      markReplay(reply, replayed)
      return ok({
        transfer_id: wireId('t', `${answer.id}`),
        from: `${answer.from}`,
        to: `${answer.to}`,
        amount: `${answer.amount}`,
        created_at: `${answer.created_at}`,
      })
    },
  )
}
