// 站内转账 of the app document: look up a recipient, send, list.
// Wire ↔ domain only: the rules are those of domain/transfer.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { idempotencyKey } from '../../domain/idempotency.ts'
import { lookUpRecipient, sendTransfer, transferOrders } from '../../domain/transfer.ts'
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

const tags = ['站内转账']

export function transferRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/transfer/lookup',
    {
      schema: {
        tags,
        operationId: 'lookUpRecipient',
        summary: '按 UID 查找收款人 / Find a recipient by UID',
        querystring: strict({
          q: T.String({ minLength: 1, maxLength: 40, description: '对方 UID / UID, e.g. U10002' }),
        }),
        response: {
          200: Ok(
            T.Object({ uid: T.String(), user_id: T.String(), name_masked: T.String(), avatar_color: T.String() }),
          ),
        },
      },
    },
    async (request) => {
      const person = await lookUpRecipient(bank, actorOf(request), request.query.q)
      return ok({
        uid: person.uid,
        user_id: person.id,
        name_masked: person.maskedName,
        avatar_color: person.avatarColor,
      })
    },
  )

  app.post(
    '/api/transfer',
    {
      schema: {
        tags,
        operationId: 'sendTransfer',
        summary: '站内转账 / Send to another customer',
        headers: MoneyHeaders,
        body: strict({
          to_user_id: T.String({ minLength: 1, maxLength: 64 }),
          amount: Amount,
          memo: T.Optional(T.String({ maxLength: 200 })),
          payment_password: PaymentPassword,
          totp_code: T.Optional(TotpCode),
        }),
        response: {
          200: Ok(
            T.Object({
              transfer_id: T.String(),
              amount: T.String(),
              fee: T.String(),
              status: T.Literal('success'),
              created_at: Instant,
            }),
          ),
        },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const { to_user_id, amount, memo = '', payment_password, totp_code } = request.body
      const { answer, replayed } = await sendTransfer(bank, actor, {
        toPersonId: to_user_id,
        amount,
        memo,
        proof: { paymentPassword: payment_password, totpCode: totp_code },
        idempotency: idempotencyKey(request.headers['idempotency-key'], `app:${actor.personId}:transfer`, request.body),
      })
      markReplay(reply, replayed)
      return ok({
        transfer_id: wireId('t', `${answer.id}`),
        amount: `${answer.amount}`,
        fee: `${answer.fee}`,
        status: 'success' as const,
        created_at: `${answer.created_at}`,
      })
    },
  )

  app.get(
    '/api/transfer/orders',
    {
      schema: {
        tags,
        operationId: 'listTransfers',
        summary: '转账记录 / Payments sent and received',
        querystring: strict(pageQuery),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  to_user_id: T.String(),
                  from_uid: T.String(),
                  to_uid: T.String(),
                  direction: T.Union([T.Literal('in'), T.Literal('out')]),
                  amount: T.String(),
                  fee: T.String(),
                  memo: T.String(),
                  status: T.String(),
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
      const actor = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const orders = await transferOrders(bank, actor, { offset, size })
      return ok({
        items: orders.map((order) => ({
          id: wireId('t', order.id),
          to_user_id: order.to_person,
          from_uid: `U${order.from_no}`,
          to_uid: `U${order.to_no}`,
          direction: order.from_no === actor.personNo ? ('out' as const) : ('in' as const),
          amount: amountText(order.amount),
          fee: amountText(order.fee),
          memo: order.memo,
          status: order.status,
          created_at: instantText(order.created_at),
        })),
        page,
        size,
      })
    },
  )
}
