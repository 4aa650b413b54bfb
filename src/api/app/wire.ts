// Words and shapes that the app API's sections share: the envelope, amounts, pages, ids with their prefix.
// Source: reference document "app API". Amounts are decimal strings, times UTC ISO-8601.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { Type as T, type TSchema } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import type { Actor } from '../../domain/context.ts'
import { assets } from '../../ledger/accounts.ts'

/** A Fastify instance whose handlers get their types from the TypeBox schemas beside them. */
export type AppServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** `{code: 0, data}` */
export const Ok = <S extends TSchema>(data: S) => T.Object({ code: T.Literal(0), data })
/** `{code: 0}` */
export const Done = T.Object({ code: T.Literal(0) })

export const ok = <D>(data: D) => ({ code: 0 as const, data })
export const done = { code: 0 as const }

/** What every refusal looks like. `message` is for the customer, in their language; `request_id` for support. */
export const ErrorAnswer = T.Object({
  code: T.Integer(),
  name: T.String(),
  message: T.String(),
  request_id: T.String(),
  details: T.Optional(T.Array(T.Object({}, { additionalProperties: true }))),
})

/** The signed-in customer of a `bearer` route. */
export function actorOf(request: Pick<FastifyRequest, 'actor'>): Actor {
  if (!request.actor) throw new Refusal('Unauthorized')
  return request.actor
}

/** Every body, query and params schema is made with this: a field that is not named is refused. */
export const strict = <P extends Record<string, TSchema>>(properties: P) =>
  T.Object(properties, { additionalProperties: false })

/** As much of the grammar as a schema can say; base/money.ts has the last word on digits and scale. */
export const Amount = T.String({ minLength: 1, maxLength: 40, description: 'decimal string', examples: ['100.00'] })
export const Chain = T.String({ minLength: 1, maxLength: 10, description: '链 / network: BSC, TRX, ETH' })
export const Instant = T.String({ format: 'date-time' })
export const PaymentPassword = T.String({ minLength: 1, maxLength: 64, description: '支付密码 / payment PIN' })
export const TotpCode = T.String({ minLength: 1, maxLength: 16, description: 'TOTP' })

const Digits = (description: string) =>
  T.String({ pattern: '^[1-9][0-9]{0,5}$', description: `${description} (integer)` })
export const pageQuery = {
  page: T.Optional(Digits('页码 / page, from 1')),
  size: T.Optional(Digits('每页 / page size, at most 100')),
}

export interface Page {
  page: number
  size: number
  offset: number
}

/** Defaults to the first 20; more than 100 is served as 100. */
export function pageOf(query: { page?: string; size?: string }): Page {
  const page = Number.parseInt(query.page ?? '1', 10)
  const size = Math.min(Number.parseInt(query.size ?? '20', 10), 100)
  return { page, size, offset: (page - 1) * size }
}

/** "100.00", "0.123456", "0": at least two decimals unless zero. */
export const amountText = (units: bigint, scale = 6): string => formatAmount(units, scale, 2)

/** Prefixes say what an id is of: `t-` transfer, `r-` deposit (recharge), `l-` ledger entry, `d-` device … */
export const wireId = (prefix: string, id: string): string => `${prefix}-${id}`

/** The id behind the prefix. Anything else is as absent as an id that does not exist. */
export function readWireId(prefix: string, text: string): string {
  const id = text.startsWith(`${prefix}-`) ? text.slice(prefix.length + 1) : ''
  if (!isId(id)) throw new Refusal('NotFound')
  return id
}

export const instantText = (instant: Date): string => instant.toISOString()

/** Points are printed as a JSON number, as the document shows them: exact, since it is the shortest text that reads back. */
export const pointsNumber = (units: bigint): number => readPoints(formatAmount(units, assets.UPT.scale))
export const readPoints = (text: string): number => JSON.parse(text) as number

/** Every POST that moves money takes this; see domain/idempotency.ts. */
export const MoneyHeaders = T.Object({
  'idempotency-key': T.Optional(
    T.String({ description: '1–255 visible ASCII characters; the same key and body have one effect and one answer' }),
  ),
})

/** Says that the answer is that of an earlier request with the same key. */
export const markReplay = (reply: FastifyReply, replayed: boolean) => {
  if (replayed) reply.header('idempotent-replayed', 'true')
}
