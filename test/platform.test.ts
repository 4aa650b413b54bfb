// The platform API as a merchant uses it, by a client that was written from its document: five of its endpoints, what they answer,
// what they refuse and in which words. Identities are in platform-identity.test.ts.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { demoMerchant } from '../src/domain/merchant/make-merchant.ts'
import { logIn, signUp, startWorld, type World } from './harness/customers.ts'
import {
  type PlatformAnswer,
  PlatformClient,
  expectPlatformRefusal as refused,
  USER,
} from './harness/platform-client.ts'

let world: World
let client: PlatformClient
let inviteCode: string

before(async () => {
  world = await startWorld()
  const demo = await demoMerchant(world.bank, 1)
  assert.deepEqual(await demoMerchant(world.bank, 1), demo, 'one and the same')
  inviteCode = demo.inviteCode
  client = new PlatformClient(world.url, demo)
})
after(async () => {
  await world?.close()
})

let serial = 0
const email = () => `merchant-customer${serial++}@example.com`
const password = 'TtEest19121'

interface Registered {
  uid: number
  inviteCode: string
  openId: string
}
async function register(change: object = {}): Promise<Registered> {
  const answer = await client.call('/registration', { email: email(), password, invitedCode: inviteCode, ...change })
  assert.equal(answer.body.code, '0', answer.text)
  return answer.inner as unknown as Registered
}

function userOf({ inner, text }: PlatformAnswer): Registered {
  assert.ok(inner, text)
  return inner.user as Registered
}

// --- registration ---

test('a customer registers by e-mail or by phone number, and signs in with the password', async () => {
  const contact = email()
  const first = await register({ email: contact })
  assert.ok(Number.isSafeInteger(first.uid) && first.uid >= 10_001)
  assert.match(first.inviteCode, /^[A-Z0-9]{6,12}$/)
  const signedIn = await logIn(world, { contact, password })
  assert.equal(signedIn.data.user.uid, `U${first.uid}`)

  const phone = await client.call('/registration', {
    mobileNumber: '09011223',
    countryCode: '93',
    password,
    invitedCode: first.inviteCode,
  })
  assert.equal(phone.body.code, '0', phone.text)
  assert.deepEqual({ ...phone.body, data: '', sign: '' }, { code: '0', msg: 'suc', data: '', sign: '' })
})

test('what cannot be registered is refused by its own number', async () => {
  const taken = email()
  await register({ email: taken })
  const good = { email: email(), password, invitedCode: inviteCode }
  const cases: [object, string, number, RegExp?][] = [
    [{ ...good, email: taken }, '80001', 409],
    [{ ...good, email: taken.toUpperCase() }, '80001', 409],
    [{ ...good, invitedCode: 'QSKNOQQQ' }, '80002', 400],
    [{ ...good, password: '123456' }, '80003', 400],
    [{ ...good, email: 'nobody' }, '10020', 400],
    [{ ...good, mobileNumber: '13900000000' }, '10020', 400, /exactly one/],
    [{ password, invitedCode: inviteCode }, '10020', 400, /exactly one/],
    [{ mobileNumber: '1', countryCode: '93', password, invitedCode: inviteCode }, '10020', 400],
    [{ ...good, mobileNumber: 13 }, '10020', 400],
    [{ email: good.email, invitedCode: inviteCode }, '10020', 400],
    [{ email: good.email, password }, '10020', 400],
    [{ ...good, uid: '1' }, '10020', 400],
    [{ ...good, invitedCode: '' }, '10020', 400],
  ]
  for (const [params, code, status, words] of cases) {
    refused(await client.call('/registration', params), code, status, words)
  }
  assert.equal((await client.call('/registration', good)).body.code, '0', 'nothing of it was kept')
})

test('two at once with one contact are one customer', async () => {
  const params = { email: email(), password, invitedCode: inviteCode }
  const answers = await Promise.all(Array.from({ length: 4 }, () => client.call('/registration', params)))
  assert.deepEqual(answers.map(({ body }) => body.code).sort(), ['0', '80001', '80001', '80001'])
})

// --- lists and trees ---

