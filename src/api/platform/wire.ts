// Words and shapes that the platform API's endpoints share: the envelope, what is inside `data`, numbers and times.
// Source: reference document "open platform API". Numbers of customers are JSON numbers, times text in UTC or milliseconds.

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { type Static, Type as T, type TObject, type TSchema } from 'typebox'
import { Compile } from 'typebox/schema'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { type MerchantCaller, openRequest } from '../../domain/merchant/open-request.ts'
import { parseStrictJson } from '../strict-json.ts'

/** A Fastify instance whose handlers get their types from the TypeBox schemas beside them. */
export type PlatformServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export const tags = ['platform']
export const SUCCESS = { code: '0', msg: 'suc' } as const

/** A field that is not named is refused, outside and inside. */
export const strict = <P extends Record<string, TSchema>>(properties: P) =>
  T.Object(properties, { additionalProperties: false })

export const Time = T.Union([T.String({ maxLength: 20 }), T.Integer()], {
  description: '请求时间,毫秒或秒 / milliseconds or seconds since 1970',
  examples: ['1744185294000'],
})

const Code = T.String({ description: '"0" 为成功 / "0" is success' })
const SealedAnswer = T.Object({
  code: Code,
  msg: T.String(),
  data: T.String({ description: '加密的结果,见 x-inner-response / encrypted, see x-inner-response; empty for none' }),
  sign: T.String({ description: '对明文的签名 / signs the text inside; empty for none' }),
})

/** What every refusal looks like. */
export const ErrorAnswer = T.Object({ code: T.String(), msg: T.String(), data: T.Literal(''), sign: T.Literal('') })

/** An integer that no float can spoil: numbers of customers and rows of a log. */
export const numberOf = (value: bigint): number => {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('too large for a JSON number')
  return Number(value)
}

/** `2019-09-02 12:24:36`, in UTC. */
export const timeText = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')

/** Text of up to so many characters; may be empty, which is as good as left out. */
export const Text = (most: number, description: string, example: string) =>
  T.String({ maxLength: most, description, examples: [example] })

const PAGE = /^[1-9]\d{0,5}$/
/** 1 and 100 where nothing is said; more than 100 is served as 100. */
export function pageOf({ page = '', pageSize = '' }: { page?: string; pageSize?: string }) {
  const read = (name: string, text: string, fallback: number) => {
    if (text === '') return fallback
    if (!PAGE.test(text)) throw new Refusal('InvalidParams', { pointer: `/${name}`, reason: 'a whole number from 1' })
    return Number.parseInt(text, 10)
  }
  const size = Math.min(read('pageSize', pageSize, 100), 100)
  return { size, offset: (read('page', page, 1) - 1) * size }
}

// --- the sealed form, which all endpoints but one have ---

interface Endpoint<I extends TObject, O extends TSchema> {
  path: string
  operationId: string
  summary: string
  inner: I
  /** Null: nothing inside the answer. */
  answer: O | null
  /** Bytes of the largest body; 64 KiB where it does not say. */
  bodyLimit?: number
  handle(
    caller: MerchantCaller,
    input: Static<I>,
    request: FastifyRequest,
  ): Promise<O extends TSchema ? Static<O> : void>
}

const Body = strict({
  app_id: T.String({ minLength: 1, maxLength: 80, description: '商家唯一编号(appKey 亦可)/ or appKey' }),
  time: Time,
  data: T.String({ minLength: 1, description: '加密的参数,见 x-inner-request / encrypted, see x-inner-request' }),
  sign: T.String({ minLength: 1, maxLength: 400 }),
})

/** A route whose parameters come encrypted and signed, and whose answer goes the same way. */
export function sealedRoute<I extends TObject, O extends TSchema>(
  app: PlatformServer,
  bank: Bank,
  { path, operationId, summary, inner, answer, bodyLimit, handle }: Endpoint<I, O>,
): void {
  const validator = Compile(inner)
  app.post(
    path,
    {
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      config: { oneName: 'app_id' },
      schema: {
        tags,
        operationId,
        summary,
        body: Body,
        response: { 200: SealedAnswer },
        'x-inner-request': inner,
        ...(answer ? { 'x-inner-response': answer } : {}),
      },
    },
    async (request) => {
      const { app_id: appId, ...sent } = request.body as Static<typeof Body>
      const opened = await openRequest(bank, request.origin, { appId, ...sent }, parseStrictJson)
      request.provedCaller = { bookId: opened.caller.bookId, keyId: appId }
      if (!validator.Check(opened.value)) {
        const [, [first]] = validator.Errors(opened.value)
        throw new Refusal('InvalidParams', { pointer: first?.instancePath ?? '', reason: first?.message ?? '' })
      }
      const result = await handle(opened.caller, opened.value as Static<I>, request)
      return answer
        ? { ...SUCCESS, ...(await opened.answer(JSON.stringify(result))) }
        : { ...SUCCESS, data: '', sign: '' }
    },
  )
}
