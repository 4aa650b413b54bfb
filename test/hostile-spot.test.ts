// Hostile requests for every route of the spot API, drawn from the OpenAPI document and signed, so that they get as far as
// they can; nobody without a signature, nobody with what is another's; bombs; and what every answer carries.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Operation } from './harness/app-contract.ts'
import { expectAsAbsent } from './harness/as-absent.ts'
import { honestBody } from './harness/honest-inputs.ts'
import { drawHostile, type Known } from './harness/hostile-requests.ts'
import {
  type Ask,
  type Client,
  exchange,
  openClient,
  percentile,
  type Reply,
  readReplies,
} from './harness/http-client.ts'
import { type Draws, draws, inLanes } from './harness/ledger.ts'
import type { SpotKey } from './harness/spot-client.ts'
import { faultOfGuards, faultOfSpotRefusal, faultOfSpotReply, readSpotOperations } from './harness/spot-contract.ts'
import { done, listAddresses, makeTrader, type Trader } from './harness/trading.ts'
import { startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

const REQUESTS = process.env.NIGHTLY ? 5_000 : 60
const LANES = 4

let bank: Withdrawing
let client: Client
let operations: Operation[]
let draw: Draws
let alice: Trader
let other: Trader
let known: Known
const times: number[] = []

before(async () => {
  bank = await startWithdrawing({ RATE_LIMIT_PER_MINUTE: '0' })
  client = openClient(bank.world.url)
  operations = await readSpotOperations(client)
  draw = draws((line) => console.log(line))
  alice = await makeTrader(bank, { amount: usdt(50_000) })
  other = await makeTrader(bank)
  const [address] = await listAddresses(bank.world, alice.payer, ['BSC'])
  known = (name, { path }) =>
    ({
      coin: 'USDT',
      network: 'BNB Smart Chain (BEP-20)',
      address,
      amount: path.endsWith('/withdraw') ? '10.5' : '0.01',
      memo: '',
      outBizId: `biz-${draw.below(1_000)}`,
      toType: (['uid', 'email', 'phone'] as const)[draw.below(3)],
      toUid: `${other.payer.no}`,
      toEmail: other.payer.contact,
      toPhoneCountryCode: '+86',
      toPhoneNumber: '13900000001',
      remark: '午饭',
      type: { '/funds_transfer': 'spot_futures', '/page': '' }[/\/(funds_transfer|page)$/.exec(path)?.[0] ?? ''],
      id: '1909877667383767042',
      withdrawId: '1909877667383767042',
      insideTransferId: '1909877667383767042',
      transactionHash: '',
      startTime: 1_744_185_294_000,
      endTime: '1999999999999',
      limit: 10,
    })[name]
})
after(async () => {
  client?.close()
  await bank?.close()
})

const hex = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Signed over what will be sent. */
function signed(ask: Ask, key: SpotKey): Ask {
  const nonce = randomBytes(16).toString('hex')
  const timestamp = String(bank.world.clock.now().getTime())
  const query = ask.path.split('?').slice(1).join('?').split('&').sort().join('&')
  const body = ask.method === 'GET' || ask.method === 'HEAD' ? '' : (ask.body ?? '')
  const base = Buffer.concat([Buffer.from(nonce + timestamp + key.apiKey + query), Buffer.from(body)])
  const sign = hex(hex(base) + key.secret)
  return { ...ask, headers: { 'api-key': key.apiKey, nonce, timestamp, sign, ...ask.headers } }
}

const show = ({ method, path, body }: Ask, { status, text }: Reply) =>
  `${method} ${path.slice(0, 200)} ${String(body ?? '').slice(0, 200)} → ${status} ${text.slice(0, 300)}`

async function attack(operation: Operation): Promise<string[]> {
  const faults: string[] = []
  await inLanes(REQUESTS, LANES, async () => {
    const { ask: drawn, what } = drawHostile(operation, known, draw)
    const ask = signed(drawn, alice.key)
    let reply: Reply
    try {
      reply = await client.ask(ask)
    } catch (error) {
      faults.push(`${what}: ${error}`)
      return
    }
    times.push(reply.milliseconds)
    const same = ask.method === operation.method
    const met = same ? operation : operations.find((o) => o.path === operation.path && o.method === ask.method)
    const isHead = ask.method === 'HEAD' || (reply.status === 200 && !met)
    const fault = isHead
      ? reply.status >= 500
        ? `${reply.status}`
        : undefined
      : faultOfSpotReply(met ?? operation, reply)
    if (fault) faults.push(`${what}: ${fault}: ${show(ask, reply)}`)
  })
  return faults
}

test('every route of the spot API', async (t) => {
  assert.ok(operations.length >= 13, `${operations.length} operations`)
  for (const operation of operations) {
    await t.test(operation.name, async () => {
      assert.deepEqual(await attack(operation), [], `TEST_SEED=${draw.seed}`)
    })
  }
  const p99 = percentile(times, 0.99)
  assert.ok(p99 <= 1_000, `p99 of ${times.length} requests: ${p99.toFixed(0)} ms`)
})

const bodyOf = (operation: Operation, change?: object) => honestBody(operation, known, change)
const askOf = ({ method, path, ...rest }: Operation, body = bodyOf({ method, path, ...rest })): Ask => ({
  method,
  path,
  headers: body === undefined ? {} : { 'content-type': 'application/json' },
  body,
})

describe('who may', () => {
  test('what is open is on this list', () => {
    const open = operations.filter((operation) => operation.open).map(({ path }) => path)
    assert.deepEqual(open.sort(), ['/api/spot/v1/common/coin/coin_network/list', '/api/spot/v1/common/rate/list'])
  })

  test('nothing else answers without a signature, with a customer’s token, or with another’s signature', async () => {
    for (const operation of operations.filter((one) => !one.open)) {
      const plain = askOf(operation)
      const stolen = signed(plain, { apiKey: alice.key.apiKey, secret: other.key.secret })
      const token = { ...plain, headers: { ...plain.headers, authorization: `Bearer ${alice.payer.access}` } }
      for (const [ask, code] of [
        [plain, '100003'],
        [token, '100003'],
        [stolen, '100005'],
      ] as const) {
        const reply = await client.ask(ask)
        assert.deepEqual([reply.status, (reply.json as { code: string }).code], [401, code], operation.name)
        assert.equal(faultOfSpotRefusal(reply) ?? faultOfGuards(reply), undefined, reply.text)
      }
    }
  })

  test('another’s orders are as absent as those that do not exist: in words and in time', async () => {
    const theirs = done(
      await other.post('/inside_transfer', {
        coin: 'USDT',
        amount: 1,
        toType: 'uid',
        toUid: `${(await bank.payer()).no}`,
      }),
    )
    const ask = (id: string) => {
      const body = JSON.stringify({ insideTransferId: id })
      const headers = { 'content-type': 'application/json' }
      return client.ask(
        signed({ method: 'POST', path: '/api/spot/v1/inside_transfer/cancel', headers, body }, alice.key),
      )
    }
    const coded = async (id: string): Promise<Reply> => {
      const reply = await ask(id)
      const json = { ...(reply.json as object), name: (reply.json as { code: string }).code }
      return { ...reply, json }
    }
    await expectAsAbsent(coded, theirs, { absent: '1909877667383767042', name: '404' })
    const page = async (filter: object) => {
      const answer = await alice.post('/withdraw_transfer/page', filter)
      return done<unknown[]>(answer).length
    }
    assert.equal(await page({ id: theirs }), 0)
  })

  test('fields that no document names change nothing', async () => {
    for (const operation of operations.filter(({ body }) => body)) {
      for (const raw of [
        '"status":"success"',
        '"fee":0',
        '"userId":1',
        '"__proto__":{"a":1}',
        '"constructor":1',
        '"":1',
      ]) {
        const body = bodyOf(operation, { extra: 1 })?.replace('"extra":1', raw)
        const reply = await client.ask(signed(askOf(operation, body), alice.key))
        assert.deepEqual([reply.status, (reply.json as { code: string }).code], [400, '2'], `${operation.name} ${raw}`)
      }
    }
  })
})

describe('bombs', () => {
  const page = (body: string | Buffer, headers = {}) =>
    client.ask(
      signed(
        {
          method: 'POST',
          path: '/api/spot/v1/deposit/page',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        },
        alice.key,
      ),
    )
  const keys = (count: number) => Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')
  const bombs: [name: string, body: () => string | Buffer][] = [
    ['nested deep in arrays', () => `{"coin":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['nested deep in objects', () => `{"a":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`],
    ['never closed', () => '['.repeat(60_000)],
    ['of 4,000 keys', () => `{${keys(4_000)}}`],
    ['of a number of 60,000 digits', () => `{"limit":${'9'.repeat(60_000)}}`],
    ['of a fraction of 60,000 digits', () => `{"limit":0.${'1'.repeat(60_000)}}`],
    ['of a gzip bomb', () => gzipSync(Buffer.alloc(30_000_000, 0x20))],
    ['in UTF-16', () => Buffer.from('{"coin":""}', 'utf16le')],
    ['of broken UTF-8', () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['of NUL bytes', () => Buffer.alloc(60_000)],
  ]
  for (const [name, body] of bombs) {
    test(name, async () => {
      const reply = await page(body())
      assert.equal(reply.status, 400, reply.text.slice(0, 200))
      assert.equal(faultOfSpotRefusal(reply), undefined, reply.text)
      assert.ok(reply.milliseconds <= 1_000, `${reply.milliseconds} ms`)
    })
  }

  test('ten megabytes are refused before they are read', async () => {
    const body = `{"coin":"${'x'.repeat(10_000_000)}"}`
    const head = `POST /api/spot/v1/deposit/page HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const [reply] = readReplies(await exchange(bank.world.url, head + body, { replies: 1 }))
    assert.ok(reply)
    assert.deepEqual([reply.status, (reply.json as { code: string }).code], [413, '413'])
  })

  test('200 at once, without a right signature, cost no parsing and no row', async () => {
    const count = async () =>
      (await bank.world.database.owner.query<{ n: number }>('', 'select count(*)::int as n from used_requests'))[0]?.n
    const before = await count()
    const began = performance.now()
    await inLanes(200, 32, async () => {
      const reply = await client.ask({
        method: 'POST',
        path: '/api/spot/v1/withdraw',
        headers: {
          'content-type': 'application/json',
          'api-key': alice.key.apiKey,
          nonce: randomBytes(8).toString('hex'),
          timestamp: String(bank.world.clock.now().getTime()),
          sign: '0'.repeat(64),
        },
        body: '['.repeat(60_000),
      })
      assert.equal((reply.json as { code: string }).code, '100005')
    })
    assert.ok(performance.now() - began < 5_000)
    assert.equal(await count(), before)
  })
})

describe('every answer', () => {
  test('is guarded and has the envelope: where nothing is, by other verbs, from other origins', async () => {
    for (const operation of operations) {
      for (const ask of [
        { ...askOf(operation), path: `${operation.path}/nothing` },
        { ...askOf(operation), method: operation.method === 'GET' ? 'POST' : 'GET' },
        { method: 'OPTIONS', path: operation.path, headers: { origin: 'https://evil.example' } },
        { ...askOf(operation), headers: { ...askOf(operation).headers, origin: 'https://evil.example' } },
        { ...askOf(operation), headers: { 'content-type': 'text/plain' }, body: 'a=b', method: 'POST' },
      ]) {
        const reply = await client.ask(ask)
        if (reply.status !== 200) assert.equal(faultOfSpotRefusal(reply), undefined, show(ask, reply))
        assert.equal(faultOfGuards(reply), undefined, show(ask, reply))
      }
    }
    for (const path of ['/api/spot', '/api/spot/', '/api/spot/v1', '/api/spot/v2/user/account', '/api/spot/v1/%zz']) {
      const reply = await client.ask({ method: 'GET', path })
      assert.equal(faultOfSpotRefusal(reply), undefined, show({ method: 'GET', path }, reply))
    }
  })
})

test('the books are whole', () => bank.expectSound())
