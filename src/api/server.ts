// The HTTP server that carries all APIs: request ids, access log, security headers, health, documentation.
// Each API is a plugin with a parser, an error handler and an envelope of its own; nothing of theirs lives here.

import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Bank } from '../domain/context.ts'
import { appApi } from './app/plugin.ts'
import { consoleApi } from './console/plugin.ts'
import { home } from './docs/home.ts'
import { documentation } from './docs/plugin.ts'
import {
  answerBadAddress,
  answerMalformed,
  CONSOLE,
  listenForMalformed,
  newRequestId,
  PLATFORM,
  securityHeaders,
} from './malformed.ts'
import { operations } from './operations/plugin.ts'
import { platformApi } from './platform/plugin.ts'
import { rampApi } from './ramp/plugin.ts'
import { sandboxKeys } from './sandbox/demo-keys.ts'
import { sandboxIdentity } from './sandbox/identity.ts'
import { sandboxControls } from './sandbox/plugin.ts'
import { SPOT, spotApi } from './spot/plugin.ts'
import { isSocketRequest, spotSocket } from './spot/socket.ts'
import { cutUnusedConnections } from './unused-connections.ts'
import { walletIsBuilt, webApps } from './web/plugin.ts'
import { vendorWebhooks } from './webhooks/plugin.ts'

/** For a client that sends drop by drop. */
const REQUEST_TIMEOUT = 15_000
const REQUEST_ID = /^[\w-]{8,64}$/

export async function buildServer(bank: Bank): Promise<FastifyInstance> {
  const { config } = bank
  const server: FastifyInstance = Fastify({
    loggerInstance: bank.log as FastifyBaseLogger,
    // the access log below names the route, not the address: queries may hold contacts
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (log) => log, // lines carry the request id themselves; a logger a request costs 2 % of a payment
    // the hops nearest to us are our own proxies; the address before them is the caller's
    trustProxy: (_address, hop) => hop < config.TRUST_PROXY,
    bodyLimit: 1024 * 1024,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what still comes in while we stop is answered as ever
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerMalformed,
    http: {
      requireHostHeader: false, // Node would refuse without a word; we do it in our envelope
      connectionsCheckingInterval: 2_000, // how soon after requestTimeout
      headersTimeout: REQUEST_TIMEOUT, // were it longer, Node would take each for the other
      shouldUpgradeCallback: isSocketRequest,
    },
    routerOptions: { maxParamLength: 200 },
    genReqId: (request) => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newRequestId()
    },
    ajv: {
      customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false, allErrors: false },
    },
  })

  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...securityHeaders, 'x-request-id': request.id })
  })
  listenForMalformed(server)
  cutUnusedConnections(server)
  spotSocket(server, bank)
  server.addHook('onResponse', async (request, reply) => {
    const line = {
      request_id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    }
    const slow = reply.elapsedTime > 2_000 && !request.routeOptions.config.stream
    if (reply.statusCode >= 500 || slow) bank.log.warn(line, 'request')
    else if (reply.statusCode >= 400) bank.log.info(line, 'request')
    else bank.log.debug(line, 'request')
  })

  await server.register(documentation())
  // a page of text until `npm start` has built the wallet
  if (!walletIsBuilt()) await server.register(home(bank))
  await server.register(webApps(bank))
  await server.register(operations(bank))
  await server.register(appApi(bank))
  await server.register(consoleApi(bank), { prefix: CONSOLE })
  await server.register(spotApi(bank), { prefix: SPOT })
  await server.register(platformApi(bank), { prefix: PLATFORM })
  await server.register(rampApi(bank))
  await server.register(vendorWebhooks(bank), { prefix: '/webhooks' })
  if (config.UNIPAY_MODE === 'sandbox' && config.SANDBOX_URL) {
    await server.register(sandboxControls(config.SANDBOX_URL))
    await server.register(sandboxIdentity(bank))
    await server.register(sandboxKeys(bank))
  }
  return server
}
