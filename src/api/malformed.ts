// What never reaches a route: bytes that are no HTTP, an address that cannot be decoded. Node and Fastify answer these
// in words of their own; here they get the envelope of the API that the address begins with, and the app API's where
// whoever sends such things has not chosen one yet.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomToken } from '../base/crypto.ts'
import { Refusal } from '../base/errors.ts'
import { answerRefusal, refusalBody } from './app/refuse.ts'
import { answerConsoleRefusal } from './console/refuse.ts'
import { answerPlatformRefusal } from './platform/refuse.ts'
import { answerRampRefusal } from './ramp/refuse.ts'
import { answerSpotRefusal } from './spot/refuse.ts'
import { toRefusal } from './thrown.ts'

export const newRequestId = (): string => randomToken(12)

export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Where the operators' API lives. */
export const CONSOLE = '/console/api'

/** Where merchants' API lives. */
export const PLATFORM = '/platformapi'

const apiRefusals = [
  [CONSOLE, answerConsoleRefusal],
  ['/api/spot/', answerSpotRefusal],
  [PLATFORM, answerPlatformRefusal],
  ['/user/', answerRampRefusal],
  ['/transaction/', answerRampRefusal],
] as const

/** For Fastify's `frameworkErrors`: the router gave up before any hook ran. */
export function answerBadAddress(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ ...securityHeaders, 'x-request-id': request.id })
  const of = apiRefusals.find(([prefix]) => request.url.startsWith(prefix))
  const answer = of?.[1] ?? answerRefusal
  void answer(toRefusal(error, request), request, reply)
}

const heads: Readonly<Record<string, readonly [status: string, refusal: Refusal]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    new Refusal('PayloadTooLarge', { reason: 'the head of the request is too large' }),
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    new Refusal('InvalidParams', { reason: 'the request took too long to arrive' }),
  ],
}
const other = ['400 Bad Request', new Refusal('InvalidParams', { reason: 'not a valid HTTP request' })] as const

/** For Fastify's `clientErrorHandler`. */
export function answerMalformed(error: ConnectionError, socket: Socket): void {
  // an answer to what came before must not be taken for the one to this, nor the other way round
  if (error.code === 'ECONNRESET' || !socket.writable || owesAnswer(socket)) {
    socket.destroy()
    return
  }
  const [status, refusal] = heads[error.code] ?? other
  const id = newRequestId()
  const body = JSON.stringify(refusalBody(refusal, id, 'zh'))
  const headers = {
    ...securityHeaders,
    'x-request-id': id,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`)
  setTimeout(() => socket.destroy(), 1_000).unref() // a client that keeps its side open
}

/** Answers that a connection is still waiting for. */
const underway = new WeakMap<Socket, Set<ServerResponse>>()

/** Other than the first word to a request whose own bytes are what is malformed. */
function owesAnswer(socket: Socket): boolean {
  const [first, ...more] = underway.get(socket) ?? []
  return first !== undefined && (more.length > 0 || first.req.complete || first.headersSent)
}

/** What Node would answer itself, or has to be told to us for the answers above. */
export function listenForMalformed(server: FastifyInstance): void {
  server.server.on('request', ({ socket }, response) => {
    const answers = underway.get(socket) ?? new Set()
    underway.set(socket, answers.add(response))
    response.once('close', () => answers.delete(response))
  })
  // an expectation that we do not know may be passed over
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response))
  server.addHook('onRequest', async ({ raw }) => {
    if (raw.headers.host === undefined && raw.httpVersion === '1.1') {
      throw new Refusal('InvalidParams', { reason: 'HTTP/1.1 needs a Host header' })
    }
  })
  // for routes outside any API; each API has its own
  server.setErrorHandler((error: FastifyError, request, reply) =>
    answerRefusal(toRefusal(error, request), request, reply),
  )
}
