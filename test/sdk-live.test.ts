// The SDK, its examples, the pages for integrators and Postman's scripts beside a bank that was just started as users start
// it: what they say happens, and money moves once however often answers get lost.

import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text as streamText } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../sandbox/free-port.ts'
import {
  createAppClient,
  createPlatformClient,
  createRampClient,
  createSpotClient,
  UnipayError,
} from '../sdk/unipay.js'
import { openBrowser } from './harness/browser.ts'
import { type Installation, install, type Person } from './harness/installation.ts'
import { type LosingProxy, startLosing } from './harness/losing-proxy.ts'
import { olderNode } from './harness/older-node.ts'
import { type Collection, prepared } from './harness/postman.ts'

const root = path.join(import.meta.dirname, '..')
let bank: Installation
let base: string
let losing: LosingProxy
let hookPort: number
let alice: Person
let bob: Person

before(async () => {
  hookPort = await freePort()
  bank = await install({ LOCAL_ORIGINS: `http://127.0.0.1:${hookPort}` })
  base = bank.launcher.base
  losing = await startLosing(base)
  alice = await bank.signUp('alice-sdk')
  bob = await bank.signUp('bob-sdk')
  await bank.fund(alice, 'BSC', '100')
})
after(async () => {
  await losing?.close()
  await bank?.close()
})

function run(command: string, args: string[], input = ''): SpawnSyncReturns<string> {
  const env = { ...process.env, UNIPAY_URL: base, WEBHOOK_PORT: String(hookPort) }
  return spawnSync(command, args, { cwd: root, env, input, encoding: 'utf8', timeout: 90_000 })
}

