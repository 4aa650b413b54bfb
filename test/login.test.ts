// Signing in: by password and by code, its limits, its second step; nothing told about who has an account.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours, minutes, seconds } from '../src/base/clock.ts'
import {
  askCode,
  type Customer,
  freshEmail,
  goodPassword,
  logIn,
  signUp,
  startWorld,
  type World,
} from './harness/customers.ts'
import { mannWhitney } from './harness/mann-whitney.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const from = (ip: string) => ({ 'x-forwarded-for': ip })
const isAlive = async (token: string) => (await world.call('GET', '/api/user/me', undefined, { token })).status === 200

test('known and unknown contacts get the same answers', async () => {
  const customer = await signUp(world)
  const unknown = freshEmail()
  const body = (text: string) => text.replace(/"request_id":"[^"]+"/, '')
  world.clock.advance(seconds(61))
  for (const scene of ['register', 'login', 'reset', 'change_contact']) {
    const answers = await Promise.all(
      [customer.contact, unknown].map((contact) =>
        world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene }),
      ),
    )
    assert.equal(answers[0]?.text, '{"code":0}')
    assert.equal(answers[1]?.text, '{"code":0}')
  }
  const requests = [
    (contact: string) =>
      world.call('POST', '/api/auth/login', { contact, type: 'email', password: 'not the password' }),
    (contact: string) => world.call('POST', '/api/auth/login', { contact, type: 'email', code: '123123' }),
    (contact: string) =>
      world.call('POST', '/api/auth/register', { contact, type: 'email', code: '123123', password: goodPassword }),
    (contact: string) =>
      world.call('POST', '/api/auth/password/reset', {
        contact,
        type: 'email',
        code: '123123',
        new_password: goodPassword,
      }),
  ]
  for (const request of requests) {
    const [known, stranger] = [await request(customer.contact), await request(unknown)]
    assert.equal(known.status, stranger.status)
    assert.equal(body(known.text), body(stranger.text))
  }
  // the eleventh code of the hour is refused for both alike
  for (const contact of [customer.contact, unknown]) {
    for (let i = 0; i < 12; i++) {
      world.clock.advance(seconds(61))
      const sent = await world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene: 'login' })
      if (i === 11) assert.equal(sent.status, 429)
    }
    world.clock.advance(hours(1))
  }
})

test('known and unknown contacts take the same time', async () => {
  const rounds = 60
  const customers: Customer[] = []
  for (let i = 0; i < 12; i++) customers.push(await signUp(world))
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    return performance.now() - began
  }
  for (const [path, rest] of [
    ['/api/auth/login', { password: 'not the password' }],
    ['/api/auth/code/send', { scene: 'login' }],
  ] as const) {
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let i = 0; i < rounds; i++) {
      if (i % customers.length === 0) world.clock.advance(minutes(16))
      const pairs = [
        ['known', customers[i % customers.length]?.contact ?? ''],
        ['unknown', `nobody${i % customers.length}@example.com`],
      ] as const
      for (const [kind, contact] of i % 2 === 0 ? pairs : pairs.toReversed()) {
        times[kind].push(await timed(() => world.call('POST', path, { contact, type: 'email', ...rest })))
      }
    }
    const p = mannWhitney(times.known, times.unknown)
    assert.ok(p > 0.001, `${path}: p = ${p}`)
  }
})

test('wrong passwords are bounded by account and address; the customer is not shut out', async () => {
  const customer = await signUp(world)
  assert.equal((await logIn(world, customer, from('192.0.2.10'))).status, 200)
  const wrong = { ...customer, password: 'not the password' }
  const attacker = from('192.0.2.66')
  const tried = await Promise.all(Array.from({ length: 30 }, () => logIn(world, wrong, attacker)))
  assert.equal(tried.filter(({ name }) => name === 'InvalidCredential').length, 5)
  assert.equal(tried.filter(({ code }) => code === 100007).length, 25)
  assert.equal((await logIn(world, customer, attacker)).code, 100007, 'the right one too, from there')
  assert.equal((await logIn(world, customer, from('192.0.2.10'))).status, 200, 'from home all is well')

  // many addresses: after fifty strangers are refused, home and the way by code stay open
  const strangers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => logIn(world, wrong, from(`192.0.2.${100 + i}`))),
  )
  assert.ok(strangers.some(({ code }) => code === 100007))
  assert.equal((await logIn(world, customer, from('192.0.2.250'))).code, 100007)
  assert.equal((await logIn(world, customer, from('192.0.2.10'))).status, 200)
  const code = await askCode(world, customer.contact, 'login')
  const byCode = await world.call(
    'POST',
    '/api/auth/login',
    { contact: customer.contact, type: 'email', code },
    { headers: from('192.0.2.251') },
  )
  assert.equal(byCode.status, 200)
  world.clock.advance(hours(1))
  assert.equal((await logIn(world, customer, from('192.0.2.66'))).status, 200, 'and it passes')
})

