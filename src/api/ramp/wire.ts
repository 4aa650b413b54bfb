// Words and shapes that the ramp API's sections share: the envelope, texts, times, the partner that signed.
// Source: reference document "ramp API". Amounts are decimal strings, times milliseconds; a field that has no value yet is
// an empty text, a time null.

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
import type { Partner } from '../../domain/ramp/partner.ts'
import { SUCCESS } from './errors.ts'

/** A Fastify instance whose handlers get their types from the TypeBox schemas beside them. */
export type RampServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** `{code: "000000", data, description}` */
export const Ok = <S extends TSchema>(data: S) => T.Object({ code: T.Literal(SUCCESS), data, description: T.String() })

export const ok = <D>(request: FastifyRequest, data: D) => ({
  code: SUCCESS as typeof SUCCESS,
  data,
  description: request.origin.locale === 'zh' ? '成功' : 'success',
})

/** What every refusal looks like. */
export const ErrorAnswer = T.Object({
  code: T.String({ description: 'not 000000; the table is in docs/ramp.md' }),
  data: T.Null(),
  description: T.String(),
})

/** Every body and query schema is made with this: a field that is not named is refused. */
export const strict = <P extends Record<string, TSchema>>(properties: P) =>
  T.Object(properties, { additionalProperties: false })

export const Text = (description: string, most: number, example: string, least = 1) =>
  T.String({ minLength: least, maxLength: most, description, examples: [example] })

export const Account = Text(
  '账户(用户邮箱或者第三方唯一标识ID)/ e-mail address, or your own id of the user',
  254,
  'user-1001',
)
export const Source = Text('渠道来源 / one of your sources', 40, 'binance')
export const OrderNo = T.String({
  pattern: '^[!-~]{1,40}$',
  description: '订单编号(长度40位以内)/ your order number, one order for ever',
  examples: ['A10001'],
})
export const Millis = (description: string) => T.Union([T.Integer(), T.Null()], { description })

/** The partner that signed the request, and speaks for one of its own sources. */
export function signedFor(request: FastifyRequest, source: string): Partner {
  if (!request.signed) throw new Refusal('Unauthorized')
  const { partner } = request.signed
  if (!partner.sources.includes(source))
    throw new Refusal('Forbidden', { pointer: '/source', reason: 'not one of yours' })
  return partner
}
