// A door that stays while what is behind it comes and goes: listens on one port and passes connections on to another.
// While it is shut, connections are refused at once, which every client takes for a node that is down.

import net from 'node:net'

export interface Relay {
  open(target: number): void
  shut(): void
  close(): Promise<void>
}

export async function openRelay(port: number): Promise<Relay> {
  let target: number | undefined
  const sockets = new Set<net.Socket>()

  const keep = (socket: net.Socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const server = net.createServer((client) => {
    keep(client)
    if (target === undefined) return client.destroy()
    const node = net.connect(target, '127.0.0.1')
    keep(node)
    client.pipe(node).pipe(client)
    client.on('close', () => node.destroy())
    node.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const shut = () => {
    target = undefined
    for (const socket of sockets) socket.destroy()
  }
  return {
    open: (to) => {
      target = to
    },
    shut,
    close: () => {
      shut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
