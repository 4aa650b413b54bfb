// Changing what one signs in with: passwords and contacts.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { askCode, freshEmail, freshPhone, logIn, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const isAlive = async (token: string) => (await world.call('GET', '/api/user/me', undefined, { token })).status === 200

test('passwords: what is accepted, what is not', async () => {
  const contact = freshEmail()
  const code = await askCode(world, contact, 'register')
  const register = (password: string) =>
    world.call('POST', '/api/auth/register', { contact, type: 'email', code, password })
  for (const weak of [
    'short',
    '1234567',
    'password',
    'PASSWORD1',
    'iloveyou',
    '12345678',
    'qwertyuiop',
    'aaaaaaaaaa',
    contact,
    contact.toUpperCase(),
    'x'.repeat(129),
    'password',
  ]) {
    assert.equal((await register(weak)).name, 'PasswordWeak', weak)
  }
  const long = `  ünïcødé 密码 🔐 ${'x'.repeat(100)} `
  assert.ok([...long].length <= 128 && [...long].length > 64)
  assert.equal((await register(long)).status, 200)
  const enter = (password: string) => world.call('POST', '/api/auth/login', { contact, type: 'email', password })
  assert.equal((await enter(long)).status, 200)
  assert.equal((await enter(long.trim())).name, 'InvalidCredential', 'blanks count')
  assert.equal((await enter(long.normalize('NFD'))).status, 200, 'another keyboard')
  assert.equal((await enter(long.slice(0, 72))).name, 'InvalidCredential', 'every character counts')
})

test('a password is changed with the old one, and other devices are signed out', async () => {
  const customer = await signUp(world)
  const other = (await logIn(world, customer)).data
  const change = (old_password: string, new_password: string) =>
    world.call('PUT', '/api/auth/password', { old_password, new_password }, { token: customer.access })
  assert.equal((await change('not the password', 'a whole new phrase')).name, 'InvalidCredential')
  assert.equal((await change(customer.password, 'password')).name, 'PasswordWeak')
  assert.equal((await change(customer.password, 'a whole new phrase')).text, '{"code":0}')
  assert.equal(await isAlive(customer.access), true)
  assert.equal(await isAlive(other.access_token), false)
  assert.equal((await world.call('POST', '/api/auth/refresh', { refresh_token: other.refresh_token })).code, 100008)
  assert.equal((await logIn(world, customer)).code, 100006)
  assert.equal((await logIn(world, { ...customer, password: 'a whole new phrase' })).status, 200)
  assert.ok(await world.sinks.messageTo(customer.contact, /密码已修改/))
  const setup = await world.call(
    'POST',
    '/api/auth/password/setup',
    { password: 'yet another phrase' },
    { token: customer.access },
  )
  assert.equal(setup.name, 'PasswordAlreadySet')
  const guesses = await Promise.all(
    Array.from({ length: 20 }, () => change('not the password', 'a whole new phrase 2')),
  )
  assert.equal(guesses.filter(({ name }) => name === 'InvalidCredential').length, 5)
})

test('an account without a password can be given one, once', async () => {
  const customer = await signUp(world)
  await world.database.owner.query('t1', 'update people set password_hash = null where id = $1', [customer.id])
  assert.equal((await logIn(world, customer)).code, 100006)
  const setup = () =>
    world.call('POST', '/api/auth/password/setup', { password: 'a whole new phrase' }, { token: customer.access })
  const answers = await Promise.all([setup(), setup(), setup()])
  assert.deepEqual(answers.map(({ name }) => name).sort(), ['', 'PasswordAlreadySet', 'PasswordAlreadySet'])
  assert.equal(answers.find(({ status }) => status === 200)?.text, '{"code":0,"data":{"ok":true}}')
  assert.equal((await logIn(world, { ...customer, password: 'a whole new phrase' })).status, 200)
})

test('a forgotten password is reset by code; sessions end and money is held for a day', async () => {
  const customer = await signUp(world)
  const code = await askCode(world, customer.contact, 'reset')
  const reset = (body: object) =>
    world.call('POST', '/api/auth/password/reset', {
      contact: customer.contact,
      type: 'email',
      code,
      new_password: 'a whole new phrase',
      ...body,
    })
  assert.equal((await reset({ new_password: 'password' })).name, 'PasswordWeak')
  assert.equal((await reset({ code: code === '999999' ? '999998' : '999999' })).name, 'CodeWrong')
  assert.equal((await reset({ contact: freshEmail() })).name, 'CodeWrong')
  assert.equal((await reset({})).text, '{"code":0}')
  assert.equal((await reset({})).name, 'CodeWrong')
  assert.equal(await isAlive(customer.access), false)
  const entered = await logIn(world, { ...customer, password: 'a whole new phrase' })
  assert.equal(entered.status, 200)
  const status = await world.call('GET', '/api/security/status', undefined, { token: entered.data.access_token })
  const heldFor = Date.parse(String(status.data.money_out_held_until)) - world.clock.now().getTime()
  assert.ok(heldFor > hours(23.9) && heldFor <= hours(24))
})

test('binding a contact needs its code; replacing one tells the old one and holds money', async () => {
  const customer = await signUp(world)
  const stranger = await signUp(world)
  const post = (path: string, body: object) => world.call('POST', path, body, { token: customer.access })
  const phone = freshPhone()
  const mobile = { contact: phone, type: 'mobile', mobile_prefix: '+86' }
  assert.equal((await post('/api/auth/contact/bind/send', mobile)).text, '{"code":0}')
  const smsCode = await world.sinks.codeFor(`+86${phone}`)
  assert.equal(
    (await post('/api/auth/contact/bind/verify', { ...mobile, code: smsCode === '123456' ? '123457' : '123456' })).name,
    'CodeWrong',
  )
  assert.equal((await post('/api/auth/contact/bind/verify', { ...mobile, code: smsCode })).text, '{"code":0}')
  const held = async () =>
    (await world.call('GET', '/api/security/status', undefined, { token: customer.access })).data.money_out_held_until
  assert.equal(await held(), null, 'a further contact replaces nothing')
  assert.ok(await world.sinks.messageTo(customer.contact, /新增了联系方式/), 'the one that was there hears of it')
  assert.equal((await post('/api/auth/login2fa', { channel: 'sms', enabled: true })).text, '{"code":0}')
  const challenge = await logIn(world, customer)
  assert.deepEqual(challenge.data.channels, ['sms'])

  const taken = { contact: stranger.contact, type: 'email' }
  assert.equal((await post('/api/auth/contact/bind/send', taken)).text, '{"code":0}', 'says nothing of others')
  assert.ok(await world.sinks.messageTo(stranger.contact, /已属于一个账户/))
  assert.equal((await post('/api/auth/contact/bind/verify', { ...taken, code: '123456' })).name, 'CodeWrong')

  const email = freshEmail()
  await post('/api/auth/contact/bind/send', { contact: email, type: 'email' })
  const code = await world.sinks.codeFor(email)
  assert.equal(
    (await post('/api/auth/contact/bind/verify', { contact: email, type: 'email', code })).text,
    '{"code":0}',
  )
  assert.ok(await world.sinks.messageTo(customer.contact, /联系方式已变更/), 'the old one hears of it')
  assert.ok(await held())
  assert.equal((await logIn(world, customer)).code, 100006, 'the old one opens nothing')
  const me = await world.call('GET', '/api/user/me', undefined, { token: customer.access })
  assert.equal(me.data.email, `${email.slice(0, 1)}***@example.com`)
  assert.ok((await signUp(world, { contact: customer.contact })).uid, 'and is free again')
})
