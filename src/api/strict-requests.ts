// What our own APIs (app, console) take for a request: JSON in UTF-8 to the letter, clean addresses, known verbs.
// Must stay true: a body is refused before any row is written; a 404 and a 405 have the API's own envelope.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../base/errors.ts'
import type { Origin } from '../domain/context.ts'
import { isCleanText, parseStrictJson } from './strict-json.ts'
import { localeOf } from './thrown.ts'

declare module 'fastify' {
  interface FastifyRequest {
    origin: Origin
  }
}

const LARGEST = 64 * 1024
/** Of a client that has left before its request was looked at. */
const UNKNOWN_ADDRESS = '0.0.0.0'

/** Parsers and first checks of one API's plugin. Call it before its routes. */
export function acceptStrictly(api: FastifyInstance): void {
  api.decorateRequest('origin')
  api.removeAllContentTypeParsers()
  api.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: LARGEST },
    async (_request: FastifyRequest, body: Buffer) => parseStrictJson(body),
  )
  // a POST without parameters may come without a body and without a type
  api.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: LARGEST },
    async (_request: FastifyRequest, body: Buffer) => {
      if (body.length > 0) throw new Refusal('UnsupportedMediaType', { reason: 'send application/json' })
      return {}
    },
  )
  api.addHook('onRequest', async (request) => {
    request.origin = {
      ip: request.ip ?? UNKNOWN_ADDRESS,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 400),
      locale: localeOf(request.headers['accept-language']),
    }
    if (!isCleanText(request.url)) throw new Refusal('InvalidParams', { reason: 'control characters in the address' })
  })
  // a POST with no body at all still has to pass its schema
  api.addHook('preValidation', async (request) => {
    if (request.body === undefined && request.routeOptions.schema?.body) request.body = {}
    // what was escaped in the address comes to light when it is decoded
    const isClean = (texts: unknown[]) => texts.every((text) => typeof text !== 'string' || isCleanText(text))
    if (!isClean(Object.entries(request.query as Record<string, unknown>).flat())) {
      throw new Refusal('InvalidParams', { reason: 'control characters in the address' })
    }
    // nothing has such an id, and PostgreSQL would not even look for it
    if (!isClean(Object.values(request.params as Record<string, unknown>))) throw new Refusal('NotFound')
  })
}

/** Answers what is no route of the API: 404, or 405 with the verbs that the address does answer to. */
export function refuseUnknown(
  api: FastifyInstance,
  answer: (refusal: Refusal, request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  const routes: { method: string[]; path: RegExp }[] = []
  api.addHook('onRoute', (route) => {
    routes.push({ method: [route.method].flat(), path: pathPattern(route.url) })
  })
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = new Set(routes.flatMap((route) => (route.path.test(path) ? route.method : [])))
    if (allowed.size === 0) return answer(new Refusal('NotFound'), request, reply)
    reply.header('allow', [...allowed].join(', '))
    return answer(new Refusal('MethodNotAllowed'), request, reply)
  })
}

/** `/api/recharge/orders/:id` as an expression, to know which verbs an address does answer to. */
const pathPattern = (url: string) => new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`)
