// An HTTP client for tests that fetch() is too polite for: any header, any body bytes, GET with a body, connections
// that are kept, and bytes on a bare socket. It reports what came back, how long that took, and cut connections as such.

import http from 'node:http'
import net from 'node:net'

export interface Reply {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
  /** The body when it is JSON. */
  json: unknown
  milliseconds: number
}

export interface Ask {
  method: string
  /** Path and query, already escaped. */
  path: string
  headers?: http.OutgoingHttpHeaders
  body?: string | Buffer | undefined
}

/** The connection ended without a whole reply: the outcome is unknown to the client. */
export class CutConnection extends Error {}

export interface Client {
  ask(ask: Ask): Promise<Reply>
  close(): void
}

/** Connections are kept and used again. A stream of events is left as soon as its head has come. */
export function openClient(base: string, { connections = 64, patience = 30_000 } = {}): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(base)
  return {
    ask: ({ method, path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const began = performance.now()
        const sized = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
        const cut = (error: Error) => reject(new CutConnection(`${method} ${path.slice(0, 200)}: ${error.message}`))
        const request = http.request(
          { agent, hostname, port, method, path, headers: { ...sized, ...headers }, timeout: patience },
          (response) => {
            const done = (text: string) =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text,
                json: parse(text),
                milliseconds: performance.now() - began,
              })
            if (response.headers['content-type']?.startsWith('text/event-stream')) {
              done('')
              request.destroy()
              return
            }
            let text = ''
            response.setEncoding('utf8')
            response.on('data', (chunk: string) => {
              text += chunk
            })
            response.once('end', () => (response.complete ? done(text) : cut(new Error('a reply that was cut'))))
            response.once('error', cut)
          },
        )
        request.once('timeout', () => request.destroy(new Error(`no reply for ${patience} ms`)))
        request.once('error', cut)
        request.end(body)
      }),
    close: () => agent.destroy(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Sends bytes as they are and answers with all that comes back until the connection ends or falls silent, or until there
 * are as many whole replies as wanted.
 */
export function exchange(
  base: string,
  bytes: string | Buffer,
  { silence = 2_000, replies = Number.POSITIVE_INFINITY } = {},
): Promise<string> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port) })
    let text = ''
    const finish = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setEncoding('latin1').setTimeout(silence, finish)
    socket.on('data', (chunk: string) => {
      text += chunk
      if (readReplies(text).length >= replies) finish()
    })
    socket.once('close', finish).once('error', finish)
    socket.write(bytes)
  })
}

/** Replies on a bare socket, one after the other: status, head and JSON body. */
export function readReplies(text: string): { status: number; head: string; json: unknown }[] {
  const bytes = Buffer.from(text, 'latin1')
  const replies: { status: number; head: string; json: unknown }[] = []
  for (let at = bytes.indexOf('HTTP/1.1 '); at >= 0; ) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) break
    const head = bytes.toString('latin1', at, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (bytes.length < end + 4 + length) break
    const body = bytes.toString('utf8', end + 4, end + 4 + length)
    replies.push({ status: Number(head.slice(9, 12)), head, json: parse(body) })
    at = bytes.indexOf('HTTP/1.1 ', end + 4 + length)
  }
  return replies
}

/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}
