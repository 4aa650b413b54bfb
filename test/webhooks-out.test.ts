// Webhooks that go out, over HTTP from end to end: who is told what, signed how, in which order, and what a receiver that
// is slow, dead, angry or somewhere else changes for it and for others.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { days, hours, minutes, seconds, sleep } from '../src/base/clock.ts'
import { guardedFetch } from '../src/base/guarded-fetch.ts'
import { deliver } from '../src/domain/webhook/deliver.ts'
import { dueDeliveries } from '../src/domain/webhook/delivery.ts'
import { endpointById } from '../src/domain/webhook/endpoint.ts'
import { readEndpointUrl } from '../src/domain/webhook/endpoint-url.ts'
import { deliverWebhooks, type WebhookLoops } from '../src/workers/deliver-webhooks.ts'
import { logIn, startWorld, type World } from './harness/customers.ts'
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
interface Past {
  events: { id: string; type: string; data: Record<string, unknown> }[]
  next_cursor: string
  has_more: boolean
}

/** The clock is moved by days, so sessions end under way: then they sign in again. */
async function ask<D = Record<string, unknown>>(who: Payer, method: string, path: string, body?: object) {
  const once = () => world.call<D>(method, path, body, { token: who.access, headers: { 'accept-language': 'en' } })
  const answer = await once()
  if (answer.status !== 401) return answer
  who.access = (await logIn(world, who)).data.access_token
  return once()
}

async function addWebhook(who: Payer, path: string, more: object = {}) {
  const body = { url: receiver.origin + path, payment_password: who.pin, ...more }
  const made = await ask<{ endpoint: Endpoint; key: string }>(who, 'POST', '/api/webhooks', body)
  assert.equal(made.status, 200, made.text)
  return { id: made.data.endpoint.id, key: made.data.key, endpoint: made.data.endpoint }
}
/** A customer has room for ten endpoints, and each is told everything. */
const remove = (who: Payer, id: string) => ask(who, 'DELETE', `/api/webhooks/${id}`)

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
    await sleep(25)
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
const endpointOf = async (who: Payer, id: string) => (await ask<Endpoint>(who, 'GET', `/api/webhooks/${id}`)).data
const logOf = async (who: Payer, id: string, eventId: string) =>
  (await ask<{ delivery: Delivery; attempts: Attempt[] }>(who, 'GET', `/api/webhooks/${id}/deliveries/${eventId}`)).data
/** The newest delivery, once it has been tried so often. */
const tried = (who: Payer, id: string, attempts: number) =>
  until(`${attempts} attempts`, async () => {
    const [newest] = await deliveries(who, id)
    return newest && newest.attempts >= attempts && newest
  })

test('a payment over HTTP is told to both sides, signed, and verified by receivers who know the document alone', async () => {
  const mine = await addWebhook(payer, '/story')
  const theirs = await addWebhook(payee, '/story-payee', { scheme: 'ed25519' })
  assert.match(mine.key, /^whsec_/)
  assert.match(theirs.key, /^whpk_/)
  assert.equal(theirs.endpoint.public_key, theirs.key)
  assert.equal(mine.endpoint.public_key, null)
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
  const log = await tried(payer, mine.id, 1)
  assert.deepEqual([log.event_id, log.status], [out.id, 'delivered'])
  await remove(payer, mine.id)
  await remove(payee, theirs.id)
})

test('a test event, only the types that were asked for, and the same event again on request under its id', async () => {
  const { id, key } = await addWebhook(payer, '/picky', { types: ['withdrawal.*', 'kyc.updated'] })
  await pay(payer, payee)
  const ping = await ask<Delivery>(payer, 'POST', `/api/webhooks/${id}/test`)
  assert.equal(ping.data.type, 'ping')
  await came('/picky', 1)
  assert.equal(one('/picky').body.type, 'ping')
  assert.equal(one('/picky').id, ping.data.event_id)
  await tried(payer, id, 1)
  const again = await ask(payer, 'POST', `/api/webhooks/${id}/deliveries/${ping.data.event_id}/resend`)
  assert.equal(again.status, 200, again.text)
  const [first, second] = await came('/picky', 2)
  assert.equal(second?.id, first?.id)
  assert.equal(second?.raw, first?.raw)
  assert.ok(second && isGenuine(second, key, nowSeconds()))
  const { attempts } = await until('two attempts', async () => {
    const log = await logOf(payer, id, ping.data.event_id)
    return log.attempts.length === 2 && log
  })
  assert.deepEqual(
    attempts.map(({ no, outcome, http_status }) => [no, outcome, http_status]),
    [
      [2, 'ok', 204],
      [1, 'ok', 204],
    ],
  )
  await remove(payer, id)
})

