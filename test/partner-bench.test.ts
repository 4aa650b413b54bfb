// The partner bench over HTTP: what the log of requests has and has not, what the debugger says of right and wrong
// signatures of every scheme, and webhooks of partners and merchants as operators set them up.

import assert from 'node:assert/strict'
import { createHmac, sign as rsaSign } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../sandbox/free-port.ts'
import { type RateServer, startRates } from '../sandbox/rates.ts'
import { days, sleep } from '../src/base/clock.ts'
import { revokeApiKey } from '../src/domain/api-key/manage-api-keys.ts'
import { demoAccess } from '../src/domain/demo-access.ts'
import { removeExpired } from '../src/domain/expiry.ts'
import { demoMerchant } from '../src/domain/merchant/make-merchant.ts'
import { demoPartner } from '../src/domain/ramp/make-partner.ts'
import { readRequests, writeRequests } from '../src/domain/request-log.ts'
import { deliverWebhooks, type WebhookLoops } from '../src/workers/deliver-webhooks.ts'
import { logIn, startWorld, type World } from './harness/customers.ts'
import { makePayer, type Payer } from './harness/hosted.ts'
import { check, joinOperator, ok, outcome, propose, type TestOperator } from './harness/operators.ts'
import { PlatformClient, USER } from './harness/platform-client.ts'
import { content, hmac, inOrder, type RampKey, send, signedRequest } from './harness/ramp-client.ts'
import { type SpotKey, sign, spotClient } from './harness/spot-client.ts'
import { makeKey } from './harness/trading.ts'
import { isGenuine, type Receiver, startReceiver } from './harness/webhook-receiver.ts'

let receiver: Receiver
let world: World
let rates: RateServer
let loops: WebhookLoops
let payer: Payer
let spot: SpotKey
let ramp: RampKey & { id: string }
let platform: PlatformClient
let invite: string
let ann: TestOperator
let abe: TestOperator
let sam: TestOperator

before(async () => {
  receiver = await startReceiver()
  const port = await freePort()
  rates = await startRates(port, () => world.clock.now())
  world = await startWorld({ LOCAL_ORIGINS: receiver.origin, RATE_URL: `http://127.0.0.1:${port}` })
  loops = deliverWebhooks(world.bank, [1])
  payer = await makePayer(world, 100_000_000n)
  spot = await makeKey(world, payer)
  const { partner, keyId, secret } = await demoPartner(world.bank, 1)
  ramp = { base: world.url, apiKey: keyId, secretKey: secret, source: partner.sources[0] ?? '', id: partner.id }
  const demo = await demoMerchant(world.bank, 1)
  platform = new PlatformClient(world.url, demo)
  invite = demo.inviteCode
  ann = await joinOperator(world, ['admin'], 'Ann')
  abe = await joinOperator(world, ['admin'], 'Abe')
  sam = await joinOperator(world, ['support'], 'Sam')
})
after(async () => {
  await loops?.stop()
  await world?.close()
  await receiver?.close()
  await rates?.stop()
})

interface Entry {
  api: string
  key_id: string
  proved: boolean
  method: string
  path: string
  status: number
  code: string
  request_id: string
  ms: number
  ip: string
}
interface Said {
  key_known: boolean
  fits: boolean
  base: string
  mistake: string | null
  difference: {
    offset: number
    ours: { byte: string | null; near: string }
    theirs: { byte: string | null; near: string }
  } | null
  notes: string[]
}

const debug = (body: object) => ok<Said>(world, sam, 'POST', '/signature-debugger', body)
const logged = async (query: string, count: number) => {
  for (let i = 0; i < 60; i++) {
    const { items } = await ok<{ items: Entry[] }>(world, sam, 'GET', `/request-log?${query}`)
    if (items.length >= count) return items
    await sleep(50)
  }
  assert.fail(`${count} entries for ${query}`)
}

