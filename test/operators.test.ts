// Operators: invited, joined with password and TOTP, signed in, signed out; and how little anybody learns by trying.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours, minutes, seconds } from '../src/base/clock.ts'
import { inviteOperator, reinviteOperator } from '../src/domain/operator/operator.ts'
import { signUp, startWorld, type World } from './harness/customers.ts'
import { mannWhitney } from './harness/mann-whitney.ts'
import {
  acceptAndConfirm,
  check,
  codeOf,
  consoleCall,
  joinOperator,
  ok,
  operatorPassword,
  outcome,
  signInAs,
  type TestOperator,
} from './harness/operators.ts'

let world: World
let admin: TestOperator
before(async () => {
  world = await startWorld()
  admin = await joinOperator(world, ['admin'])
})
after(() => world?.close())

const from = (ip: string) => ({ 'x-forwarded-for': ip })
const call = (method: string, path: string, body?: object, token?: string, headers: Record<string, string> = {}) =>
  consoleCall<Record<string, string>>(world, token, method, path, body, headers)
const isAlive = async (token: string) => (await call('GET', '/auth/me', undefined, token)).status === 200
const nextStep = () => world.clock.advance(seconds(31))

describe('joining', () => {
  test('there is no operator that nobody invited', async () => {
    const fresh = await startWorld()
    try {
      const [row] = await fresh.database.owner.query<{ n: string }>('', 'select count(*)::text as n from operators')
      assert.equal(row?.n, '0')
    } finally {
      await fresh.close()
    }
  })

  test('an invitation takes a good password and a code of the secret that was shown, and works once', async () => {
    const email = 'bob@bank.example'
    const { code } = await inviteOperator(world.bank, { email, name: 'Bob', roles: ['support'] })
    const accept = (password: string) => call('POST', '/auth/invitation/accept', { code, password })
    const confirm = (totp_code: string) => call('POST', '/auth/invitation/confirm', { code, totp_code })
    assert.equal((await confirm('123456')).error, 'TOTPNotSetUp')
    for (const weak of ['short', 'password', 'aaaaaaaaaa', email])
      assert.equal((await accept(weak)).error, 'PasswordWeak', weak)
    const first = (await accept(operatorPassword)).data
    const second = (await accept(operatorPassword)).data
    assert.match(String(second.otpauth_uri), /^otpauth:\/\/totp\/UniPay:bob%40bank\.example\?/)
    const now = world.clock.now()
    assert.equal((await confirm(codeOf(String(first.secret), now))).error, 'TOTPWrong', 'a secret shown before')
    assert.equal((await confirm(codeOf(String(second.secret), now, 3))).error, 'TOTPWrong')
    const joined = await confirm(codeOf(String(second.secret), now))
    assert.equal(joined.status, 200, joined.text)
    const me = await ok(world, { token: String(joined.data.token) }, 'GET', '/auth/me')
    assert.deepEqual([me.email, me.name, me.roles], [email, 'Bob', ['support']])
    assert.equal((await accept(operatorPassword)).error, 'CodeWrong')
    assert.equal((await confirm(codeOf(String(second.secret), now, 1))).error, 'CodeWrong')
  })

  test('an invitation is over after a day', async () => {
    const { code } = await inviteOperator(world.bank, { email: 'late@bank.example', name: 'Late', roles: [] })
    world.clock.advance(hours(24))
    assert.equal(
      (await call('POST', '/auth/invitation/accept', { code, password: operatorPassword })).error,
      'CodeWrong',
    )
    admin = { ...admin, token: (await signInAs(world, admin)).data.token }
  })

  test('one that does not exist is refused alike, and not for ever', async () => {
    const headers = from('198.51.100.20')
    const answers = []
    for (let i = 0; i < 61; i++) {
      answers.push(
        await call(
          'POST',
          '/auth/invitation/accept',
          { code: `x${i}`, password: operatorPassword },
          undefined,
          headers,
        ),
      )
    }
    assert.deepEqual(new Set(answers.slice(0, 60).map(({ error }) => error)), new Set(['CodeWrong']))
    assert.equal(answers[60]?.error, 'RateLimited')
  })

  test('a colleague gets the code by mail, and no role before another admin agrees', async () => {
    const other = await joinOperator(world, ['admin'], 'Olga')
    const email = 'new@bank.example'
    const order = { email, name: 'Nina', roles: ['risk', 'support'], reason: 'joins the team' }
    const invited = await call('POST', '/operators', order, admin.token)
    assert.equal(invited.status, 200, invited.text)
    const mail = await world.sinks.messageTo(email, /Invitation code: /)
    const code = /Invitation code: ([\w-]+)/.exec(mail.text)?.[1] ?? ''
    assert.ok(code.length >= 32 && !invited.text.includes(code), 'it is not shown to who invites')
    const nina = await acceptAndConfirm(world, code)
    assert.deepEqual((await ok(world, nina, 'GET', '/auth/me')).roles, [])
    assert.equal(await outcome(world, nina, 'GET', '/settings'), 'Forbidden')

    const id = String(invited.data.approval_id)
    assert.equal((await check(world, admin, id)).error, 'OwnApproval')
    assert.equal((await check(world, other, id)).data.status, 'applied')
    assert.equal(await isAlive(nina.token), false, 'sessions end with the old roles')
    nextStep()
    const again = await signInAs(world, { email, password: nina.password, secret: nina.secret })
    assert.deepEqual((await ok(world, again.data, 'GET', '/auth/me')).roles, ['risk', 'support'])
    assert.equal((await call('POST', '/operators', order, admin.token)).error, 'ContactTaken')
  })
})

