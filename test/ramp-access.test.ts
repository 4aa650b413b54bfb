// Who gets in at the ramp API and what they see: signatures that are wrong, old, used or of something else; partners among
// themselves; hostile requests; and the envelope for every way to go wrong. Knows of the bank what the document says.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { rampErrors } from '../src/api/ramp/errors.ts'
import { minutes } from '../src/base/clock.ts'
import { startApi } from './harness/api-process.ts'
import { LEAK } from './harness/app-contract.ts'
import { deep, texts, values } from './harness/hostile-values.ts'
import { type Client, openClient, percentile, type Reply } from './harness/http-client.ts'
import { draws, inLanes } from './harness/ledger.ts'
import {
  content,
  freshTimestamp,
  get,
  hmac,
  inOrder,
  outOrder,
  post,
  type RampKey,
  send,
  signedRequest,
} from './harness/ramp-client.ts'
import { type Ramping, startRamping } from './harness/ramping.ts'
import { countRows } from './harness/tables.ts'

const IN = '/transaction/addChangeApplyOrder'
const OUT = '/transaction/addChangeApplySale'
const DETAIL = '/transaction/getOrderDetail'
const RECEIVE = '/transaction/getReceiveAccountInfo'
const STATUS = '/user/findUserAuthStatus'
const LINK = '/user/kycLink'
const PAGE = '/user/userKyc.html'

let ramp: Ramping
let client: Client
let a: RampKey & { id: string }
let b: RampKey & { id: string }
before(async () => {
  ramp = await startRamping()
  client = openClient(ramp.world.url)
  a = await ramp.partner('A', { sources: ['binance', 'okx'] })
  b = await ramp.partner('B')
  assert.equal((await post(a, IN, inOrder('A-1', 'alice'))).code, '000000')
})
after(async () => {
  client?.close()
  await ramp?.close()
})

const source = 'binance'
/** All rows but those that tell who asked. */
async function written(): Promise<Record<string, number>> {
  const { 'public.request_log': _, ...rows } = await countRows(ramp.world.database.owner)
  return rows
}

const codes = new Map(Object.values(rampErrors).map((error) => [error.code, error]))

/** What is wrong with an answer; nothing when it has the envelope, and a code with its own status and words. */
function faultOf({ status, headers, json, text }: Reply): string | undefined {
  if (status === 431) return undefined // there was no request yet, nor an API that it was for
  if (status >= 500) return `${status}`
  if (LEAK.test(text)) return 'it tells of our insides'
  if (headers['x-content-type-options'] !== 'nosniff' || headers['cache-control'] !== 'no-store') return 'headers'
  const { code, data, description, ...more } = (json ?? {}) as Record<string, unknown>
  if (typeof description !== 'string' || Object.keys(more).length > 0) return 'another envelope'
  if (status === 200) return code === '000000' && typeof data === 'object' ? undefined : 'no success'
  const known = codes.get(String(code))
  if (!known || data !== null) return `code ${code}`
  if (known.status !== status) return `${code} with ${status}`
  return description.startsWith(known.zh) || description.startsWith(known.en) ? undefined : description
}
const codeOf = ({ json }: Reply) => (json as { code?: string })?.code ?? ''

