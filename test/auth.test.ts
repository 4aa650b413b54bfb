// Registration and one-time codes: over HTTP, with real mail and SMS arriving at the sandbox's servers.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours, minutes, seconds } from '../src/base/clock.ts'
import { askCode, freshEmail, freshPhone, goodPassword, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const from = (ip: string) => ({ 'x-forwarded-for': ip })

test('registers with a code and answers as documented', async () => {
  const contact = `Mixed.${freshEmail()}`
  const code = await (async () => {
    assert.equal(
      (await world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene: 'register' })).text,
      '{"code":0}',
    )
    return world.sinks.codeFor(contact.toLowerCase())
  })()
  const body = { contact, type: 'email', code, password: goodPassword }
  const wrong = await world.call('POST', '/api/auth/register', {
    ...body,
    code: code === '000000' ? '000001' : '000000',
  })
  assert.deepEqual([wrong.status, wrong.code, wrong.name], [400, 100002, 'CodeWrong'])

  const { status, data } = await world.call<{
    user: Record<string, unknown>
    access_token: string
    refresh_token: string
  }>('POST', '/api/auth/register', body)
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(data).sort(), ['access_token', 'refresh_token', 'user'])
  assert.match(String(data.user.uid), /^U1\d{4,}$/)
  assert.equal(data.user.is_node, false)
  assert.equal(data.user.effective_level, 0)
  assert.match(String(data.user.invite_code), /^INV[A-Z2-9]{8}$/)

  const me = await world.call('GET', '/api/user/me', undefined, { token: data.access_token })
  assert.equal(me.data.email, 'm***@example.com')
  assert.equal(me.data.phone, null)
  assert.equal(me.data.kyc_status, 'none')
  assert.equal(me.data.google2fa_enabled, false)
  assert.deepEqual(me.data.level, { system: 0, effective: 0 })
  assert.equal(me.headers.get('ratelimit-limit'), '600000')

  const again = await world.call('POST', '/api/auth/register', body)
  assert.equal(again.name, 'CodeWrong', 'a code counts once')
})

test('twenty registrations with one code make one customer', async () => {
  const contact = freshEmail()
  const code = await askCode(world, contact, 'register')
  const body = { contact, type: 'email', code, password: goodPassword }
  const answers = await Promise.all(Array.from({ length: 20 }, () => world.call('POST', '/api/auth/register', body)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.ok(answers.every(({ status, name }) => status === 200 || name === 'CodeWrong'))
})

test('a registered contact gets a notice instead of a code, and its registration says no more than a wrong code', async () => {
  const customer = await signUp(world)
  world.clock.advance(minutes(2))
  const sent = await world.call('POST', '/api/auth/code/send', {
    contact: customer.contact,
    type: 'email',
    scene: 'register',
  })
  assert.equal(sent.text, '{"code":0}')
  const notice = await world.sinks.messageTo(customer.contact, /已属于一个账户/)
  assert.doesNotMatch(notice.text, /\d{6}/)
  const tried = await world.call('POST', '/api/auth/register', {
    contact: customer.contact,
    type: 'email',
    code: '123456',
    password: goodPassword,
  })
  assert.equal(tried.name, 'CodeWrong')
})

test('registers a phone number and signs in without its country', async () => {
  for (const [prefix, typed, full] of [
    ['+86', freshPhone(), null],
    ['+44', '07911 123456', '+447911123456'],
  ] as const) {
    const contact = { contact: typed, type: 'mobile', mobile_prefix: prefix }
    await world.call('POST', '/api/auth/code/send', { ...contact, scene: 'register' })
    const to = full ?? `+86${typed}`
    const code = await world.sinks.codeFor(to)
    const made = await world.call<{ user: { uid: string }; access_token: string }>('POST', '/api/auth/register', {
      ...contact,
      code,
      password: goodPassword,
    })
    assert.equal(made.status, 200, made.text)
    const entered = await world.call<{ user: { uid: string } }>('POST', '/api/auth/login', {
      contact: typed,
      type: 'mobile',
      password: goodPassword,
    })
    assert.equal(entered.data.user.uid, made.data.user.uid)
    const me = await world.call('GET', '/api/user/me', undefined, { token: made.data.access_token })
    assert.match(String(me.data.phone), /^\d{3}\*{4}\d{4}$/)
    assert.equal(me.data.email, null)
    // by code too: the code went to the number with its country
    world.clock.advance(seconds(61))
    await world.call('POST', '/api/auth/code/send', { ...contact, scene: 'login' })
    const loginCode = await world.sinks.codeFor(to, 2)
    const byCode = await world.call<{ user: { uid: string } }>('POST', '/api/auth/login', {
      contact: typed,
      type: 'mobile',
      code: loginCode,
    })
    assert.equal(byCode.data.user?.uid, made.data.user.uid, byCode.text)
  }
})

test('contacts have one spelling', async () => {
  const customer = await signUp(world, { contact: freshEmail() })
  const [local, domain] = customer.contact.split('@') as [string, string]
  for (const spelling of [
    customer.contact.toUpperCase(),
    ` ${customer.contact} `,
    `${local}@${domain}`,
    customer.contact.replace('p', 'p'),
  ]) {
    const entered = await world.call('POST', '/api/auth/login', {
      contact: spelling,
      type: 'email',
      password: customer.password,
    })
    assert.equal(entered.status, 200, spelling)
  }
  const bad = [
    'a@b',
    'a b@example.com',
    'a@@example.com',
    '.a@example.com',
    'a@example..com',
    'a@-x.com',
    'a@example.123',
    'a,b@example.com',
    '<a@example.com>',
    'a@exa_mple.com',
    `${'a'.repeat(65)}@example.com`,
  ]
  for (const contact of bad) {
    const refused = await world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene: 'register' })
    assert.deepEqual([refused.status, refused.details.pointer], [400, '/contact'], contact)
  }
  for (const contact of ['123', '+86 12', 'abc1234567', '+8613800138000;+8613900139000']) {
    const refused = await world.call('POST', '/api/auth/code/send', { contact, type: 'mobile', scene: 'register' })
    assert.equal(refused.status, 400, contact)
  }
  const contradicting = await world.call('POST', '/api/auth/code/send', {
    contact: '+8613800138000',
    type: 'mobile',
    mobile_prefix: '+44',
    scene: 'register',
  })
  assert.equal(contradicting.details.pointer, '/mobile_prefix')
})

