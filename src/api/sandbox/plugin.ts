// Passes /sandbox/* on to the sandbox's own control server, so that one port is enough to try everything.
// Must stay true: mounted in sandbox mode only; it holds no logic of its own.

import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { sleep } from '../../base/clock.ts'

const LIMIT = 120_000 // mining many blocks takes its time
const MAX_BODY = 64 * 1024

export const sandboxControls =
  (sandboxUrl: string): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    server.removeAllContentTypeParsers()
    server.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: MAX_BODY },
      async (_request: unknown, body: Buffer) => body,
    )

    server.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/sandbox/*',
      schema: { hide: true },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-store').type('application/json; charset=utf-8')
        try {
          const answer = await reach(new URL(request.url, sandboxUrl), {
            method: request.method,
            ...(Buffer.isBuffer(request.body) && request.method !== 'GET'
              ? { body: new Uint8Array(request.body) }
              : {}),
            signal: AbortSignal.timeout(LIMIT),
          })
          return reply.code(answer.status).send(Buffer.from(await answer.arrayBuffer()))
        } catch {
          return reply
            .code(503)
            .send(JSON.stringify({ error: 'the sandbox does not answer; it may be starting again' }))
        }
      },
    })

    server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
      reply
        .code(error.statusCode ?? 500)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify({ error: error.statusCode ? error.message : 'internal error' })),
    )
  }

/** A refused connection has done nothing yet: a sandbox that is just starting again is waited for. */
async function reach(url: URL, request: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(url, request)
    } catch (error) {
      const refused = ((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED'
      if (!refused || attempt === 20) throw error
      await sleep(250)
    }
  }
}
