// What every answer of the server carries, on every route and for every way to go wrong: security headers, request id,
// envelope, Allow and Retry-After; and that no other origin is let in.

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { startApi } from './harness/api-process.ts'
import { faultOfRefusal, type Operation, readOperations } from './harness/app-contract.ts'
import { logIn } from './harness/customers.ts'
import { ABSENT_ID } from './harness/honest-inputs.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'
import { openClient, type Reply } from './harness/http-client.ts'

let hosted: Hosted
let operations: Operation[]
let me: Payer
let token: string

before(async () => {
  hosted = await startHosted()
  const all = await readOperations(hosted.client)
  const isLast = ({ path }: Operation) => (path.endsWith('/logout') ? 1 : 0)
  operations = all.sort((a, b) => isLast(a) - isLast(b))
  me = await hosted.payer()
})
after(() => hosted?.close())
beforeEach(async () => {
  token = (await logIn(hosted.world, me)).data.access_token // signing out is one of the routes
})

const nameOf = ({ json }: Reply) => (json as { name?: string } | undefined)?.name ?? 'ok'
const addressOf = ({ path }: Operation) => path.replace(/\{\w+\}/g, `r-${ABSENT_ID}`)
const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  hosted.client.ask({ method, path, headers: { authorization: `Bearer ${token}`, ...headers }, body })

/** The same for everybody: caches may keep it for a moment. */
const CACHED = ['GET /api/quote/upt-kline']

function assertGuarded({ headers, status }: Reply, where: string): void {
  assert.equal(headers['x-content-type-options'], 'nosniff', where)
  assert.equal(headers['x-frame-options'], 'DENY', where)
  assert.equal(headers['referrer-policy'], 'no-referrer', where)
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin', where)
  assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, where)
  const isKept = CACHED.includes(where) && status === 200
  assert.match(String(headers['cache-control']), isKept ? /^public, max-age=\d+$/ : /no-store/, where)
  assert.match(String(headers['x-request-id']), /^[\w-]{8,64}$/, where)
  for (const name of ['x-powered-by', 'server', 'via', 'set-cookie'])
    assert.equal(headers[name], undefined, `${where} ${name}`)
  for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^access-control-/, where)
}

/** An operation asked in all the ways that end early, and one that does not. */
const ways: [name: string, ask: (operation: Operation) => Promise<Reply>][] = [
  ['as it should be', (operation) => send(operation.method, addressOf(operation))],
  [
    'without a sign-in',
    ({ method, ...operation }) => hosted.client.ask({ method, path: addressOf({ method, ...operation }) }),
  ],
  [
    'with a body that is none',
    (operation) => send(operation.method, addressOf(operation), { 'content-type': 'application/json' }, '{'),
  ],
  [
    'from another origin',
    (operation) => send(operation.method, addressOf(operation), { origin: 'https://evil.example' }),
  ],
  [
    'as a preflight',
    (operation) =>
      hosted.client.ask({
        method: 'OPTIONS',
        path: addressOf(operation),
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': operation.method,
          'access-control-request-headers': 'authorization',
        },
      }),
  ],
  ['where nothing is', (operation) => send(operation.method, `${addressOf(operation)}/nothing`)],
]

for (const [name, ask] of ways) {
  test(`every route guards its answers, asked ${name}`, async () => {
    for (const operation of operations) {
      const reply = await ask(operation)
      assertGuarded(reply, operation.name)
      if (reply.status >= 400) assert.equal(faultOfRefusal(reply), undefined, `${operation.name}: ${reply.text}`)
    }
  })
}

test('what lies beside the APIs guards its answers too', async () => {
  for (const path of [
    '/healthz',
    '/readyz',
    '/version',
    '/metrics',
    '/openapi.json',
    '/openapi/spot.json',
    '/nothing',
    '/api',
    '/api/inbox/%zz/read',
  ])
    assertGuarded(await hosted.client.ask({ method: 'GET', path }), path)
})

test('a request id is taken over when it is one, and made when it is not', async () => {
  for (const operation of operations) {
    const given = `req-${operations.indexOf(operation)}-abcdef`
    for (const headers of [{ 'x-request-id': given }, { 'x-request-id': given, authorization: 'Bearer x' }]) {
      const reply = await send(operation.method, addressOf(operation), headers)
      assert.equal(reply.headers['x-request-id'], given)
      if (reply.status >= 400) assert.equal((reply.json as { request_id: string }).request_id, given)
    }
  }
  const made = new Set<unknown>()
  const none = [
    '',
    'short',
    'a'.repeat(65),
    'with space',
    'with;semicolon',
    '<script>',
    'ünïcödé-id',
    '../../etc',
    "' or 1=1",
  ]
  for (const id of none) {
    const reply = await send('GET', '/api/user/level', { 'x-request-id': id })
    assert.notEqual(reply.headers['x-request-id'], id)
    made.add(reply.headers['x-request-id'])
  }
  assert.equal(made.size, none.length)
})