test('after a rotation both keys sign for a day, then the new one alone', async () => {
  const { id, key: old } = await addWebhook(payer, '/rotated')
  const rotated = await ask<{ key: string }>(payer, 'POST', `/api/webhooks/${id}/secret`, {
    payment_password: payer.pin,
  })
  const fresh = rotated.data.key
  assert.notEqual(fresh, old)
  await pay(payer, payee)
  await came('/rotated', 1)
  for (const key of [old, fresh]) assert.ok(isGenuine(one('/rotated'), key, nowSeconds()))
  world.clock.advance(hours(24))
  await ask(payer, 'POST', `/api/webhooks/${id}/test`)
  const [, later] = await came('/rotated', 2)
  assert.ok(later && isGenuine(later, fresh, nowSeconds()))
  assert.ok(!isGenuine(later, old, nowSeconds()))
  await remove(payer, id)
})

test('what happens to one endpoint comes in order; a slow one and a dead one hold up nobody', async () => {
  receiver.answer('/silent', 'silent')
  const silent = await addWebhook(payer, '/silent')
  const dead = await ask<{ endpoint: Endpoint }>(payer, 'POST', '/api/webhooks', {
    url: `${receiver.origin}/dead`,
    payment_password: payer.pin,
  })
  receiver.answer('/dead', {
    status: 500,
    body: 'no <b>today</b>\u0000\u202e',
    headers: { 'content-type': 'text/html' },
  })
  const good = await addWebhook(payer, '/good')
  const start = Date.now()
  const ids: string[] = []
  for (let i = 0; i < 12; i++) ids.push(await pay(payer, payee, `1.${10 + i}`))
  const got = await came('/good', 12)
  assert.ok(Date.now() - start < 6_000, 'others’ troubles are none of its')
  assert.deepEqual(
    got.map(({ body }) => body.data.id),
    ids,
  )
  const failed = await until('a failure', async () => {
    const [oldest] = (await deliveries(payer, dead.data.endpoint.id)).slice(-1)
    return oldest && oldest.attempts > 0 && oldest
  })
  const { attempts } = await logOf(payer, dead.data.endpoint.id, failed.event_id)
  assert.deepEqual([attempts.at(-1)?.outcome, attempts.at(-1)?.http_status], ['status', 500])
  assert.equal(attempts.at(-1)?.snippet, 'no <b>today</b> ', 'a beginning of the answer, without what cannot be seen')
  assert.equal(receiver.at('/silent').length, 1, 'the next one waits for the first')
  const late = await tried(payer, silent.id, 0).then(() =>
    until(
      'the time out',
      async () => {
        const [oldest] = (await deliveries(payer, silent.id)).slice(-1)
        return oldest && oldest.attempts > 0 && oldest
      },
      12_000,
    ),
  )
  const log = await logOf(payer, silent.id, late.event_id)
  assert.equal(log.attempts[0]?.outcome, 'timeout')
  assert.ok((log.attempts[0]?.ms ?? 0) >= 9_900 && (log.attempts[0]?.ms ?? 0) < 11_500)
  for (const { id } of [silent, dead.data.endpoint, good]) await remove(payer, id)
})

test('tried again after 5 s, 30 s … 24 h with the same id and body; after three days it is disabled and its owner told', async () => {
  receiver.answer('/angry', { status: 503 })
  const { id } = await addWebhook(payer, '/angry')
  const started = world.clock.now().getTime()
  await pay(payer, payee)
  const pauses = [seconds(5), seconds(30), minutes(5), minutes(30), hours(2), hours(5), hours(10), hours(24), hours(24)]
  for (const [i, pause] of pauses.entries()) {
    const waiting = await tried(payer, id, i + 1)
    const until = Date.parse(waiting.next_at ?? '') - world.clock.now().getTime()
    assert.ok(Math.abs(until - pause) < 2_000, `after try ${i + 1} it waits ${until} ms`)
    // an endpoint that failed many times in a row rests as well
    world.clock.advance(Math.max(pause, minutes(5)))
  }
  const last = await until('given up', async () => {
    const [newest] = await deliveries(payer, id)
    return newest?.status === 'failed' && newest
  })
  assert.equal(last.attempts, 10)
  const span = world.clock.now().getTime() - started
  assert.ok(span > days(2.5) && span < days(3.5), `${span / days(1)} days`)
  const got = receiver.at('/angry')
  assert.equal(new Set(got.map((each) => each.id)).size, 1)
  assert.equal(new Set(got.map((each) => each.raw)).size, 1)
  assert.equal(new Set(got.map(({ headers }) => headers['webhook-signature'])).size, 10, 'each with its own time')
  const { status, disabled_for } = await until('disabled', async () => {
    const now = await endpointOf(payer, id)
    return now.status === 'disabled' && now
  })
  assert.deepEqual([status, disabled_for], ['disabled', 'failures'])
  await world.sinks.messageTo(payer.contact, /\/angry/)
  // what comes meanwhile is found in the list of events; enabled again it is told of what comes next
  const missed = await pay(payer, payee, '7.77')
  await sleep(600)
  assert.equal(receiver.at('/angry').length, 10)
  const refused = await ask(payer, 'POST', `/api/webhooks/${id}/test`)
  assert.deepEqual([refused.status, refused.name], [400, 'InvalidParams'])
  receiver.answer('/angry', { status: 200 })
  await ask(payer, 'PUT', `/api/webhooks/${id}`, { enabled: true })
  const found = await everything(payer)
  assert.ok(found.some(({ data }) => data.id === missed))
  const next = await pay(payer, payee, '7.78')
  const came11 = await came('/angry', 11)
  assert.equal(came11[10]?.body.data.id, next)
  await remove(payer, id)
})

