// The SDK without a bank: its printed parts are fresh, vectors hold on old and new Node, its types are what a stranger's
// compiler wants, Postman's scripts sign what the vectors say, a receiver believes no webhook that is not signed.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { printedSdk, readDocument } from '../scripts/print-sdk.ts'
import { verifyWebhook, WebhookError } from '../sdk/unipay.js'
import { signWebhook } from '../sdk/webhook.js'
import { olderNode } from './harness/older-node.ts'
import { type Collection, itemsOf, prepared } from './harness/postman.ts'

const root = path.join(import.meta.dirname, '..')
const sdk = path.join(root, 'sdk')
const readJson = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(sdk, file), 'utf8'))
const collectionOf = (api: string) => readJson(`postman/${api}.postman_collection.json`) as Collection

test('what is printed out of the routes is what they are now (npm run sdk)', () => {
  const document = readDocument()
  const ids = Object.values(document.paths).flatMap((verbs) => Object.values(verbs).map((each) => each.operationId))
  assert.equal(new Set(ids).size, ids.length, 'an operation id is one operation’s')
  const printed = printedSdk(document)
  for (const [file, text] of Object.entries(printed)) {
    const there = path.join(root, file)
    assert.ok(fs.existsSync(there) && fs.readFileSync(there, 'utf8') === text, `${file} is stale: npm run sdk`)
  }
  const all = ['operations', 'types'].flatMap((folder) => fs.readdirSync(path.join(sdk, folder)))
  assert.equal(all.length, Object.keys(printed).filter((file) => !file.includes('postman')).length)
})

test('the vectors hold, with this Node and with the oldest there is', () => {
  for (const node of [process.execPath, olderNode()]) {
    assert.match(
      execFileSync(node, ['sdk/vectors/check.mjs'], { cwd: root, encoding: 'utf8' }),
      /^\d\d+ of the vectors hold/,
    )
  }
})

test('the app’s client needs nothing of Node: what it imports is in browsers too', () => {
  const seen = new Set<string>()
  const follow = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    const text = fs.readFileSync(path.join(sdk, file), 'utf8')
    for (const [, from = ''] of text.matchAll(/^(?:import|export) .*from '([^']+)'/gm)) {
      assert.match(from, /^\.\.?\//, `${file} imports ${from}`)
      follow(path.posix.join(path.posix.dirname(file), from))
    }
  }
  follow('app.js')
  follow('reserves.js')
  assert.ok(seen.has('call.js') && seen.has('random.js'))
})

