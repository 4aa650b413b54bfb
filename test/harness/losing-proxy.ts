// A way to the bank on which answers get lost: what was asked has been done, and whoever asked does not hear of it.

import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LosingProxy {
  url: string
  /** Requests that came, in order. */
  seen: { method: string; path: string; headers: http.IncomingHttpHeaders }[]
  /** How many of the next answers are lost. */
  lose: number
  close(): Promise<void>
}

export async function startLosing(bank: string): Promise<LosingProxy> {
  const proxy: LosingProxy = { url: '', seen: [], lose: 0, close: async () => {} }
  const server = http.createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    proxy.seen.push({ method, path: url, headers })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { host: _, connection: _also, ...sent } = headers
    const answer = await fetch(bank + url, {
      method,
      headers: sent as Record<string, string>,
      ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    })
    const body = Buffer.from(await answer.arrayBuffer())
    if (proxy.lose > 0) {
      proxy.lose--
      request.socket.destroy()
      return
    }
    const type = answer.headers.get('content-type') ?? 'text/plain'
    response.writeHead(answer.status, {
      'content-type': type,
      'x-request-id': answer.headers.get('x-request-id') ?? '',
      ...(answer.headers.has('idempotent-replayed') ? { 'idempotent-replayed': 'true' } : {}),
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  proxy.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return proxy
}