describe('invitations', () => {
  /** root ← a ← b ← c ← d ← e ← f, and b2, b3 beside b. */
  const line: Registered[] = []
  const beside: Registered[] = []
  let since: string
  before(async () => {
    since = String(world.clock.now().getTime())
    line.push(await register())
    for (let i = 1; i < 7; i++) line.push(await register({ invitedCode: line[i - 1]?.inviteCode }))
    for (let i = 0; i < 2; i++) beside.push(await register({ invitedCode: line[0]?.inviteCode }))
  })
  const at = (i: number) => line[i] ?? assert.fail(`${i}`)

  test('upwards: the customer and five levels', async () => {
    const { inner } = await client.call('/user_superior', { uid: String(at(6).uid) })
    const level = (i: number, above: Registered) => ({
      uid: at(i).uid,
      inviteCode: at(i).inviteCode,
      invitedCode: above.inviteCode,
      invitedUid: above.uid,
    })
    assert.deepEqual(inner, {
      user: level(6, at(5)),
      level1: level(5, at(4)),
      level2: level(4, at(3)),
      level3: level(3, at(2)),
      level4: level(2, at(1)),
      level5: level(1, at(0)),
    })
    const top = await client.call('/user_superior', { uid: String(at(0).uid) })
    assert.deepEqual(top.inner, {
      user: { uid: at(0).uid, inviteCode: at(0).inviteCode, invitedCode: '', invitedUid: -1 },
    })
  })

  test('by appKey as well, by openId, by contact; uid comes first', async () => {
    const { app_id, ...rest } = client.body({ openId: at(1).openId })
    const byKey = await client.send('/user_superior', { appKey: app_id, ...rest })
    assert.equal(userOf(byKey).uid, at(1).uid)
    const both = await client.call('/user_superior', { uid: String(at(2).uid), openId: at(1).openId })
    assert.equal(userOf(both).uid, at(2).uid)
    const twice = await client.send('/user_superior', { appKey: app_id, ...client.body({ uid: String(at(2).uid) }) })
    refused(twice, '10020', 400, /not both/)
    const contact = email()
    const { uid } = await register({ email: contact })
    const byEmail = await client.call('/user_superior', { emailOrPhone: contact.toUpperCase() })
    assert.equal(userOf(byEmail).uid, uid)
    const { uid: phone } = await register({ email: '', mobileNumber: '0701234567', countryCode: '+93' })
    for (const emailOrPhone of ['0701234567', '701234567', '+93701234567', '93701234567', '0093701234567']) {
      const found = await client.call('/user_superior', { emailOrPhone })
      assert.equal(userOf(found).uid, phone, emailOrPhone)
    }
  })

  test('nobody is found by what is nobody’s, or by nothing', async () => {
    for (const name of [{ uid: '99999999' }, { uid: 'U10001' }, { openId: 'x' }, { emailOrPhone: 'x@y.example' }])
      refused(await client.call('/user_superior', name), '50007', 404)
    refused(await client.call('/user_superior', {}), '10020', 400)
    refused(await client.call('/user_superior', { uid: '', openId: '' }), '10020', 400)
  })

  test('downwards: two levels with their counts, newest first, by pages', async () => {
    const page = { page: '1', pageSize: '2' }
    const { inner } = await client.call('/user_invite', { uid: String(at(0).uid), ...page })
    assert.equal(inner?.levelOneCount, 3)
    assert.equal(inner?.levelTwoCount, 1)
    const { ctime, ...me } = (inner?.cuerrentUser ?? {}) as Record<string, unknown>
    assert.match(String(ctime), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    assert.deepEqual(me, {
      uid: at(0).uid,
      nickname: '',
      inviteCode: at(0).inviteCode,
      invitedUid: -1,
      invitedCode: '',
    })
    const uids = (list: unknown) => (list as { uid: number }[]).map(({ uid }) => uid)
    assert.deepEqual(uids(inner?.userExtInviteVoList), [beside[1]?.uid, beside[0]?.uid])
    const rest = await client.call('/user_invite', { openId: at(0).openId, page: '2', pageSize: '2' })
    assert.deepEqual(uids(rest.inner?.userExtInviteVoList), [at(1).uid])
    const [b] = (rest.inner?.userExtInviteVoList ?? []) as Record<string, unknown>[]
    assert.deepEqual(uids(b?.childLevel), [at(2).uid])
    const [c] = (b?.childLevel ?? []) as Record<string, unknown>[]
    assert.deepEqual(
      [b?.level, b?.invitedUid, b?.invitedCode, c?.level, c?.invitedUid, c?.invitedCode],
      [1, at(0).uid, at(0).inviteCode, 2, at(1).uid, at(1).inviteCode],
    )
    assert.match(String(b?.email), /^merchant-customer\d+@example\.com$/)
    assert.equal(b?.phone, '')
    const all = await client.call('/user_invite', { uid: String(at(0).uid), page: '', pageSize: '' })
    assert.equal(uids(all.inner?.userExtInviteVoList).length, 3)
    for (const wrong of [{ page: '0' }, { page: '-1' }, { page: '1.0' }, { pageSize: '1e2' }, { page: 1 }])
      refused(await client.call('/user_invite', { uid: String(at(0).uid), ...page, ...wrong }), '10020', 400)
    refused(await client.call('/user_invite', { uid: String(at(0).uid) }), '10020', 400, /page/)
  })

  test('all who registered since an instant, in order, by pages, in answers of many blocks', async () => {
    const answer = await client.call('/reg_info_list', { regStartTime: since })
    const list = (answer.inner?.userInfoList ?? []) as Record<string, unknown>[]
    assert.ok(Buffer.from(String(answer.body.data), 'base64url').length > 4 * 256)
    assert.deepEqual(
      list.slice(0, 9).map(({ uid, pid }) => [uid, pid]),
      [...line, ...beside].map(({ uid }, i) => [uid, i === 0 ? '-1' : String(i < 7 ? at(i - 1).uid : at(0).uid)]),
    )
    assert.equal(answer.inner?.count, list.length)
    const second = await client.call('/reg_info_list', { regStartTime: since, page: '2', pageSize: '3' })
    assert.deepEqual(second.inner?.userInfoList, list.slice(3, 6))
    assert.equal(second.inner?.count, list.length)
    assert.deepEqual((await client.call('/reg_info_list', { regStartTime: '9999999999999' })).inner, {
      userInfoList: [],
      count: 0,
    })
    for (const regStartTime of ['', '1', '12345678901234', 'x'])
      refused(await client.call('/reg_info_list', { regStartTime }), '10020', 400)
  })
})

// --- sign-ins ---

test('sign-ins are told in the clear: by what, from where, how they ended', async () => {
  const contact = email()
  const { uid } = await register({ email: contact })
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
  await logIn(world, { contact, password })
  await logIn(world, { contact, password: 'not the password' })
  await logIn(world, { contact, password }, { 'user-agent': phone })
  await logIn(world, { contact, password }, { 'user-agent': 'BrandApp/3.1' })
  const ask = (params: Record<string, string>) => client.send('/getUserHistoryLogin', client.plain(params))
  const answer = await ask({ uid: String(uid) })
  assert.deepEqual([answer.body.code, answer.body.msg], ['0', 'suc'])
  const { count, HistoryLogin } = answer.body.data as { count: number; HistoryLogin: Record<string, unknown>[] }
  assert.equal(count, 4)
  assert.deepEqual(
    HistoryLogin.map(({ uid: whose, lgType, lgPlatform, lgSystem, lgStatus }) => [
      whose,
      lgType,
      lgPlatform,
      lgSystem,
      lgStatus,
    ]),
    [
      [uid, 2, 3, 'web', 1],
      [uid, 2, 2, 'ios', 1],
      [uid, 2, 1, 'web', 2],
      [uid, 2, 1, 'web', 1],
    ],
  )
  assert.match(String(HistoryLogin[0]?.lgIp), /127\.0\.0\.1/)
  assert.ok(Math.abs(Number(HistoryLogin[0]?.lgInTime) - world.clock.now().getTime()) < 60_000)
  const dates = { startDate: '2000-01-01 00:00:00', endDate: '2001-01-01 00:00:00' }
  assert.deepEqual((await ask({ uid: String(uid), ...dates })).body.data, { count: 0, HistoryLogin: [] })
  assert.equal(
    ((await ask({ uid: String(uid), startDate: '2000-01-01 00:00:00', endDate: '' })).body.data as { count: number })
      .count,
    4,
  )
  const time = String(world.clock.now().getTime())
  assert.equal((await ask({ uid: String(uid), time })).body.code, '0')
  refused(await ask({ uid: String(uid), time }), '50005', 401)
  refused(await ask({ uid: String(uid), time: String(Number(time) - minutes(6)) }), '50010', 401)
  for (const startDate of ['2024-00-00 00:00:00', '2024-02-30 00:00:00', '2024-01-01', '2024-01-01T00:00:00'])
    refused(await ask({ uid: String(uid), startDate }), '10020', 400)
  refused(await ask({ uid: '99999999' }), '50007', 404)
  const own = await signUp(world)
  refused(await ask({ uid: own.uid.slice(1) }), '50007', 404)
})

// --- the scheme, as clients differ ---

describe('the form of a request', () => {
  const params = () => ({ regStartTime: '1000000000000', page: '1', pageSize: '1' })
  const accepted = async (body: object, headers?: Record<string, string>) =>
    assert.equal((await client.send('/reg_info_list', body, headers)).body.code, '0')

  test('Base64 comes in both alphabets, with padding and without', async () => {
    for (const write of [
      (text: string) => text,
      (text: string) => Buffer.from(text, 'base64url').toString('base64'),
      (text: string) => Buffer.from(text, 'base64url').toString('base64').replace(/=+$/, ''),
      (text: string) => `${text}${'='.repeat((4 - (text.length % 4)) % 4)}`,
    ]) {
      const { data, sign, ...rest } = client.body(params())
      await accepted({ ...rest, data: write(String(data)), sign: write(String(sign)) })
    }
  })

  test('time is seconds or milliseconds, a number or a text', async () => {
    const now = world.clock.now().getTime()
    for (const time of [now, String(now), Math.floor(now / 1000), String(Math.floor(now / 1000)), now - minutes(4)])
      await accepted(client.body(params(), time))
    for (const time of [now - minutes(6), now + minutes(6), 0, -1, 12, '', 'now', '1e12', `${now}0`, '0x1'])
      refused(await client.send('/reg_info_list', client.body(params(), time)), '50010', 401)
    for (const time of [1.5, null, true, [now]])
      refused(await client.send('/reg_info_list', { ...client.body(params()), time }), '10020', 400)
  })

  test('blocks are as long as their sender likes, and JSON as it was written', async () => {
    const text = Buffer.from(`  {"pageSize" : "1",\n"regStartTime":"\\u0031000000000000" }`)
    for (const size of [1, 7, 100, 245]) {
      const data = Buffer.concat(client.blocks(text, size)).toString('base64url')
      const sign = client.sign(text).toString('base64url')
      await accepted({ app_id: client.keys.appId, time: Date.now(), data, sign })
    }
  })

  test('what is no such request is refused in the envelope', async () => {
    const good = client.body(params())
    for (const body of [
      {},
      { ...good, data: '' },
      { ...good, data: 1 },
      { ...good, more: 1 },
      { ...good, sign: 'x'.repeat(401) },
      '[]',
      '{',
      '1',
      '{"app_id":"x","app_id":"y"}',
    ])
      refused(await client.send('/reg_info_list', body), '10020', 400)
    for (const missing of ['app_id', 'time', 'data', 'sign'])
      refused(
        await client.send(
          '/reg_info_list',
          Object.fromEntries(Object.entries(good).filter(([name]) => name !== missing)),
        ),
        '10020',
        400,
      )
    for (const app_id of [
      'x',
      `${client.keys.appId}x`,
      client.keys.appId.toUpperCase(),
      `pk_test_${'a'.repeat(34)}`,
      '\u0000',
    ])
      assert.ok(['50004', '10020'].includes((await client.send('/reg_info_list', { ...good, app_id })).body.code))
    assert.equal((await client.send('/reg_info_list', good)).body.code, '0', 'and the good one was not used up')
    refused(await client.send('/reg_info_list', good, { 'content-type': 'text/plain' }), '50000', 415)
    refused(await client.send('/reg_info_list', { ...good, data: 'A'.repeat(70_000) }), '50015', 413)
    refused(await client.send('/verifyUserIdentity', { ...good, data: 'A'.repeat(270_000) }), '50015', 413)
  })

  test('nothing else is there: 404 and 405 in the envelope, in both languages', async () => {
    for (const [method, path, status, code] of [
      ['GET', `${USER}/registration`, 405, '50000'],
      ['PUT', `${USER}/registration`, 405, '50000'],
      ['POST', `${USER}/nothing`, 404, '50007'],
      ['GET', '/platformapi', 404, '50007'],
      ['GET', '/platformapi/%zz', 400, '10020'],
      ['POST', `${USER}/registration/`, 404, '50007'],
    ] as const) {
      const response = await fetch(world.url + path, { method, headers: { 'accept-language': 'zh-CN' } })
      const body = (await response.json()) as { code: string; msg: string }
      assert.deepEqual([response.status, body.code], [status, code], path)
      assert.match(body.msg, /[一-鿿]/)
      if (status === 405) assert.equal(response.headers.get('allow'), 'POST')
      assert.match(String(response.headers.get('x-request-id')), /^[\w-]{8,64}$/)
    }
  })

  test('a key pair of another kind encrypts nothing that is taken', async () => {
    const stranger = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
    const text = Buffer.from(JSON.stringify(params()))
    const sign = crypto.sign(
      'RSA-SHA256',
      Buffer.from(crypto.createHash('md5').update(text).digest('hex')),
      stranger.privateKey,
    )
    refused(
      await client.send('/reg_info_list', { ...client.body(params()), sign: sign.toString('base64url') }),
      '50005',
      401,
    )
    const data = crypto.publicEncrypt({ key: stranger.publicKey, padding: crypto.constants.RSA_PKCS1_PADDING }, text)
    refused(
      await client.send('/reg_info_list', { ...client.body(params()), data: data.toString('base64url') }),
      '50005',
      401,
    )
  })
})
