// The app API as one encapsulated Fastify plugin: its own parser, authentication, error envelope and sections.
// Must stay true: everything that leaves here has the document's envelope, also 404, 405, 413, 415, 429 and 5xx;
// a body is refused before any row is written.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank, Origin } from '../../domain/context.ts'
import { accountRoutes } from './account.ts'
import { authRoutes } from './auth.ts'
import { authenticate } from './authenticate.ts'
import { eventRoutes } from './events.ts'
import { inboxRoutes } from './inbox.ts'
import { isCleanText, parseStrictJson } from './json.ts'
import { limitRates } from './rate-limit.ts'
import { rechargeRoutes } from './recharge.ts'
import { answerRefusal, localeOf, toRefusal } from './refuse.ts'
import { securityRoutes } from './security.ts'
import { transferRoutes } from './transfer.ts'
import { uptRoutes } from './upt.ts'
import { userRoutes } from './user.ts'
import { type AppServer, ErrorAnswer } from './wire.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `bearer` (the default) needs a signed-in customer; `public` does not look. */
    auth?: 'public' | 'bearer'
  }
  interface FastifyRequest {
    actor: Actor | null
    origin: Origin
  }
}

const sections = [
  authRoutes,
  userRoutes,
  accountRoutes,
  uptRoutes,
  rechargeRoutes,
  transferRoutes,
  securityRoutes,
  inboxRoutes,
  eventRoutes,
]

export const appApi =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    const app = server as unknown as AppServer
    app.decorateRequest('actor', null)
    app.decorateRequest('origin')

    const routes: { method: string[]; path: RegExp }[] = []
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: 64 * 1024 },
      async (_request: FastifyRequest, body: Buffer) => parseStrictJson(body),
    )
    // a POST without parameters may come without a body and without a type
    app.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: 64 * 1024 },
      async (_request: FastifyRequest, body: Buffer) => {
        if (body.length > 0) throw new Refusal('UnsupportedMediaType', { reason: 'send application/json' })
        return {}
      },
    )

    // every documented route says how it refuses
    app.addHook('onRoute', (route) => {
      const schema = route.schema ?? {}
      route.schema = schema
      routes.push({ method: [route.method].flat(), path: pathPattern(route.url) })
      schema.response = { ...(schema.response as object), '4xx': ErrorAnswer, '5xx': ErrorAnswer }
      if (!schema.security && route.config?.auth !== 'public') schema.security = [{ bearer: [] }]
    })

    app.addHook('onRequest', async (request) => {
      request.origin = {
        ip: request.ip ?? UNKNOWN_ADDRESS,
        userAgent: (request.headers['user-agent'] ?? '').slice(0, 400),
        locale: localeOf(request.headers['accept-language']),
      }
      if (!isCleanText(request.url)) throw new Refusal('InvalidParams', { reason: 'control characters in the address' })
    })
    limitRates(app, bank)
    app.addHook('onRequest', async (request) => {
      if (request.routeOptions.config.auth !== 'public' && !request.is404) {
        request.actor = await authenticate(bank, request.headers.authorization, request.origin)
      }
    })
    // a POST with no body at all still has to pass its schema
    app.addHook('preValidation', async (request) => {
      if (request.body === undefined && request.routeOptions.schema?.body) request.body = {}
    })

    app.setErrorHandler((error: FastifyError, request, reply) =>
      answerRefusal(toRefusal(error, request), request, reply),
    )
    app.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?')[0] ?? ''
      const allowed = new Set(routes.flatMap((route) => (route.path.test(path) ? route.method : [])))
      if (allowed.size === 0) return answerRefusal(new Refusal('NotFound'), request, reply)
      reply.header('allow', [...allowed].join(', '))
      return answerRefusal(new Refusal('MethodNotAllowed'), request, reply)
    })

    for (const section of sections) section(app, bank)
  }

/** Of a client that has left before its request was looked at. */
const UNKNOWN_ADDRESS = '0.0.0.0'

/** `/api/recharge/orders/:id` as an expression, to know which verbs an address does answer to. */
const pathPattern = (url: string) => new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`)
