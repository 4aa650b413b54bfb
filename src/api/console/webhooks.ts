// Webhooks of everybody: endpoints and how they are, what was sent to them with every attempt, sending it again.
// Must stay true: where a partner's or merchant's events go is an approval (`webhook`); a key is shown when it is made.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { eventWireId } from '../../domain/webhook/deliver.ts'
import { type DeliveryRow, deliveriesOf } from '../../domain/webhook/delivery.ts'
import {
  allEndpoints,
  type EndpointRow,
  endpointById,
  endpointsOf,
  publicKeyOf,
  type WebhookOwner,
} from '../../domain/webhook/endpoint.ts'
import { payloadOf } from '../../domain/webhook/event-types.ts'
import {
  changeByOperator,
  pingByOperator,
  removeByOperator,
  resendByOperator,
  resendFailedByOperator,
  rotateByOperator,
  seeDelivery,
} from '../../domain/webhook/operate-webhooks.ts'
import {
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

const tags = ['console: webhooks']

const Endpoint = T.Object({
  id: T.String(),
  owner: T.String({ description: 'person:<no>, partner:<id>, merchant:<app_id>' }),
  url: T.String(),
  description: T.String(),
  types: T.Array(T.String()),
  scheme: T.String(),
  public_key: OrNull(T.String()),
  status: T.String(),
  disabled_for: T.String(),
  failing_since: OrNull(Instant),
  failures: T.Integer(),
  previous_key_until: OrNull(Instant),
  created_at: Instant,
})
const Delivery = T.Object({
  event_id: T.String(),
  type: T.String(),
  status: T.String(),
  attempts: T.Integer(),
  happened_at: Instant,
  next_at: OrNull(Instant),
  settled_at: OrNull(Instant),
})
const deliveryOf = ({ event_id, type, data, status, attempts, happened_at, next_at, settled_at }: DeliveryRow) => ({
  event_id: eventWireId(event_id),
  type: payloadOf(type, data, happened_at).type,
  status,
  attempts,
  happened_at: instantText(happened_at),
  next_at: status === 'waiting' ? instantText(next_at) : null,
  settled_at: instantOrNull(settled_at),
})

const OWNER = '^(person:[1-9][0-9]{0,18}|(partner|merchant):[0-9a-z_-]{20,80})$'
const Owner = T.String({ pattern: OWNER, examples: ['person:10001'] })
const params = strict({ id: Id })
const eventParams = strict({ id: Id, event_id: Id })
const senders = ['support', 'risk', 'admin'] as const

export function webhookRoutes(app: ConsoleServer, bank: Bank) {
  const endpointOf = (bookId: number, row: EndpointRow) => ({
    id: row.id,
    owner: row.owner,
    url: row.url,
    description: row.description,
    types: row.types ?? [],
    scheme: row.scheme,
    public_key: publicKeyOf(bank, bookId, row),
    status: row.status,
    disabled_for: row.disabled_for,
    failing_since: instantOrNull(row.failing_since),
    failures: row.failures,
    previous_key_until: instantOrNull(
      row.previous_until && row.previous_until > bank.clock.now() ? row.previous_until : null,
    ),
    created_at: instantText(row.created_at),
  })

  app.get(
    '/webhooks',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListWebhooks',
        summary: 'Webhook 列表 / Endpoints, newest first: all, one owner’s, or those that fail',
        querystring: strict({
          owner: T.Optional(Owner),
          failing: T.Optional(T.Union([T.Literal('true'), T.Literal('false')])),
          ...pageQuery,
        }),
        response: { 200: Items(Endpoint) },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const { owner, failing } = request.query
      const rows = owner
        ? (await endpointsOf(bank.db, bookId, owner as WebhookOwner)).slice(offset, offset + size)
        : await allEndpoints(bank.db, bookId, { offset, size, failing: failing === 'true' })
      return { data: { items: rows.map((row) => endpointOf(bookId, row)), page, size } }
    },
  )

  app.post(
    '/webhooks/:id/change',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleChangeWebhook',
        summary: '停用、启用或修改说明与联系邮箱 / Disable, enable, describe, or say whom to mail',
        params,
        body: strict({
          enabled: T.Optional(T.Boolean()),
          description: T.Optional(T.String({ maxLength: 400 })),
          mail: T.Optional(T.String({ maxLength: 254, pattern: '^$|^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$', examples: [''] })),
          reason: Reason,
        }),
        response: { 200: Data(Endpoint) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { reason, ...change } = request.body
      const row = await changeByOperator(bank, operator, readId(request.params.id), change, reason)
      return { data: endpointOf(operator.bookId, row) }
    },
  )

  app.post(
    '/webhooks/:id/remove',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleRemoveWebhook',
        summary: '删除伙伴或商户的 Webhook / Remove a partner’s or merchant’s endpoint',
        params,
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await removeByOperator(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )

  app.post(
    '/webhooks/:id/secret',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleRotateWebhookSecret',
        summary: '新密钥,仅展示一次 / A new key, shown this once; the one before signs as well for 24 hours',
        params,
        response: { 200: Data(T.Object({ endpoint: Endpoint, key: T.String() })) },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { row, key } = await rotateByOperator(bank, operator, readId(request.params.id))
      return { data: { endpoint: endpointOf(operator.bookId, row), key } }
    },
  )

  app.post(
    '/webhooks/:id/test',
    {
      config: { roles: senders },
      schema: {
        tags,
        operationId: 'consoleTestWebhook',
        summary: '发送测试事件 / Send a ping',
        params,
        response: { 200: Data(Delivery) },
      },
    },
    async (request) => ({
      data: deliveryOf(await pingByOperator(bank, operatorOf(request), readId(request.params.id))),
    }),
  )

  app.post(
    '/webhooks/:id/resend-failed',
    {
      config: { roles: senders },
      schema: {
        tags,
        operationId: 'consoleResendFailed',
        summary: '重新投递某时起所有失败的事件 / Send again all that was given up since an instant',
        params,
        body: strict({ since: Instant }),
        response: { 200: Data(T.Object({ count: T.Integer() })) },
      },
    },
    async (request) => {
      const since = new Date(request.body.since)
      const count = await resendFailedByOperator(bank, operatorOf(request), readId(request.params.id), since)
      return { data: { count } }
    },
  )

  app.get(
    '/webhooks/:id/deliveries',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListDeliveries',
        summary: '投递记录 / Deliveries to an endpoint, newest first',
        params,
        querystring: strict({
          status: T.Optional(T.Union([T.Literal('waiting'), T.Literal('delivered'), T.Literal('failed')])),
          ...pageQuery,
        }),
        response: { 200: Items(Delivery) },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const { id } = await endpointById(bank.db, bookId, undefined, readId(request.params.id))
      const rows = await deliveriesOf(bank.db, bookId, id, { offset, size, status: request.query.status })
      return { data: { items: rows.map(deliveryOf), page, size } }
    },
  )

  app.get(
    '/webhooks/:id/deliveries/:event_id',
    {
      config: { roles: senders },
      schema: {
        tags,
        operationId: 'consoleShowDelivery',
        summary: '一次投递的内容与每次尝试 / What is sent, and every attempt; the look is logged',
        params: eventParams,
        response: {
          200: Data(
            T.Object({
              delivery: Delivery,
              payload: T.Object({}, { additionalProperties: true }),
              attempts: T.Array(
                T.Object({
                  no: T.Integer(),
                  at: Instant,
                  ms: T.Integer(),
                  outcome: T.String(),
                  http_status: OrNull(T.Integer()),
                  snippet: T.String(),
                }),
              ),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { id, event_id } = request.params
      const row = await seeDelivery(bank, operatorOf(request), readId(id), readId(event_id))
      return {
        data: {
          delivery: deliveryOf(row),
          payload: payloadOf(row.type, row.data, row.happened_at),
          attempts: row.log.map(({ at, status, ...rest }) => ({ ...rest, at: instantText(at), http_status: status })),
        },
      }
    },
  )

  app.post(
    '/webhooks/:id/deliveries/:event_id/resend',
    {
      config: { roles: senders },
      schema: {
        tags,
        operationId: 'consoleResendDelivery',
        summary: '重新投递 / Send it again, under the same id',
        params: eventParams,
        response: { 200: Data(Delivery) },
      },
    },
    async (request) => {
      const { id, event_id } = request.params
      return { data: deliveryOf(await resendByOperator(bank, operatorOf(request), readId(id), readId(event_id))) }
    },
  )
}
