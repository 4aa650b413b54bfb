// Whether it is really the customer who withdraws: PIN and TOTP, the day after a factor was changed without proof of the
// old one, and the same request over two processes.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { hours, minutes, sleep } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { idempotencyKey } from '../src/domain/idempotency.ts'
import { submitWithdrawal } from '../src/domain/withdrawal/submit-withdrawal.ts'
import { actorOn, askCode, freshEmail, logIn } from './harness/customers.ts'
import type { Payer } from './harness/hosted.ts'
import { verdict } from './harness/ledger.ts'
import { freshAddress, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

async function post(payer: Payer, path: string, body: object): Promise<void> {
  const { text } = await bank.world.call('POST', path, body, { token: payer.access })
  assert.equal(text, '{"code":0}', path)
}
const enter = async (payer: Payer) => {
  payer.access = (await logIn(bank.world, payer)).data.access_token
}

/** Switches TOTP on; answers what its authenticator shows so many steps from now. */
async function withTotp(payer: Payer): Promise<(steps?: number) => string> {
  const body = { login_password: payer.password }
  const { data } = await bank.world.call<{ secret: string }>('POST', '/api/security/2fa/setup', body, {
    token: payer.access,
  })
  const totp = new TOTP({ secret: Secret.fromBase32(data.secret) })
  const code = (steps = 0) => totp.generate({ timestamp: bank.world.clock.now().getTime() + steps * 30_000 })
  await post(payer, '/api/security/2fa/confirm', { code: code(-1) })
  return code
}

test('with TOTP on a code is asked for, used once, and not used up by what is refused before', async () => {
  const alice = await bank.payer(usdt(500))
  const left = 30_000 - (bank.world.clock.now().getTime() % 30_000)
  if (left < 8_000) await sleep(left + 50)
  const code = await withTotp(alice)
  assert.equal((await bank.submit(alice, '10')).name, 'TOTPRequired')
  assert.equal((await bank.submit(alice, '10', { totp_code: '000000' })).name, 'TOTPWrong')
  const totp_code = code()
  for (const [name, change] of [
    ['AmountBelowMinimum', { amount: '1' }],
    ['AddressInvalid', { to_address: '0x1' }],
    ['FeeChanged', { expected_fee: '7' }],
    ['PaymentPasswordWrong', { payment_password: '000001' }],
  ] as const)
    assert.equal((await bank.submit(alice, '10', { totp_code, ...change })).name, name)
  assert.equal((await bank.submit(alice, '10', { totp_code })).status, 200)
  assert.equal((await bank.submit(alice, '10', { totp_code })).name, 'TOTPWrong', 'a code counts once')
  assert.equal((await bank.submit(alice, '10', { totp_code: code(1) })).status, 200)
})

test('after each change that was not proved by what it replaced, nothing leaves for a day', async () => {
  const changes: Record<string, (payer: Payer) => Promise<void>> = {
    async 'the password by a code'(payer) {
      const code = await askCode(bank.world, payer.contact, 'reset')
      payer.password = 'a whole new phrase 新'
      const body = { contact: payer.contact, type: 'email', code, new_password: payer.password }
      await post(payer, '/api/auth/password/reset', body)
    },
    async 'the PIN by password and code'(payer) {
      const code = await askCode(bank.world, payer.contact, 'reset')
      payer.pin = '739164'
      const body = { login_password: payer.password, code, new_pin: payer.pin }
      await post(payer, '/api/security/payment-password', body)
    },
    async 'TOTP off without a code of it'(payer) {
      await withTotp(payer)
      await post(payer, '/api/security/2fa/disable', { payment_password: payer.pin })
    },
    async 'another contact in place of the old one'(payer) {
      const contact = freshEmail()
      await post(payer, '/api/auth/contact/bind/send', { contact, type: 'email' })
      const code = await bank.world.sinks.codeFor(contact)
      await post(payer, '/api/auth/contact/bind/verify', { contact, type: 'email', code })
      payer.contact = contact
    },
  }
  const payers: Payer[] = []
  for (const [what, change] of Object.entries(changes)) {
    const payer = await bank.payer(usdt(100))
    assert.equal((await bank.submit(payer, '10')).status, 200, what)
    await change(payer)
    await enter(payer)
    const held = await bank.submit(payer, '10')
    assert.deepEqual([held.status, held.name], [403, 'MoneyOutHeld'], what)
    const quote = '/api/withdrawal/usdt/quote?chain=BSC&amount=10'
    const { data } = await bank.world.call<{ warnings: { code: string }[] }>('GET', quote, undefined, {
      token: payer.access,
    })
    assert.ok(data.warnings.some(({ code }) => code === 'held'))
    payers.push(payer)
  }
  bank.world.clock.advance(hours(23) + minutes(50))
  for (const payer of payers) {
    await enter(payer)
    assert.equal((await bank.submit(payer, '10')).name, 'MoneyOutHeld')
  }
  bank.world.clock.advance(minutes(15))
  for (const payer of payers) {
    await enter(payer)
    assert.equal((await bank.submit(payer, '10')).status, 200)
  }
})

test('changes that were proved hold nothing', async () => {
  const alice = await bank.payer(usdt(100))
  await post(alice, '/api/security/payment-password', { old_payment_password: alice.pin, new_pin: '739164' })
  const passwords = { old_password: alice.password, new_password: 'a whole new phrase 新' }
  await post(alice, '/api/auth/password', passwords)
  assert.equal((await bank.submit(alice, '10', { payment_password: '739164' })).status, 200)
})

test('32 twins over two processes are one withdrawal', async () => {
  const alice = await bank.payer(usdt(1_000))
  const banks = [bank.world.bank, bank.world.anotherBank()] as const
  const actor = await actorOn(banks[0], alice)
  for (let round = 0; round < 3; round++) {
    const body = { chain: 'BSC', to_address: freshAddress(), amount: '10', payment_password: alice.pin }
    const idempotency = idempotencyKey(newId(), `app:${alice.id}:withdrawal`, body)
    const input = {
      network: 'BSC',
      asset: 'USDT',
      to: body.to_address,
      amount: '10',
      expectedFee: undefined,
      confirmLookalike: false,
      proof: { paymentPassword: alice.pin },
      idempotency,
    } as const
    const ask = (i: number) => submitWithdrawal(banks[i % 2] ?? banks[0], actor, input)
    const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => ask(i)))
    assert.equal(new Set(answers.map(({ answer }) => answer.id)).size, 1)
    assert.equal(answers.filter(({ replayed }) => !replayed).length, 1)
    const other = {
      ...input,
      amount: '11',
      idempotency: idempotency && { ...idempotency, requestHash: Buffer.alloc(32) },
    }
    assert.equal(await verdict(submitWithdrawal(banks[1], actor, other)), 'IdempotencyKeyReused')
  }
  assert.deepEqual(await bank.money(alice), { balance: usdt(1_000), held: usdt(30) })
})

test('the books are whole', () => bank.expectSound())