describe('every way to go wrong has the envelope', () => {
  test('404 where nothing is', async () => {
    for (const path of [
      '/nothing',
      '/api',
      '/api/',
      '/api/nothing',
      '/api/user/me/',
      '//api/user/me',
      '/API/user/me',
      '/api/user/me%2f',
      '/favicon.ico',
    ]) {
      const reply = await send('GET', path)
      assert.deepEqual([reply.status, nameOf(reply)], [404, 'NotFound'], path)
      assert.equal(faultOfRefusal(reply), undefined)
    }
  })

  test('405 with what the address does take', async () => {
    for (const [path, here] of Map.groupBy(operations, addressOf)) {
      const taken = here.map(({ method }) => method)
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
        if (taken.includes(method)) continue
        const reply = await send(method, path)
        assert.deepEqual([reply.status, nameOf(reply)], [405, 'MethodNotAllowed'], `${method} ${path}`)
        assert.equal(faultOfRefusal(reply), undefined)
        const allowed = String(reply.headers.allow)
          .split(', ')
          .filter((one) => one !== 'HEAD')
        assert.deepEqual(allowed.sort(), [...taken].sort(), path)
      }
    }
  })

  /** Routes that take a picture with their fields take more than the others. */
  const largest = (name: string) => (name === 'POST /api/card/account' ? 3 * 1024 * 1024 : 65_536)

  test('413 and 415, on every route that takes a body', async () => {
    for (const operation of operations.filter(({ body }) => body)) {
      const path = addressOf(operation)
      const large = await send(
        operation.method,
        path,
        { 'content-type': 'application/json' },
        `{"x":"${'x'.repeat(largest(operation.name))}"}`,
      )
      assert.deepEqual([large.status, nameOf(large)], [413, 'PayloadTooLarge'], operation.name)
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
      ]) {
        const other = await send(operation.method, path, { 'content-type': type }, 'a=b')
        assert.deepEqual([other.status, nameOf(other)], [415, 'UnsupportedMediaType'], operation.name)
        assert.equal(faultOfRefusal(other), undefined)
      }
    }
  })

  test('503 says when to come back', async () => {
    const reply = await send('GET', '/api/recharge/address?chain=TRX')
    assert.deepEqual([reply.status, nameOf(reply)], [503, 'NetworkUnavailable'])
    assert.match(String(reply.headers['retry-after']), /^[1-9]\d*$/)
  })

  test('429 when one address asks too often, with when to come back; another may still ask', async () => {
    const api = await startApi({ ...hosted.env, RATE_LIMIT_PER_MINUTE: '20' })
    const client = openClient(api.url)
    try {
      const left = 60_000 - (Date.now() % 60_000)
      if (left < 3_000) await new Promise((resolve) => setTimeout(resolve, left + 100)) // a window is a minute of the clock
      const from = (address: string, path = '/api/user/level') =>
        client.ask({ method: 'GET', path, headers: { 'x-forwarded-for': address, authorization: 'Bearer x' } })
      for (let i = 1; i <= 20; i++) {
        const reply = await from('203.0.113.9')
        assert.equal(reply.status, 401)
        assert.equal(reply.headers['ratelimit-limit'], '20')
        assert.equal(reply.headers['ratelimit-remaining'], String(20 - i))
      }
      for (const path of ['/api/user/level', '/api/auth/login', '/nothing']) {
        const reply = await from('203.0.113.9', path)
        assert.deepEqual([reply.status, nameOf(reply)], [429, 'RateLimited'])
        assert.equal(faultOfRefusal(reply), undefined)
        const wait = Number(reply.headers['retry-after'])
        assert.ok(wait >= 1 && wait <= 60, `${wait}`)
        assert.equal(reply.headers['ratelimit-remaining'], '0')
        assertGuarded(reply, path)
      }
      assert.equal((await from('203.0.113.10')).status, 401)
    } finally {
      client.close()
      await api.stop()
    }
  })

  test('in the language that is asked for', async () => {
    const messages = new Map<string, string>()
    for (const language of ['zh-CN', 'zh', '*', '', 'en', 'en-GB,en;q=0.9', 'fr', 'fr, zh;q=0.5']) {
      const reply = await send('GET', '/api/nothing', { 'accept-language': language })
      messages.set(language, (reply.json as { message: string }).message)
      assert.equal(faultOfRefusal(reply), undefined)
    }
    for (const language of ['zh-CN', 'zh', '*', '']) assert.equal(messages.get(language), '不存在', language)
    for (const language of ['en', 'en-GB,en;q=0.9']) assert.equal(messages.get(language), 'Not found', language)
  })
})
