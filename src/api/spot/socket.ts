// The spot API's WebSocket at /ws-api/v1: who may open one, how many, for how long; its frames are frames.ts.
// Must stay true: nothing is read of a frame that is too large; a connection that nobody signs for, or that reads nothing of
// what it is sent, is let go; every connection ends with the server.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { hours, seconds } from '../../base/clock.ts'
import type { Bank, Origin } from '../../domain/context.ts'
import { addressSubject } from '../../domain/sign-in/attempt.ts'
import { answerFrame, type Connection } from './frames.ts'
import { channels, push, readChannels } from './push.ts'
import { languageOf } from './refuse.ts'

const PATH = /^\/ws-api\/v1(?:\/spot)?\/?(?:\?|$)/
const LARGEST = 16 * 1024
const MOST = 2_000
const MOST_PER_ADDRESS = 50
const WAITING = 50
const UNREAD_BYTES = 256 * 1024
const LIFE = hours(24)
const HEARTBEAT = seconds(30)
const FAREWELL = seconds(1)
/** Until a first frame is signed right. */
const UNKNOWN = seconds(60)

/** For Node: which requests become sockets. All others are answered as ever, whatever they would like to upgrade to. */
export const isSocketRequest = ({ url, headers }: IncomingMessage): boolean =>
  PATH.test(url ?? '') && headers.upgrade?.toLowerCase() === 'websocket'

export function spotSocket(server: FastifyInstance, bank: Bank): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST,
    perMessageDeflate: false,
    clientTracking: true,
  })
  const perAddress = new Map<string, number>()

  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const ip = callerOf(request, bank.config.TRUST_PROXY)
    const subject = addressSubject(ip)
    const open = perAddress.get(subject) ?? 0
    if (sockets.clients.size >= MOST || open >= MOST_PER_ADDRESS) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      perAddress.set(subject, (perAddress.get(subject) ?? 0) + 1)
      client.once('close', () => {
        const left = (perAddress.get(subject) ?? 1) - 1
        if (left > 0) perAddress.set(subject, left)
        else perAddress.delete(subject)
      })
      const userAgent = (request.headers['user-agent'] ?? '').slice(0, 400)
      serve(bank, client, { ip, userAgent, locale: languageOf(request) })
    })
  })
  server.addHook('preClose', async () => {
    for (const client of sockets.clients) client.close(1001, 'the server ends')
    sockets.close()
    // whoever does not answer the farewell is not waited for
    setTimeout(() => {
      for (const client of sockets.clients) client.terminate()
    }, FAREWELL).unref()
  })
}

/** The address before those of our own proxies, counted as Fastify counts it. */
function callerOf({ headers, socket }: IncomingMessage, hops: number): string {
  const forwarded = headers['x-forwarded-for']
  const before = typeof forwarded === 'string' ? forwarded.split(',').map((one) => one.trim()) : []
  const way = [socket.remoteAddress ?? '0.0.0.0', ...before.reverse()]
  return way[Math.min(hops, way.length - 1)] ?? '0.0.0.0'
}

function serve(bank: Bank, client: WebSocket, origin: Origin): void {
  let waiting = 0
  let answered: Promise<unknown> = Promise.resolve()
  let unsubscribe: (() => void) | undefined
  const send = (text: string) => {
    if (client.readyState !== client.OPEN) return
    client.send(text)
    if (client.bufferedAmount > UNREAD_BYTES) client.terminate()
  }
  const unknown = setTimeout(() => client.close(1008, 'nothing was signed'), UNKNOWN)
  const connection: Connection = {
    origin,
    known: () => clearTimeout(unknown),
    methods: {
      'user.subscribe': {
        scope: 'read',
        params: ['channels'],
        async answer(_bank, program, params) {
          const wanted = readChannels(params.channels)
          unsubscribe?.()
          unsubscribe = undefined
          const end = await push(bank, program, wanted, send)
          if (client.readyState === client.OPEN) unsubscribe = end
          else end()
          return wanted
        },
      },
      'user.unsubscribe': {
        scope: 'read',
        answer() {
          unsubscribe?.()
          unsubscribe = undefined
          return channels
        },
      },
    },
  }
  const stopBeating = beat(client)
  const life = setTimeout(() => client.close(1000, '24 hours'), LIFE)

  client.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary || waiting >= WAITING) return client.close(isBinary ? 1003 : 1008)
    waiting++
    // one after the other, so that a client that asks faster than it is answered waits for itself alone
    answered = answered.then(async () => {
      send(await answerFrame(bank, connection, bytesOf(data)))
      waiting--
    })
  })
  client.on('error', () => client.terminate())
  client.once('close', () => {
    clearTimeout(unknown)
    clearTimeout(life)
    stopBeating()
    unsubscribe?.()
  })
}

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)

/** Lets go of a client that does not answer any more. */
function beat(client: WebSocket): () => void {
  let alive = true
  client.on('pong', () => {
    alive = true
  })
  const timer = setInterval(() => {
    if (!alive) return client.terminate()
    alive = false
    client.ping()
  }, HEARTBEAT)
  return () => clearInterval(timer)
}
