// Sessions of the web wallet: the refresh token lies in a cookie that no script can read. Beyond the document, for
// browsers alone; programs keep to /api/auth/refresh.
// Must stay true: the token that a script saw at sign-in is spent when the cookie is made; no other site can use the cookie.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { endByRefreshToken, refreshSession, SESSION_DAYS } from '../../domain/sign-in/session.ts'
import { type AppServer, Done, done, Ok, ok, strict } from './wire.ts'

const PATH = '/api/auth/web-session'
const NAME = 'unipay_session'
const Answer = T.Object({ access_token: T.String() })

export function webSessionRoutes(app: AppServer, bank: Bank): void {
  const turn = async (request: FastifyRequest, reply: FastifyReply, token: string) => {
    const { accessToken, refreshToken } = await refreshSession(bank, request.origin, token)
    reply.header('set-cookie', cookie(request, refreshToken, SESSION_DAYS * 86_400))
    return ok({ access_token: accessToken })
  }

  app.route({
    method: 'PUT',
    url: PATH,
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'keepWebSession',
      summary: '浏览器会话:把刷新令牌换成 HttpOnly Cookie / Exchange a refresh token for a cookie (browsers)',
      body: strict({ refresh_token: T.String({ minLength: 1, maxLength: 1024 }) }),
      response: { 200: Ok(Answer) },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request)
      return turn(request, reply, request.body.refresh_token)
    },
  })

  app.route({
    method: 'POST',
    url: PATH,
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'turnWebSession',
      summary: '浏览器会话:以 Cookie 换取访问令牌 / An access token for the cookie (browsers)',
      body: strict({}),
      response: { 200: Ok(Answer) },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request)
      const token = tokenIn(request)
      if (token === undefined) throw new Refusal('Unauthorized')
      return turn(request, reply, token)
    },
  })

  app.route({
    method: 'DELETE',
    url: PATH,
    config: { auth: 'public' },
    schema: {
      tags: ['认证'],
      operationId: 'endWebSession',
      summary: '浏览器会话:退出并清除 Cookie / Sign out and drop the cookie (browsers)',
      response: { 200: Done },
    },
    handler: async (request, reply) => {
      refuseOtherSites(request)
      const token = tokenIn(request)
      if (token === undefined) return done
      await endByRefreshToken(bank, request.origin, token)
      reply.header('set-cookie', cookie(request, '', 0))
      return done
    },
  })
}

/** Browsers say where a request comes from; SameSite alone would let a neighbour on a subdomain in. */
function refuseOtherSites(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new Refusal('Forbidden')
}

function tokenIn({ headers }: FastifyRequest): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === NAME && value && value.length <= 1024) return value
  }
  return undefined
}

/** `Secure` where the customer came by https; a laptop's http://localhost could not keep it otherwise. */
const cookie = (request: FastifyRequest, value: string, maxAge: number): string =>
  `${NAME}=${value}; Path=${PATH}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${request.protocol === 'https' ? '; Secure' : ''}`
