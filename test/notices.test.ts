// News of money by mail and SMS: what the bank sends by itself, what customers choose instead, that it goes out once and in
// their language, that small payments cost nothing more than a message in the inbox, and a day's earnings.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours, sleep } from '../src/base/clock.ts'
import { tellEarnings } from '../src/domain/earn/daily-earnings.ts'
import { inboxRow } from '../src/domain/notice/inbox.ts'
import { type InboxParams, type InboxType, inboxWords } from '../src/domain/notice/inbox-text.ts'
import { noticeTopics } from '../src/domain/notice/notice-choice.ts'
import { sendNotice } from '../src/domain/notice/send-notice.ts'
import { post } from '../src/ledger/post.ts'
import { freshPhone } from './harness/customers.ts'
import { type Earning, startEarning, usdt } from './harness/earning.ts'
import { makePayer, type Payer } from './harness/hosted.ts'

let bank: Earning
let alice: Payer
let bob: Payer
before(async () => {
  bank = await startEarning()
  alice = await makePayer(bank.world, usdt(10_000))
  bob = await makePayer(bank.world, usdt(10_000))
})
after(() => bank?.close())

interface Shown {
  ways: { email: boolean; sms: boolean }
  topics: Record<string, { email: boolean; sms: boolean; from: string }>
}
const ask = <D = Shown>({ access: token }: Payer, method: string, path: string, body?: object) =>
  bank.world.call<D>(method, path, body, { token })
const choose = (who: Payer, topics: object) => ask(who, 'PATCH', '/api/user/notices', { topics })
const pay = async (from: Payer, to: Payer, amount: string, memo = '') => {
  const body = { to_user_id: to.id, amount, memo, payment_password: from.pin }
  const sent = await ask<{ id: string }>(from, 'POST', '/api/transfer', body)
  assert.equal(sent.status, 200, sent.text)
}
const due = async () => {
  const [row] = await bank.world.database.owner.query<{ n: number }>(
    '',
    `select count(*)::int as n from graphile_worker.jobs where task_identifier in ('send-notice', 'send-message')`,
  )
  return row?.n ?? 0
}
const mailsSent = async () => {
  for (let waited = 0; waited < 10_000 && (await due()) > 0; waited += 20) await sleep(20)
  assert.equal(await due(), 0, 'the queue is empty')
}
const inbox = async (who: Payer) =>
  (await ask<{ type: string }[]>(who, 'GET', '/api/inbox')).data.map(({ type }) => type)
const hears = (who: Payer, saying: RegExp) => bank.world.sinks.messageTo(who.contact, saying)
const heard = async (to: string, saying: RegExp) => {
  await mailsSent()
  return bank.world.sinks.messages(to).filter(({ subject, text }) => saying.test(subject + text)).length
}

test('what the bank does by itself: from an amount on, by mail; security is no topic', async () => {
  const { data, text } = await ask(alice, 'GET', '/api/user/notices')
  assert.deepEqual(Object.keys(data.topics).sort(), [...noticeTopics].sort(), text)
  assert.deepEqual(data.ways, { email: true, sms: false })
  assert.deepEqual(data.topics.money_in, { email: true, sms: false, from: '100.00' })
  assert.deepEqual(data.topics.earnings, { email: false, sms: false, from: '100.00' })
})

test('a payment is mailed to both from that amount on, below it stands in the inbox alone', async () => {
  await pay(alice, bob, '99.99', 'small')
  await pay(alice, bob, '100', '午饭')
  const received = await hears(bob, /午饭/)
  assert.match(received.subject, /收到转账/)
  assert.match(received.text, new RegExp(`${alice.uid} 向您转账 100\\.00 USDT`))
  assert.match((await hears(alice, /转账已发出/)).text, new RegExp(`${bob.uid} 转账 100\\.00 USDT.*若非本人操作`))
  assert.equal(await heard(bob.contact, /small/), 0)
  assert.deepEqual((await inbox(bob)).filter((type) => type === 'transfer_received').length, 2)
  const [row] = await bank.world.database.owner.query<{ n: number }>(
    '',
    'select count(*)::int as n from inbox where mail_due',
  )
  assert.equal(row?.n, 0, 'what went out is due no more')
})

test('a customer chooses: another amount, another way, none; and back to what the bank does', async () => {
  const changed = await choose(bob, { money_in: { from: '0.5' }, money_out: { email: false } })
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual(changed.data.topics.money_in, { email: true, sms: false, from: '0.50' })
  assert.deepEqual(changed.data.topics.money_out, { email: false, sms: false, from: '100.00' })
  await pay(alice, bob, '0.49', 'tiny')
  await pay(alice, bob, '0.5', 'enough')
  await hears(bob, /enough/)
  assert.equal(await heard(bob.contact, /tiny/), 0)
  await pay(bob, alice, '500', 'unheard of')
  assert.equal(await heard(bob.contact, /转账已发出/), 0)
  const back = await choose(bob, { money_in: { from: null }, money_out: { email: null } })
  assert.deepEqual([back.data.topics.money_in?.from, back.data.topics.money_out?.email], ['100.00', true])
})

