// Payment PIN and TOTP: over HTTP, and at the domain's verb with two banks on one database standing for two processes.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { hours, minutes, seconds } from '../src/base/clock.ts'
import { isRefusal, type RefusalCode } from '../src/base/errors.ts'
import type { Bank } from '../src/domain/context.ts'
import { authorizeMoneyOut, authorizePayment } from '../src/domain/payment-proof/authorize-payment.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { actorOn, askCode, type Customer, logIn, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const pin = '259731'
const post = (customer: Customer, path: string, body: object, method = 'POST') =>
  world.call(method, path, body, { token: customer.access })

async function signUpWithPin(): Promise<Customer> {
  const customer = await signUp(world)
  const set = await post(customer, '/api/security/payment-password', {
    login_password: customer.password,
    new_pin: pin,
  })
  assert.equal(set.text, '{"code":0}')
  return customer
}

/** What authorizing says: `ok` or the refusal's code. */
async function outcome(bank: Bank, customer: Customer, paymentPassword: string, totpCode?: string) {
  try {
    await authorizePayment(bank, await actorOn(bank, customer), { paymentPassword, totpCode })
    return 'ok'
  } catch (error) {
    if (isRefusal(error)) return error.code
    throw error
  }
}

const tally = (outcomes: readonly string[], wanted: RefusalCode | 'ok') =>
  outcomes.filter((found) => found === wanted).length

const factorsOf = async (customer: Customer) => {
  const [row] = await world.database.owner.query<{ xmin: string; pin_wrong: number; pin_locks: number }>(
    'factors',
    'select xmin::text, pin_wrong, pin_locks from payment_factors where person_id = $1',
    [customer.id],
  )
  assert.ok(row)
  return row
}

async function fresh(customer: Customer): Promise<void> {
  const { data } = await logIn(world, customer)
  customer.access = data.access_token
}

test('the first payment password needs the login password, a change the old one', async () => {
  const customer = await signUp(world)
  assert.equal(await outcome(world.bank, customer, pin), 'PaymentPasswordNotSet')
  const set = (body: object, method?: string) => post(customer, '/api/security/payment-password', body, method)
  const needed = await set({ new_pin: pin })
  assert.deepEqual([needed.status, needed.details.pointer], [400, '/login_password'])
  assert.equal((await set({ new_pin: pin, login_password: 'not the password' })).code, 100006)
  assert.equal((await set({ new_pin: pin, login_password: customer.password })).text, '{"code":0}')
  const status = await world.call('GET', '/api/security/status', undefined, { token: customer.access })
  assert.equal(status.data.payment_password_set, true)
  assert.equal(status.data.totp_enabled, false)
  assert.equal(status.data.money_out_held_until, null)

  const old = await set({ new_pin: '604182', login_password: customer.password })
  assert.deepEqual([old.status, old.details.pointer], [400, '/old_payment_password'])
  assert.equal((await set({ new_pin: '604182', old_payment_password: '111222' })).code, 100021)
  assert.equal((await set({ new_pin: '604182', old_payment_password: pin }, 'PUT')).text, '{"code":0}')
  assert.equal(await outcome(world.bank, customer, '604182'), 'ok')
  assert.equal(await outcome(world.bank, customer, pin), 'PaymentPasswordWrong')
})

test('payment passwords that are tried first are refused', async () => {
  const customer = await signUp(world)
  const weak = [
    '12345',
    '1234567',
    '12345a',
    '123456',
    '654321',
    '012345',
    '890123',
    '098765',
    '000000',
    '777777',
    '121212',
    '123123',
    '112233',
    '111222',
  ]
  for (const new_pin of [...weak, '٣٤٥٦٧٨', ' 25973']) {
    const refused = await post(customer, '/api/security/payment-password', {
      login_password: customer.password,
      new_pin,
    })
    assert.equal(refused.name, 'PaymentPasswordWeak', new_pin)
  }
})

test('a right payment password writes nothing', async () => {
  const customer = await signUpWithPin()
  const before = await factorsOf(customer)
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(world.bank, customer, pin)))
  assert.equal(tally(outcomes, 'ok'), 200)
  assert.deepEqual(await factorsOf(customer), before)
})

