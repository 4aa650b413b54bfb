// Webhooks: a receiver that believes nothing before its signature is right.
// Run it beside a bank that may call this machine: LOCAL_ORIGINS=http://127.0.0.1:4900 npm start

import { createServer } from 'node:http'
import { verifyWebhook } from '@unipay/sdk'
import { newCustomer, pin, until } from './sandbox.mjs'

const port = Number(process.env.WEBHOOK_PORT ?? 4900)
let key = ''
const seen = new Map()

const receiver = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  try {
    const event = verifyWebhook({ headers: request.headers, body: Buffer.concat(chunks), keys: [key] })
    seen.set(event.id, event.type) // an event may come more than once: its id is the same
    response.writeHead(204).end()
  } catch {
    response.writeHead(400).end()
  }
}).listen(port, '127.0.0.1')

const { app } = await newCustomer('alice')
const made = await app.addWebhook({ url: `http://127.0.0.1:${port}/unipay`, payment_password: pin })
key = made.key
await app.testWebhook({ id: made.endpoint.id })
await until('a ping', () => seen.size > 0)
console.log('received:', [...seen.values()].join(', '))
receiver.close()
receiver.closeAllConnections()