async function everything(who: Payer, limit = 7): Promise<Past['events']> {
  const found = new Map<string, Past['events'][number]>()
  let cursor = ''
  for (;;) {
    const query = `limit=${limit}${cursor && `&cursor=${cursor}`}`
    const { data, text, status } = await ask<Past>(who, 'GET', `/api/webhook-events?${query}`)
    assert.equal(status, 200, text)
    for (const event of data.events) found.set(event.id, event)
    assert.ok(data.events.length <= limit)
    cursor = data.next_cursor
    if (!data.has_more) return [...found.values()]
  }
}

test('past events by cursor: all of them, in order, also without any endpoint, and nobody else’s', async () => {
  const someone = await makePayer(world, 100_000_000n)
  const ids: string[] = []
  for (let i = 0; i < 15; i++) ids.push(await pay(someone, payee, `1.${10 + i}`))
  const events = await everything(someone)
  assert.deepEqual(
    events.map(({ data }) => data.id),
    ids,
  )
  const other = await everything(await makePayer(world))
  assert.deepEqual(other, [])
  const only = await ask<Past>(someone, 'GET', '/api/webhook-events?type=withdrawal.*')
  assert.deepEqual(only.data.events, [])
  for (const query of ['cursor=x', 'cursor=AAAA', 'limit=0', 'type=nothing.like.it', 'more=1']) {
    const refused = await ask(someone, 'GET', `/api/webhook-events?${query}`)
    assert.deepEqual([refused.status, refused.name], [400, 'InvalidParams'], query)
  }
})

describe('where an endpoint may be', () => {
  test('no inside of any network is asked, by its number or by its name, and no redirect is followed', async () => {
    const refused = async (url: string) => {
      const body = { url, payment_password: payer.pin }
      const { status, name } = await ask(payer, 'POST', '/api/webhooks', body)
      assert.deepEqual([status, name], [400, 'InvalidParams'], url)
    }
    for (const url of [
      'http://127.0.0.1/x',
      'http://2130706433/x',
      'http://0x7f.1/x',
      'https://[::1]/x',
      'https://[::ffff:10.0.0.1]/x',
      'http://169.254.169.254/latest/meta-data',
      'http://10.1.2.3/',
      'https://localhost/x',
      'https://db.internal/x',
      'https://intranet/x',
      'ftp://example.com/x',
      'https://example.com:25/x',
      'https://user:pass@example.com/x',
      'https://example.com/x#y',
      'not an address',
    ])
      await refused(url)

    receiver.answer('/moved', { status: 302, headers: { location: `${receiver.origin}/secret` } })
    const { id } = await addWebhook(payer, '/moved')
    await ask(payer, 'POST', `/api/webhooks/${id}/test`)
    const failed = await tried(payer, id, 1)
    const log = await logOf(payer, id, failed.event_id)
    assert.deepEqual([log.attempts[0]?.outcome, log.attempts[0]?.http_status], ['status', 302])
    assert.equal(receiver.at('/secret').length, 0)
    await remove(payer, id)
  })

  test('an address that got to the inside after it was named is refused when it is asked', async () => {
    const { id } = await addWebhook(payer, '/later')
    // as if the name had been given another address meanwhile
    const inside = 'http://127.0.0.1:8080/x'
    await world.database.owner.query('', 'update webhook_endpoints set url = $1 where id = $2', [inside, id.slice(3)])
    await ask(payer, 'POST', `/api/webhooks/${id}/test`)
    const failed = await tried(payer, id, 1)
    const log = await logOf(payer, id, failed.event_id)
    assert.deepEqual([log.attempts[0]?.outcome, log.attempts[0]?.http_status], ['address', null])
    await remove(payer, id)
  })
})

