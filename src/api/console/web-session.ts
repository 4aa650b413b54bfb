// Sessions of the console's pages: the token lies in a cookie that no script can read, so that a new tab is signed in and
// nothing on the page can carry it away. Programs keep to the Authorization header.
// Must stay true: a cookie counts only for requests that the browser says come from this very origin.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { type ConsoleServer, Data, Done, done, operatorOf, strict } from './wire.ts'

const PATH = '/console/api'
const NAME = 'unipay_operator'
/** As long as a session can last. */
const HOURS = 12
const BEARER = /^Bearer ([\w-]+)$/i

export function webSessionRoutes(app: ConsoleServer, rightsOf: () => readonly Right[]): void {
  app.post(
    '/auth/web-session',
    {
      config: { roles: [] },
      schema: {
        tags: ['console: sign-in'],
        operationId: 'consoleKeepWebSession',
        summary:
          '浏览器会话:令牌存入 HttpOnly Cookie / Keep the session in a cookie that no script can read (browsers)',
        body: strict({}),
        response: { 200: Done },
      },
    },
    async (request, reply) => {
      reply.header('set-cookie', cookie(request, tokenOf(request) ?? '', HOURS * 3_600))
      return done
    },
  )

  app.get(
    '/auth/rights',
    {
      config: { roles: [] },
      schema: {
        tags: ['console: sign-in'],
        operationId: 'consoleRights',
        summary: '各接口允许的角色 / Which roles may use which route',
        response: { 200: Data(T.Array(T.Object({ route: T.String(), roles: T.Array(T.String()) }))) },
      },
    },
    async (request) => {
      operatorOf(request)
      return { data: rightsOf().map(({ route, roles }) => ({ route, roles: [...roles] })) }
    },
  )
}

export interface Right {
  /** `POST /approvals/{id}/check` */
  route: string
  roles: readonly string[]
}

/** The token of a request: from its header, or from the cookie of a page of ours. */
export function tokenOf({ headers }: FastifyRequest): string | undefined {
  const given = BEARER.exec(headers.authorization ?? '')?.[1]
  if (given !== undefined || headers.authorization !== undefined) return given
  // SameSite alone would let a neighbour on a subdomain in
  if (headers['sec-fetch-site'] !== 'same-origin') return undefined
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === NAME && value && value.length <= 100) return value
  }
  return undefined
}

/** With the session over, the browser is to forget it as well. */
export function dropCookie(request: FastifyRequest, reply: FastifyReply): void {
  if (request.headers.cookie?.includes(`${NAME}=`)) reply.header('set-cookie', cookie(request, '', 0))
}

/** `Secure` where the operator came by https; a laptop's http://localhost could not keep it otherwise. */
const cookie = (request: FastifyRequest, value: string, maxAge: number): string =>
  `${NAME}=${value}; Path=${PATH}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${request.protocol === 'https' ? '; Secure' : ''}`
