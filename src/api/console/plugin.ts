// The operators' API as one encapsulated Fastify plugin under /console/api: its own sign-in, roles and error envelope.
// Must stay true: a route names the roles that may use it, or says that it is public, or the server does not start;
// everything that leaves here is {data} or {error}; a refusal of rights is in the audit log.
//
// To add a section: `export function xRoutes(app: ConsoleServer, bank: Bank)` in a file beside this one, each route with
// `config: { roles: […] }`, and a line in `sections`. OpenAPI, the matrix of roles and the hostile tests follow from it;
// docs/console.md wants a line for each route.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { assert, Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import type { Operator } from '../../domain/operator/approval-kind.ts'
import { logAudit } from '../../domain/operator/audit-log.ts'
import { authenticateOperator } from '../../domain/operator/operator-session.ts'
import { hasRole, type Role } from '../../domain/operator/role.ts'
import { limitRates } from '../rate-limit.ts'
import { acceptStrictly, refuseUnknown } from '../strict-requests.ts'
import { toRefusal } from '../thrown.ts'
import { alertRoutes } from './alerts.ts'
import { approvalRoutes } from './approvals.ts'
import { auditRoutes } from './audit.ts'
import { authRoutes } from './auth.ts'
import { cardConsoleRoutes } from './cards.ts'
import { chainRoutes } from './chains.ts'
import { customerRoutes } from './customers.ts'
import { depositRoutes } from './deposits.ts'
import { identityRoutes } from './identity.ts'
import { ledgerRoutes } from './ledger.ts'
import { merchantRoutes } from './merchants.ts'
import { nodeRoutes } from './nodes.ts'
import { operatorRoutes } from './operators.ts'
import { orderRoutes } from './orders.ts'
import { partnerBenchRoutes } from './partner-bench.ts'
import { partnerRoutes } from './partners.ts'
import { paymentRoutes } from './payments.ts'
import { rampOrderRoutes } from './ramp-orders.ts'
import { reconciliationRoutes } from './reconciliation.ts'
import { answerConsoleRefusal } from './refuse.ts'
import { remittanceConsoleRoutes } from './remittances.ts'
import { settingRoutes } from './settings.ts'
import { todayRoutes } from './today.ts'
import { treasuryRoutes } from './treasury.ts'
import { type Right, tokenOf, webSessionRoutes } from './web-session.ts'
import { webhookRoutes } from './webhooks.ts'
import { type ConsoleServer, ErrorAnswer } from './wire.ts'
import { withdrawalRoutes } from './withdrawals.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use a route of the console; an empty list: whoever is signed in, also without a role. */
    roles?: readonly Role[]
  }
  interface FastifyRequest {
    operator: Operator | null
  }
}

const sections = [
  authRoutes,
  todayRoutes,
  operatorRoutes,
  approvalRoutes,
  settingRoutes,
  customerRoutes,
  identityRoutes,
  depositRoutes,
  withdrawalRoutes,
  remittanceConsoleRoutes,
  partnerRoutes,
  rampOrderRoutes,
  cardConsoleRoutes,
  treasuryRoutes,
  paymentRoutes,
  reconciliationRoutes,
  orderRoutes,
  nodeRoutes,
  merchantRoutes,
  ledgerRoutes,
  alertRoutes,
  chainRoutes,
  auditRoutes,
  webhookRoutes,
  partnerBenchRoutes,
]

export const consoleApi =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    const app = server as unknown as ConsoleServer
    app.decorateRequest('operator', null)
    acceptStrictly(server)
    refuseUnknown(server, answerConsoleRefusal)

    const rights: Right[] = []
    app.addHook('onRoute', (route) => {
      const { roles, auth } = route.config ?? {}
      assert((roles === undefined) === (auth === 'public'), `${route.url} names its roles, or is public`)
      if (roles && route.method !== 'HEAD') {
        const place = route.url.slice(app.prefix.length).replace(/:(\w+)/g, '{$1}')
        rights.push({ route: `${route.method} ${place}`, roles })
      }
      const schema = route.schema ?? {}
      route.schema = schema
      schema.response = { ...(schema.response as object), '4xx': ErrorAnswer, '5xx': ErrorAnswer }
      if (roles) schema.security = [{ operator: [...roles] }]
    })

    limitRates(app, bank, (request) => request.operator?.operatorId)
    app.addHook('onRequest', async (request) => {
      const { roles, auth } = request.routeOptions.config
      if (auth === 'public' || request.is404) return
      const token = tokenOf(request)
      if (token === undefined) throw new Refusal('Unauthorized')
      request.operator = await authenticateOperator(bank, token, { ...request.origin, requestId: request.id })
      if (!roles || (roles.length > 0 && !hasRole(request.operator, roles))) throw new Refusal('Forbidden')
    })

    app.setErrorHandler(async (error: FastifyError, request, reply) => {
      const refusal = toRefusal(error, request)
      const { operator } = request
      const unlogged =
        refusal.code === 'Forbidden' && operator && (await logRefused(bank, operator, request).catch((late) => late))
      return answerConsoleRefusal(unlogged ? toRefusal(unlogged, request) : refusal, request, reply)
    })

    webSessionRoutes(app, () => rights)
    for (const section of sections) section(app, bank)
  }

/** Who asks for what they may not is known for it. */
async function logRefused(bank: Bank, operator: Operator, request: FastifyRequest): Promise<void> {
  const route = `${request.method} ${request.routeOptions.url}`
  await logAudit(bank, bank.db, operator, { action: 'right.refused', subject: `route:${route}` })
}
