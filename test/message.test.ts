// Mails and text messages: what the gateways see, what waits in the queue, what is not sent.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../sandbox/free-port.ts'
import { startMail } from '../sandbox/mail.ts'
import { openOutbox } from '../sandbox/outbox.ts'
import { days, hours, minutes } from '../src/base/clock.ts'
import { createLog } from '../src/base/log.ts'
import { removeExpired } from '../src/domain/expiry.ts'
import { type Message, news, queueMessage, sendQueuedMessage } from '../src/domain/notice/message.ts'
import { smtpMail } from '../src/providers/smtp.ts'
import { SmsRefused, twilioSms } from '../src/providers/twilio.ts'
import { freshEmail, freshPhone, signUp, startWorld, type World } from './harness/customers.ts'
import { smsAccount } from './harness/sinks.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const message = (change: Partial<Message>): Message => ({
  kind: 'email',
  to: freshEmail(),
  locale: 'zh',
  until: world.clock.now().getTime() + minutes(10),
  body: { about: 'code', scene: 'register', code: '482915', minutes: 10 },
  ...change,
})

test('each scene says what the code is for, in both languages, with the code next to its name', async () => {
  for (const locale of ['zh', 'en'] as const) {
    for (const scene of ['register', 'login', 'reset', 'change_contact', 'login2fa'] as const) {
      const to = freshEmail()
      await queueMessage(
        world.bank,
        world.bank.db,
        message({ to, locale, body: { about: 'code', scene, code: '482915', minutes: 10 } }),
      )
      assert.equal(await world.sinks.codeFor(to), '482915')
    }
  }
  const phone = `+86${freshPhone()}`
  await queueMessage(world.bank, world.bank.db, message({ kind: 'mobile', to: phone }))
  assert.ok(await world.sinks.messageTo(phone, /^【UniPay】您的注册验证码是 482915,10 分钟内有效/))
})

test('a message that is no longer worth sending is not sent; one of nothing never was', async () => {
  const late = message({ until: world.clock.now().getTime() - 1 })
  const nothing = message({ body: { about: 'nothing' } })
  const last = message({})
  for (const each of [late, nothing, last]) await queueMessage(world.bank, world.bank.db, each)
  await world.sinks.codeFor(last.to)
  assert.equal(world.sinks.codesTo(late.to) + world.sinks.codesTo(nothing.to), 0)
})

test('the queue holds neither contact nor code, and every message is as long', async () => {
  // a world without a worker would send nothing: look at the rows inside the transaction that adds them
  const sealed: string[] = []
  const kinds = [
    message({}),
    message({ body: { about: 'nothing' } }),
    message({ body: { about: 'contact-taken' } }),
    message({ body: news('password_changed', {}) }),
  ]
  for (const each of kinds) {
    await world.bank.db.transaction(async (tx) => {
      await queueMessage(world.bank, tx, each)
      const [job] = await tx.query<{ payload: { sealed: string } }>(
        'job-last',
        'select payload from graphile_worker._private_jobs order by id desc limit 1',
      )
      sealed.push(job?.payload.sealed ?? '')
    })
  }
  assert.equal(new Set(sealed.map((text) => text.length)).size, 1)
  assert.equal(new Set(sealed).size, kinds.length)
  const open = sealed.map((text) => Buffer.from(text, 'base64').toString('latin1')).join()
  assert.ok(!open.includes('482915') && !open.includes('example.com'))
  await assert.rejects(
    sendQueuedMessage(world.bank, { sealed: (sealed[0] ?? '').replace(/^..../, 'AAAA') }),
    /not a sealed value/,
  )
})

test('while the mail server is away messages wait, and go out when it is back', async () => {
  const port = await freePort()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-outbox-'))
  const outbox = openOutbox(path.join(folder, 'late.jsonl'))
  const away = { ...world.bank, mail: smtpMail(`smtp://127.0.0.1:${port}`, 'UniPay <no-reply@unipay.example>') }
  let sealed = ''
  const to = freshEmail()
  await world.bank.db.transaction(async (tx) => {
    await queueMessage(world.bank, tx, message({ to }))
    const [job] = await tx.query<{ payload: { sealed: string } }>(
      'job-newest',
      'select payload from graphile_worker._private_jobs order by id desc limit 1',
    )
    sealed = job?.payload.sealed ?? ''
  })
  await assert.rejects(sendQueuedMessage(away, { sealed }), /ECONNREFUSED/)
  const server = await startMail(port, outbox, createLog('fatal', 'test'))
  await sendQueuedMessage(away, { sealed })
  assert.equal(outbox.list(to)[0]?.code, '482915')
  await server.stop()
  fs.rmSync(folder, { recursive: true })
})

test('the SMS gateway is told apart from one that refuses', async () => {
  const options = {
    url: world.sinks.smsUrl,
    account: smsAccount.SMS_ACCOUNT,
    token: smsAccount.SMS_TOKEN,
    from: '+15005550006',
  }
  await twilioSms(options).send({ to: '+8613800138000', text: 'hello & 你好 +=%' })
  assert.ok(await world.sinks.messageTo('+8613800138000', /^hello & 你好 \+=%$/))
  const refusal = (code: number) => (error: unknown) => error instanceof SmsRefused && error.gatewayCode === code
  await assert.rejects(
    twilioSms({ ...options, token: 'wrong' }).send({ to: '+8613800138000', text: 'x' }),
    refusal(20003),
  )
  await assert.rejects(twilioSms(options).send({ to: '+1', text: 'x' }), refusal(21211))
  await assert.rejects(
    twilioSms({ ...options, url: `http://127.0.0.1:${await freePort()}` }).send({ to: '+8613800138000', text: 'x' }),
  )
})

test('what has run out is removed, what has not is kept', async () => {
  const customer = await signUp(world)
  await world.call('POST', '/api/auth/login', { contact: freshEmail(), type: 'email', password: 'not the password' })
  const counts = async () => {
    const [row] = await world.database.owner.query<Record<'codes' | 'attempts' | 'sessions', number>>(
      'expiry-counts',
      `select (select count(*)::int from codes) as codes, (select count(*)::int from attempts) as attempts,
         (select count(*)::int from sessions where person_id = $1) as sessions`,
      [customer.id],
    )
    return row
  }
  const before = await counts()
  assert.ok(before && before.codes > 0 && before.attempts > 0 && before.sessions === 1)
  await removeExpired(world.bank, 1)
  assert.deepEqual((await counts())?.codes, before.codes)
  world.clock.advance(hours(3))
  await removeExpired(world.bank, 1)
  assert.deepEqual(await counts(), { codes: 0, attempts: 0, sessions: 1 })
  world.clock.advance(days(121))
  await removeExpired(world.bank, 1)
  assert.equal((await counts())?.sessions, 0)
})

test('a blind index is keyed: without the key a contact cannot be looked for', async () => {
  const customer = await signUp(world)
  const rows = await world.database.owner.query<{ contact_index: Buffer }>(
    'indexes',
    'select contact_index from directory',
  )
  const guess = createHmac('sha256', Buffer.alloc(32)).update(`email:${customer.contact}`).digest()
  assert.ok(rows.length > 0 && rows.every((row) => !row.contact_index.equals(guess)))
})
