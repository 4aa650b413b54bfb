// Refresh tokens, access tokens and devices: what a signed-in customer holds, and how it ends.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSigner } from 'fast-jwt'
import { days, minutes, seconds } from '../src/base/clock.ts'
import { authenticateToken } from '../src/domain/sign-in/session.ts'
import { actorOn, logIn, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const from = (ip: string) => ({ 'x-forwarded-for': ip })
const isAlive = async (token: string) => (await world.call('GET', '/api/user/me', undefined, { token })).status === 200

test('refresh: twenty uses at once give one line and no false logout', async () => {
  const customer = await signUp(world)
  const refresh = (refresh_token: string) =>
    world.call<{ access_token: string; refresh_token: string }>('POST', '/api/auth/refresh', { refresh_token })
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(customer.refresh)))
  assert.ok(answers.every(({ status }) => status === 200))
  assert.equal(new Set(answers.map(({ data }) => data.refresh_token)).size, 1, 'one successor')
  const second = answers[0]?.data.refresh_token ?? ''
  assert.equal((await refresh(customer.refresh)).data.refresh_token, second, 'still within ten seconds')
  const third = (await refresh(second)).data.refresh_token
  assert.equal(await isAlive(customer.access), true)

  const stolen = await refresh(customer.refresh)
  assert.deepEqual([stolen.status, stolen.code], [401, 100008], 'two generations old')
  assert.equal((await refresh(third)).status, 401, 'the whole family is dead')
  assert.equal(await isAlive(customer.access), false)
  assert.ok(await world.sinks.messageTo(customer.contact, /登录已被终止/))
})

test("refresh: the former token is a thief's after ten seconds; thirty days end it", async () => {
  const customer = await signUp(world)
  const refresh = (refresh_token: string) =>
    world.call<{ refresh_token: string }>('POST', '/api/auth/refresh', { refresh_token })
  const second = (await refresh(customer.refresh)).data.refresh_token
  world.clock.advance(seconds(11))
  assert.equal((await refresh(customer.refresh)).status, 401)
  assert.equal((await refresh(second)).status, 401)

  let token = (await logIn(world, customer)).data.refresh_token
  for (let day = 0; day < 29; day++) {
    world.clock.advance(days(1))
    token = (await refresh(token)).data.refresh_token
  }
  world.clock.advance(days(1) + 1)
  assert.equal((await refresh(token)).status, 401, 'thirty days are the end')
})

test('refresh: what is not a live token of ours is refused', async () => {
  const customer = await signUp(world)
  const bytes = Buffer.from(customer.refresh, 'base64url')
  const flipped = (at: number) => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy.toString('base64url')
  }
  const bad = [
    ...Array.from({ length: bytes.length }, (_, at) => flipped(at)),
    customer.access,
    customer.refresh.slice(0, -1),
    `${customer.refresh}=`,
    `${customer.refresh}A`,
    'x',
    'A'.repeat(76),
  ]
  for (const refresh_token of bad) {
    assert.equal((await world.call('POST', '/api/auth/refresh', { refresh_token })).status, 401, refresh_token)
  }
  assert.equal(
    (await world.call('POST', '/api/auth/refresh', { refresh_token: customer.refresh })).status,
    200,
    'none of it ended the session',
  )
})

