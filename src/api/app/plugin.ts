// The app API as one encapsulated Fastify plugin: its own parser, authentication, error envelope and sections.
// Must stay true: everything that leaves here has the document's envelope, also 404, 405, 413, 415, 429 and 5xx;
// a body is refused before any row is written.

import type { FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Actor, Bank } from '../../domain/context.ts'
import { limitRates } from '../rate-limit.ts'
import { acceptStrictly, refuseUnknown } from '../strict-requests.ts'
import { toRefusal } from '../thrown.ts'
import { accountRoutes } from './account.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { authRoutes } from './auth.ts'
import { authenticate } from './authenticate.ts'
import { cardRoutes } from './card.ts'
import { commissionRoutes } from './commission.ts'
import { eventRoutes } from './events.ts'
import { inboxRoutes } from './inbox.ts'
import { kycRoutes } from './kyc.ts'
import { nodeRoutes } from './node.ts'
import { noticeRoutes } from './notice.ts'
import { rechargeRoutes } from './recharge.ts'
import { answerRefusal } from './refuse.ts'
import { remittanceRoutes } from './remittance.ts'
import { remittanceRecipientRoutes } from './remittance-recipient.ts'
import { reservesRoutes } from './reserves.ts'
import { securityRoutes } from './security.ts'
import { transferRoutes } from './transfer.ts'
import { uptRoutes } from './upt.ts'
import { userRoutes } from './user.ts'
import { webSessionRoutes } from './web-session.ts'
import { webhookRoutes } from './webhooks.ts'
import { type AppServer, ErrorAnswer } from './wire.ts'
import { withdrawalRoutes } from './withdrawal.ts'
import { withdrawalAddressRoutes } from './withdrawal-address.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `bearer` (the default) needs a signed-in customer; `public` does not look. */
    auth?: 'public' | 'bearer'
  }
  interface FastifyRequest {
    actor: Actor | null
  }
}

const sections = [
  authRoutes,
  webSessionRoutes,
  userRoutes,
  accountRoutes,
  uptRoutes,
  nodeRoutes,
  commissionRoutes,
  rechargeRoutes,
  withdrawalRoutes,
  withdrawalAddressRoutes,
  transferRoutes,
  remittanceRecipientRoutes,
  remittanceRoutes,
  cardRoutes,
  securityRoutes,
  kycRoutes,
  inboxRoutes,
  noticeRoutes,
  reservesRoutes,
  eventRoutes,
  apiKeyRoutes,
  webhookRoutes,
]

export const appApi =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    const app = server as unknown as AppServer
    app.decorateRequest('actor', null)
    acceptStrictly(server)
    refuseUnknown(server, answerRefusal)

    // every documented route says how it refuses
    app.addHook('onRoute', (route) => {
      const schema = route.schema ?? {}
      route.schema = schema
      schema.response = { ...(schema.response as object), '4xx': ErrorAnswer, '5xx': ErrorAnswer }
      if (!schema.security && route.config?.auth !== 'public') schema.security = [{ bearer: [] }]
    })

    limitRates(app, bank, (request) => request.actor?.personId)
    app.addHook('onRequest', async (request) => {
      if (request.routeOptions.config.auth !== 'public' && !request.is404) {
        request.actor = await authenticate(bank, request.headers.authorization, request.origin)
      }
    })

    app.setErrorHandler((error: FastifyError, request, reply) =>
      answerRefusal(toRefusal(error, request), request, reply),
    )

    for (const section of sections) section(app, bank)
  }
