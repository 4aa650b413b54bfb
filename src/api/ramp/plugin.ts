// The ramp API as Fastify plugins, one for each of its two addresses (/user, /transaction): strict JSON whose numbers keep
// their digits, the partner's signature, the document's envelope.
// Must stay true: a request is read, verified and found well-formed before its signature is used up, and that before any
// row is written; everything that leaves here has the envelope, also 404, 405, 413, 415, 429 and 5xx; the page aside.

import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { parseExactJson } from '../../base/exact-json.ts'
import type { Bank } from '../../domain/context.ts'
import type { SignedPartner } from '../../domain/ramp/authenticate-partner.ts'
import { limitRates } from '../rate-limit.ts'
import { logRequests } from '../request-log.ts'
import { parseStrictJson } from '../strict-json.ts'
import { acceptStrictly, refuseUnknown } from '../strict-requests.ts'
import { toRefusal } from '../thrown.ts'
import { fieldsOf, needsSignature, signedRequest, takeFieldsFromQuery } from './authenticate.ts'
import { kycPageRoutes } from './kyc-page.ts'
import { kycVisitRoutes } from './kyc-visit.ts'
import { answerRampRefusal } from './refuse.ts'
import { transactionRoutes } from './transaction.ts'
import { userRoutes } from './user.ts'
import { ErrorAnswer, type RampServer } from './wire.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who is let in: whoever signs as a partner (the default), a visit of the identity page, or what the route says itself. */
    ramp?: 'signed' | 'visit' | 'open'
  }
  interface FastifyRequest {
    signed: SignedPartner | null
  }
}

type Section = (app: RampServer, bank: Bank) => void

const doors: Readonly<Record<string, readonly Section[]>> = {
  '/user': [userRoutes, kycPageRoutes, kycVisitRoutes],
  '/transaction': [transactionRoutes],
}

const LARGEST = 64 * 1024

export const rampApi =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    for (const [prefix, sections] of Object.entries(doors)) await server.register(door(bank, sections), { prefix })
  }

const door =
  (bank: Bank, sections: readonly Section[]): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    const app = server as unknown as RampServer
    app.decorateRequest('signed', null)
    logRequests(app, bank, 'ramp', {
      proved: ({ signed }) => (signed ? { bookId: bank.config.DEFAULT_BOOK, keyId: signed.keyId } : undefined),
      named: ({ headers }) => headers.apikey,
      others: (request) => !request.is404 && !needsSignature(request), // customers, on the identity page
    })
    acceptStrictly(server)
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: LARGEST },
      async (_request: FastifyRequest, body: Buffer) => {
        parseStrictJson(body) // refuses what is no one object, or says a field twice
        return body.length === 0 ? {} : parseExactJson(body.toString('utf8')) // numbers as the digits that were signed
      },
    )
    refuseUnknown(server, answerRampRefusal)

    app.addHook('onRoute', (route) => {
      const schema = route.schema ?? {}
      route.schema = schema
      schema.response = { ...(schema.response as object), '4xx': ErrorAnswer, '5xx': ErrorAnswer }
      if ((route.config?.ramp ?? 'signed') === 'signed') {
        schema.security = [{ partner: [] }]
        schema.headers = SignedHeaders
      }
    })

    limitRates(app, bank, () => undefined)
    app.addHook('preValidation', async (request) => {
      if (!needsSignature(request)) return
      if (request.method !== 'GET') takeFieldsFromQuery(request)
      request.signed = await signedRequest(bank, request, request.method === 'GET' ? {} : fieldsOf(request.body))
    })
    app.addHook('preHandler', async (request) => {
      if (needsSignature(request)) await request.signed?.use()
    })
    app.setErrorHandler((error: FastifyError, request, reply) =>
      answerRampRefusal(toRefusal(error, request), request, reply),
    )

    for (const section of sections) section(app, bank)
  }

/** For the OpenAPI document; the headers are looked at above. */
const SignedHeaders = {
  type: 'object',
  properties: {
    timestamp: { type: 'string', description: '请求时间戳,毫秒 / milliseconds since 1970' },
    apikey: { type: 'string', description: 'API KEY' },
    sign: { type: 'string', description: 'HmacSHA512, 十六进制 / hexadecimal' },
  },
} as const