describe('a signature', () => {
  test('is needed for everything, and what is wrong with it is said by its code', async () => {
    const asks = [
      signedRequest(a, 'GET', STATUS, { account: 'alice', source }),
      signedRequest(a, 'GET', DETAIL, { orderNo: 'A-1', source }),
      signedRequest(a, 'GET', RECEIVE, { source }),
      signedRequest(a, 'POST', IN, { ...inOrder('A-2', 'alice'), source }),
      signedRequest(a, 'POST', OUT, { ...outOrder('A-3', 'alice'), source }),
      signedRequest(a, 'POST', LINK, { account: 'alice', source }),
      signedRequest(a, 'GET', PAGE, { account: 'alice', source }),
    ]
    const wrong: [string, (headers: Record<string, string>) => Record<string, string>][] = [
      ['100001', ({ sign: _, ...rest }) => rest],
      ['100001', ({ apiKey: _, ...rest }) => rest],
      ['100001', ({ timestamp: _, ...rest }) => rest],
      ['100002', (headers) => ({ ...headers, apiKey: `${headers.apiKey}0` })],
      ['100002', (headers) => ({ ...headers, apiKey: 'rpk_test_AAAAAAAAAAAAAAAAAAAA_000000' })],
      [
        '100003',
        (headers) => ({ ...headers, sign: `${headers.sign?.slice(0, -1)}${headers.sign?.endsWith('0') ? 1 : 0}` }),
      ],
      ['100003', (headers) => ({ ...headers, sign: 'x' })],
      ['100003', (headers) => ({ ...headers, apiKey: b.apiKey })],
      ['100003', (headers) => ({ ...headers, timestamp: `${Number(headers.timestamp) + 1}` })],
      ['100004', (headers) => ({ ...headers, timestamp: `${Number(headers.timestamp) - 300_001}` })],
      ['100004', (headers) => ({ ...headers, timestamp: `${Number(headers.timestamp) + 400_000}` })],
      ['100004', (headers) => ({ ...headers, timestamp: headers.timestamp?.slice(0, 10) ?? '' })],
    ]
    const rows = await written()
    for (const { method, path, headers, body } of asks) {
      for (const [code, change] of wrong) {
        const reply = await client.ask({ method, path, headers: change(headers), body })
        assert.deepEqual([faultOf(reply), codeOf(reply)], [undefined, code], `${path} ${reply.text}`)
      }
    }
    assert.deepEqual(await written(), rows, 'nothing was written')
  })

  test('counts to the end of its window, five minutes to either side', async () => {
    const at = (shift: number) =>
      send(a.base, signedRequest(a, 'GET', RECEIVE, { source }, `${ramp.world.clock.now().getTime() + shift}`))
    assert.equal((await at(-minutes(5) + 2_000)).code, '000000')
    assert.equal((await at(minutes(5) - 2_000)).code, '000000')
    assert.equal((await at(-minutes(5) - 10)).code, '100004')
    assert.equal((await at(minutes(5) + 2_000)).code, '100004')
  })

  test('counts once, in every process, and whatever else is asked with it', async () => {
    const first = signedRequest(a, 'GET', DETAIL, { orderNo: 'A-1', source })
    assert.equal((await send(a.base, first)).code, '000000')
    assert.equal((await send(a.base, first)).code, '100005')
    // GET signs neither path nor query (trap of the document): captured, it opens nothing else
    for (const path of [
      `${STATUS}?account=bob&source=binance`,
      `${RECEIVE}?source=binance`,
      `${PAGE}?account=alice&source=binance`,
    ])
      assert.equal((await send(a.base, { ...first, path })).code, '100005')
    assert.equal(
      (await send(a.base, { ...first, headers: { ...first.headers, sign: first.headers.sign?.toUpperCase() ?? '' } }))
        .code,
      '100005',
    )
    const other = await startApi({
      MASTER_KEY: '11'.repeat(32),
      DATABASE_URL: ramp.world.database.url,
      LOG_LEVEL: 'error',
      RATE_LIMIT_PER_MINUTE: '20',
      TRUST_PROXY: '1',
    })
    try {
      assert.equal((await send(other.url, first)).code, '100005')
      const fresh = signedRequest(a, 'GET', DETAIL, { orderNo: 'A-1', source })
      assert.equal((await send(other.url, fresh)).code, '000000')
      assert.equal((await send(a.base, fresh)).code, '100005')
      const flood = { ...fresh, headers: { ...fresh.headers, 'x-forwarded-for': '203.0.113.9' } }
      const answers = await Promise.all(Array.from({ length: 45 }, () => send(other.url, flood)))
      const [flooded] = answers.filter(({ status }) => status === 429) // a window may end meanwhile
      assert.deepEqual([flooded?.code, flooded?.data], ['900006', null])
      assert.match(flooded?.headers.get('retry-after') ?? '', /^[1-9]\d?$/)
    } finally {
      await other.stop()
    }
  })

  test('of one set of fields is not that of another with the same text', async () => {
    // honest and forged have one text and so one signature: only one of them can be what was meant
    const honest = { ...inOrder('T4-1', 'alice', { noteCode: 'N1' }), source }
    const { noteCode, orderNo, ...rest } = honest
    const forged: Record<string, string> = { ...rest, orderNo: `${orderNo}&noteCode=${noteCode}` }
    const timestamp = freshTimestamp()
    const sign = hmac(a.secretKey, content({ ...honest, apiKey: a.apiKey, timestamp }))
    const headers = { 'content-type': 'application/json', timestamp, apiKey: a.apiKey, sign }
    const bodies = [
      JSON.stringify({ ...honest, noteCode: 'N1&middleName=' }),
      JSON.stringify(forged),
      JSON.stringify({ ...honest, lastName: 'Smith & Sons' }),
      JSON.stringify(honest).replace('"noteCode"', '"noteCode":"N1","noteCode"'),
      JSON.stringify({ ...honest, noteCode: { toString: 'N1' } }),
      JSON.stringify({ ...honest, noteCode: ['N1'] }),
      JSON.stringify({ ...honest, noteCode: null }),
      JSON.stringify({ ...honest, noteCode: true }),
      JSON.stringify({ ...honest, timestamp }),
      JSON.stringify({ ...honest, apiKey: a.apiKey }),
      JSON.stringify([honest]),
      '"text"',
      '1',
    ]
    for (const body of bodies) {
      const reply = await client.ask({ method: 'POST', path: IN, headers, body })
      assert.deepEqual([reply.status, codeOf(reply)], [400, '900001'], body)
      assert.equal(faultOf(reply), undefined, reply.text)
    }
    const reply = await client.ask({ method: 'POST', path: IN, headers, body: JSON.stringify(honest) })
    assert.equal(codeOf(reply), '000000', reply.text)
  })

  test('forms of values are documented and stable: numbers by their digits, empty texts signed or not, the address instead of a body', async () => {
    const raw = async (params: Record<string, string>, body: string, path = IN) => {
      const timestamp = freshTimestamp()
      const sign = hmac(a.secretKey, content({ ...params, apiKey: a.apiKey, timestamp }))
      const headers = { 'content-type': 'application/json', timestamp, apiKey: a.apiKey, sign }
      return client.ask({ method: 'POST', path, headers, body: path === IN ? body : undefined })
    }
    const number = { ...inOrder('FORM-1', 'alice', { legalAmount: '5720.50' }), source }
    assert.equal(codeOf(await raw(number, JSON.stringify(number).replace('"5720.50"', '5720.50'))), '000000')
    assert.equal(
      codeOf(await raw({ ...number, legalAmount: '5720.5' }, JSON.stringify(number).replace('"5720.50"', '5720.50'))),
      '100003',
    )
    const { middleName: _, ...unsigned } = { ...inOrder('FORM-2', 'alice'), source }
    assert.equal(codeOf(await raw(unsigned, JSON.stringify({ ...unsigned, middleName: '' }))), '000000')
    assert.equal(codeOf(await raw(unsigned, JSON.stringify(unsigned))), '900001', 'it is required all the same')
    const inQuery = { ...inOrder('FORM-3', 'alice'), source }
    assert.equal(codeOf(await raw(inQuery, '', `${IN}?${new URLSearchParams(inQuery)}`)), '000000')
    const more = { ...inOrder('FORM-4', 'alice'), source, status: '5' }
    assert.equal(codeOf(await raw(more, JSON.stringify(more))), '900001')
    const unicode = { ...inOrder('FORM-5', '用户-💣', { lastName: '=李=', firstName: 'N1=1' }), source }
    assert.equal(codeOf(await raw(unicode, JSON.stringify(unicode))), '000000')
  })
})

