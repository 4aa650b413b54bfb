// Webhooks that go out, over HTTP from end to end: who is told what, signed how, in which order, and what a receiver that
// is slow, dead, angry or somewhere else changes for it and for others.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { days, hours, minutes, seconds, sleep } from '../src/base/clock.ts'
import { deliverWebhooks, type WebhookLoops } from '../src/workers/deliver-webhooks.ts'
import { startWorld, type World } from './harness/customers.ts'
import { makePayer, type Payer } from './harness/hosted.ts'
import { isGenuine, type Received, type Receiver, startReceiver } from './harness/webhook-receiver.ts'

let receiver: Receiver
let world: World
let loops: WebhookLoops
let payer: Payer
let payee: Payer

before(async () => {
  receiver = await startReceiver()
  world = await startWorld({ LOCAL_ORIGINS: receiver.origin })
  loops = deliverWebhooks(world.bank, [1])
  payer = await makePayer(world, 1_000_000_000n)
  payee = await makePayer(world)
})
after(async () => {
  await loops?.stop()
  await world?.close()
  await receiver?.close()
})

interface Endpoint {
  id: string
  status: string
  disabled_for: string
  failing_since: string | null
  public_key: string | null
}
interface Delivery {
  event_id: string
  type: string
  status: string
  attempts: number
  next_at: string | null
}
interface Attempt {
  no: number
  outcome: string
  http_status: number | null
  snippet: string
  ms: number
}

const ask = <D = Record<string, unknown>>(who: Payer, method: string, path: string, body?: object) =>
  world.call<D>(method, path, body, { token: who.access, headers: { 'accept-language': 'en' } })

async function addWebhook(who: Payer, path: string, more: object = {}) {
  const body = { url: receiver.origin + path, payment_password: who.pin, ...more }
  const made = await ask<{ endpoint: Endpoint; key: string }>(who, 'POST', '/api/webhooks', body)
  assert.equal(made.status, 200, made.text)
  return { id: made.data.endpoint.id, key: made.data.key, endpoint: made.data.endpoint }
}

async function pay(from: Payer, to: Payer, amount = '1'): Promise<string> {
  const order = { to_user_id: to.id, amount, payment_password: from.pin }
  const paid = await ask<{ transfer_id: string }>(from, 'POST', '/api/transfer', order)
  assert.equal(paid.status, 200, paid.text)
  return paid.data.transfer_id
}

async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  most = 8_000,
) {
  const end = Date.now() + most
  for (;;) {
    const found = await look()
    if (found) return found
    assert.ok(Date.now() < end, `not within ${most} ms: ${what}`)
    await sleep(20)
  }
}
const came = (path: string, count: number) =>
  until(`${count} at ${path}`, () => receiver.at(path).length >= count && receiver.at(path))
const nowSeconds = () => world.clock.now().getTime() / 1000
const one = (path: string): Received => {
  const [first] = receiver.at(path)
  assert.ok(first)
  return first
}
const deliveries = async (who: Payer, id: string, query = '') =>
  (await ask<Delivery[]>(who, 'GET', `/api/webhooks/${id}/deliveries${query}`)).data
const endpoint = async (who: Payer, id: string) => (await ask<Endpoint>(who, 'GET', `/api/webhooks/${id}`)).data

test('a payment over HTTP is told to both sides, signed, and verified by receivers who know the document alone', async () => {
  const mine = await addWebhook(payer, '/story')
  const theirs = await addWebhook(payee, '/story-payee', { scheme: 'ed25519' })
  assert.match(mine.key, /^whsec_/)
  assert.match(theirs.key, /^whpk_/)
  assert.equal(theirs.endpoint.public_key, theirs.key)
  const id = await pay(payer, payee, '12.5')
  await came('/story', 1)
  await came('/story-payee', 1)
  const out = one('/story')
  assert.deepEqual(out.body.data, { id, direction: 'out', amount: '12.50', to: payee.uid })
  assert.equal(out.body.type, 'transfer.completed')
  assert.match(out.id, /^ev-[0-9a-f-]{36}$/)
  assert.ok(isGenuine(out, mine.key, nowSeconds()))
  const into = one('/story-payee')
  assert.deepEqual(into.body.data, { id, direction: 'in', amount: '12.50', from: payer.uid })
  assert.ok(isGenuine(into, theirs.key, nowSeconds()))
  // and nothing else passes for it
  assert.ok(!isGenuine({ ...out, raw: out.raw.replace('12.50', '13.50') }, mine.key, nowSeconds()))
  assert.ok(!isGenuine(out, mine.key, nowSeconds() + 301))
  assert.ok(!isGenuine(into, mine.key, nowSeconds()))
  const log = await until('delivered', async () => {
    const [newest] = await deliveries(payer, mine.id)
    return newest?.status === 'delivered' && newest
  })
  assert.equal(log.event_id, out.id)
})