test('each partner API’s requests are noted, right and wrong ones, by key, code and id, without what is secret', async () => {
  const client = spotClient(world.url, spot, () => world.clock.now().getTime())
  const headers = { 'x-request-id': 'bench-spot-1' }
  assert.equal((await client.post('/api/spot/v1/withdraw?secretish=1', '{}', { headers })).code, '70003')
  assert.equal((await client.get('/api/spot/v1/user/account')).code, '0')
  await client.get('/api/spot/v1/user/account', { signature: 'f'.repeat(64) })
  const mine = await logged(`api=spot&key_id=${spot.apiKey}`, 3)
  assert.deepEqual(
    mine.map(({ proved, method, path, status, code }) => [proved, method, path, status, code]),
    [
      [false, 'GET', '/api/spot/v1/user/account', 401, '100005'],
      [true, 'GET', '/api/spot/v1/user/account', 200, '0'],
      [true, 'POST', '/api/spot/v1/withdraw', 400, '70003'],
    ],
  )
  const [byId] = await logged('request_id=bench-spot-1', 1)
  assert.equal(byId?.code, '70003')

  const now = `${world.clock.now().getTime()}`
  const pushed = signedRequest(
    ramp,
    'POST',
    '/transaction/addChangeApplyOrder',
    { ...inOrder('B-1', 'u'), source: ramp.source },
    now,
  )
  assert.equal((await send(world.url, pushed)).code, '000000')
  assert.notEqual((await send(world.url, pushed)).code, '000000')
  assert.equal((await logged(`key_id=${ramp.apiKey}&refused=true`, 1)).length, 1)
  assert.equal((await logged(`api=ramp`, 2)).length, 2)

  const answer = await platform.send(
    '/reg_info_list',
    platform.body({ regStartTime: '1000000000000' }, world.clock.now().getTime()),
  )
  assert.equal(answer.body.code, '0', answer.text)
  await platform.send('/reg_info_list', { ...platform.body({}, world.clock.now().getTime()), sign: 'AAAA' })
  const theirs = await logged(`api=platform&key_id=${platform.keys.appId}`, 2)
  assert.deepEqual(
    theirs.map(({ proved, code, path }) => [proved, code, path]),
    [
      [false, '50005', `${USER}/reg_info_list`],
      [true, '0', `${USER}/reg_info_list`],
    ],
  )

  const rows = await world.database.owner.query<{ row: string }>('', 'select l::text as row from request_log l')
  const all = rows.map(({ row }) => row).join('\n')
  for (const secret of [spot.secret, ramp.secretKey, pushed.headers.sign ?? '?', 'secretish', 'Juan', payer.contact])
    assert.ok(!all.includes(secret), secret)
  const bad = await outcome(world, sam, 'GET', '/request-log?from=yesterday')
  assert.equal(bad, 'InvalidParams')
})

test('what is old is forgotten: requests after a month, those that nobody proved after a week, deliveries after a month', async () => {
  const { bank, database } = world
  const ago = (count: number) => new Date(bank.clock.now().getTime() - days(count))
  const entry = {
    bookId: 1,
    api: 'spot',
    keyId: 'old',
    method: 'GET',
    path: '/',
    status: 200,
    code: '0',
    ms: 1,
  } as const
  const made = [
    [true, 20],
    [true, 40],
    [false, 2],
    [false, 8],
  ] as const
  await writeRequests(
    bank.db,
    made.map(([proved, count]) => ({ ...entry, requestId: 'r', ip: '::1', proved, at: ago(count) })),
  )
  const endpoint = '00000000-0000-7000-8000-00000000000a'
  for (const count of [20, 40]) {
    await database.owner.query(
      '',
      `insert into webhook_deliveries (book_id, endpoint_id, event_id, type, data, happened_at, next_at)
       values (1, $1, gen_random_uuid(), 'ping', '{}', $2, $2)`,
      [endpoint, ago(count)],
    )
  }
  await removeExpired(bank, 1)
  const left = await readRequests(bank.db, 1, { keyId: 'old', offset: 0, size: 10 })
  assert.deepEqual(left.map(({ proved }) => proved).sort(), [false, true])
  const waiting = await database.owner.query('', 'select from webhook_deliveries where endpoint_id = $1', [endpoint])
  assert.equal(waiting.length, 1)
})

