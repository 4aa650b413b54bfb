// An HTTP proxy before a TRON node that stands for a bad or busy one: it passes requests on and, when told, changes answers,
// refuses, breaks off or keeps silent, before or after the node has done what was asked.

import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { sleep } from '../../src/base/clock.ts'

type Json = Record<string, unknown>

/** `path` as in `/wallet/getblock`. */
export interface Asked {
  path: string
  body: Json
}
/** What is answered instead, perhaps after a while; undefined leaves the answer as it is. */
export type Change = (answer: unknown, asked: Asked) => unknown
/** What happens instead of an answer, if anything. `after` lets the node do it first. */
export type Trouble = (
  asked: Asked,
) => undefined | { status?: number; body?: string; after?: boolean; silence?: number; headers?: Record<string, string> }

export interface TronProxy {
  readonly url: string
  change: Change | undefined
  trouble: Trouble | undefined
  /** Requests by path, since the last `clear`. */
  readonly asked: Map<string, number>
  /** The last key that was sent along. */
  apiKey: string | undefined
  clear(): void
  close(): Promise<void>
}

export async function startTronProxy(upstream: string): Promise<TronProxy> {
  const asked = new Map<string, number>()
  const server = http.createServer(async (request, response) => {
    try {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const text = Buffer.concat(parts).toString()
      const question: Asked = { path: request.url ?? '', body: JSON.parse(text || '{}') as Json }
      asked.set(question.path, (asked.get(question.path) ?? 0) + 1)
      proxy.apiKey = request.headers['tron-pro-api-key'] as string | undefined
      const trouble = proxy.trouble?.(question)
      if (trouble && !trouble.after) return await make(trouble, response)
      const answer = await fetch(`${upstream}${question.path}`, { method: 'POST', body: text })
      const body = await answer.text()
      if (trouble) return await make(trouble, response)
      const changed = await proxy.change?.(JSON.parse(body), question)
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(changed === undefined ? body : JSON.stringify(changed))
    } catch {
      response.destroy()
    }
  })

  async function make(trouble: NonNullable<ReturnType<Trouble>>, response: http.ServerResponse): Promise<void> {
    if (trouble.silence !== undefined) await sleep(trouble.silence)
    if (trouble.status === undefined) return void response.destroy()
    response.writeHead(trouble.status, trouble.headers).end(trouble.body ?? '')
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: TronProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: undefined,
    trouble: undefined,
    asked,
    apiKey: undefined,
    clear() {
      proxy.change = undefined
      proxy.trouble = undefined
      asked.clear()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy
}