test('a hundred wrong guesses at once, in two processes, are five; then it is locked, each time twice as long', async () => {
  const customer = await signUpWithPin()
  const banks = [world.bank, world.anotherBank()] as const
  const guesses = Array.from({ length: 100 }, (_, i) => String(100_000 + i * 7 + 3))
  // the right one is among them, last: whoever got further than five would find it
  const outcomes = await Promise.all(
    [...guesses, pin].map((guess, i) => outcome(banks[i % 2 === 0 ? 0 : 1], customer, guess)),
  )
  assert.equal(tally(outcomes, 'PaymentPasswordWrong'), 5)
  assert.equal(tally(outcomes, 'PaymentPasswordLocked'), 96)
  assert.equal(await outcome(banks[0], customer, pin), 'PaymentPasswordLocked')
  assert.equal(await outcome(banks[1], customer, pin), 'PaymentPasswordLocked')
  assert.ok(await world.sinks.messageTo(customer.contact, /支付密码已锁定/))

  world.clock.advance(minutes(30) + 1)
  await fresh(customer)
  const again = await Promise.all(Array.from({ length: 100 }, () => outcome(banks[1], customer, '204060')))
  assert.equal(tally(again, 'PaymentPasswordWrong'), 5, 'equal guesses at once are that many guesses')
  world.clock.advance(minutes(31))
  await fresh(customer)
  assert.equal(await outcome(banks[0], customer, pin), 'PaymentPasswordLocked', 'an hour this time')
  world.clock.advance(minutes(30))
  await fresh(customer)
  assert.equal(await outcome(banks[0], customer, pin), 'ok')
  assert.deepEqual(
    [(await factorsOf(customer)).pin_wrong, (await factorsOf(customer)).pin_locks],
    [0, 0],
    'and all is forgiven',
  )
})

test('wrong guesses say how many are left, over HTTP too', async () => {
  const customer = await signUpWithPin()
  const off = () => post(customer, '/api/security/2fa/disable', { payment_password: '204060' })
  for (const left of [4, 3, 2, 1, 0]) {
    const answer = await off()
    assert.deepEqual([answer.status, answer.code, answer.details.attempts_left], [403, 100021, left])
  }
  const locked = await off()
  assert.deepEqual([locked.status, locked.code], [403, 100022])
  assert.ok(Number(locked.headers.get('retry-after')) > 1700)
  assert.ok(Date.parse(String(locked.details.locked_until)) > world.clock.now().getTime())

  // forgotten: login password and a code, and money stays for a day
  const code = await askCode(world, customer.contact, 'reset')
  const reset = (body: object) =>
    post(customer, '/api/security/payment-password', { new_pin: '604182', login_password: customer.password, ...body })
  assert.equal((await reset({ code: code === '123456' ? '123457' : '123456' })).name, 'CodeWrong')
  assert.equal((await reset({ code })).text, '{"code":0}')
  assert.equal(await outcome(world.bank, customer, '604182'), 'ok', 'unlocked')
  const actor = await actorOn(world.bank, customer)
  await assert.rejects(authorizeMoneyOut(world.bank, actor, { paymentPassword: '604182' }), /MoneyOutHeld/)
  world.clock.advance(hours(24) + 1)
  await authorizeMoneyOut(world.bank, actor, { paymentPassword: '604182' })
})

test('four wrong guesses are forgotten after a right one', async () => {
  const customer = await signUpWithPin()
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 4; i++) assert.equal(await outcome(world.bank, customer, '204060'), 'PaymentPasswordWrong')
    assert.equal(await outcome(world.bank, customer, pin), 'ok')
  }
})

test('a frozen customer may look but not pay; a deleted one is gone', async () => {
  const customer = await signUpWithPin()
  await setPersonStatus(world.bank, 1, customer.id, 'frozen')
  assert.equal(await outcome(world.bank, customer, pin), 'PersonFrozen')
  assert.equal((await world.call('GET', '/api/user/me', undefined, { token: customer.access })).status, 200)
  await setPersonStatus(world.bank, 1, customer.id, 'active')
  assert.equal(await outcome(world.bank, customer, pin), 'ok')
  await setPersonStatus(world.bank, 1, customer.id, 'deleted')
  assert.equal((await world.call('GET', '/api/user/me', undefined, { token: customer.access })).status, 401)
  assert.equal((await logIn(world, customer)).code, 100006)
  assert.ok((await signUp(world, { contact: customer.contact })).uid !== customer.uid, 'the contact is free again')
  await assert.rejects(setPersonStatus(world.bank, 1, customer.id, 'active'), /NotFound/)
})