test('access tokens: only what we signed, as we signed it, for a quarter of an hour', async () => {
  const customer = await signUp(world)
  const [head = '', payload = '', signature = ''] = customer.access.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const key = world.bank.keys.accessToken
  const typ = 'at+jwt'
  const signed = (header: object, body: object = claims) =>
    createSigner({ key, algorithm: 'HS256', header: { alg: 'HS256', ...header } })(body)
  const now = Math.floor(world.clock.now().getTime() / 1000)
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name))
  assert.equal(await isAlive(signed({ typ })), true, 'the forge itself works')
  const forged = [
    `${part({ alg: 'none', typ })}.${payload}.`,
    `${part({ alg: 'none', typ })}.${payload}.${signature}`,
    `${part({ alg: 'RS256', typ })}.${payload}.${signature}`,
    `${part({ alg: 'HS512', typ })}.${payload}.${signature}`,
    `${part({ alg: 'HS256', typ, kid: "../../dev/null' or 1=1 --" })}.${payload}.${signature}`,
    `${part({ alg: 'HS256', typ, jku: 'https://evil.example/jwks' })}.${payload}.${signature}`,
    `${part({ alg: 'HS256', typ, jwk: { kty: 'oct', k: 'AA' } })}.${payload}.${signature}`,
    createSigner({ key: Buffer.alloc(32), algorithm: 'HS256', header: { alg: 'HS256', typ } })(claims),
    createSigner({ key, algorithm: 'HS384', header: { alg: 'HS384', typ } })(claims),
    signed({ typ: 'JWT' }),
    signed({ typ }, { ...claims, aud: 'another' }),
    signed({ typ }, { ...claims, iss: 'another' }),
    signed({ typ }, { ...claims, exp: now - 1 }),
    signed({ typ }, { ...claims, nbf: now + 60 }),
    signed({ typ }, { ...claims, iat: now + 60 }),
    signed({ typ }, { ...claims, sid: '00000000-0000-4000-8000-000000000000' }),
    ...['iss', 'aud', 'sub', 'sid', 'book', 'no', 'exp'].map((name) => signed({ typ }, without(name))),
    customer.refresh,
    `${head}.${payload}`,
    `${head}.${payload}.${signature.slice(0, -1)}`,
    `${head}.${payload}.`,
    `${customer.access}=`,
    `${customer.access}.x`,
  ]
  for (const token of forged) assert.equal(await isAlive(token), false, token)

  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  let accepted = 0
  for (let i = 0; i < 1000; i++) {
    const at = i < 64 ? customer.access.length - 1 : (i * 7919) % customer.access.length
    const letter = letters[(i * 31) % 64] ?? 'A'
    if (customer.access[at] === letter || customer.access[at] === '.') continue
    const mutated = customer.access.slice(0, at) + letter + customer.access.slice(at + 1)
    await authenticateToken(world.bank, mutated).then(
      () => accepted++,
      () => {},
    )
  }
  assert.equal(accepted, 0)

  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    `Basic ${customer.access}`,
    customer.access,
    `Bearer ${customer.access} x`,
  ]) {
    assert.equal(
      (await world.call('GET', '/api/user/me', undefined, { headers: { authorization } })).status,
      401,
      authorization,
    )
  }
  world.clock.advance(minutes(15))
  const expired = await world.call('GET', '/api/user/me', undefined, { token: customer.access })
  assert.deepEqual([expired.status, expired.code], [401, 100008])
})

test('devices are listed and ended by their owner only, in every process', async () => {
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1'
  const customer = await signUp(world)
  const second = (await logIn(world, customer, { 'user-agent': phone, ...from('192.0.2.20') })).data
  const stranger = await signUp(world)
  type Device = {
    id: string
    browser: string
    os: string
    ip: string
    is_master: boolean
    is_current: boolean
    last_seen_at: string
  }
  const list = async (token: string) =>
    (await world.call<Device[]>('GET', '/api/auth/devices', undefined, { token })).data
  const devices = await list(second.access_token)
  assert.equal(devices.length, 2)
  const [current, first] = devices as [Device, Device]
  assert.deepEqual(
    [current.browser, current.os, current.ip, current.is_current, current.is_master],
    ['Chrome', 'iOS', '192.0.2.20', true, false],
  )
  assert.deepEqual([first.browser, first.os, first.is_current, first.is_master], ['Chrome', 'Linux', false, true])
  assert.match(first.id, /^d-/)
  assert.match(first.last_seen_at, /Z$/)
  assert.ok(await world.sinks.messageTo(customer.contact, /新设备登录/))

  const kick = (id: string, token: string, method = 'POST') =>
    world.call(method, `/api/auth/devices/${id}/kick`, undefined, { token })
  for (const id of [first.id, 'd-0198c0de-0000-7000-8000-000000000000', 'd-x', 'x', first.id.toUpperCase()]) {
    assert.equal((await kick(id, stranger.access)).status, 404, id)
  }
  const elsewhere = world.anotherBank()
  await authenticateToken(elsewhere, customer.access)
  assert.equal((await kick(first.id, second.access_token, 'DELETE')).text, '{"code":0}')
  assert.equal(await isAlive(customer.access), false, 'at once here')
  world.clock.advance(seconds(5))
  await assert.rejects(authenticateToken(elsewhere, customer.access), /Unauthorized/, 'within five seconds elsewhere')
  assert.equal((await kick(first.id, second.access_token)).status, 404, 'it is gone')

  assert.equal(
    (
      await world.call(
        'POST',
        '/api/auth/logout',
        { refresh_token: second.refresh_token },
        { token: second.access_token },
      )
    ).text,
    '{"code":0}',
  )
  assert.equal(await isAlive(second.access_token), false)
  assert.equal((await world.call('POST', '/api/auth/refresh', { refresh_token: second.refresh_token })).status, 401)
})

test('a device is seen again as it is used', async () => {
  const customer = await signUp(world)
  const seen = async () => {
    const devices = await world.call<{ last_seen_at: string }[]>('GET', '/api/auth/devices', undefined, {
      token: customer.access,
    })
    return Date.parse(devices.data[0]?.last_seen_at ?? '')
  }
  const before = await seen()
  world.clock.advance(minutes(3))
  assert.ok((await seen()) - before >= minutes(3))
})

test('an actor is who the token says, in every process', async () => {
  const customer = await signUp(world)
  const actor = await actorOn(world.anotherBank(), customer)
  assert.deepEqual([actor.personId, actor.personNo, actor.bookId], [customer.id, customer.no, 1])
})
