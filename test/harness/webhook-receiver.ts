// A receiver of webhooks as an integrator would write it, from the published document alone: it verifies what comes with
// Node's own crypto, and answers as it is told.

import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  id: string
  headers: IncomingHttpHeaders
  raw: string
  body: { type: string; timestamp: string; data: Record<string, unknown> }
  path: string
  at: number
}

export type Manner =
  | { status: number; body?: string; headers?: Record<string, string> }
  /** Takes the request and says nothing. */
  | 'silent'

export interface Receiver {
  origin: string
  received: Received[]
  /** How it answers from now on; by the path, so that one server plays several endpoints. */
  answer(path: string, manner: Manner | ((received: Received) => Manner)): void
  /** Of one path. */
  at(path: string): Received[]
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const manners = new Map<string, Manner | ((received: Received) => Manner)>()
  const server = http.createServer((request, response) => {
    let raw = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      raw += text
    })
    request.on('end', () => {
      const one: Received = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        raw,
        body: JSON.parse(raw) as Received['body'],
        path: request.url ?? '',
        at: Date.now(),
      }
      received.push(one)
      const told = manners.get(one.path) ?? { status: 204 }
      const manner = typeof told === 'function' ? told(one) : told
      if (manner === 'silent') return
      response.writeHead(manner.status, manner.headers).end(manner.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (path, manner) => void manners.set(path, manner),
    at: (path) => received.filter((one) => one.path === path),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** By Standard Webhooks: one of the signatures is of `id.timestamp.body` by one of the keys, and it is not old. */
export function isGenuine(
  { headers, raw }: Pick<Received, 'headers' | 'raw'>,
  key: string,
  nowSeconds: number,
): boolean {
  const timestamp = String(headers['webhook-timestamp'])
  if (Math.abs(nowSeconds - Number(timestamp)) > 300) return false
  const signed = `${headers['webhook-id']}.${timestamp}.${raw}`
  return String(headers['webhook-signature'])
    .split(' ')
    .some((entry) => {
      const [version, signature = ''] = entry.split(',')
      const bytes = Buffer.from(signature, 'base64')
      if (version === 'v1' && key.startsWith('whsec_')) {
        const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
          .update(signed)
          .digest()
        return mac.length === bytes.length && timingSafeEqual(mac, bytes)
      }
      if (version !== 'v1a' || !key.startsWith('whpk_')) return false
      const x = Buffer.from(key.slice(5), 'base64').toString('base64url')
      const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
      return verify(null, Buffer.from(signed), publicKey, bytes)
    })
}
