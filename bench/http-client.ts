// A client that costs next to nothing beside the server that it loads: raw keep-alive sockets, one request at a time
// each, answers read by their Content-Length. Only for the bench.

import net from 'node:net'

export interface HttpClient {
  /** Sends a whole request and settles with the status and body of its answer. */
  send(request: string): Promise<{ status: number; body: string }>
  close(): void
}

export async function connectHttp(port: number): Promise<HttpClient> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let received = ''
  let waiting:
    | { resolve: (answer: { status: number; body: string }) => void; reject: (error: Error) => void }
    | undefined
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    const head = received.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = /content-length: (\d+)/i.exec(received.slice(0, head))
    const end = head + 4 + (length ? Number.parseInt(length[1] ?? '', 10) : 0)
    if (received.length < end) return
    const answer = { status: Number.parseInt(received.slice(9, 12), 10), body: received.slice(head + 4, end) }
    received = received.slice(end)
    waiting?.resolve(answer)
    waiting = undefined
  })
  socket.on('close', () => waiting?.reject(new Error('the server closed the connection')))
  socket.on('error', () => {})
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

export const postRequest = (path: string, token: string, body: object, headers = ''): string => {
  const text = JSON.stringify(body)
  return (
    `POST ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
    `${headers}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  )
}