test('the sandbox’s own access is the same as long as it holds, and there is none in live mode', async () => {
  const { bank } = world
  const first = await demoAccess(bank, 1, undefined)
  const again = await demoAccess(bank, 1, first.demo)
  assert.deepEqual(again.demo, first.demo)
  assert.deepEqual([first.fresh, again.fresh], [true, false])
  const client = spotClient(world.url, first.demo.spot, () => world.clock.now().getTime())
  assert.equal((await client.get('/api/spot/v1/user/account')).code, '0')
  const { email, password, pin } = first.demo.customer
  const signedIn = await logIn(world, { contact: email, password })
  const order = { to_user_id: payer.id, amount: '1', payment_password: pin }
  const paid = await world.call('POST', '/api/transfer', order, { token: signedIn.data.access_token })
  assert.equal(paid.name, 'InsufficientBalance')
  await revokeApiKey(bank, first.person, first.demo.spot.apiKey, { ip: '127.0.0.1', userAgent: 'test' }, 'by_operator')
  const renewed = await demoAccess(bank, 1, first.demo)
  assert.notEqual(renewed.demo.spot.apiKey, first.demo.spot.apiKey)
  assert.deepEqual(renewed.demo.customer, first.demo.customer)
  const live = { ...bank, config: { ...bank.config, UNIPAY_MODE: 'live' as const } }
  await assert.rejects(demoAccess(live, 1, undefined), /Forbidden/)
})

describe('the debugger', () => {
  const spotRequest = (change: { signed?: string; path?: string; body?: string } = {}) => {
    const { path = '/api/spot/v1/withdraw', body = '{"coin":"USDT", "amount":20.00}' } = change
    const timestamp = `${world.clock.now().getTime()}`
    const headers = { 'API-Key': spot.apiKey, nonce: 'n'.repeat(32), timestamp, sign: '' }
    headers.sign = change.signed ?? sign(spot, headers.nonce, timestamp, '', body)
    return { scheme: 'spot', key_id: spot.apiKey, method: 'POST', path, headers, body }
  }

  test('spot: a right signature fits; of a body printed anew it names the byte', async () => {
    const right = await debug(spotRequest())
    assert.deepEqual(
      [right.key_known, right.fits, right.mistake, right.difference, right.notes],
      [true, true, null, null, []],
    )
    assert.match(right.base, /^n{32}\d{13}pk_test_.*\{"coin":"USDT", "amount":20\.00\}$/)

    const { timestamp } = spotRequest().headers
    const signed = sign(spot, 'n'.repeat(32), timestamp, '', '{"coin":"USDT","amount":20}')
    const request = spotRequest({ signed })
    const wrong = await debug({ ...request, headers: { ...request.headers, timestamp } })
    assert.equal(wrong.fits, false)
    assert.match(wrong.mistake ?? '', /printed anew/)
    const at = right.base.length - '{"coin":"USDT", "amount":20.00}'.length + '{"coin":"USDT",'.length
    assert.equal(wrong.difference?.offset, at)
    assert.deepEqual([wrong.difference?.ours.byte, wrong.difference?.theirs.byte], ['0x20 " "', '0x22 """'])
  })

  test('spot: HMAC in place of two rounds, an old time, a text of the partner’s own', async () => {
    const request = spotRequest()
    const { base } = await debug(request)
    const mac = createHmac('sha256', spot.secret).update(base).digest('hex')
    const hashed = await debug({ ...request, headers: { ...request.headers, sign: mac } })
    assert.match(hashed.mistake ?? '', /HMAC/)
    const old = await debug({ ...request, headers: { ...request.headers, timestamp: '1700000000000' } })
    assert.match(old.notes.join(), /more than the 60 s/)
    const own = await debug({ ...request, base: base.replace('USDT', 'usdt') })
    assert.deepEqual([own.difference?.ours.byte, own.difference?.theirs.byte], ['0x55 "U"', '0x75 "u"'])
    const unknown = await debug({ ...request, key_id: `${spot.apiKey.slice(0, -1)}x` })
    assert.deepEqual([unknown.key_known, unknown.fits], [false, false])
  })

  test('ramp: ascending order, a query that was signed, values in URL form', async () => {
    const path = '/transaction/addChangeApplyOrder'
    const timestamp = `${world.clock.now().getTime() + 5}`
    const params = { ...inOrder('B-2', 'user@example.com'), source: ramp.source }
    const right = signedRequest(ramp, 'POST', path, params, timestamp)
    const ask = (signature: string, change: object = {}) =>
      debug({
        scheme: 'ramp',
        key_id: ramp.apiKey,
        ...right,
        headers: { ...right.headers, sign: signature },
        ...change,
      })
    assert.equal((await ask(right.headers.sign ?? '')).fits, true)
    const all: Record<string, string> = { ...params, apiKey: ramp.apiKey, timestamp }
    const ascending = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join('&')
    const sorted = await ask(hmac(ramp.secretKey, ascending))
    assert.match(sorted.mistake ?? '', /descending/)
    assert.deepEqual([sorted.difference?.offset, sorted.difference?.theirs.byte], [0, '0x61 "a"'])
    const encoded = content(all).replace('user@example.com', 'user%40example.com')
    assert.match((await ask(hmac(ramp.secretKey, encoded))).mistake ?? '', /URL-encoded/)
    const query = { source: ramp.source, orderNo: 'B-1' }
    const asked = await ask(hmac(ramp.secretKey, content({ ...query, apiKey: ramp.apiKey, timestamp })), {
      method: 'GET',
      path: `/transaction/getOrderDetail?${new URLSearchParams(query)}`,
      body: '',
    })
    assert.match(asked.mistake ?? '', /of GET only/)
  })

  test('platform: the text signed in place of its MD5, another key’s blocks, and never what is inside', async () => {
    const text = JSON.stringify({ uid: '1', certificateNumber: 'A1234567' })
    const body = { app_id: platform.keys.appId, time: world.clock.now().getTime(), ...platform.seal(text) }
    const ask = (change: object, more: object = {}) =>
      debug({ scheme: 'platform', key_id: platform.keys.appId, body: JSON.stringify({ ...body, ...change }), ...more })
    const right = await ask({})
    assert.deepEqual([right.key_known, right.fits], [true, true])
    assert.match(right.base, /^[0-9a-f]{32}$/)
    const direct = rsaSign('RSA-SHA256', Buffer.from(text), platform.own).toString('base64url')
    assert.match((await ask({ sign: direct })).mistake ?? '', /text itself/)
    const theirs = await ask({ sign: direct }, { base: text.replace('A1234567', 'A1234568') })
    assert.equal(theirs.difference?.offset, text.indexOf('A1234567') + 7)
    assert.ok(!JSON.stringify(theirs).includes('A1234567'))
    const garbled = await ask({ data: Buffer.alloc(256, 7).toString('base64url') })
    assert.match(garbled.notes.join(), /cannot be opened/)
  })

  test('no secret is in any answer, and each look is in the audit log', async () => {
    const request = spotRequest({ signed: 'a'.repeat(64) })
    const text = JSON.stringify(await debug(request))
    assert.ok(
      !text.includes(spot.secret) &&
        !text.includes(sign(spot, 'n'.repeat(32), request.headers.timestamp, '', request.body)),
    )
    const { items } = await ok<{ items: { action: string; subject: string }[] }>(
      world,
      ann,
      'GET',
      '/audit-log?action=signature.debugged',
    )
    assert.ok(items.some(({ subject }) => subject === `key:spot:${spot.apiKey}`))
  })
})

