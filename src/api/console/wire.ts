// Words and shapes that the console's sections share: {data} and {error}, pages, amounts, times, who asks.
// Amounts are decimal strings with an asset beside them, times UTC ISO-8601, names snake_case, ids as they are in the
// database; those that customers see with a prefix (r-…) are taken in both forms.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { Type as T, type TSchema } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import type { Operator, Words } from '../../domain/operator/approval-kind.ts'
import { type Asset, accountName, assets, describeAccount } from '../../ledger/accounts.ts'

/** A Fastify instance whose handlers get their types from the TypeBox schemas beside them. */
export type ConsoleServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export const Data = <S extends TSchema>(data: S) => T.Object({ data })
export const Items = <S extends TSchema>(item: S) =>
  Data(T.Object({ items: T.Array(item), page: T.Integer(), size: T.Integer(), total: T.Optional(T.Integer()) }))
/** `{data: {}}`: it is done. */
export const Done = Data(T.Object({}))
export const done = { data: {} }

/** What every refusal looks like. `code` is stable; `message` is in the operator's language. */
export const ErrorAnswer = T.Object({
  error: T.Object({
    code: T.String(),
    message: T.String(),
    request_id: T.String(),
    details: T.Object({}, { additionalProperties: true }),
  }),
})

/** The signed-in operator of a route that names roles. */
export function operatorOf(request: Pick<FastifyRequest, 'operator'>): Operator {
  if (!request.operator) throw new Refusal('Unauthorized')
  return request.operator
}

/** Every body, query and params schema is made with this: a field that is not named is refused. */
export const strict = <P extends Record<string, TSchema>>(properties: P) =>
  T.Object(properties, { additionalProperties: false })

export const Instant = T.String({ format: 'date-time' })
export const OrNull = <S extends TSchema>(schema: S) => T.Union([schema, T.Null()])
export const Reason = T.String({
  minLength: 1,
  maxLength: 500,
  examples: ['incident 42'],
  description: 'why; kept for ever',
})
export const Id = T.String({ minLength: 1, maxLength: 60, examples: ['00000000-0000-7000-8000-000000000000'] })
export const Bilingual = T.Object({ zh: T.String(), en: T.String() }) satisfies TSchema

/** In the operator's language. */
export const inWords = (request: FastifyRequest, words: Words): string => words[request.origin.locale]

const Digits = (description: string) =>
  T.String({ pattern: '^[1-9][0-9]{0,5}$', description: `${description} (integer)` })
export const pageQuery = {
  page: T.Optional(Digits('页码 / page, from 1')),
  size: T.Optional(Digits('每页 / page size, at most 100')),
}

/** Defaults to the first 20; more than 100 is served as 100. */
export function pageOf(query: { page?: string; size?: string }): { page: number; size: number; offset: number } {
  const page = Number.parseInt(query.page ?? '1', 10)
  const size = Math.min(Number.parseInt(query.size ?? '20', 10), 100)
  return { page, size, offset: (page - 1) * size }
}

export const instantText = (instant: Date): string => instant.toISOString()
export const instantOrNull = (instant: Date | null): string | null => instant?.toISOString() ?? null

/** "100.00" of USDT units; other assets have scales of their own. */
export const amountText = (units: bigint, asset: Asset = 'USDT'): string => formatAmount(units, assets[asset].scale, 2)

/** The id behind an optional prefix. Anything else is as absent as an id that does not exist. */
export function readId(text: string): string {
  const id = text.replace(/^[a-z]{1,2}-/, '')
  if (!isId(id)) throw new Refusal('NotFound')
  return id
}

/** Legs as operators read them: `U10001:main:USDT`, with the amount in that asset. */
export const Leg = T.Object({ account: T.String(), amount: T.String(), asset: T.String() })
export function legOf({ account, amount }: { account: bigint; amount: bigint }) {
  const { asset } = describeAccount(account)
  return { account: accountName(account), amount: amountText(amount, asset), asset }
}