test('in live mode only https is asked, and nobody on this machine whatever the sandbox allowed', async () => {
  const { bank } = world
  const config = { ...bank.config, UNIPAY_MODE: 'live' as const, LOCAL_ORIGINS: new Set<string>() }
  const live = { ...bank, config, fetchGuarded: guardedFetch({ httpsOnly: true, localOrigins: config.LOCAL_ORIGINS }) }
  for (const url of ['http://example.com/x', receiver.origin, 'https://127.0.0.1/x'])
    assert.throws(() => readEndpointUrl(live, url), /InvalidParams/, url)
  assert.equal(readEndpointUrl(live, 'https://Example.com/x?a=1'), 'https://example.com/x?a=1')
  const { id } = await addWebhook(payer, '/live')
  await loops.stop() // nobody else delivers meanwhile
  for (const [url, outcome] of [
    [`${receiver.origin}/live`, 'scheme'],
    [`${receiver.origin}/live`.replace('http:', 'https:'), 'address'],
  ] as const) {
    await world.database.owner.query('', 'update webhook_endpoints set url = $1 where id = $2', [url, id.slice(3)])
    const { data } = await ask<Delivery>(payer, 'POST', `/api/webhooks/${id}/test`)
    const row = await endpointById(bank.db, 1, undefined, id.slice(3))
    const [waiting] = await dueDeliveries(bank.db, 1, row.id, world.clock.now(), 1)
    assert.ok(waiting)
    assert.equal(await deliver(live, 1, row, waiting), false)
    assert.equal((await logOf(payer, id, data.event_id)).attempts[0]?.outcome, outcome)
    await world.database.owner.query('', 'delete from webhook_deliveries where endpoint_id = $1', [row.id])
  }
  assert.equal(receiver.at('/live').length, 0)
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  assert.match(metrics, /^unipay_webhook_endpoints_failing [1-9]/m)
  await remove(payer, id)
  loops = deliverWebhooks(bank, [1])
})

test('an endpoint takes the payment password, moves only with it, and there are ten at most', async () => {
  const someone = await makePayer(world)
  const url = `${receiver.origin}/many`
  const wrong = await ask(someone, 'POST', '/api/webhooks', { url, payment_password: '000000' })
  assert.equal(wrong.name, 'PaymentPasswordWrong')
  const made = []
  for (let i = 0; i < 10; i++) made.push(await addWebhook(someone, '/many'))
  const full = await ask(someone, 'POST', '/api/webhooks', { url, payment_password: someone.pin })
  assert.deepEqual([full.status, full.name], [400, 'InvalidParams'])
  const [{ id } = { id: '' }] = made
  const moved = await ask(someone, 'PUT', `/api/webhooks/${id}`, { url: `${url}-else` })
  assert.deepEqual([moved.status, moved.name], [400, 'InvalidParams'])
  const proved = await ask<{ url: string }>(someone, 'PUT', `/api/webhooks/${id}`, {
    url: `${url}-else`,
    payment_password: someone.pin,
  })
  assert.equal(proved.data.url, `${url}-else`)
  const types = await ask(someone, 'PUT', `/api/webhooks/${id}`, { types: ['card.*', 'no.such'] })
  assert.deepEqual([types.status, types.details.pointer], [400, '/types/1'])
  assert.equal((await ask(payer, 'GET', `/api/webhooks/${id}`)).status, 404)
})

test('another’s deliveries are as absent as those that never were, and so are one’s own elsewhere', async () => {
  const { id } = await addWebhook(payer, '/mine')
  const { data } = await ask<Delivery>(payer, 'POST', `/api/webhooks/${id}/test`)
  const second = await addWebhook(payer, '/mine-too')
  const someone = await makePayer(world)
  const words = async (who: Payer, method: string, path: string) => {
    const { status, name, text } = await ask(who, method, path)
    return [status, name, text.replace(/"request_id":"[^"]*"/, '')]
  }
  const none = `ev-${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}`
  for (const [method, end] of [
    ['GET', ''],
    ['POST', '/resend'],
  ] as const) {
    const path = (endpoint: string, event: string) => `/api/webhooks/${endpoint}/deliveries/${event}${end}`
    const absent = await words(payer, method, path(id, none))
    assert.deepEqual(absent.slice(0, 2), [404, 'NotFound'])
    assert.deepEqual(await words(someone, method, path(id, data.event_id)), absent)
    assert.deepEqual(await words(payer, method, path(second.id, data.event_id)), absent)
    assert.deepEqual(await words(payer, method, path(id, 'x')), absent)
    assert.equal((await ask(payer, method, path(id, data.event_id))).status, 200)
  }
  await remove(payer, id)
  await remove(payer, second.id)
})
