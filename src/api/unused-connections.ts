// Connections on which nothing was ever asked: browsers open some in advance. Node counts them as busy, so the end of the
// server would wait for them until they time out. Must stay true: one that carried a request is never cut here.

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Lets go of unused connections when the server closes. */
export function cutUnusedConnections(server: FastifyInstance): void {
  const unused = new Set<Socket>()
  server.server.on('connection', (socket) => {
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.server.prependListener('request', (request) => unused.delete(request.socket))
  server.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy()
  })
}
