// The platform API as one encapsulated Fastify plugin: what merchants send encrypted and signed, answered the same way.
// Must stay true: everything that leaves here is {code, msg, data, sign}, also for 404, 405, 413, 429 and 5xx; `data` and
// `sign` of a refusal are empty, so nothing is told by what could be decrypted.
//
// To add an endpoint: a `sealedRoute` in user.ts or in a file beside it; its parameters and its answer are in OpenAPI as
// x-inner-request and x-inner-response.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { limitRates } from '../rate-limit.ts'
import { logRequests } from '../request-log.ts'
import { acceptStrictly, refuseUnknown } from '../strict-requests.ts'
import { toRefusal } from '../thrown.ts'
import { answerPlatformRefusal } from './refuse.ts'
import { userRoutes } from './user.ts'
import { ErrorAnswer, type PlatformServer } from './wire.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the two names that the document has for a merchant's number, the one that a route's schema takes. */
    oneName?: 'app_id' | 'appKey'
  }
  interface FastifyRequest {
    /** The one that came. */
    sentName: 'app_id' | 'appKey' | null
  }
}

export const platformApi =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    server.decorateRequest('sentName', null)
    logRequests(server, bank, 'platform', {
      proved: ({ provedCaller }) => provedCaller,
      named: ({ body }) => {
        const { app_id, appKey } = (body ?? {}) as { app_id?: unknown; appKey?: unknown }
        return app_id ?? appKey
      },
    })
    acceptStrictly(server)
    refuseUnknown(server, answerPlatformRefusal)
    server.addHook('onRoute', (route) => {
      const schema = route.schema ?? {}
      route.schema = schema
      schema.response = { ...(schema.response as object), '4xx': ErrorAnswer, '5xx': ErrorAnswer }
    })
    limitRates(server, bank, () => undefined)
    server.addHook('preValidation', async (request) => useOneName(request))
    server.setErrorHandler((error: FastifyError, request, reply) =>
      answerPlatformRefusal(toRefusal(error, request), request, reply),
    )
    await server.register(async (section) => userRoutes(section as unknown as PlatformServer, bank), {
      prefix: '/chainup/open/user',
    })
  }

/** The document calls one thing app_id in most tables and appKey in some: each is taken for the other, both at once are not. */
function useOneName(request: FastifyRequest): void {
  const wanted = request.routeOptions.config.oneName
  const body = request.body as Record<string, unknown> | undefined
  if (wanted === undefined || body === undefined) return
  const other = wanted === 'app_id' ? 'appKey' : 'app_id'
  if (!(other in body)) {
    request.sentName = wanted
    return
  }
  if (wanted in body) throw new Refusal('InvalidParams', { pointer: `/${other}`, reason: 'app_id or appKey, not both' })
  const { [other]: value, ...rest } = body
  request.body = { ...rest, [wanted]: value }
  request.sentName = other
}
