// Webhook / 事件通知: the customer's own endpoints, the log of deliveries, and past events. Beyond the document.
// Must stay true: wire ↔ domain only; a secret is answered when it is made and at no other time.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import type { PaymentProof } from '../../domain/payment-proof/authorize-payment.ts'
import { eventWireId } from '../../domain/webhook/deliver.ts'
import { type DeliveryRow, deliveriesOf, deliveryById } from '../../domain/webhook/delivery.ts'
import { type EndpointRow, endpointsOf, publicKeyOf } from '../../domain/webhook/endpoint.ts'
import { payloadOf, webhookTypes } from '../../domain/webhook/event-types.ts'
import {
  addOwnEndpoint,
  changeOwnEndpoint,
  ownEndpoint,
  ownerOf,
  pingOwnEndpoint,
  removeOwnEndpoint,
  resendOwn,
  rotateOwnSecret,
} from '../../domain/webhook/own-webhooks.ts'
import { pastEvents } from '../../domain/webhook/past-events.ts'
import {
  type AppServer,
  actorOf,
  Done,
  done,
  Instant,
  instantText,
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

const tags = ['Webhook']

const InstantOrNull = T.Union([Instant, T.Null()])
const Url = T.String({ minLength: 8, maxLength: 2048, examples: ['https://example.com/unipay'] })
const Types = T.Array(T.String({ minLength: 1, maxLength: 60, examples: ['transfer.completed'] }), {
  maxItems: 40,
  description: `事件类型或分组,空为全部 / types or groups such as card.*; empty: all. ${webhookTypes.join(', ')}`,
})
const Description = T.String({ maxLength: 400 })
const proofBody = { payment_password: PaymentPassword, totp_code: T.Optional(TotpCode) }

const Endpoint = T.Object({
  id: T.String(),
  url: T.String(),
  description: T.String(),
  types: T.Array(T.String(), { description: 'empty: all' }),
  scheme: T.Union([T.Literal('hmac'), T.Literal('ed25519')]),
  public_key: T.Union([T.String(), T.Null()], { description: 'whpk_…, for ed25519' }),
  status: T.Union([T.Literal('active'), T.Literal('disabled')]),
  disabled_for: T.String({ description: 'owner, failures, operator' }),
  failing_since: InstantOrNull,
  previous_key_until: InstantOrNull,
  created_at: Instant,
})
const Made = T.Object({
  endpoint: Endpoint,
  key: T.String({ description: '仅此一次展示 / shown this once: whsec_… (hmac) or whpk_… (ed25519)' }),
})
const Delivery = T.Object({
  event_id: T.String(),
  type: T.String(),
  status: T.Union([T.Literal('waiting'), T.Literal('delivered'), T.Literal('failed')]),
  attempts: T.Integer(),
  happened_at: Instant,
  next_at: InstantOrNull,
  settled_at: InstantOrNull,
})
const Payload = T.Object({ type: T.String(), timestamp: Instant, data: T.Object({}, { additionalProperties: true }) })
const Attempted = T.Object({
  no: T.Integer(),
  at: Instant,
  ms: T.Integer(),
  outcome: T.String({ description: 'ok, status, timeout, connection, address, unresolved …' }),
  http_status: T.Union([T.Integer(), T.Null()]),
  snippet: T.String(),
})

const instantOrNull = (instant: Date | null) => instant && instantText(instant)

const wireDelivery = ({ event_id, type, data, status, attempts, happened_at, next_at, settled_at }: DeliveryRow) => ({
  event_id: eventWireId(event_id),
  type: payloadOf(type, data, happened_at).type,
  status,
  attempts,
  happened_at: instantText(happened_at),
  next_at: status === 'waiting' ? instantText(next_at) : null,
  settled_at: instantOrNull(settled_at),
})

const proofOf = (body: { payment_password: string; totp_code?: string }): PaymentProof => ({
  paymentPassword: body.payment_password,
  totpCode: body.totp_code,
})

export function webhookRoutes(app: AppServer, bank: Bank) {
  const wireEndpoint = (bookId: number, row: EndpointRow) => ({
    id: wireId('wh', row.id),
    url: row.url,
    description: row.description,
    types: row.types ?? [],
    scheme: row.scheme,
    public_key: publicKeyOf(bank, bookId, row),
    status: row.status,
    disabled_for: row.disabled_for,
    failing_since: instantOrNull(row.failing_since),
    previous_key_until:
      row.previous_until && row.previous_until > bank.clock.now() ? instantText(row.previous_until) : null,
    created_at: instantText(row.created_at),
  })
  const params = strict({ id: T.String({ maxLength: 64 }) })
  const eventParams = strict({ id: T.String({ maxLength: 64 }), event_id: T.String({ maxLength: 64 }) })

  app.get(
    '/api/webhooks',
    {
      schema: {
        tags,
        operationId: 'listWebhooks',
        summary: '我的 Webhook / Own endpoints, at most 10',
        response: { 200: Ok(T.Array(Endpoint)) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const rows = await endpointsOf(bank.db, actor.bookId, ownerOf(actor))
      return ok(rows.map((row) => wireEndpoint(actor.bookId, row)))
    },
  )

  app.post(
    '/api/webhooks',
    {
      schema: {
        tags,
        operationId: 'addWebhook',
        summary: '添加 Webhook / Add an endpoint',
        description: '按 Standard Webhooks 签名 / Signed by Standard Webhooks: HMAC-SHA256 (v1) or Ed25519 (v1a).',
        body: strict({
          url: Url,
          description: T.Optional(Description),
          types: T.Optional(Types),
          scheme: T.Optional(T.Union([T.Literal('hmac'), T.Literal('ed25519')])),
          ...proofBody,
        }),
        response: { 200: Ok(Made) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { url, description = '', types = [], scheme = 'hmac' } = request.body
      const input = { url, description, types, scheme }
      const { row, key } = await addOwnEndpoint(bank, actor, input, proofOf(request.body))
      return ok({ endpoint: wireEndpoint(actor.bookId, row), key })
    },
  )

  app.get(
    '/api/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'getWebhook',
        summary: 'Webhook 详情 / One endpoint',
        params,
        response: { 200: Ok(Endpoint) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      return ok(wireEndpoint(actor.bookId, await ownEndpoint(bank, actor, readWireId('wh', request.params.id))))
    },
  )

  app.put(
    '/api/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'changeWebhook',
        summary: '修改、停用或启用 / Change, disable, enable',
        description: '修改地址需支付密码 / Another address takes the payment password.',
        params,
        body: strict({
          url: T.Optional(Url),
          description: T.Optional(Description),
          types: T.Optional(Types),
          enabled: T.Optional(T.Boolean()),
          payment_password: T.Optional(PaymentPassword),
          totp_code: T.Optional(TotpCode),
        }),
        response: { 200: Ok(Endpoint) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { payment_password, totp_code, ...change } = request.body
      const proof =
        payment_password === undefined ? undefined : { paymentPassword: payment_password, totpCode: totp_code }
      const row = await changeOwnEndpoint(bank, actor, readWireId('wh', request.params.id), change, proof)
      return ok(wireEndpoint(actor.bookId, row))
    },
  )

  app.delete(
    '/api/webhooks/:id',
    {
      schema: {
        tags,
        operationId: 'removeWebhook',
        summary: '删除 Webhook / Remove an endpoint',
        params,
        response: { 200: Done },
      },
    },
    async (request) => {
      await removeOwnEndpoint(bank, actorOf(request), readWireId('wh', request.params.id))
      return done
    },
  )

  app.post(
    '/api/webhooks/:id/secret',
    {
      schema: {
        tags,
        operationId: 'rotateWebhookSecret',
        summary: '轮换密钥 / A new key; the one before signs as well for 24 hours',
        params,
        body: strict(proofBody),
        response: { 200: Ok(Made) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const id = readWireId('wh', request.params.id)
      const { row, key } = await rotateOwnSecret(bank, actor, id, proofOf(request.body))
      return ok({ endpoint: wireEndpoint(actor.bookId, row), key })
    },
  )

  app.post(
    '/api/webhooks/:id/test',
    {
      schema: {
        tags,
        operationId: 'testWebhook',
        summary: '发送测试事件 / Send a ping',
        params,
        response: { 200: Ok(Delivery) },
      },
    },
    async (request) =>
      ok(wireDelivery(await pingOwnEndpoint(bank, actorOf(request), readWireId('wh', request.params.id)))),
  )

  app.get(
    '/api/webhooks/:id/deliveries',
    {
      schema: {
        tags,
        operationId: 'listWebhookDeliveries',
        summary: '投递记录 / Deliveries, newest first, kept for 30 days',
        params,
        querystring: strict({
          status: T.Optional(T.Union([T.Literal('waiting'), T.Literal('delivered'), T.Literal('failed')])),
          ...pageQuery,
        }),
        response: { 200: Ok(T.Array(Delivery)) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { id } = await ownEndpoint(bank, actor, readWireId('wh', request.params.id))
      const page = { ...pageOf(request.query), status: request.query.status }
      return ok((await deliveriesOf(bank.db, actor.bookId, id, page)).map(wireDelivery))
    },
  )

  app.get(
    '/api/webhooks/:id/deliveries/:event_id',
    {
      schema: {
        tags,
        operationId: 'getWebhookDelivery',
        summary: '一次投递及其每次尝试 / One delivery: what is sent, and every attempt',
        params: eventParams,
        response: { 200: Ok(T.Object({ delivery: Delivery, payload: Payload, attempts: T.Array(Attempted) })) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { id } = await ownEndpoint(bank, actor, readWireId('wh', request.params.id))
      const row = await deliveryById(bank.db, actor.bookId, id, readWireId('ev', request.params.event_id))
      return ok({
        delivery: wireDelivery(row),
        payload: payloadOf(row.type, row.data, row.happened_at),
        attempts: row.log.map(({ at, status, ...rest }) => ({ ...rest, at: instantText(at), http_status: status })),
      })
    },
  )

  app.post(
    '/api/webhooks/:id/deliveries/:event_id/resend',
    {
      schema: {
        tags,
        operationId: 'resendWebhookDelivery',
        summary: '重新投递 / Send it again, under the same id',
        params: eventParams,
        response: { 200: Ok(Delivery) },
      },
    },
    async (request) => {
      const { id, event_id } = request.params
      return ok(wireDelivery(await resendOwn(bank, actorOf(request), readWireId('wh', id), readWireId('ev', event_id))))
    },
  )

  app.get(
    '/api/webhook-events',
    {
      schema: {
        tags,
        operationId: 'listPastEvents',
        summary: '补拉事件 / Past events, oldest first, kept for 30 days',
        description:
          '从 next_cursor 继续;最近一分钟的事件可能重复,请按 id 去重 / Go on from next_cursor; the last minute may come again, so tell events apart by id.',
        querystring: strict({
          cursor: T.Optional(T.String({ minLength: 1, maxLength: 64 })),
          limit: T.Optional(T.String({ pattern: '^[1-9][0-9]{0,5}$', description: 'at most 100' })),
          type: T.Optional(T.String({ minLength: 1, maxLength: 60 })),
        }),
        response: {
          200: Ok(
            T.Object({
              events: T.Array(T.Object({ id: T.String(), ...Payload.properties })),
              next_cursor: T.String(),
              has_more: T.Boolean(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const { cursor, type } = request.query
      const limit = Math.min(Number.parseInt(request.query.limit ?? '20', 10), 100)
      const types = type === undefined ? undefined : [type]
      const past = await pastEvents(bank.db, actor.bookId, ownerOf(actor), { cursor, limit, types })
      return ok({ events: past.events, next_cursor: past.cursor, has_more: past.more })
    },
  )
}
