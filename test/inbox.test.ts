// The inbox: owners only, words found when it is read, in the reader's language; and the rows that postings write.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { putInInbox } from '../src/domain/notice/inbox.ts'
import { type InboxType, inboxWords } from '../src/domain/notice/inbox-text.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

type Message = { id: number; type: string; title: string; body: string; read: boolean; created_at: string }

const list = async (customer: Customer, query = '', headers: Record<string, string> = {}) =>
  (await world.call<Message[]>('GET', `/api/inbox${query}`, undefined, { token: customer.access, headers })).data
const unread = async (customer: Customer) =>
  (await world.call<{ count: number }>('GET', '/api/inbox/unread_count', undefined, { token: customer.access })).data
    .count
const credit = (customer: Customer, amount: string) =>
  putInInbox(world.bank.db, 1, customer.no, 'recharge_credited', { amount, network: 'BSC' }, world.clock.now())

test("messages come newest first, in the reader's language", async () => {
  const customer = await signUp(world)
  assert.deepEqual(await list(customer), [])
  await credit(customer, '100')
  await putInInbox(
    world.bank.db,
    1,
    customer.no,
    'transfer_received',
    { amount: '5.00', from: 'U10001', memo: '' },
    world.clock.now(),
  )
  const [newest, older] = (await list(customer)) as [Message, Message]
  assert.deepEqual([newest.type, older.type], ['transfer_received', 'recharge_credited'])
  assert.deepEqual([older.title, older.body, older.read], ['充值到账', '您的充值 100 USDT 已到账(BSC)', false])
  assert.equal(typeof older.id, 'number')
  assert.match(older.created_at, /^\d{4}-\d\d-\d\dT.*Z$/)
  const [, english] = await list(customer, '', { 'accept-language': 'en-GB,en;q=0.9' })
  assert.equal(english?.title, 'Deposit credited')
  // who does not say a language reads their own
  const [, own] = await list(customer, '', { 'accept-language': '*' })
  assert.equal(own?.title, '充值到账')
  await world.call('PATCH', '/api/user/me', { locale: 'en' }, { token: customer.access })
  const [, changed] = await list(customer, '', { 'accept-language': '*' })
  assert.equal(changed?.title, 'Deposit credited')
})

test('pages, counts and marks', async () => {
  const customer = await signUp(world)
  for (let i = 1; i <= 25; i++) await credit(customer, String(i))
  assert.equal((await list(customer)).length, 20)
  assert.equal((await list(customer, '?page=2')).length, 5)
  assert.deepEqual(
    (await list(customer, '?page=3&size=10')).map(({ body }) => /\d+/.exec(body)?.[0]),
    ['5', '4', '3', '2', '1'],
  )
  assert.equal(await unread(customer), 25)

  const [message] = (await list(customer)) as [Message]
  const mark = (id: string | number, method = 'POST', token = customer.access) =>
    world.call(method, `/api/inbox/${id}/read`, undefined, { token })
  assert.equal((await mark(message.id)).text, '{"code":0}')
  assert.equal((await mark(message.id, 'PUT')).text, '{"code":0}', 'twice is once')
  assert.equal(await unread(customer), 24)
  assert.equal((await list(customer))[0]?.read, true)

  const stranger = await signUp(world)
  const absent = await mark(999_999_999)
  const body = (text: string) => text.replace(/"request_id":"[^"]+"/, '')
  for (const id of [message.id, 0, -1, '1e3', '0x1', 'x', '9'.repeat(30), '1%00']) {
    const answer = await mark(id, 'POST', stranger.access)
    if (id === '1%00') assert.equal(answer.status >= 400 && answer.status < 500, true)
    else assert.deepEqual([answer.status, body(answer.text)], [absent.status, body(absent.text)], String(id))
  }
  assert.equal(
    (await world.call('PUT', '/api/inbox/read_all', undefined, { token: customer.access })).text,
    '{"code":0}',
  )
  assert.equal(
    (await world.call('POST', '/api/inbox/read_all', undefined, { token: customer.access })).text,
    '{"code":0}',
  )
  assert.equal(await unread(customer), 0)
})

test('every type has words in both languages, and an unknown one is still a message', () => {
  const params = {
    amount: '1',
    network: 'ETH',
    from: 'U10001',
    memo: 'm',
    uid: 'U10002',
    browser: 'Chrome',
    os: 'iOS',
    ip: '192.0.2.1',
    contact: 'x***@y.z',
    channel: 'sms',
    minutes: 30,
  }
  const types = [
    'recharge_credited',
    'transfer_received',
    'new_device',
    'payment_password_locked',
    'totp_disabled_unproven',
  ] satisfies InboxType[]
  for (const type of [...types, 'of a newer release']) {
    for (const locale of ['zh', 'en'] as const) {
      const { title, body } = inboxWords(type, params, locale)
      assert.ok(title.length > 0 && body.length > 0 && !/undefined|\[object/.test(title + body), `${type} ${locale}`)
    }
  }
})