// --- TOTP ---

const codeAt = (secret: string, at: Date) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at.getTime() })
const codeNow = (secret: string, steps = 0) => codeAt(secret, new Date(world.clock.now().getTime() + steps * 30_000))
/** To the beginning of the next step, so that a test does not straddle two. */
const nextStep = () => world.clock.advance(30_000 - (world.clock.now().getTime() % 30_000) + 1_000)

async function signUpWithTotp() {
  const customer = await signUpWithPin()
  const { data } = await post(customer, '/api/security/2fa/setup', { login_password: customer.password })
  const secret = String(data.secret)
  nextStep()
  assert.equal((await post(customer, '/api/security/2fa/confirm', { code: codeNow(secret) })).text, '{"code":0}')
  nextStep()
  return { customer, secret }
}

test('TOTP is set up with the login password, confirmed with a code, and never shown again', async () => {
  const customer = await signUpWithPin()
  const setup = (login_password = customer.password) => post(customer, '/api/security/2fa/setup', { login_password })
  const confirm = (code: string) => post(customer, '/api/security/2fa/confirm', { code })
  assert.equal((await confirm('123456')).name, 'TOTPNotSetUp')
  assert.equal((await setup('not the password')).code, 100006)
  const first = String((await setup()).data.secret)
  const { secret, otpauth_uri } = (await setup()).data as { secret: string; otpauth_uri: string }
  assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.match(otpauth_uri, new RegExp(`^otpauth://totp/UniPay:${customer.uid}\\?.*secret=${secret}`))
  assert.equal(await outcome(world.bank, customer, pin), 'ok', 'not on before it is confirmed')
  nextStep()
  assert.equal((await confirm(codeNow(first))).name, 'TOTPWrong', 'the first secret was replaced')
  assert.equal((await confirm(codeNow(secret))).text, '{"code":0}')
  assert.equal((await setup()).name, 'TOTPAlreadyEnabled')
  assert.equal((await confirm(codeNow(secret))).name, 'TOTPAlreadyEnabled')
  const me = await world.call('GET', '/api/user/me', undefined, { token: customer.access })
  assert.equal(me.data.google2fa_enabled, true)
  assert.ok(!me.text.includes(secret))

  assert.equal(await outcome(world.bank, customer, pin), 'TOTPRequired')
  assert.equal(await outcome(world.bank, customer, pin, codeNow(secret)), 'TOTPWrong', 'its code was used to confirm')
  nextStep()
  assert.equal(await outcome(world.bank, customer, pin, codeNow(secret)), 'ok')
})

test('of many set-ups at once one secret stands, and one confirmation of it', async () => {
  const customer = await signUpWithPin()
  const setups = await Promise.all(
    Array.from({ length: 4 }, () => post(customer, '/api/security/2fa/setup', { login_password: customer.password })),
  )
  nextStep()
  const confirmed: string[] = []
  for (const { data } of setups) {
    const code = codeNow(String(data.secret))
    const answers = await Promise.all([0, 1].map(() => post(customer, '/api/security/2fa/confirm', { code })))
    confirmed.push(...answers.filter(({ status }) => status === 200).map(() => String(data.secret)))
    if (confirmed.length > 0) break
    world.clock.advance(minutes(31)) // wrong codes are counted; this is not about that
    await fresh(customer)
  }
  assert.equal(confirmed.length, 1)
})

