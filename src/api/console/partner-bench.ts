// The partner bench: what partners asked of their APIs, and why a signature did not fit.
// Must stay true: no secret, no signature that would be right, and nothing of a merchant's encrypted data is answered.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { debugSignature } from '../../domain/partner-bench/debug-signature.ts'
import { readRequests } from '../../domain/request-log.ts'
import {
  type ConsoleServer,
  Data,
  Instant,
  Items,
  instantText,
  inWords,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: partner bench']

const Api = T.Union([T.Literal('spot'), T.Literal('ramp'), T.Literal('platform')])
const Scheme = T.Union([...Api.anyOf, T.Literal('webhook')])
const Key = T.String({ minLength: 1, maxLength: 128, examples: ['pk_test_unknown'] })
const Side = T.Object({ byte: OrNull(T.String()), near: T.String() })

function readInstant(text: string | undefined, pointer: string): Date | undefined {
  if (text === undefined) return undefined
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new Refusal('InvalidParams', { pointer, reason: 'not a time' })
  return at
}

export function partnerBenchRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/request-log',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleRequestLog',
        summary:
          '合作方请求日志 / Requests to the partner APIs, newest first, kept for 30 days; no bodies, no signatures',
        querystring: strict({
          api: T.Optional(Api),
          key_id: T.Optional(Key),
          request_id: T.Optional(T.String({ minLength: 8, maxLength: 64 })),
          refused: T.Optional(T.Union([T.Literal('true'), T.Literal('false')])),
          from: T.Optional(Instant),
          to: T.Optional(Instant),
          ...pageQuery,
        }),
        response: {
          200: Items(
            T.Object({
              api: T.String(),
              key_id: T.String({ description: 'as the caller named it' }),
              proved: T.Boolean({ description: 'the signature was right' }),
              method: T.String(),
              path: T.String(),
              status: T.Integer(),
              code: T.String(),
              request_id: T.String(),
              ms: T.Integer(),
              ip: T.String(),
              at: Instant,
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const { api, key_id, request_id, refused, from, to } = request.query
      const rows = await readRequests(bank.db, operatorOf(request).bookId, {
        api,
        keyId: key_id,
        requestId: request_id,
        refused: refused === 'true',
        from: readInstant(from, '/from'),
        to: readInstant(to, '/to'),
        offset,
        size,
      })
      const items = rows.map(({ id: _, book_id: _book, at, ...row }) => ({ ...row, at: instantText(at) }))
      return { data: { items, page, size } }
    },
  )

  app.post(
    '/signature-debugger',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleDebugSignature',
        summary: '签名调试 / What the bank computed for a request, and the first byte that differs',
        body: strict({
          scheme: Scheme,
          key_id: T.String({ minLength: 1, maxLength: 128, examples: ['00000000-0000-7000-8000-000000000000'] }),
          method: T.Optional(T.String({ maxLength: 10, pattern: '^[A-Za-z]*$', examples: ['POST'] })),
          path: T.Optional(T.String({ maxLength: 4_000, description: 'with the query' })),
          headers: T.Optional(
            T.Object({}, { additionalProperties: T.String({ maxLength: 2_000 }), maxProperties: 40, examples: [{}] }),
          ),
          body: T.Optional(T.String({ maxLength: 65_536, description: 'the very bytes that were sent, as text' })),
          base: T.Optional(T.String({ maxLength: 65_536, description: 'what the partner’s program signed, if known' })),
        }),
        response: {
          200: Data(
            T.Object({
              key_known: T.Boolean(),
              fits: T.Boolean(),
              base: T.String(),
              forms: T.Array(T.String(), { description: 'other texts that are taken as well' }),
              mistake: OrNull(T.String()),
              difference: OrNull(T.Object({ offset: T.Integer(), ours: Side, theirs: Side })),
              notes: T.Array(T.String()),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { scheme, key_id, method = 'POST', path = '', headers = {}, body = '', base } = request.body
      const lower = Object.entries(headers as Record<string, string>).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ])
      const found = await debugSignature(bank, operatorOf(request), {
        scheme,
        keyId: scheme === 'webhook' ? readId(key_id) : key_id,
        request: { method, path, headers: Object.fromEntries(lower), body },
        base,
      })
      return {
        data: {
          key_known: found.known,
          fits: found.fits,
          base: found.base,
          forms: found.forms,
          mistake: found.mistake ? inWords(request, found.mistake) : null,
          difference: found.difference ?? null,
          notes: found.notes.map((note) => inWords(request, note)),
        },
      }
    },
  )
}