describe('types', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-sdk-'))
  after(() => fs.rmSync(folder, { recursive: true }))

  function compile(text: string): string[] {
    fs.mkdirSync(path.join(folder, 'node_modules/@unipay'), { recursive: true })
    const link = path.join(folder, 'node_modules/@unipay/sdk')
    if (!fs.existsSync(link)) fs.symlinkSync(sdk, link)
    fs.writeFileSync(path.join(folder, 'program.ts'), text)
    const options = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
    }
    const config = { compilerOptions: { ...options, skipLibCheck: false }, files: ['program.ts'] }
    fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    return stdout.split('\n').filter((line) => line.includes('error'))
  }

  const opening = `import * as sdk from '@unipay/sdk'
import { createAppClient } from '@unipay/sdk/app'
import type { CallOptions } from '@unipay/sdk/spot'
const baseUrl = 'https://bank.example'
const app = createAppClient({ baseUrl, accessToken: 'a', onTokens: ({ refreshToken }) => void refreshToken })
const spot = sdk.createSpotClient({ baseUrl, apiKey: 'k', secret: 's' })
const ramp = sdk.createRampClient({ baseUrl, apiKey: 'k', secretKey: 's', tries: 1 })
const platform = sdk.createPlatformClient({ baseUrl, appId: 'a', privateKey: 'p', platformPublicKey: 'q' })
`

  test('a stranger’s program compiles, strictly, and the declarations with it', () => {
    const program = `${opening}
const key: CallOptions = { idempotencyKey: 'a', signal: new AbortController().signal }
const { transfer_id } = await app.sendTransfer({ to_user_id: 'U1', amount: '1.00', payment_password: '1' }, key)
const total: string = (await app.getBalance()).total
const [first] = await spot.account()
const balance: string | undefined = first?.balance
const id: string = await spot.withdraw({ coin: 'USDT', network: 'BSC', address: '0x', amount: '20.00' })
const status: string = (await ramp.order({ orderNo: 'A1', source: 'binance' })).applyStatus
const uid: number = (await platform.register({ password: 'p', invitedCode: 'i' })).uid
const nothing: undefined = await app.logOut({})
const bytes: Uint8Array = await app.getRemittanceReceipt({ id: 'r-1' })
const event: sdk.WebhookEvent = sdk.verifyWebhook({ headers: new Headers(), body: '', keys: 'whsec_aa==' })
const failed = (error: unknown) => error instanceof sdk.UnipayError && error.retryable && error.outcome === 'unknown'
export const all = [transfer_id, total, balance, id, status, uid, nothing, bytes, event, failed]
`
    assert.deepEqual(compile(program), [])
  })

  test('and one that is wrong does not', () => {
    const wrong = [
      "await app.sendTransfer({ to_user_id: 'U1', amount: 1, payment_password: '1' })",
      "await app.sendTransfer({ amount: '1', payment_password: '1' })",
      'await app.sendTransfer()',
      "await app.getBalance({ asset: 'USDT' })",
      "await spot.withdraw({ coin: 'USDT', network: 'BSC', address: '0x', amount: 20 })",
      'const balance: number | undefined = (await spot.account())[0]?.balance',
      "await ramp.order({ orderNo: 'A1' })",
      "await platform.register({ password: 'p' })",
      'await app.noSuchOperation()',
      "sdk.createSpotClient({ baseUrl, apiKey: 'k' })",
      "sdk.verifyWebhook({ headers: {}, body: { a: 1 }, keys: 'k' })",
    ]
    const before = opening.split('\n').length - 1
    const lines = compile(`${opening}${wrong.join('\n')}\nexport {}\n`).flatMap(
      (line) => /\((\d+),/.exec(line)?.[1] ?? [],
    )
    assert.deepEqual(
      wrong.filter((_, i) => !lines.includes(String(before + i + 1))),
      [],
    )
  })

  test('modules export what their declarations say', async () => {
    const { exports } = readJson('package.json') as { exports: Record<string, { types: string } | string> }
    const offered = Object.values(exports).flatMap((each) => (typeof each === 'string' ? [] : [each.types.slice(2)]))
    const files = [...offered, ...['spot', 'ramp', 'platform', 'webhook'].map((scheme) => `signature/${scheme}.d.ts`)]
    for (const file of files) {
      const module = file.replace('.d.ts', '.js')
      const text = fs.readFileSync(path.join(sdk, file), 'utf8')
      const declared = [...text.matchAll(/^export (?:declare )?(?:function|class|const) (\w+)/gm)].map(
        ([, name]) => name,
      )
      const passedOn = [...text.matchAll(/^export \{([^}]+)\}/gm)].flatMap(([, names = '']) =>
        names.split(',').flatMap((name) => (/^\s*type /.test(name) || !name.trim() ? [] : [name.trim()])),
      )
      const found = fs.existsSync(path.join(sdk, module))
        ? Object.keys((await import(`../sdk/${module}`)) as object)
        : []
      const own = text.includes('export * from')
        ? found.filter((name) => [...declared, ...passedOn].includes(name))
        : found
      assert.deepEqual(own.sort(), [...declared, ...passedOn].sort(), file)
    }
  })
})