test('the second step of signing in stands before password and code alike', async () => {
  const customer = await signUp(world)
  const set = (channel: string, enabled: boolean) =>
    world.call('PUT', '/api/auth/login2fa', { channel, enabled }, { token: customer.access })
  assert.equal((await set('sms', true)).name, 'ChannelUnavailable', 'no phone is bound')
  assert.equal((await set('email', true)).text, '{"code":0}')

  const challenged = await logIn(world, customer)
  assert.deepEqual(Object.keys(challenged.data).sort(), ['channels', 'need_2fa', 'pending_id'])
  assert.equal(challenged.data.need_2fa, true)
  assert.deepEqual(challenged.data.channels, ['email'])
  const code = await askCode(world, customer.contact, 'login')
  const byCode = await world.call('POST', '/api/auth/login', { contact: customer.contact, type: 'email', code })
  assert.equal(byCode.data.need_2fa, true)
  assert.equal(byCode.data.access_token, undefined)

  const { pending_id } = challenged.data
  const verify = (secret: string, channel = 'email', id = pending_id) =>
    world.call<{ access_token: string; refresh_token: string }>('POST', '/api/auth/login/2fa/verify', {
      pending_id: id,
      channel,
      code: secret,
    })
  const send = (channel = 'email', id = pending_id) =>
    world.call('POST', '/api/auth/login/2fa/send', { pending_id: id, channel })
  assert.equal((await send('sms')).name, 'ChannelUnavailable')
  assert.equal((await send('email', `1.${'A'.repeat(32)}`)).name, 'ChallengeUnknown')
  assert.equal((await verify('123456')).name, 'CodeWrong', 'none was sent')
  const sentBefore = world.sinks.codesTo(customer.contact)
  assert.equal((await send()).text, '{"code":0}')
  const secret = await world.sinks.codeFor(customer.contact, sentBefore + 1)
  assert.equal((await send()).code, 100007)
  assert.equal((await verify(secret, 'sms')).name, 'CodeWrong', 'another channel')
  const passed = await Promise.all([verify(secret), verify(secret), verify(secret)])
  assert.equal(passed.filter(({ status }) => status === 200).length, 1, 'once')
  const tokens = passed.find(({ status }) => status === 200)?.data
  assert.equal(await isAlive(tokens?.access_token ?? ''), true)

  // five wrong codes end a challenge, ten minutes do as well
  const guessed = (await logIn(world, customer)).data.pending_id
  world.clock.advance(seconds(61))
  await send('email', guessed)
  const right = await world.sinks.codeFor(customer.contact, sentBefore + 2)
  const wrong = right === '111111' ? '222222' : '111111'
  for (let i = 0; i < 5; i++) assert.equal((await verify(wrong, 'email', guessed)).name, 'CodeWrong')
  assert.equal((await verify(right, 'email', guessed)).name, 'ChallengeUnknown')
  const late = (await logIn(world, customer)).data.pending_id
  world.clock.advance(minutes(11))
  assert.equal((await send('email', late)).name, 'ChallengeUnknown')

  const entered = tokens?.refresh_token ?? ''
  const { access_token } = (
    await world.call<{ access_token: string }>('POST', '/api/auth/refresh', { refresh_token: entered })
  ).data
  await world.call('POST', '/api/auth/login2fa', { channel: 'email', enabled: false }, { token: access_token })
  assert.ok((await logIn(world, customer)).data.access_token)
})

test('whoever knows the password cannot try codes without end', async () => {
  const customer = await signUp(world)
  await world.call('PUT', '/api/auth/login2fa', { channel: 'email', enabled: true }, { token: customer.access })
  const statuses: number[] = []
  for (let i = 0; i < 11; i++) {
    const { pending_id } = (await logIn(world, customer)).data
    statuses.push((await world.call('POST', '/api/auth/login/2fa/send', { pending_id, channel: 'email' })).status)
  }
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 200), 429])
})