test('codes: a pause between two, five tries, ten minutes, one scene', async () => {
  const contact = freshEmail()
  await askCode(world, contact, 'register')
  const early = await world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene: 'register' })
  assert.deepEqual([early.status, early.code], [429, 100007])
  assert.ok(Number(early.headers.get('retry-after')) > 50)

  const register = (code: string) =>
    world.call('POST', '/api/auth/register', { contact, type: 'email', code, password: goodPassword })
  const wrongOf = (code: string) => (code === '111111' ? '222222' : '111111')

  const guessed = await askCode(world, contact, 'register')
  for (let i = 0; i < 5; i++) assert.equal((await register(wrongOf(guessed))).name, 'CodeWrong')
  assert.equal((await register(guessed)).name, 'CodeWrong', 'five tries used it up')

  const late = await askCode(world, contact, 'register')
  world.clock.advance(minutes(10) + 1)
  assert.equal((await register(late)).name, 'CodeWrong', 'ten minutes')

  const other = await askCode(world, contact, 'change_contact')
  assert.equal((await register(other)).name, 'CodeWrong', 'another scene')

  const right = await askCode(world, contact, 'register')
  const raced = await Promise.all(Array.from({ length: 100 }, (_, i) => register(i === 99 ? right : wrongOf(right))))
  assert.ok(raced.filter(({ name }) => name === 'CodeWrong').length >= 99)
})

test('ten codes an hour to one contact, a hundred an hour from one address', async () => {
  const contact = freshEmail()
  for (let i = 0; i < 10; i++) await askCode(world, contact, 'register')
  world.clock.advance(seconds(61))
  const eleventh = await world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene: 'register' })
  assert.equal(eleventh.status, 429)
  world.clock.advance(hours(1))
  await askCode(world, contact, 'register')

  const send = (n: number) =>
    world.call(
      'POST',
      '/api/auth/code/send',
      { contact: `unknown${n}@example.com`, type: 'email', scene: 'login' },
      { headers: from('198.51.100.1') },
    )
  const answers = await Promise.all(Array.from({ length: 105 }, (_, n) => send(n)))
  assert.equal(answers.filter(({ status }) => status === 429).length, 5)
})

