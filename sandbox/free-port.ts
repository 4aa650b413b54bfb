// Ports for servers on loopback: the one used last time when it is still free, otherwise one the system picks.
// Between choosing and listening another process may take it; whoever starts the server must be able to try again.

import net from 'node:net'

export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** `avoid` holds ports given out a moment ago whose servers do not listen yet; the answer joins them. */
export async function freePort(preferred?: number, avoid = new Set<number>()): Promise<number> {
  if (preferred !== undefined && !avoid.has(preferred) && (await isFree(preferred))) {
    avoid.add(preferred)
    return preferred
  }
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const probe = net.createServer()
      probe.once('error', reject)
      probe.listen(0, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
      })
    })
    if (avoid.has(port)) continue
    avoid.add(port)
    return port
  }
}