describe('partners among themselves', () => {
  test('another’s orders, users and sources are as absent as none: in words and in time', async () => {
    const times: { theirs: number[]; absent: number[] } = { theirs: [], absent: [] }
    const ask = (orderNo: string) => client.ask(signedRequest(b, 'GET', DETAIL, { orderNo, source }))
    const expected = await ask('NOBODY-1')
    assert.deepEqual([expected.status, codeOf(expected)], [404, '900002'])
    for (let i = 0; i < 40; i++) {
      for (const [kind, orderNo] of [
        ['theirs', 'A-1'],
        ['absent', 'NOBODY-1'],
      ] as const) {
        const reply = await ask(orderNo)
        assert.equal(reply.text, expected.text)
        times[kind].push(reply.milliseconds)
      }
    }
    assert.ok(Math.abs(percentile(times.theirs, 0.5) - percentile(times.absent, 0.5)) <= 10)
    assert.equal(
      (await get({ ...a, source: 'okx' }, DETAIL, { orderNo: 'A-1' })).code,
      '900002',
      'another source of the same',
    )
    assert.equal((await get(a, DETAIL, { orderNo: 'A-1' })).code, '000000', 'it was there all the time')
  })

  test('status tells of one’s own users alone', async () => {
    await ramp.know(a, 'A-1')
    const status = async (key: RampKey, account: string) => (await get(key, STATUS, { account })).data.cardStatus
    assert.equal(await status(a, 'alice'), '1')
    assert.deepEqual([await status(b, 'alice'), await status(b, 'nobody')], ['4', '4'])
    assert.equal(await status({ ...a, source: 'okx' }, 'alice'), '4')
    const { people } = await ramp.one<{ people: bigint }>('select count(*) as people from people')
    assert.equal((await post(b, IN, inOrder('B-1', 'alice'))).code, '000000')
    assert.equal((await ramp.one<{ people: bigint }>('select count(*) as people from people')).people, people + 1n)
    assert.equal(await status(b, 'alice'), '0', 'somebody else of the same name')
  })

  test('one cannot sell what another brought', async () => {
    const { person_no: no } = await ramp.one<{ person_no: bigint }>(
      `select person_no from ramp_orders where order_no = 'A-1'`,
    )
    await ramp.review(a, 'A-1')
    assert.equal(await ramp.pay(a, 'A-1', '5720'), 'ok')
    assert.equal(await ramp.decide('ramp_release', { order: await ramp.idOf(a, 'A-1') }), 'ok')
    assert.equal((await ramp.money(no)).balance, 99_400_000n)
    assert.equal((await post(b, OUT, outOrder('B-2', 'alice'))).code, '200006')
    assert.equal((await post({ ...a, source: 'okx' }, OUT, outOrder('A-9', 'alice'))).code, '200006')
    assert.equal((await post(a, OUT, outOrder('A-10', 'alice'))).code, '000000')
  })
})

