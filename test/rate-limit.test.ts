// The limit on requests: by address and by customer, told in headers, refused in the API's own envelope.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { addressSubject } from '../src/domain/sign-in/attempt.ts'
import { logIn, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld({ RATE_LIMIT_PER_MINUTE: '20' })
})
after(() => world.close())

/** To the beginning of a minute, so that a test does not straddle two. */
const nextMinute = () => world.clock.advance(minutes(1) - (world.clock.now().getTime() % minutes(1)) + 1_000)

test('an address has so many requests a minute, whatever they ask for', async () => {
  nextMinute()
  const headers = { 'x-forwarded-for': '198.51.100.7' }
  const ask = (path: string) => world.call('GET', path, undefined, { headers })
  const first = await ask('/api/user/me')
  assert.deepEqual(
    [first.status, first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')],
    [401, '20', '19'],
  )
  assert.ok(Number(first.headers.get('ratelimit-reset')) > 50)
  for (let i = 0; i < 19; i++)
    assert.equal((await ask(i % 2 === 0 ? '/api/nothing/here' : '/api/inbox')).status, i % 2 === 0 ? 404 : 401)
  const refused = await ask('/api/user/me')
  assert.deepEqual([refused.status, refused.code, refused.name], [429, 100007, 'RateLimited'])
  assert.equal(refused.headers.get('ratelimit-remaining'), '0')
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  const other = await world.call('GET', '/api/user/me', undefined, { headers: { 'x-forwarded-for': '198.51.100.8' } })
  assert.equal(other.status, 401, 'others go on')
  nextMinute()
  assert.equal((await ask('/api/user/me')).status, 401)
})

test('a customer has so many, from however many addresses', async () => {
  const customer = await signUp(world)
  nextMinute()
  const { access_token: token } = (await logIn(world, customer)).data
  const ask = (i: number) =>
    world.call('GET', '/api/user/me', undefined, { token, headers: { 'x-forwarded-for': `203.0.113.${i}` } })
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(i)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 20)
  assert.equal(answers.filter(({ code }) => code === 100007).length, 10)
})

test('this machine has a hundred times as many', async () => {
  const answer = await world.call('GET', '/api/user/me')
  assert.equal(answer.headers.get('ratelimit-limit'), '2000')
})

test('an IPv6 customer is a network, not an address', () => {
  const network = '2001:db8:1:2::/64'
  for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:DB8:1:2::'])
    assert.equal(addressSubject(address), network)
  assert.equal(addressSubject('2001:db8::1'), '2001:db8:0:0::/64')
  assert.equal(addressSubject('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(addressSubject('192.0.2.1'), '192.0.2.1')
})