async function refusalOf(call: Promise<unknown>): Promise<UnipayError> {
  const error = await call.then(
    () => assert.fail('it was not refused'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof UnipayError, String(error))
  return error
}

const wanted: Record<string, RegExp> = {
  app: /^one payment: true\nleft: 70\.00\nrefused: 200001 InsufficientBalance again\? false\n$/,
  spot: /^balance: 100\nonce: true\nrecord: 12\.50000000 success\n$/,
  ramp: /^identity: 4\nfiat is paid to: Sandbox Bank\norder: 1 17\.\d+\n$/,
  platform: /^registered: true\nlooked up: true\nsign-ins: 0\n$/,
  webhook: /^received: ping\n$/,
}
for (const [name, output] of Object.entries(wanted)) {
  test(`the example of ${name} says what it is to say, on an old Node`, () => {
    const { stdout, stderr } = run(olderNode(), [`sdk/examples/${name}.mjs`])
    assert.match(stdout, output, stderr)
  })
}

describe('pages', () => {
  const pages = fs.readdirSync(path.join(root, 'docs/api')).filter((name) => name.endsWith('.md'))
  const textOf = (name: string) => fs.readFileSync(path.join(root, 'docs/api', name), 'utf8')
  const blocksOf = (name: string, language: string) =>
    [...textOf(name).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
      ([, text = '']) => text,
    )

  test('both languages have the same commands and programs, and those are the examples', () => {
    const names = pages.filter((name) => !name.includes('zh-CN'))
    assert.deepEqual(names, ['app.md', 'platform.md', 'ramp.md', 'spot.md', 'webhooks.md'])
    for (const name of names) {
      const other = name.replace('.md', '.zh-CN.md')
      for (const language of ['bash', 'js']) {
        const blocks = blocksOf(name, language)
        assert.deepEqual(blocks, blocksOf(other, language), other)
        assert.equal(blocks.length, 1, name)
      }
      const example = fs.readFileSync(path.join(root, 'sdk/examples', name.replace(/s?\.md/, '.mjs')), 'utf8')
      for (const block of blocksOf(name, 'js'))
        assert.ok(example.includes(block.trim()), `${name} shows another program`)
    }
  })

  const shown: Record<string, RegExp[]> = {
    app: [/^\{"code":0\}$/m, /"total":"0"/, /"code":100008,"name":"Unauthorized"/],
    spot: [/"coin":"USDT","balance":100,/, /"data":"(\d+)","success":true\}\n.*"data":"\1"/, /"amount":"12\.50000000"/],
    ramp: [/"receiveBankName":"Sandbox Bank"/, /"data":\{"orderNo":"A\d+"\}/, /"applyStatus":"1"/],
    platform: [/^0\n\{"uid":\d+,/, /^0\n\{"userInfoList":\[\{/m],
    webhooks: [/^v1,g0hM9SsE\+OTPJTGt\/tmIKtSyZlE3uFJELVlNIOLJ1OE=$/m],
  }
  for (const [name, patterns] of Object.entries(shown)) {
    test(`the commands of ${name} work as they are pasted`, () => {
      const text = blocksOf(`${name}.md`, 'bash').join('\n').replaceAll('http://127.0.0.1:4000', base)
      const { stdout, stderr, status } = run('bash', ['-eu', '-o', 'pipefail'], text)
      for (const pattern of patterns) assert.match(stdout, pattern, stderr)
      assert.equal(status, 0, stderr)
    })
  }

  test('the bank serves them, and a document for each API that has nothing of the others', async () => {
    assert.match(await (await fetch(`${base}/docs/api/spot.zh-CN.md`)).text(), /^# 现货接口/)
    const prefix: Record<string, RegExp> = {
      app: /^\/api\/(?!spot)/,
      spot: /^\/api\/spot\//,
      ramp: /^\/(user|transaction)\//,
      platform: /^\/platformapi\//,
    }
    for (const [api, pattern] of Object.entries(prefix)) {
      const document = (await (await fetch(`${base}/openapi/${api}.json`)).json()) as {
        openapi: string
        paths: Record<string, unknown>
        components: { securitySchemes: Record<string, unknown> }
      }
      assert.equal(document.openapi, '3.1.0')
      const paths = Object.keys(document.paths)
      assert.ok(paths.length >= 6 && paths.every((each) => pattern.test(each)), api)
      assert.equal('operator' in document.components.securitySchemes, false)
    }
    assert.match(await (await fetch(`${base}/docs`)).text(), /\/docs\/api\/ramp\.md/)
  })
})

describe('the app’s client', () => {
  const balance = async (person: Person) =>
    (await bank.get<{ total: string }>('/api/account/balance', person.token)).total

  test('a payment whose answer is lost is asked for again with the same key, and made once', async () => {
    const [before, got] = [await balance(alice), await balance(bob)]
    const app = createAppClient({ baseUrl: losing.url, accessToken: alice.token })
    losing.seen.length = 0
    losing.lose = 2
    const payment = { to_user_id: bob.id, amount: '1.25', payment_password: alice.pin }
    assert.equal((await app.sendTransfer(payment)).amount, '1.25')
    const keys = losing.seen.map(({ headers }) => headers['idempotency-key'])
    assert.equal(keys.length, 3)
    assert.deepEqual([new Set(keys).size, String(keys[0]).length], [1, 32])
    assert.equal(new Set(losing.seen.map(({ headers }) => headers['x-request-id'])).size, 1)
    const units = (text: string) => BigInt(text.replace('.', ''))
    assert.deepEqual(
      [
        units(before) - units(await balance(alice)),
        units(await balance(bob)) - units(`${got}${got === '0' ? '00' : ''}`),
      ],
      [125n, 125n],
    )
  })

  test('when it stays lost the error says so, and gives the key to go on with', async () => {
    const app = createAppClient({ baseUrl: losing.url, accessToken: alice.token, tries: 2 })
    losing.lose = 2
    const payment = { to_user_id: bob.id, amount: '1.5', payment_password: alice.pin }
    const error = await refusalOf(app.sendTransfer(payment))
    assert.deepEqual(
      [error.code, error.outcome, error.retryable, error.status],
      ['network', 'unknown', true, undefined],
    )
    assert.match(error.requestId, /^sdk-[0-9a-f]{24}$/)
    const idempotencyKey = error.idempotencyKey ?? assert.fail('no key')
    const before = await balance(alice)
    await app.sendTransfer(payment, { idempotencyKey })
    assert.equal(await balance(alice), before, 'it was made the first time')
  })

  test('what is not harmless is asked for once', async () => {
    const app = createAppClient({ baseUrl: losing.url, accessToken: alice.token })
    losing.seen.length = 0
    losing.lose = 1
    const error = await refusalOf(app.updateMe({ nickname: 'Alice' }))
    assert.deepEqual([losing.seen.length, error.outcome, error.retryable], [1, 'unknown', false])
    losing.lose = 1
    assert.equal((await app.getMe()).nickname, 'Alice')
  })

  test('refusals say code, name, sentence, request and details', async () => {
    const app = createAppClient({ baseUrl: base, accessToken: alice.token, language: 'zh-CN' })
    const payment = { to_user_id: bob.id, amount: '0.0000001', payment_password: alice.pin }
    const error = await refusalOf(app.sendTransfer(payment, { requestId: 'my-request-1' }))
    assert.deepEqual(
      [error.api, error.operation, error.code, error.reason, error.status, error.outcome, error.retryable],
      ['app', 'sendTransfer', '200004', 'InvalidAmount', 400, 'refused', false],
    )
    assert.equal(error.requestId, 'my-request-1')
    assert.match(error.message, /^sendTransfer: 金额非法 \(200004\)$/)
    assert.equal(error.details[0]?.pointer, '/amount')
  })

  test('tokens are renewed once for all that wait, and given out', async () => {
    const signedIn = createAppClient({ baseUrl: base })
    await signedIn.logIn({ contact: alice.contact, type: 'email', password: 'correct horse battery 9' })
    const { refreshToken } = signedIn.tokens()
    assert.ok(refreshToken)
    const given: unknown[] = []
    const app = createAppClient({
      baseUrl: losing.url,
      accessToken: 'expired',
      refreshToken,
      tries: 1,
      onTokens: (tokens) => given.push(tokens.refreshToken),
    })
    losing.seen.length = 0
    const names = await Promise.all(Array.from({ length: 6 }, () => app.getMe()))
    assert.equal(names.length, 6)
    assert.equal(losing.seen.filter(({ path: at }) => at === '/api/auth/refresh').length, 1)
    assert.equal(given.length, 1)
    assert.notEqual(given[0], refreshToken)
    const lost = createAppClient({ baseUrl: base, accessToken: 'expired' })
    assert.equal((await refusalOf(lost.getMe())).reason, 'Unauthorized')
  })

  test('live events are told, and go on where a connection ended', { timeout: 30_000 }, async () => {
    let connections = 0
    const cutting: typeof fetch = async (url, init) => {
      const response = await fetch(url, init)
      if (!String(url).includes('/api/events') || ++connections > 1 || !response.body) return response
      const until = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(chunk)
          if (Buffer.from(chunk).includes('transfer.completed')) controller.terminate()
        },
      })
      return new Response(response.body.pipeThrough(until), { headers: response.headers })
    }
    const app = createAppClient({ baseUrl: base, accessToken: bob.token, fetch: cutting })
    const sender = createAppClient({ baseUrl: base, accessToken: alice.token })
    const send = (amount: string) => sender.sendTransfer({ to_user_id: bob.id, amount, payment_password: alice.pin })
    const stop = new AbortController()
    const seen: string[] = []
    for await (const { type, data } of app.events({ signal: stop.signal })) {
      if (type === 'inbox') continue
      seen.push(`${type} ${data.amount ?? ''}`.trim())
      if (seen.length === 1) await send('0.5')
      // in the pause before the next connection, so that nobody is there to hear of it
      if (seen.length === 2) await send('0.75')
      if (seen.at(-1) === 'transfer.completed 0.75') stop.abort()
    }
    assert.deepEqual([...new Set(seen)], ['ready', 'transfer.completed 0.50', 'transfer.completed 0.75'])
    assert.equal(connections, 2)
    const lost = await refusalOf(createAppClient({ baseUrl: base, accessToken: 'none' }).events().next())
    assert.equal(lost.reason, 'Unauthorized')
  })

  test('what cannot be sent exactly is not sent', async () => {
    const app = createAppClient({ baseUrl: 'http://127.0.0.1:9', accessToken: 'a' })
    await assert.rejects(
      app.sendTransfer({ to_user_id: 'x', amount: 0.1 as unknown as string, payment_password: '1' }),
      TypeError,
    )
    await assert.rejects(app.getDeposit({ id: '' }), TypeError)
    await assert.rejects(app.getBalance({ asset: 'USDT' } as never), TypeError)
    assert.throws(() => createAppClient({ baseUrl: 'ftp://bank.example' }), TypeError)
    const stopped = await refusalOf(app.getMe(undefined, { signal: AbortSignal.abort() }))
    assert.deepEqual([stopped.code, stopped.outcome], ['aborted', 'unknown'])
    const nobody = createAppClient({ baseUrl: 'http://127.0.0.1:9', tries: 1 })
    assert.equal((await refusalOf(nobody.getMe())).code, 'network')
    const noBank = createAppClient({
      baseUrl: base,
      tries: 1,
      fetch: async () => new Response('<html>', { status: 502 }),
    })
    const odd = await refusalOf(noBank.getMe())
    assert.deepEqual([odd.code, odd.status, odd.outcome, odd.retryable], ['answer', 502, 'unknown', true])
  })
})

test('the app’s client runs in a browser, as a module without a build', { timeout: 120_000 }, async () => {
  const site = http.createServer(async (request, response) => {
    const { url = '/', method = 'GET', headers } = request
    const [, file] = /^\/sdk\/([a-z/-]+\.js)$/.exec(url) ?? []
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(fs.readFileSync(path.join(root, 'sdk', file)))
    } else if (url.startsWith('/api/')) {
      const { host: _, ...sent } = headers
      const body = method === 'GET' ? undefined : await streamText(request)
      const answer = await fetch(base + url, {
        method,
        headers: sent as Record<string, string>,
        ...(body ? { body } : {}),
      })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
    } else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>shop</title>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
    const payment = JSON.stringify({ to_user_id: bob.id, amount: '0.25', payment_password: alice.pin })
    const answer = await page.evaluate(`import('/sdk/app.js').then(async ({ createAppClient, UnipayError }) => {
      const app = createAppClient({ baseUrl: '', accessToken: ${JSON.stringify(alice.token)} })
      const { amount } = await app.sendTransfer(${payment})
      const refused = await app.sendTransfer({ ...${payment}, amount: '0' }).catch((error) => error)
      return [amount, refused instanceof UnipayError, refused.reason, /^[0-9a-f]{32}$/.test(refused.idempotencyKey)]
    })`)
    assert.deepEqual(answer, ['0.25', true, 'InvalidAmount', true])
  } finally {
    await browser.close()
    site.closeAllConnections()
    site.close()
  }
})

describe('the partners’ clients', () => {
  const keys = async <K>(of: string) => (await (await fetch(`${base}/sandbox/${of}`)).json()) as K

  test('spot: digits are kept, refusals are told, a lost answer moves nothing twice', async () => {
    const app = createAppClient({ baseUrl: base, accessToken: alice.token })
    const scopes: ('read' | 'transfer' | 'withdraw')[] = ['read', 'transfer', 'withdraw']
    const { id: apiKey, secret } = await app.createApiKey({ name: 'sdk', scopes, payment_password: alice.pin })
    const spot = createSpotClient({ baseUrl: losing.url, apiKey, secret })
    const transfer = {
      coin: 'USDT',
      amount: '2.000001',
      toType: 'uid',
      toUid: bob.uid.slice(1),
      outBizId: 'sdk-1',
    } as const
    losing.lose = 1
    losing.seen.length = 0
    const id = await spot.insideTransfer(transfer)
    assert.match(id, /^\d{19}$/)
    assert.equal(new Set(losing.seen.map(({ headers }) => headers.nonce)).size, 2)
    assert.equal(await spot.insideTransfer(transfer), id)
    const [record] = await spot.recordsOut({ outBizId: 'sdk-1' })
    assert.deepEqual([record?.id, record?.amount], [id, '2.00000100'])
    const other = createAppClient({ baseUrl: base, accessToken: bob.token })
    const bobsKey = await other.createApiKey({ name: 'sdk', scopes: ['read'], payment_password: bob.pin })
    const bobs = createSpotClient({ baseUrl: base, apiKey: bobsKey.id, secret: bobsKey.secret })
    assert.match((await bobs.recordsIn({ limit: 1 }))[0]?.id ?? '', /^\d{19}$/)
    const error = await refusalOf(spot.insideTransfer({ ...transfer, amount: '9999', outBizId: 'sdk-2' }))
    assert.deepEqual([error.code, error.status, error.outcome, error.retryable], ['110101', 422, 'refused', false])
    assert.ok(error.requestId)
    const stranger = createSpotClient({ baseUrl: base, apiKey, secret: `${secret}x` })
    assert.equal((await refusalOf(stranger.account())).code, '100005')
    assert.ok((await stranger.coins()).some(({ name }) => name === 'USDT'))
  })

  test('ramp: many at once have times of their own; an order is one order', async () => {
    const { apiKey, secretKey, source } = await keys<{ apiKey: string; secretKey: string; source: string }>('partner')
    const ramp = createRampClient({ baseUrl: base, apiKey, secretKey, tries: 1 })
    const all = await Promise.all(Array.from({ length: 8 }, () => ramp.receiveAccount({ source })))
    assert.equal(all[0]?.receiveBankName, 'Sandbox Bank')
    const error = await refusalOf(ramp.order({ orderNo: 'nothing', source }))
    assert.deepEqual([error.api, error.code, error.status], ['ramp', '900002', 404])
    await assert.rejects(ramp.identityLink({ account: 'a&source=b', source }), TypeError)
  })

  test('platform: an answer that the bank did not sign is none', async () => {
    type Keys = Record<'appId' | 'privateKey' | 'platformPublicKey' | 'secret', string>
    const merchant = await keys<Keys>('merchant')
    const platform = createPlatformClient({ baseUrl: base, ...merchant })
    const { userInfoList } = await platform.listCustomers({ regStartTime: '1700000000000' })
    assert.ok(userInfoList.length > 0)
    const error = await refusalOf(platform.showSuperiors({ uid: '1' }))
    assert.deepEqual([error.code, error.status, error.outcome], ['50007', 404, 'refused'])
    const forging: typeof fetch = async (url, init) => {
      const answer = (await (await fetch(url, init)).json()) as { data: string; sign: string }
      return Response.json({ ...answer, sign: `AAAA${answer.sign.slice(4)}` })
    }
    const forged = createPlatformClient({ baseUrl: base, ...merchant, fetch: forging, tries: 1 })
    assert.equal((await refusalOf(forged.listCustomers({ regStartTime: '1700000000000' }))).code, 'answer')
  })

  test('Postman’s scripts make requests that the bank takes', async () => {
    const collectionOf = (api: string) =>
      JSON.parse(fs.readFileSync(path.join(root, `sdk/postman/${api}.postman_collection.json`), 'utf8')) as Collection
    const app = createAppClient({ baseUrl: base, accessToken: bob.token })
    const { id, secret } = await app.createApiKey({ name: 'postman', scopes: ['read'], payment_password: bob.pin })
    const partner = await keys<Record<string, string>>('partner')
    const merchant = await keys<Record<string, string>>('merchant')
    const variables = {
      spotApiKey: id,
      spotSecret: secret,
      rampApiKey: partner.apiKey ?? '',
      rampSecretKey: partner.secretKey ?? '',
      rampSource: partner.source ?? '',
      platformAppId: merchant.appId ?? '',
      platformPrivateKey: merchant.privateKey ?? '',
      platformPublicKey: merchant.platformPublicKey ?? '',
      platformSecret: merchant.secret ?? '',
    }
    const requests: [api: string, name: string, code: string][] = [
      ['spot', 'account', '0'],
      ['spot', 'recordsIn', '0'],
      ['ramp', 'receiveAccount', '000000'],
      ['ramp', 'identityLink', '000000'],
      ['platform', 'listCustomers', '0'],
      ['platform', 'loginHistory', '50007'], // signed well; the example's customer is nobody's
    ]
    for (const [api, name, code] of requests) {
      const { method, path: at, headers, body } = prepared(collectionOf(api), name, variables)
      const answer = await fetch(base + at, { method, headers, ...(body === undefined ? {} : { body }) })
      const text = await answer.text()
      assert.equal((JSON.parse(text) as { code: string }).code, code, `${name}: ${text}`)
    }
  })
})