describe('signing in', () => {
  test('takes e-mail, password and code together; each code once', async () => {
    nextStep()
    const operator = await joinOperator(world, ['support'])
    assert.equal((await signInAs(world, operator)).error, 'InvalidCredential', 'its code was used to join')
    nextStep()
    const answer = await signInAs(world, operator)
    assert.equal(answer.status, 200, answer.text)
    assert.match(answer.data.token, /^ops_[\w-]{43}$/)
    assert.equal((await signInAs(world, operator)).error, 'InvalidCredential')
    nextStep()
    const now = world.clock.now()
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        signInAs(world, operator, { totp_code: codeOf(operator.secret, now) }, from(`198.51.100.${30 + i}`)),
      ),
    )
    assert.equal(tries.filter(({ status }) => status === 200).length, 1, 'at once')
    for (const steps of [-3, -2, 2, 3]) {
      const change = { totp_code: codeOf(operator.secret, now, steps) }
      assert.equal((await signInAs(world, operator, change, from('198.51.100.40'))).error, 'InvalidCredential')
    }
    nextStep()
    for (const change of [{ password: 'x' }, { totp_code: '000000' }, { totp_code: 'abcdef' }, { totp_code: '' }]) {
      const { status, error } = await signInAs(world, operator, change, from('198.51.100.41'))
      assert.ok(status === 401 || status === 400, `${status} ${error}`)
    }
    assert.equal((await signInAs(world, operator, { email: operator.email.toUpperCase() })).status, 200)
  })

  test('says the same of what is wrong, in words and in time', async () => {
    const operator = await joinOperator(world, ['support'])
    const gone = await joinOperator(world, ['support'])
    await ok(world, admin, 'POST', `/operators/${gone.id}/disable`, { reason: 'left' })
    const invited = await inviteOperator(world.bank, { email: 'never@bank.example', name: 'N', roles: [] })
    assert.ok(invited.code)
    const cases: Record<string, () => Record<string, string>> = {
      'wrong password': () => ({ email: operator.email, password: 'no such password' }),
      'wrong code': () => ({ email: operator.email, totp_code: '000000' }),
      unknown: () => ({ email: 'nobody@bank.example' }),
      disabled: () => ({ email: gone.email, totp_code: codeOf(gone.secret, world.clock.now()) }),
      'invited only': () => ({ email: 'never@bank.example' }),
    }
    const tried = async (change: Record<string, string>, from64: string) => {
      const began = performance.now()
      const { text } = await signInAs(world, operator, change, from(`2001:db8:0:${from64}::1`))
      return { words: text.replace(/"request_id":"[^"]+"/, ''), took: performance.now() - began }
    }
    const words = await Promise.all(Object.values(cases).map((change, i) => tried(change(), `${i}`)))
    assert.equal(new Set(words.map((one) => one.words)).size, 1, JSON.stringify(words))
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let i = 0; i < 20; i++) {
      const pairs = [
        ['known', cases['wrong password']],
        ['unknown', cases.unknown],
      ] as const
      for (const [kind, change] of i % 2 === 0 ? pairs : pairs.toReversed()) {
        times[kind].push((await tried(change?.() ?? {}, `${100 + i}`)).took)
      }
    }
    const p = mannWhitney(times.known, times.unknown)
    assert.ok(p > 0.001, `p = ${p}`)
  })

  test('guesses are few, also after a restart and in another process; the operator’s own address stays open', async () => {
    const operator = await joinOperator(world, ['support'])
    nextStep()
    const headers = from('203.0.113.50')
    assert.equal((await signInAs(world, operator, {}, headers)).status, 200)
    const guess = (ip: string) => signInAs(world, operator, { password: 'wrong guess' }, from(ip))
    const errors = []
    for (let i = 0; i < 6; i++) errors.push((await guess('203.0.113.51')).error)
    assert.deepEqual(errors, [...Array<string>(5).fill('InvalidCredential'), 'RateLimited'])
    const [row] = await world.database.owner.query<{ used: number }>(
      '',
      `select used from attempts where scope = 'operator-pair' order by used desc limit 1`,
    )
    assert.equal(row?.used, 6, 'counted in the database')
    await Promise.all(Array.from({ length: 25 }, (_, i) => guess(`203.0.113.${100 + i}`)))
    assert.equal((await guess('203.0.113.130')).error, 'RateLimited', 'from wherever')
    nextStep()
    assert.equal((await signInAs(world, operator, {}, headers)).status, 200)
    world.clock.advance(minutes(61))
    assert.equal((await guess('203.0.113.51')).error, 'InvalidCredential')
    admin = { ...admin, token: (await signInAs(world, admin)).data.token }
  })
})

