// Keys for programs, as customers make them in the app: proved as a payment is, shown once, bounded in what, from where and
// until when; and all that stops them.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { days, hours } from '../src/base/clock.ts'
import { issueApiKey, LONGEST_DAYS } from '../src/domain/api-key/manage-api-keys.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { countByKey } from '../src/domain/personal-keys.ts'
import { askCode, personOn } from './harness/customers.ts'
import type { Payer } from './harness/hosted.ts'
import { done, makeKey, makeTrader, pass, refused, speaking } from './harness/trading.ts'
import { startWithdrawing, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

interface Key {
  id: string
  name: string
  scopes: string[]
  ips: string[]
  expires_at: string | null
  secret?: string
  previous_secret_until: string | null
  last_used_at: string | null
  last_used_ip: string | null
}
const call = <D>(payer: Payer, method: string, path: string, body?: object) =>
  bank.world.call<D>(method, `/api/api-keys${path}`, body, { token: payer.access })
const list = async (payer: Payer) => (await call<Key[]>(payer, 'GET', '')).data
const told = async (payer: Payer) =>
  (await bank.world.call<{ type: string }[]>('GET', '/api/inbox', undefined, { token: payer.access })).data.map(
    ({ type }) => type,
  )
const logged = async (payer: Payer) =>
  (
    await bank.world.call<{ event_type: string }[]>('GET', '/api/security/log', undefined, { token: payer.access })
  ).data.map((entry) => entry.event_type)

describe('making one', () => {
  test('takes the PIN; the secret is in that answer and nowhere else; log and inbox tell of it', async () => {
    const alice = await bank.payer()
    const terms = { name: '  我的程序 ', scopes: ['withdraw', 'read'], payment_password: alice.pin }
    assert.equal((await call(alice, 'POST', '', { ...terms, payment_password: '000000' })).name, 'PaymentPasswordWrong')
    const made = await call<Key>(alice, 'POST', '', terms)
    const { secret = '', ...key } = made.data
    assert.match(key.id, /^pk_test_[0-9a-z]{34}$/)
    assert.match(secret, /^sk_test_[0-9a-z]{58}$/)
    assert.deepEqual([key.name, key.scopes, key.ips], ['我的程序', ['read', 'withdraw'], []])
    const lasts = Date.parse(key.expires_at ?? '') - bank.world.clock.now().getTime()
    assert.ok(lasts > days(LONGEST_DAYS) - 60_000 && lasts <= days(LONGEST_DAYS))
    assert.deepEqual(await list(alice), [key])
    const [row] = await bank.world.database.owner.query<{ text: string }>(
      '',
      'select api_keys::text as text from api_keys',
    )
    assert.ok(!row?.text.includes(secret))
    assert.equal((await told(alice))[0], 'api_key_created')
    assert.equal((await logged(alice))[0], 'api_key_created')
    assert.ok(((await countByKey(bank.world.bank.db, 1)).get(1) ?? 0) > 0)
  })

  test('is refused with terms that cannot be', async () => {
    const alice = await bank.payer()
    const make = (change: object) =>
      call(alice, 'POST', '', { name: 'x', scopes: ['read'], payment_password: alice.pin, ...change })
    const far = new Date(bank.world.clock.now().getTime() + days(LONGEST_DAYS + 1)).toISOString()
    for (const change of [
      { name: ' ' },
      { name: 'x'.repeat(41) },
      { scopes: [] },
      { scopes: ['admin'] },
      { ips: ['192.0.2.300'] },
      { ips: ['0.0.0.0/0'] },
      { ips: ['::/0'] },
      { ips: ['192.0.2.1/33'] },
      { ips: ['fe80::1%eth0'] },
      { ips: ['example.com'] },
      { expires_at: '2020-01-01T00:00:00Z' },
      { expires_at: far },
      { expires_at: null },
      { secret: 'mine' },
    ])
      assert.equal((await make(change)).name, 'InvalidParams', JSON.stringify(change))
    for (const change of [
      { ips: ['192.0.2.1'], expires_at: null },
      { ips: ['2001:db8::/32'], expires_at: far },
    ])
      assert.equal((await make(change)).status, 200, JSON.stringify(change))
    const person = await personOn(bank.world.bank, alice.uid)
    const origin = { ip: '127.0.0.1', userAgent: 'test' }
    for (let i = (await list(alice)).length; i < 20; i++)
      await issueApiKey(bank.world.bank, person, { name: `k${i}`, scopes: ['read'] }, origin)
    assert.equal((await make({})).name, 'ApiKeyListFull')
  })
})

describe('using one', () => {
  test('only from its addresses, until its end; when and from where is noted', async () => {
    const { payer } = await makeTrader(bank)
    const key = await makeKey(bank.world, payer, { ips: ['203.0.113.9', '2001:db8:7::/48', '198.51.100.0/24'] })
    const from = (ip: string) => speaking(bank.world, key).get('/user/account', { headers: { 'x-forwarded-for': ip } })
    for (const ip of ['203.0.113.9', '::ffff:203.0.113.9', '2001:db8:7:1::5', '198.51.100.200']) done(await from(ip))
    for (const ip of ['203.0.113.8', '2001:db8:8::1', '198.51.101.1'])
      assert.deepEqual(refused(await from(ip)), [403, '100010'], ip)
    const [used] = await list(payer)
    assert.deepEqual([used?.id, used?.last_used_ip], [key.apiKey, '203.0.113.9'])
    const soon = new Date(bank.world.clock.now().getTime() + hours(1)).toISOString()
    const short = await makeKey(bank.world, payer, { expires_at: soon })
    done(await speaking(bank.world, short).get('/user/account'))
    await pass(bank.world, payer, hours(1) + 1)
    assert.deepEqual(refused(await speaking(bank.world, short).get('/user/account')), [401, '100004'])
  })

  test('with a new secret, and with the one before for as long as was asked', async () => {
    const { payer, key, get } = await makeTrader(bank)
    const rotate = (body: object) =>
      call<Key>(payer, 'POST', `/${key.apiKey}/rotate`, { payment_password: payer.pin, ...body })
    const made = await rotate({ overlap_hours: 2 })
    const second = { apiKey: key.apiKey, secret: made.data.secret ?? '' }
    assert.notEqual(second.secret, key.secret)
    done(await get('/user/account'))
    done(await speaking(bank.world, second).get('/user/account'))
    await pass(bank.world, payer, hours(2) + 1)
    assert.deepEqual(refused(await get('/user/account')), [401, '100005'])
    done(await speaking(bank.world, second).get('/user/account'))
    await rotate({ overlap_hours: 0 })
    assert.deepEqual(refused(await speaking(bank.world, second).get('/user/account')), [401, '100005'])
    assert.equal((await rotate({ overlap_hours: 73 })).name, 'InvalidParams')
    assert.equal((await rotate({ payment_password: '000000' })).name, 'PaymentPasswordWrong')
    assert.equal((await logged(payer))[0], 'api_key_rotated')
  })

  test('within what it was changed to', async () => {
    const { payer, key, get, post } = await makeTrader(bank, { terms: { scopes: ['read'] } })
    const change = (body: object) => call<Key>(payer, 'PUT', `/${key.apiKey}`, { payment_password: payer.pin, ...body })
    const move = { type: 'spot_futures', coin: 'USDT', amount: 1 }
    assert.deepEqual(refused(await post('/funds_transfer', move)), [403, '100011'])
    const wider = await change({ scopes: ['read', 'transfer'], name: 'wider' })
    assert.deepEqual([wider.data.scopes, wider.data.name], [['read', 'transfer'], 'wider'])
    done(await post('/funds_transfer', move))
    assert.equal((await change({ ips: ['203.0.113.1'], expires_at: null })).data.expires_at, null)
    assert.deepEqual(refused(await get('/user/account')), [403, '100010'])
    assert.equal((await change({ ips: [] })).name, 'InvalidParams', 'from anywhere, it needs an end')
    assert.equal((await change({ scopes: [] })).name, 'InvalidParams')
  })
})

describe('it stops', () => {
  test('when it is revoked, without any proof; another’s cannot be', async () => {
    const { payer, key, get } = await makeTrader(bank)
    const mallory = await bank.payer()
    for (const id of [key.apiKey, 'pk_test_none', 'x', '%00', '%F0%9F%92%A3']) {
      assert.equal((await call(mallory, 'DELETE', `/${id}`)).name, 'NotFound')
      const proof = { payment_password: mallory.pin }
      assert.equal((await call(mallory, 'POST', `/${id}/rotate`, proof)).name, 'NotFound')
      assert.equal((await call(mallory, 'PUT', `/${id}`, { ...proof, name: 'mine' })).name, 'NotFound')
    }
    done(await get('/user/account'))
    assert.equal((await call(payer, 'DELETE', `/${key.apiKey}`)).text, '{"code":0}')
    assert.deepEqual(refused(await get('/user/account')), [401, '100004'])
    assert.deepEqual(await list(payer), [])
    assert.equal((await call(payer, 'DELETE', `/${key.apiKey}`)).name, 'NotFound')
    assert.equal((await told(payer))[0], 'api_key_revoked')
  })

  test('while the account is frozen', async () => {
    const { payer, get } = await makeTrader(bank)
    await setPersonStatus(bank.world.bank, 1, payer.id, 'frozen')
    assert.deepEqual(refused(await get('/user/account')), [403, '100012'])
    await setPersonStatus(bank.world.bank, 1, payer.id, 'active')
    done(await get('/user/account'))
  })

  test('when the login password is reset, for good; money waits a day for any other', async () => {
    const { payer, get } = await makeTrader(bank)
    const code = await askCode(bank.world, payer.contact, 'reset')
    const reset = { contact: payer.contact, type: 'email', code, new_password: 'another horse 电池 staple' }
    assert.equal((await bank.world.call('POST', '/api/auth/password/reset', reset)).text, '{"code":0}')
    assert.deepEqual(refused(await get('/user/account')), [401, '100004'])
    payer.password = reset.new_password
    await pass(bank.world, payer, 1)
    const second = speaking(bank.world, await makeKey(bank.world, payer))
    const send = { coin: 'USDT', amount: 1, toType: 'uid', toUid: `${(await bank.payer()).no}` }
    assert.deepEqual(refused(await second.post('/inside_transfer', send)), [403, '110107'])
    done(await second.post('/funds_transfer', { type: 'spot_futures', coin: 'USDT', amount: 1 }))
    await pass(bank.world, payer, hours(24))
    done(await second.post('/inside_transfer', send))
  })
})
