// The spot API as one encapsulated Fastify plugin, for customers' programs: signed requests, its own envelope and limits.
// Must stay true: a route names the scope that it needs, or is public; a body is parsed after its signature is right;
// everything that leaves here has the document's envelope, also 404, 405, 413, 415, 429 and 5xx.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { assert, Refusal } from '../../base/errors.ts'
import type { ApiKeyScope } from '../../domain/api-key/api-key.ts'
import { authenticateKey, type Program } from '../../domain/api-key/authenticate-key.ts'
import type { Bank } from '../../domain/context.ts'
import { verifySpot } from '../../domain/signature/spot.ts'
import { logRequests } from '../request-log.ts'
import { isCleanText } from '../strict-json.ts'
import { refuseUnknown } from '../strict-requests.ts'
import { toRefusal } from '../thrown.ts'
import { accountRoutes } from './account.ts'
import { coinRoutes } from './coins.ts'
import { countThisSecond, PER_SECOND } from './per-second.ts'
import { keepBodies, rawBody, readBody } from './read-exactly.ts'
import { recordRoutes } from './records.ts'
import { answerSpotRefusal, languageOf } from './refuse.ts'
import { transferRoutes } from './transfer.ts'
import { ErrorAnswer } from './wire.ts'
import { withdrawRoutes } from './withdraw.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed to do to use a route of the spot API; `public` takes no signature. */
    scope?: ApiKeyScope | 'public'
  }
  interface FastifyRequest {
    program: Program | null
    exact: unknown
  }
}

export const SPOT = '/api/spot'
/** Of a client that has left before its request was looked at. */
const UNKNOWN_ADDRESS = '0.0.0.0'

export const spotApi =
  (bank: Bank): FastifyPluginAsync =>
  async (app: FastifyInstance) => {
    app.decorateRequest('program', null)
    app.decorateRequest('exact')
    app.decorateRequest('origin')
    logRequests(app, bank, 'spot', {
      proved: ({ program }) => program ?? undefined,
      named: ({ headers }) => headers['api-key'],
    })
    keepBodies(app)
    refuseUnknown(app, answerSpotRefusal)
    // numbers leave with the digits that they were given; no schema's serializer would keep those
    app.setSerializerCompiler(() => (data: unknown) => JSON.stringify(data))

    app.addHook('onRoute', (route) => {
      const { scope } = route.config ?? {}
      assert(scope !== undefined, `${route.url} names no scope`)
      const schema = route.schema ?? {}
      route.schema = schema
      schema.tags = ['spot']
      schema.response = { ...(schema.response as object), '4xx': ErrorAnswer, '5xx': ErrorAnswer }
      if (scope !== 'public') schema.security = [{ apiKey: [scope], nonce: [], timestamp: [], sign: [] }]
    })

    app.addHook('onRequest', async (request, reply) => {
      request.origin = {
        ip: request.ip ?? UNKNOWN_ADDRESS,
        userAgent: (request.headers['user-agent'] ?? '').slice(0, 400),
        locale: languageOf(request),
      }
      if (!isCleanText(request.url)) throw new Refusal('InvalidParams', { reason: 'control characters in the address' })
      const endpoint = request.is404 ? 'none' : `${request.method} ${request.routeOptions.url}`
      reply.header('ratelimit-limit', PER_SECOND).header('ratelimit-reset', 1)
      reply.header('ratelimit-remaining', countThisSecond(bank, request.origin.ip, endpoint))
    })
    app.addHook('preValidation', async (request) => {
      if (request.is404) return
      const { scope } = request.routeOptions.config
      const raw = rawBody(request)
      if (scope !== 'public') request.program = await authenticate(bank, request, scope, raw)
      const { checked, exact } = readBody(raw)
      request.body = request.routeOptions.schema?.body ? checked : undefined
      request.exact = exact
    })
    app.addHook('preHandler', async (request) => {
      if (request.body !== undefined) request.body = request.exact
    })

    app.setErrorHandler((error: FastifyError, request, reply) =>
      answerSpotRefusal(toRefusal(error, request), request, reply),
    )

    for (const section of [accountRoutes, withdrawRoutes, transferRoutes, recordRoutes, coinRoutes]) section(app, bank)
  }

function authenticate(
  bank: Bank,
  request: FastifyRequest,
  scope: ApiKeyScope | undefined,
  body: Buffer,
): Promise<Program> {
  const header = (name: string) => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : ''
  }
  const presented = {
    apiKey: header('api-key'),
    nonce: header('nonce'),
    timestamp: header('timestamp'),
    sign: header('sign'),
  }
  const at = request.url.indexOf('?')
  const signed = { ...presented, query: at < 0 ? '' : request.url.slice(at + 1), body }
  return authenticateKey(bank, request.origin, presented, scope, (secret) => verifySpot(signed, presented.sign, secret))
}