test('by SMS to who asks for it, in their language', async () => {
  const phone = freshPhone()
  await bindPhone(alice, phone)
  await ask(alice, 'PATCH', '/api/user/me', { locale: 'en' })
  const { data } = await choose(alice, { money_in: { sms: true, email: false, from: '1' } })
  assert.deepEqual(data.ways, { email: true, sms: true })
  await pay(bob, alice, '2', 'by phone')
  const message = await bank.world.sinks.messageTo(`+86${phone}`, /by phone/)
  assert.match(message.text, new RegExp(`UniPay: ${bob.uid} sent you 2\\.00 USDT`))
  assert.equal(await heard(alice.contact, /by phone/), 0)
  await ask(alice, 'PATCH', '/api/user/me', { locale: 'zh' })
  await choose(alice, { money_in: { sms: null, email: null, from: null } })
})

/** Adds a phone number to somebody. */
async function bindPhone(who: Payer, contact: string): Promise<void> {
  bank.world.clock.advance(61_000)
  const mobile = { contact, type: 'mobile', mobile_prefix: '+86' }
  const sent = await ask(who, 'POST', '/api/auth/contact/bind/send', mobile)
  assert.equal(sent.status, 200, sent.text)
  const code = await bank.world.sinks.codeFor(`+86${contact}`)
  const added = await ask(who, 'POST', '/api/auth/contact/bind/verify', { ...mobile, code })
  assert.equal(added.status, 200, added.text)
}

test('what is no choice is refused before anything is written', async () => {
  for (const [topics, name] of [
    [{ security: { email: false } }, 'InvalidParams'],
    [{ money_in: { email: 'no' } }, 'InvalidParams'],
    [{ money_in: { fax: true } }, 'InvalidParams'],
    [{ money_in: { from: '-1' } }, 'InvalidAmount'],
    [{ money_in: { from: '1e3' } }, 'InvalidAmount'],
    [{ money_in: { from: '0.0000001' } }, 'InvalidAmount'],
    [{ card: { from: '1' }, money_out: { from: 'x' } }, 'InvalidAmount'],
  ] as const) {
    const refused = await choose(bob, topics)
    assert.equal(refused.name, name, JSON.stringify(topics))
  }
  assert.equal((await ask(bob, 'GET', '/api/user/notices')).data.topics.card?.from, '100.00')
})

test('it goes out once, however often the job runs; to nobody who has left', async () => {
  const { bank: own, database } = bank.world
  const row = async (personNo: bigint) => {
    await own.db.transaction((tx) =>
      post(tx, {
        bookId: 1,
        rows: [inboxRow(1, personNo, 'card_topup_failed', { amount: '12.00' }, own.clock.now())],
      }),
    )
    const [last] = await database.owner.query<{ id: bigint }>(
      '',
      'select max(id) as id from inbox where person_no = $1',
      [personNo],
    )
    return `${last?.id}`
  }
  const id = await row(bob.no)
  await Promise.all(Array.from({ length: 5 }, () => sendNotice(own, 1, bob.no, id)))
  assert.equal(await heard(bob.contact, /12\.00 USDT/), 1)
  const gone = await makePayer(bank.world)
  await own.db.query('', `update people set status = 'deleted' where no = $1`, [gone.no])
  await row(gone.no)
  assert.equal(await heard(gone.contact, /12\.00 USDT/), 0)
})

test('every type that may be mailed has a title and a text in both languages, without holes', () => {
  const samples: Partial<{ [T in InboxType]: InboxParams[T] }> = {
    transfer_sent: { amount: '1.00', to: 'U10001', memo: '' },
    card_paid: { amount: '1.00', merchant: '' },
    card_refunded: { amount: '1.00', merchant: 'Alipay' },
    earnings_daily: { day: '2026-01-31', amount: '3.00', commissions: '1.00', yields: '2.00' },
  }
  for (const [type, params] of Object.entries(samples)) {
    for (const locale of ['zh', 'en'] as const) {
      const { title, body } = inboxWords(type, params, locale)
      assert.doesNotMatch(title + body, /undefined|\[object/)
      assert.equal(/\p{Script=Han}/u.test(title), locale === 'zh', `${type} ${locale}: ${title}`)
    }
  }
})

test('a day’s earnings are told once the day is over, once, and mailed to who asked for it', async () => {
  const { database, clock } = bank.world
  const day = clock.now().toISOString().slice(0, 10)
  for (const [who, amount] of [
    [alice, usdt(3)],
    [bob, usdt(2)],
  ] as const)
    await database.owner.query(
      '',
      'insert into commission_days (book_id, person_no, day, amount) values (1, $1, $2, $3)',
      [who.no, day, amount],
    )
  await ask(bob, 'GET', '/api/user/notices')
  await choose(bob, { earnings: { email: true } })
  assert.equal(await tellEarnings(bank.world.bank, 1), 0, 'the day is not over')
  clock.advance(hours(24))
  const told = await Promise.all([tellEarnings(bank.world.bank, 1), tellEarnings(bank.world.bank, 1)])
  assert.equal(told[0] + told[1], 2)
  assert.equal(await tellEarnings(bank.world.bank, 1), 0)
  const mail = await hears(bob, /每日收益/)
  assert.match(mail.text, new RegExp(`${day} 共收益 2\\.00 USDT\\(返佣 2\\.00 USDT\\)`))
  assert.equal(await heard(alice.contact, /每日收益/), 0)
  const rows = await database.owner.query<{ person_no: bigint }>(
    '',
    `select person_no from inbox where type = 'earnings_daily' order by 1`,
  )
  assert.deepEqual(
    rows.map((row) => row.person_no),
    [alice.no, bob.no],
  )
})