test('a TOTP code counts once, also at once in two processes; one step to each side', async () => {
  const { customer, secret } = await signUpWithTotp()
  const banks = [world.bank, world.anotherBank()] as const
  for (let round = 0; round < 3; round++) {
    const code = codeNow(secret)
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, i) => outcome(banks[i % 2 === 0 ? 0 : 1], customer, pin, code)),
    )
    assert.equal(tally(outcomes, 'ok'), 1)
    assert.equal(await outcome(banks[0], customer, pin, code), 'TOTPWrong')
    nextStep()
  }
  assert.equal(await outcome(banks[0], customer, pin, codeNow(secret, 2)), 'TOTPWrong')
  assert.equal(await outcome(banks[0], customer, pin, codeNow(secret, -2)), 'TOTPWrong')
  assert.equal(await outcome(banks[0], customer, pin, codeNow(secret, 1)), 'ok')
  assert.equal(await outcome(banks[0], customer, pin, codeNow(secret)), 'TOTPWrong', 'older than the last one used')
  world.clock.advance(seconds(90))
  nextStep()
  assert.equal(await outcome(banks[0], customer, pin, codeNow(secret, -1)), 'ok')
  for (const odd of ['', ' ', '12345', 'abcdef', '１２３４５６']) {
    const expected = odd === '' ? 'TOTPRequired' : 'TOTPWrong'
    assert.equal(await outcome(banks[0], customer, pin, odd), expected, odd)
    nextStep()
    await outcome(banks[0], customer, pin, codeNow(secret))
  }
})

test('TOTP codes cannot be guessed: five wrong ones lock it for half an hour', async () => {
  const { customer, secret } = await signUpWithTotp()
  const wrong = (i: number) => {
    const guess = String((Number(codeNow(secret)) + 1000 + i) % 1_000_000).padStart(6, '0')
    return [codeNow(secret, -1), codeNow(secret, 1)].includes(guess) ? '000000' : guess
  }
  const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => outcome(world.bank, customer, pin, wrong(i))))
  assert.equal(tally(outcomes, 'TOTPWrong'), 5)
  assert.equal(tally(outcomes, 'RateLimited'), 45)
  nextStep()
  assert.equal(await outcome(world.bank, customer, pin, codeNow(secret)), 'RateLimited')
  world.clock.advance(minutes(31))
  await fresh(customer)
  assert.equal(await outcome(world.bank, customer, pin, codeNow(secret)), 'ok')
})

test('TOTP goes off with a code at once, without one at the price of a day', async () => {
  const { customer, secret } = await signUpWithTotp()
  const off = (body: object) => post(customer, '/api/security/2fa/disable', { payment_password: pin, ...body })
  assert.equal((await off({ totp_code: '000000' === codeNow(secret) ? '000001' : '000000' })).name, 'TOTPWrong')
  assert.equal((await off({ payment_password: '204060' })).code, 100021)
  assert.equal((await off({ totp_code: codeNow(secret) })).text, '{"code":0}')
  const actor = await actorOn(world.bank, customer)
  await authorizeMoneyOut(world.bank, actor, { paymentPassword: pin })
  assert.equal((await off({})).name, 'TOTPNotSetUp')

  const other = (await signUpWithTotp()).customer
  assert.equal((await post(other, '/api/security/2fa/disable', { payment_password: pin })).text, '{"code":0}')
  const held = await actorOn(world.bank, other)
  await authorizePayment(world.bank, held, { paymentPassword: pin })
  await assert.rejects(authorizeMoneyOut(world.bank, held, { paymentPassword: pin }), /MoneyOutHeld/)
  assert.ok(await world.sinks.messageTo(other.contact, /24 小时内不能转出资金/))
})

// --- the log ---

test('the security log tells what happened, to its owner, and cannot be changed', async () => {
  const { customer } = await signUpWithTotp()
  await logIn(world, { ...customer, password: 'not the password' }, { 'x-forwarded-for': '192.0.2.99' })
  await fresh(customer)
  const log = await world.call<{ event_type: string; ip: string; device: string; created_at: string }[]>(
    'GET',
    '/api/security/log',
    undefined,
    { token: customer.access },
  )
  assert.deepEqual(
    log.data.map((entry) => entry.event_type),
    ['login', 'login_failed', 'totp_enabled', 'payment_password_set', 'register'],
  )
  assert.equal(log.data[1]?.ip, '192.0.2.99')
  assert.equal(log.data[0]?.device, 'Chrome / Linux')
  assert.match(log.data[0]?.created_at ?? '', /Z$/)
  const second = await world.call<object[]>('GET', '/api/security/log?page=2&size=3', undefined, {
    token: customer.access,
  })
  assert.equal(second.data.length, 2)
  for (const sql of [
    'update security_log set ip = $1',
    'delete from security_log where ip = $1',
    'truncate security_log',
  ]) {
    await assert.rejects(world.database.db.query(sql, sql, sql.includes('$1') ? ['x'] : []), /permission denied/)
  }
})