describe('webhooks of partners and merchants', () => {
  interface Endpoint {
    id: string
    owner: string
    url: string
    status: string
  }
  async function agree(owner: string, path: string, more: object = {}) {
    const id = await propose(world, ann, 'webhook', { owner, url: receiver.origin + path, ...more })
    assert.equal((await check(world, abe, id)).data.status, 'applied')
    const { items } = await ok<{ items: Endpoint[] }>(world, sam, 'GET', `/webhooks?owner=${owner}`)
    const found = items.find(({ url }) => url.endsWith(path))
    assert.ok(found)
    const { key } = await ok<{ key: string }>(world, ann, 'POST', `/webhooks/${found.id}/secret`)
    return { id: found.id, key }
  }
  const came = async (path: string, count: number) => {
    for (let i = 0; i < 200 && receiver.at(path).length < count; i++) await sleep(25)
    assert.equal(receiver.at(path).length, count)
    return receiver.at(path)
  }
  const nowSeconds = () => world.clock.now().getTime() / 1000

  test('two operators agree on the address; the partner hears of its orders and a receiver’s trouble is debugged', async () => {
    const { id, key } = await agree(`partner:${ramp.id}`, '/partner', { types: ['ramp.order.updated'] })
    const pushed = signedRequest(
      ramp,
      'POST',
      '/transaction/addChangeApplyOrder',
      { ...inOrder('B-3', 'u3'), source: ramp.source },
      `${world.clock.now().getTime() + 9}`,
    )
    assert.equal((await send(world.url, pushed)).code, '000000')
    const [told] = await came('/partner', 1)
    assert.ok(told && isGenuine(told, key, nowSeconds()))
    assert.deepEqual(
      [told.body.type, told.body.data.order_no, told.body.data.status],
      ['ramp.order.updated', 'B-3', 'review'],
    )

    const asReceived = (body: string) =>
      debug({ scheme: 'webhook', key_id: id, headers: told.headers as Record<string, string>, body })
    assert.equal((await asReceived(told.raw)).fits, true)
    const parsed = await asReceived(JSON.stringify(JSON.parse(told.raw), null, 1))
    assert.match(parsed.mistake ?? '', /raw bytes/)
    assert.equal(parsed.difference?.ours.near.includes('"type'), true)

    const { items } = await ok<{ items: { event_id: string; status: string }[] }>(
      world,
      sam,
      'GET',
      `/webhooks/${id}/deliveries`,
    )
    assert.equal(items[0]?.event_id, told.id)
    const shown = await ok<{ payload: { type: string } }>(world, sam, 'GET', `/webhooks/${id}/deliveries/${told.id}`)
    assert.equal(shown.payload.type, 'ramp.order.updated')
    await ok(world, sam, 'POST', `/webhooks/${id}/deliveries/${told.id}/resend`)
    const [, again] = await came('/partner', 2)
    assert.equal(again?.id, told.id)
    await ok(world, ann, 'POST', `/webhooks/${id}/change`, { enabled: false, reason: 'asked for' })
    assert.equal(await outcome(world, sam, 'POST', `/webhooks/${id}/test`), 'InvalidParams')
    await ok(world, ann, 'POST', `/webhooks/${id}/remove`, { reason: 'asked for' })
    assert.equal(await outcome(world, sam, 'GET', `/webhooks/${id}/deliveries`), 'NotFound')
  })

  test('a merchant hears of its own customers and of nobody else', async () => {
    const { key } = await agree(`merchant:${platform.keys.appId}`, '/merchant', {
      types: ['transfer.*'],
      scheme: 'ed25519',
    })
    const registered = await platform.send(
      '/registration',
      platform.body(
        { email: 'bench@example.com', password: 'TtEest19121', invitedCode: invite },
        world.clock.now().getTime(),
      ),
    )
    const customer = registered.inner as unknown as { uid: number; openId: string }
    assert.ok(customer?.uid, registered.text)
    const people = await world.database.owner.query<{ id: string }>('', 'select id from people where no = $1', [
      customer.uid,
    ])
    const other = await makePayer(world)
    for (const to of [other.id, people[0]?.id]) {
      const order = { to_user_id: to, amount: '1.5', payment_password: payer.pin }
      assert.equal((await world.call('POST', '/api/transfer', order, { token: payer.access })).status, 200)
    }
    const [told] = await came('/merchant', 1)
    assert.ok(told && isGenuine(told, key, nowSeconds()))
    assert.deepEqual(
      [told.body.data.uid, told.body.data.open_id, told.body.data.direction, told.body.data.amount],
      [customer.uid, customer.openId, 'in', '1.50'],
    )
  })

  test('of a customer’s own endpoint operators get no key and change nothing but whether it is asked', async () => {
    const body = { url: `${receiver.origin}/own`, payment_password: payer.pin }
    const made = await world.call<{ endpoint: { id: string } }>('POST', '/api/webhooks', body, { token: payer.access })
    const { id } = made.data.endpoint
    assert.equal(await outcome(world, ann, 'POST', `/webhooks/${id}/secret`), 'Forbidden')
    assert.equal(
      await outcome(world, ann, 'POST', `/webhooks/${id}/change`, { description: 'mine', reason: 'x' }),
      'Forbidden',
    )
    assert.equal(await outcome(world, ann, 'POST', `/webhooks/${id}/remove`, { reason: 'x' }), 'Forbidden')
    await ok(world, ann, 'POST', `/webhooks/${id}/change`, { enabled: false, reason: 'it is attacked' })
    const shown = await world.call<{ status: string; disabled_for: string }>('GET', `/api/webhooks/${id}`, undefined, {
      token: payer.access,
    })
    assert.deepEqual([shown.data.status, shown.data.disabled_for], ['disabled', 'operator'])
    assert.equal(
      await outcome(world, ann, 'POST', '/approvals/webhook', {
        payload: { owner: `partner:${ramp.id}`, url: 'http://10.0.0.1/' },
        reason: 'x',
      }),
      'InvalidParams',
    )
  })
})
