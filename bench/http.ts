// POST /api/transfer over HTTP with everything that a real call does: token and session, schema, PIN, recipient, limits,
// idempotency key, ledger, order, inbox, outbox. The API runs as its own process, as in production.

import { newId } from '../src/base/ids.ts'
import { type Customer, PIN } from './customers.ts'
import { connectHttp, postRequest } from './http-client.ts'
import { closedLoop, drawer, type Result, type Spread } from './load.ts'

export async function benchHttp(
  port: number,
  customers: readonly Customer[],
  spread: Spread,
  clients: number,
  seconds: number,
): Promise<Result> {
  const anyone = drawer('uniform', customers.length)
  const receiver = drawer(spread, customers.length)
  const connections = await Promise.all(Array.from({ length: clients }, () => connectHttp(port)))
  const free = [...connections]
  const result = await closedLoop(clients, seconds, async () => {
    const client = free.pop()
    if (!client) throw new Error('more requests than connections')
    const payer = customers[anyone()]
    let payee = customers[receiver()]
    if (payee === payer) payee = customers[(customers.indexOf(payer as Customer) + 1) % customers.length]
    if (!payer || !payee) throw new Error('no customers')
    const body = { to_user_id: payee.id, amount: '0.01', payment_password: PIN }
    const { status } = await client.send(
      postRequest('/api/transfer', payer.token, body, `idempotency-key: ${newId()}\r\n`),
    )
    free.push(client)
    return status === 200
  })
  for (const connection of connections) connection.close()
  return result
}