test('fields that are not named are refused before anything is written', async () => {
  const customer = await signUp(world)
  const counts = async () =>
    JSON.stringify(
      await world.database.owner.query(
        'counts',
        `select (select count(*) from people) p, (select count(*) from codes) c, (select count(*) from sessions) s,
           (select count(*) from security_log) l, (select count(*) from inbox) i, (select md5(string_agg(x::text, '' order by x.id)) from people x) x`,
      ),
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    )
  const email = { contact: freshEmail(), type: 'email' }
  const bodies: [string, string, object][] = [
    ['POST', '/api/auth/code/send', { ...email, scene: 'register' }],
    ['POST', '/api/auth/register', { ...email, code: '123456', password: goodPassword }],
    ['POST', '/api/auth/login', { ...email, password: goodPassword }],
    ['POST', '/api/auth/refresh', { refresh_token: 'x' }],
    ['POST', '/api/auth/login/2fa/send', { pending_id: 'x', channel: 'sms' }],
    ['POST', '/api/auth/login/2fa/verify', { pending_id: 'x', channel: 'sms', code: '1' }],
    ['POST', '/api/auth/password/setup', { password: goodPassword }],
    ['POST', '/api/auth/password', { old_password: goodPassword, new_password: 'a whole new phrase' }],
    ['POST', '/api/auth/password/reset', { ...email, code: '1', new_password: goodPassword }],
    ['POST', '/api/auth/logout', {}],
    ['POST', '/api/auth/contact/bind/send', email],
    ['POST', '/api/auth/contact/bind/verify', { ...email, code: '1' }],
    ['POST', '/api/auth/login2fa', { channel: 'email', enabled: true }],
    ['PATCH', '/api/user/me', { nickname: 'x' }],
    ['POST', '/api/security/payment-password', { login_password: goodPassword, new_pin: '259731' }],
    ['POST', '/api/security/2fa/setup', { login_password: goodPassword }],
    ['POST', '/api/security/2fa/confirm', { code: '1' }],
    ['POST', '/api/security/2fa/disable', { payment_password: '1' }],
  ]
  const before = await counts()
  for (const [method, path, body] of bodies) {
    for (const extra of [
      '"status":"active"',
      '"is_node":true',
      '"kyc_status":"approved"',
      '"role":"admin"',
      '"user_id":"x"',
      '"__proto__":{"x":1}',
      '"constructor":{}',
    ]) {
      const text = JSON.stringify(body)
      const json = text === '{}' ? `{${extra}}` : text.replace(/\}$/, `,${extra}}`)
      const refused = await world.call(method, path, json, { token: customer.access })
      assert.deepEqual([refused.status, refused.code], [400, 900003], `${path} ${extra}`)
    }
    for (const wrong of ['[]', 'null', '"x"', '1', '{', '{"contact":1,"type":"email","scene":"register"}']) {
      assert.equal((await world.call(method, path, wrong, { token: customer.access })).status, 400, `${path} ${wrong}`)
    }
  }
  for (const path of [
    '/api/user/team?page=0',
    '/api/user/team?size=x',
    '/api/user/team?x=1',
    '/api/inbox?page=1&page=2',
    '/api/security/log?size=1e2',
  ]) {
    assert.equal((await world.call('GET', path, undefined, { token: customer.access })).status, 400, path)
  }
  assert.equal(await counts(), before)
})

test('neither contacts nor names nor codes stand in the database or the queue in clear', async () => {
  const contact = freshEmail()
  const customer = await signUp(world, { contact })
  await world.call('PATCH', '/api/user/me', { nickname: '张小三' }, { token: customer.access })
  await world.call('POST', '/api/auth/code/send', {
    contact: 'queue.watcher@example.com',
    type: 'email',
    scene: 'register',
  })
  const tables = await world.database.owner.query<{ name: string }>(
    'tables',
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')`,
  )
  for (const { name } of tables) {
    const found = await world.database.owner.query(
      `scan ${name}`,
      `select 1 from ${name} x where x::text ~* 'queue.watcher|${contact.split('@')[0]}|张小三|${customer.password}' limit 1`,
    )
    assert.equal(found.length, 0, name)
  }
  const me = await world.call('GET', '/api/user/me', undefined, { token: customer.access })
  assert.equal(me.data.nickname, '张小三')
})