describe('Postman', () => {
  test('the script of the spot API signs what the vectors say', () => {
    const { vectors } = readJson('vectors/spot.json') as { vectors: Record<string, string>[] }
    const collection = collectionOf('spot')
    let held = 0
    for (const { name, nonce, timestamp, apiKey, secret, query, form, body, sign } of vectors) {
      if (query === undefined || form?.includes('=')) continue // frames, and forms that are not the official one
      const fixed = {
        now: Number(timestamp),
        random: nonce ?? '',
        query: Object.fromEntries(new URLSearchParams(query)),
      }
      const keys = { spotApiKey: apiKey ?? '', spotSecret: secret ?? '' }
      const made = prepared(collection, body === '' ? 'account' : 'withdraw', keys, body ? { ...fixed, body } : fixed)
      assert.equal(made.headers.sign, sign, name)
      assert.equal(made.body, body === '' ? undefined : body)
      held++
    }
    assert.ok(held >= 5)
  })

  test('the script of the ramp API signs what the vectors say', () => {
    const { vectors } = readJson('vectors/ramp.json') as {
      vectors: { about: string; secret: string; fields: Record<string, string>; sign: string }[]
    }
    for (const { about, secret, fields, sign } of vectors) {
      const { apiKey = '', timestamp, ...rest } = fields
      const keys = { rampApiKey: apiKey, rampSecretKey: secret }
      const isPost = Object.keys(rest).length > 0
      const fixed = { now: Number(timestamp), ...(isPost ? { body: JSON.stringify(rest) } : {}) }
      assert.equal(prepared(collectionOf('ramp'), isPost ? 'pushIn' : 'order', keys, fixed).headers.sign, sign, about)
    }
  })

  test('the script of the platform API encrypts and signs as the vectors say', async () => {
    const { decryptPlatform } = await import('../sdk/platform.js')
    const { merchant, platform, vectors, plain } = readJson('vectors/platform.json') as {
      merchant: Record<'privateKey' | 'publicKey', string>
      platform: Record<'privateKey' | 'publicKey', string>
      vectors: { name: string; text: string; sign: string }[]
      plain: { name: string; params: Record<string, string>; secret: string; sign: string }[]
    }
    const keys = {
      platformAppId: 'pk_test_a',
      platformPrivateKey: merchant.privateKey,
      platformPublicKey: platform.publicKey,
    }
    for (const { name, text, sign } of vectors) {
      const { body = '' } = prepared(collectionOf('platform'), 'listCustomers', keys, { body: text })
      const sent = JSON.parse(body) as Record<string, string>
      assert.deepEqual([sent.sign, sent.app_id], [sign, 'pk_test_a'], name)
      assert.equal(decryptPlatform(sent.data ?? '', platform.privateKey), text, name)
    }
    for (const { name, params, secret, sign } of plain) {
      const { appKey = '', time = '', ...rest } = params
      if (time === '') continue // the script always says the time
      const known = { ...keys, platformAppId: appKey, platformSecret: secret }
      const fixed = { now: Number(time), body: JSON.stringify(rest) }
      const { body = '' } = prepared(collectionOf('platform'), 'loginHistory', known, fixed)
      assert.equal((JSON.parse(body) as { sign: string }).sign, sign, name)
    }
  })

  test('a collection has every operation of its API once', () => {
    for (const api of ['app', 'spot', 'ramp', 'platform']) {
      const names = itemsOf(collectionOf(api)).map(({ name }) => name)
      assert.equal(new Set(names).size, names.length)
      assert.ok(names.length >= 6, api)
    }
  })
})

test('a receiver believes what is signed, fresh and whole, by the old key or the new one', () => {
  const [old, fresh] = ['whsec_b2xkIG9sZCBvbGQgb2xk', 'whsec_bmV3IG5ldyBuZXcgbmV3']
  const now = 1_747_104_711_000
  const message = { id: 'ev-1', timestamp: '1747104711', body: '{"type":"ping","timestamp":"t","data":{"a":"中"}}' }
  const signature = `${signWebhook(message, old)} ${signWebhook(message, fresh)}`
  const headers = { 'webhook-id': 'ev-1', 'webhook-timestamp': '1747104711', 'webhook-signature': signature }
  const good = { headers, body: message.body, keys: [fresh], now }
  const why = (change: object) => {
    try {
      return verifyWebhook({ ...good, ...change }).id
    } catch (error) {
      assert.ok(error instanceof WebhookError, String(error))
      return error.reason
    }
  }
  assert.deepEqual(verifyWebhook(good), { id: 'ev-1', type: 'ping', timestamp: 't', data: { a: '中' } })
  assert.equal(why({ headers: new Headers(headers), body: Buffer.from(message.body) }), 'ev-1')
  assert.equal(
    why({ headers: { ...headers, 'webhook-signature': undefined, 'Webhook-Signature': signature } }),
    'missing',
  )
  assert.equal(why({ keys: old }), 'ev-1')
  assert.equal(why({ now: now + 299_000 }), 'ev-1')
  assert.equal(why({ now: now + 301_000 }), 'stale')
  assert.equal(why({ now: now - 301_000 }), 'stale')
  assert.equal(why({ now: now + 301_000, tolerance: 600 }), 'ev-1')
  assert.equal(why({ headers: { ...headers, 'webhook-timestamp': '1e9' } }), 'stale')
  assert.equal(why({ headers: { ...headers, 'webhook-timestamp': '1747104712' } }), 'wrong')
  assert.equal(why({ headers: { ...headers, 'webhook-id': 'ev-2' } }), 'wrong')
  assert.equal(why({ headers: { ...headers, 'webhook-signature': 'v1, v1a,AA== v2,x' } }), 'wrong')
  assert.equal(why({ headers: {} }), 'missing')
  assert.equal(why({ body: `${message.body} ` }), 'wrong')
  assert.equal(why({ keys: ['whsec_c3RyYW5nZXIgc3RyYW5nZXI='] }), 'wrong')
  assert.equal(why({ keys: [] }), 'wrong')
  assert.throws(() => verifyWebhook({ ...good, keys: 'no key' }), TypeError)
})
