// Merchants: made by two operators or from a shell, given new keys while requests go on, stopped; and a merchant whose client is
// openssl and a shell script.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { removeExpired } from '../src/domain/expiry.ts'
import { countByKey, rotatePersonalKeys } from '../src/domain/personal-keys.ts'
import { runCli } from './harness/cli.ts'
import { startWorld, type World } from './harness/customers.ts'
import { check, consoleCall, joinOperator, ok, outcome, propose, type TestOperator } from './harness/operators.ts'
import { PlatformClient, type PlatformKeys, expectPlatformRefusal as refused, USER } from './harness/platform-client.ts'

let world: World
let dir: string
let [ada, alan, rita]: TestOperator[] = []

before(async () => {
  world = await startWorld()
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-merchants-'))
  ada = await joinOperator(world, ['admin'], 'Ada')
  alan = await joinOperator(world, ['admin'], 'Alan')
  rita = await joinOperator(world, ['risk'], 'Rita')
})
after(async () => {
  await world?.close()
  fs.rmSync(dir, { recursive: true, force: true })
})

const operator = (one: TestOperator | undefined) => one ?? assert.fail('nobody')
const newPair = () => {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url'),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
interface MerchantView {
  app_id: string
  name: string
  invite_code: string
  customers: number
  stopped_at: string | null
  keys: { side: string; public_key: string | null; ends_at: string | null; shown: boolean }[]
}
const see = (id: string) => ok<MerchantView>(world, operator(rita), 'GET', `/merchants/${id}`)
async function change(payload: object): Promise<void> {
  const id = await propose(world, operator(ada), 'merchant_change', payload)
  assert.equal((await check(world, operator(alan), id)).data.status, 'applied')
}
const current = (view: MerchantView, side: string) =>
  view.keys.find((key) => key.side === side && key.ends_at === null)?.public_key ?? ''
const list = { regStartTime: '1000000000000' }
const asks = async (client: PlatformClient, params: object = list) =>
  (await client.call('/reg_info_list', params)).body.code

// --- in the console ---

describe('by operators', () => {
  const pair = newPair()
  let keys: PlatformKeys

  test('two admins make one; its secret is shown once, to an admin', async () => {
    const payload = { name: '  Brand   of Ours ', public_key: pair.pem }
    assert.equal(
      await outcome(world, operator(rita), 'POST', '/approvals/merchant', { payload, reason: 'x' }),
      'Forbidden',
    )
    const id = await propose(world, operator(ada), 'merchant', payload)
    assert.equal((await check(world, operator(ada), id)).error, 'OwnApproval')
    assert.equal((await ok<{ items: unknown[] }>(world, operator(rita), 'GET', '/merchants')).items.length, 0)
    assert.equal((await check(world, operator(alan), id)).data.status, 'applied')
    const { items } = await ok<{ items: MerchantView[] }>(world, operator(rita), 'GET', '/merchants')
    assert.deepEqual(
      items.map(({ name }) => name),
      ['Brand of Ours'],
    )
    const view = await see(items[0]?.app_id ?? '')
    assert.deepEqual(view.keys.map(({ side }) => side).sort(), ['merchant', 'plain', 'platform'])
    const place = `/merchants/${view.app_id}/secret`
    assert.equal(await outcome(world, operator(rita), 'POST', place), 'Forbidden')
    const { secret } = await ok<{ secret: string }>(world, operator(ada), 'POST', place)
    assert.equal(await outcome(world, operator(ada), 'POST', place), 'Outdated')
    keys = {
      appId: view.app_id,
      merchantPrivateKey: pair.privateKey,
      platformPublicKey: current(view, 'platform'),
      secret,
    }
    assert.equal(await asks(new PlatformClient(world.url, keys)), '0')
    const log = await ok<{ items: { action: string; data: unknown }[] }>(
      world,
      operator(rita),
      'GET',
      `/audit-log?subject=merchant:${view.app_id}`,
    )
    assert.deepEqual(
      log.items.map(({ action }) => action),
      ['merchant.secret_shown', 'merchant.made'],
    )
    assert.ok(!JSON.stringify(log).includes(secret))
  })

  test('what is no key, no name, no merchant is refused before anybody checks it', async () => {
    const make = (kind: string, payload: object) =>
      outcome(world, operator(ada), 'POST', `/approvals/${kind}`, { payload, reason: 'x' })
    const { privatePem } = newPair()
    for (const public_key of ['', 'x', privatePem, pair.pem.slice(40)])
      assert.equal(await make('merchant', { name: 'N', public_key }), 'InvalidParams')
    assert.equal(await make('merchant', { name: ' ', public_key: pair.pem }), 'InvalidParams')
    assert.equal(await make('merchant_change', { merchant: 'pk_test_x', change: 'platform_key' }), 'NotFound')
    const { appId: merchant } = keys
    assert.equal(await make('merchant_change', { merchant, change: 'merchant_key' }), 'InvalidParams')
    assert.equal(await make('merchant_change', { merchant, change: 'resume' }), 'Outdated')
    assert.equal(
      await make('merchant_change', { merchant, change: 'platform_key', overlap_hours: '721' }),
      'InvalidParams',
    )
    assert.equal(await outcome(world, operator(ada), 'GET', '/merchants/pk_test_x'), 'NotFound')
    assert.equal(await outcome(world, operator(ada), 'POST', '/merchants/pk_test_x/secret'), 'NotFound')
  })

  test('its own new key: the old one counts until its overlap is over, each answered in kind', async () => {
    const next = newPair()
    await change({ merchant: keys.appId, change: 'merchant_key', public_key: next.pem, overlap_hours: '2' })
    const [old, fresh] = [
      new PlatformClient(world.url, keys),
      new PlatformClient(world.url, { ...keys, merchantPrivateKey: next.privateKey }),
    ]
    // each opens what it is answered: it was encrypted with the key that the request was signed by
    for (const client of [old, fresh])
      assert.deepEqual((await client.call('/reg_info_list', list)).inner, { userInfoList: [], count: 0 })
    world.clock.advance(hours(2))
    const now = () => world.clock.now().getTime()
    refused(await old.send('/reg_info_list', old.body(list, now())), '50005', 401)
    assert.equal((await fresh.send('/reg_info_list', fresh.body(list, now()))).body.code, '0')
    keys = { ...keys, merchantPrivateKey: next.privateKey }
  })

  test('a new key of ours: both open and sign, until the old one ends; a third ends the first', async () => {
    await signAgain()
    const now = () => world.clock.now().getTime()
    const code = async (client: PlatformClient) =>
      (await client.send('/reg_info_list', client.body(list, now()))).body.code
    const clients = [new PlatformClient(world.url, keys)]
    for (let i = 0; i < 2; i++) {
      await change({ merchant: keys.appId, change: 'platform_key' })
      keys = { ...keys, platformPublicKey: current(await see(keys.appId), 'platform') }
      clients.push(new PlatformClient(world.url, keys))
    }
    const codes: string[] = []
    for (const client of clients) codes.push(await code(client))
    assert.deepEqual(codes, ['50005', '0', '0'])
    world.clock.advance(hours(25))
    await signAgain()
    assert.equal(await code(clients[1] ?? assert.fail()), '50005')
    assert.equal(await code(clients[2] ?? assert.fail()), '0')
    // and what was used with the keys that ended is not remembered any more
    const used = async () =>
      (await world.database.owner.query<{ key_id: string }>('', 'select distinct key_id from used_requests')).length
    const before = await used()
    world.clock.advance(hours(2))
    await removeExpired(world.bank, 1)
    assert.deepEqual([before, await used()], [3, 1])
  })

  test('a new secret of the plain form, with its overlap', async () => {
    await signAgain()
    await change({ merchant: keys.appId, change: 'plain_secret', overlap_hours: '0' })
    const { secret } = await ok<{ secret: string }>(world, operator(ada), 'POST', `/merchants/${keys.appId}/secret`)
    const ask = (one: string) => {
      const client = new PlatformClient(world.url, { ...keys, secret: one })
      return client.send('/getUserHistoryLogin', client.plain({ uid: '99999999' }))
    }
    refused(await ask(keys.secret), '50005', 401)
    refused(await ask(secret), '50007', 404)
    keys = { ...keys, secret }
  })

  test('one operator stops it at once; two let it in again', async () => {
    const client = new PlatformClient(world.url, keys)
    const code = async () =>
      (await client.send('/reg_info_list', client.body(list, world.clock.now().getTime()))).body.code
    await ok(world, operator(rita), 'POST', `/merchants/${keys.appId}/stop`, { reason: 'incident' })
    assert.equal(await code(), '50004')
    assert.equal(
      await outcome(world, operator(rita), 'POST', `/merchants/${keys.appId}/stop`, { reason: 'x' }),
      'Outdated',
    )
    await change({ merchant: keys.appId, change: 'resume' })
    assert.equal(await code(), '0')
  })

  test('its sealed keys are sealed anew with the others', async () => {
    const ring = world.bank.keys.personal
    const next = { current: 2, keys: new Map([...ring.keys, [2, crypto.randomBytes(32)]]) }
    const bank = { ...world.bank, keys: { ...world.bank.keys, personal: next } }
    await rotatePersonalKeys(bank, 1)
    assert.deepEqual([...(await countByKey(world.bank.db, 1)).keys()], [2])
    await rotatePersonalKeys({ ...bank, keys: { ...bank.keys, personal: { ...next, current: 1 } } }, 1)
  })

  /** The clock was moved: sessions of operators are over after half an hour. */
  async function signAgain(): Promise<void> {
    ada = await joinOperator(world, ['admin'], 'Ada')
    alan = await joinOperator(world, ['admin'], 'Alan')
    rita = await joinOperator(world, ['risk'], 'Rita')
  }
})

// --- from a shell ---

test('from a shell: openssl makes a merchant’s keys, and a script is its client', async () => {
  const file = (name: string) => path.join(dir, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', file('own.pem'))
  openssl('pkey', '-in', file('own.pem'), '-pubout', '-out', file('own.pub'))
  const env = { DATABASE_URL: world.database.url, DATA_DIR: dir, MASTER_KEY: '11'.repeat(32) }
  const unipay = (...args: string[]) => runCli(['merchant', ...args], env)

  const made = await unipay('create', '--name', 'Shell & Sons', '--public-key', file('own.pub'), '--json')
  assert.equal(made.code, 0, made.said)
  const { appId, inviteCode, platformPublicKey, secret } = made.json as Record<string, string>
  assert.ok(appId && inviteCode && platformPublicKey && secret)
  const pem = (text: string) =>
    `-----BEGIN PUBLIC KEY-----\n${Buffer.from(text, 'base64url').toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`
  fs.writeFileSync(file('platform.pub'), pem(platformPublicKey))

  const script = path.join(import.meta.dirname, 'harness/platform-client.sh')
  const sh = (what: string, input: string) =>
    execFileSync('sh', [script, what, file('own.pem'), file('platform.pub')], { input, encoding: 'utf8' })
  async function call(endpoint: string, params: object) {
    const [data, sign] = sh('seal', JSON.stringify(params)).split('\n')
    const response = await fetch(world.url + USER + endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ app_id: appId, time: world.clock.now().getTime(), data, sign }),
    })
    const answer = (await response.json()) as Record<string, string>
    assert.equal(answer.code, '0', JSON.stringify(answer))
    return JSON.parse(sh('open', `${answer.data}\n${answer.sign}\n`)) as Record<string, unknown>
  }
  const note = '长'.repeat(40)
  const first = await call('/registration', {
    email: 'shell@example.com',
    password: `x-${note}-${note}-y`,
    invitedCode: inviteCode,
  })
  const all = await call('/reg_info_list', list)
  assert.deepEqual(
    (all.userInfoList as { uid: number }[]).map(({ uid }) => uid),
    [first.uid],
  )

  const listed = await unipay('list')
  assert.match(listed.out, new RegExp(`${appId} +Shell & Sons +${inviteCode}`))
  const rotated = await unipay('rotate', appId, '--ours', '--overlap', '0', '--json')
  assert.equal(rotated.code, 0, rotated.said)
  fs.writeFileSync(file('platform.pub'), pem(String(rotated.json.platform)))
  assert.equal((await call('/reg_info_list', list)).count, 1)
  const renewed = await unipay('rotate', appId, '--secret', '--json')
  assert.match(String(renewed.json.plain), /^sk_test_/)
  assert.equal((await unipay('rotate', appId, '--public-key', file('own.pub'))).code, 0)

  for (const [args, code, said] of [
    [['create', '--name', 'x', '--public-key', file('none')], 3, /cannot be read/],
    [['create', '--name', 'x', '--public-key', file('own.pem')], 1, /RSA public key of 2048 bits/],
    [['rotate', appId], 2, /exactly one of/],
    [['rotate', 'pk_test_x', '--ours'], 1, /refused/],
  ] as const) {
    const ran = await unipay(...args)
    assert.equal(ran.code, code, ran.said)
    assert.match(ran.said, said)
  }
})

test('a live bank has no demonstration, and its names and secrets say that they are live', async () => {
  const { demoMerchant, makeMerchant } = await import('../src/domain/merchant/make-merchant.ts')
  const bank = { ...world.bank, config: { ...world.bank.config, UNIPAY_MODE: 'live' as const } }
  await assert.rejects(demoMerchant(bank, 1), /no demonstration/)
  const { merchant, secret } = await makeMerchant(bank, 1, { name: 'Live', publicKey: newPair().pem })
  assert.match(merchant.id, /^pk_live_/)
  assert.match(secret, /^sk_live_/)
  // many at once make one demonstration
  const { demoMerchant: demo } = await import('../src/domain/merchant/make-merchant.ts')
  const made = await Promise.all([1, 2, 3].map(() => demo(world.bank, 1)))
  assert.equal(new Set(made.map((one) => JSON.stringify(one))).size, 1)
})

test('a customer’s looks at the console’s merchants end at the door', async () => {
  for (const [method, place] of [
    ['GET', '/merchants'],
    ['POST', '/merchants/x/secret'],
  ] as const)
    assert.equal((await consoleCall(world, 'nobody', method, place)).status, 401)
})