describe('sessions', () => {
  test('a token has one spelling, and no other token is let in', async () => {
    const { token } = await joinOperator(world, ['support'])
    const customer = await signUp(world)
    const wrong = [
      'x',
      'ops_',
      token.slice(0, -1),
      `${token}A`,
      token.toUpperCase(),
      token.slice(4),
      `ops_${'A'.repeat(43)}`,
      customer.access,
      customer.refresh,
    ]
    for (const one of wrong) assert.equal((await call('GET', '/auth/me', undefined, one)).error, 'Unauthorized', one)
    const odd = await call('GET', '/auth/me', undefined, undefined, { authorization: token })
    assert.equal(odd.error, 'Unauthorized')
    assert.equal(await isAlive(token), true)
    assert.equal((await world.call('GET', '/api/user/me', undefined, { token })).status, 401, 'nor are we customers')
    const rows = await world.database.owner.query<{ dump: string }>(
      '',
      'select s::text as dump from operator_sessions s',
    )
    assert.ok(!rows.some(({ dump }) => dump.includes(token)), 'the database has its hash alone')
  })

  test('half an hour without a request ends one, twelve hours end any', async () => {
    const operator = await joinOperator(world, ['support'])
    for (let passed = 0; passed < 12 * 60 - 29; passed += 29) {
      world.clock.advance(minutes(29))
      assert.equal(await isAlive(operator.token), true, `after ${passed} minutes`)
    }
    world.clock.advance(minutes(29))
    assert.equal(await isAlive(operator.token), false, 'twelve hours')
    const { token } = (await signInAs(world, operator)).data
    world.clock.advance(minutes(31))
    assert.equal(await isAlive(token), false, 'idle')
    admin = { ...admin, token: (await signInAs(world, admin)).data.token }
  })

  test('signing out ends this one, at once and everywhere; one’s others can be ended too, nobody else’s', async () => {
    const operator = await joinOperator(world, ['support'])
    nextStep()
    const second = (await signInAs(world, operator)).data.token
    type Session = { id: string; is_current: boolean; browser: string }
    const sessions = await ok<Session[]>(world, { token: second }, 'GET', '/auth/sessions')
    assert.deepEqual(sessions.map(({ is_current, browser }) => [is_current, browser]).sort(), [
      [false, 'Chrome'],
      [true, 'Chrome'],
    ])
    const other = sessions.find((session) => !session.is_current)?.id ?? ''
    assert.equal(await outcome(world, admin, 'DELETE', `/auth/sessions/${other}`), 'NotFound')
    assert.equal(await isAlive(operator.token), true)
    await ok(world, { token: second }, 'DELETE', `/auth/sessions/${other}`)
    assert.equal(await isAlive(operator.token), false)
    await ok(world, { token: second }, 'POST', '/auth/sign-out', {})
    assert.equal(await isAlive(second), false)
  })

  test('disabling ends all of it at once; not oneself, and not undone from the console', async () => {
    const operator = await joinOperator(world, ['support'])
    assert.equal(await outcome(world, admin, 'POST', `/operators/${admin.id}/disable`, { reason: 'x' }), 'Forbidden')
    await ok(world, admin, 'POST', `/operators/${operator.id}/disable`, { reason: 'left' })
    assert.equal(await isAlive(operator.token), false)
    nextStep()
    assert.equal((await signInAs(world, operator)).error, 'InvalidCredential')
    const payload = { operator: operator.id, roles: ['risk'] }
    assert.equal(
      await outcome(world, admin, 'POST', '/approvals/operator_role', { payload, reason: 'back' }),
      'NotFound',
    )

    const { code } = await reinviteOperator(world.bank, operator.email)
    const again = await acceptAndConfirm(world, code)
    assert.deepEqual((await ok(world, again, 'GET', '/auth/me')).roles, ['support'])
    assert.notEqual(again.secret, operator.secret)
  })
})

test('nothing of an operator lies in clear in the database', async () => {
  const operator = await joinOperator(world, ['support'], 'Xenia Unmistakable')
  const rows = await world.database.owner.query<{ dump: string }>('', 'select o::text as dump from operators o')
  const logs = await world.database.owner.query<{ dump: string }>('', 'select l::text as dump from audit_log l')
  const dump = [...rows, ...logs].map((row) => row.dump).join('\n')
  for (const secret of [operator.email, operator.name, operator.secret, operatorPassword, operator.token]) {
    assert.ok(!dump.includes(secret) && !dump.includes(Buffer.from(secret).toString('hex')), secret)
  }
})