describe('every way to go wrong has the envelope', () => {
  test('404, 405, 413, 415, in both languages', async () => {
    const cases: [
      method: string,
      path: string,
      status: number,
      code: string,
      headers?: Record<string, string>,
      body?: string,
    ][] = [
      ['GET', '/user/nothing', 404, '900002'],
      ['GET', '/transaction/', 404, '900002'],
      ['POST', '/transaction/x/y', 404, '900002'],
      ['POST', STATUS, 405, '900003'],
      ['DELETE', IN, 405, '900003'],
      ['GET', IN, 405, '900003'],
      ['PUT', '/user/kyc/submit', 405, '900003'],
      ['OPTIONS', OUT, 405, '900003'],
      ['GET', '/user/%zz', 400, '900001'],
      ['POST', IN, 413, '900004', { 'content-type': 'application/json' }, `{"x":"${'x'.repeat(70_000)}"}`],
      ['POST', IN, 415, '900005', { 'content-type': 'text/plain' }, 'a=b'],
      ['POST', OUT, 415, '900005', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b'],
      ['POST', IN, 400, '900001', { 'content-type': 'application/json' }, '{'],
      ['GET', '/user/kyc/visit', 401, '100001'],
      ['POST', '/user/kyc/submit', 401, '100001', { 'content-type': 'application/json' }, '{}'],
      ['GET', '/user/kyc/visit', 401, '100001', { authorization: `Bearer kyc_${'A'.repeat(43)}` }],
    ]
    for (const [method, path, status, code, headers = {}, body] of cases) {
      for (const language of ['zh-CN', 'en']) {
        const reply = await client.ask({ method, path, headers: { ...headers, 'accept-language': language }, body })
        assert.deepEqual([reply.status, codeOf(reply)], [status, code], `${method} ${path} ${reply.text}`)
        assert.equal(faultOf(reply), undefined, reply.text)
        const { description } = reply.json as { description: string }
        assert.equal(/[\u4e00-\u9fff]/.test(description), language === 'zh-CN', description)
        if (status === 405) assert.ok(String(reply.headers.allow).length > 0)
      }
    }
  })

  test('a source that gives no rate is 503 with when to come back, and its order can be pushed again', async () => {
    ramp.rates.set({ down: true })
    ramp.world.clock.advance(minutes(20))
    try {
      const timestamp = () => `${ramp.world.clock.now().getTime()}`
      const push = () =>
        send(a.base, signedRequest(a, 'POST', IN, { ...inOrder('RATE-1', 'alice'), source }, timestamp()))
      const reply = await push()
      assert.deepEqual([reply.status, reply.code], [503, '200008'])
      assert.match(reply.headers.get('retry-after') ?? '', /^\d+$/)
      ramp.rates.set({ down: false })
      assert.equal((await push()).code, '000000')
    } finally {
      ramp.rates.set({ down: false })
      ramp.world.clock.advance(-minutes(20))
    }
  })
})

test('hostile requests, signed and not: no 5xx, no trace, the envelope every time, nothing slow', async () => {
  const draw = draws((line) => console.log(line))
  const some = <T>(of: readonly T[]): T => of[draw.below(of.length)] as T
  const many = process.env.NIGHTLY ? 10_000 : 120
  const honest: [method: 'GET' | 'POST', path: string, params: Record<string, string>][] = [
    ['GET', STATUS, { account: 'alice', source }],
    ['GET', RECEIVE, { source }],
    ['GET', DETAIL, { orderNo: 'A-1', source }],
    ['POST', IN, { ...inOrder('H-1', 'alice'), source }],
    ['POST', OUT, { ...outOrder('H-2', 'alice'), source }],
    ['POST', LINK, { account: 'alice', source }],
  ]
  const times: number[] = []
  const faults: string[] = []
  for (const [method, path, params] of honest) {
    await inLanes(many, 4, async () => {
      const changed: Record<string, unknown> = { ...params }
      if (path !== RECEIVE && changed.orderNo) changed.orderNo = `H-${draw.below(1e9)}`
      const names = Object.keys(params)
      for (let i = draw.below(3); i >= 0; i--) {
        const name = some(draw.below(10) === 0 ? texts : names)
        if (draw.below(8) === 0) delete changed[name]
        else changed[name] = draw.below(3) === 0 ? some<unknown>(values) : some(texts)
      }
      const said = Object.fromEntries(
        Object.entries(changed).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
        ]),
      )
      const { headers, path: address } = signedRequest(a, method, path, said)
      const body = method === 'GET' ? undefined : (JSON.stringify(changed) ?? '')
      if (draw.below(4) === 0) headers[draw.pick(['sign', 'timestamp', 'apiKey'])] = `${draw.below(1e15)}`
      if (Object.keys(headers).some((name) => /[^\t\x20-\x7e]/.test(headers[name] ?? ''))) return
      const reply = await client.ask({ method, path: address, headers, body })
      times.push(reply.milliseconds)
      const fault = faultOf(reply)
      if (fault)
        faults.push(
          `${fault}: ${method} ${address.slice(0, 200)} ${body?.slice(0, 300)} → ${reply.status} ${reply.text.slice(0, 200)}`,
        )
    })
  }
  for (const body of [
    deep(10_000, '[', ']'),
    `{"a":${deep(10_000, '{"a":', '}')}`,
    '\u0000',
    `{"a":${'9'.repeat(60_000)}}`,
    '{"__proto__":{"x":1}}',
  ])
    for (const path of [IN, OUT, LINK]) {
      const { headers } = signedRequest(a, 'POST', path, {})
      const reply = await client.ask({ method: 'POST', path, headers, body })
      if (faultOf(reply) || reply.milliseconds > 1_000) faults.push(`${path} ${body.slice(0, 20)} → ${reply.text}`)
    }
  assert.equal(faults.slice(0, 5).join('\n'), '', `TEST_SEED=${draw.seed}`)
  assert.ok(percentile(times, 0.99) <= 1_000)
  await ramp.expectSound()
})
