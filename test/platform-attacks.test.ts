// The platform API under attack: repeated, spliced and reordered blocks, wrong paddings, keys of others; one merchant asking
// after another's customers. What is wrong inside a request is told alike, in words and in time.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { demoMerchant, makeMerchant } from '../src/domain/merchant/make-merchant.ts'
import { askCode, logIn, signUp, startWorld, type World } from './harness/customers.ts'
import { mannWhitney } from './harness/mann-whitney.ts'
import { type PlatformAnswer, PlatformClient, expectPlatformRefusal as refused } from './harness/platform-client.ts'

let world: World
let a: PlatformClient
let b: PlatformClient
const invite = { a: '', b: '' }

before(async () => {
  world = await startWorld()
  const demo = await demoMerchant(world.bank, 1)
  a = new PlatformClient(world.url, demo)
  invite.a = demo.inviteCode
  const own = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = own.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const made = await makeMerchant(world.bank, 1, { name: 'Other', publicKey })
  invite.b = made.merchant.inviteCode
  b = new PlatformClient(world.url, {
    appId: made.merchant.id,
    merchantPrivateKey: own.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url'),
    platformPublicKey: made.platformKey,
    secret: made.secret,
  })
})
after(() => world?.close())

const password = 'TtEest19121'
const LIST = '/reg_info_list'
const list = (note = '1') => ({ regStartTime: '1000000000000', page: '1', pageSize: note })
let serial = 0
const email = () => `attacked${serial++}@example.com`
async function register(client: PlatformClient, change: object = {}) {
  const invitedCode = client === a ? invite.a : invite.b
  const answer = await client.call('/registration', { email: email(), password, invitedCode, ...change })
  assert.equal(answer.body.code, '0', answer.text)
  return answer.inner as unknown as { uid: number; inviteCode: string; openId: string }
}

const send = (client: PlatformClient, data: Uint8Array, sign: Uint8Array, path = LIST) =>
  client.send(path, {
    app_id: client.keys.appId,
    time: Date.now(),
    data: Buffer.from(data).toString('base64url'),
    sign: Buffer.from(sign).toString('base64url'),
  })
const wrong = (answer: PlatformAnswer) => refused(answer, '50005', 401, /^Signature error$/)

// --- repeats ---

describe('what was captured', () => {
  test('counts once: at once, later, under a fresh time, another spelling, another endpoint', async () => {
    const body = a.body(list())
    const again = (change: object) => a.send(LIST, { ...body, ...change })
    const first = await Promise.all(Array.from({ length: 5 }, () => again({})))
    assert.deepEqual(first.map((answer) => answer.body.code).sort(), ['0', '50005', '50005', '50005', '50005'])
    const std = (text: unknown) => Buffer.from(String(text), 'base64url').toString('base64')
    for (const change of [
      {},
      { time: Date.now() + 1_000 },
      { time: String(Math.floor(Date.now() / 1000)) },
      { data: std(body.data) },
      { data: `${body.data}=` },
      { sign: std(body.sign) },
    ])
      wrong(await again(change))
    wrong(await a.send('/user_superior', body))
    assert.equal((await a.call(LIST, list())).body.code, '0', 'the same parameters, encrypted anew')
  })

  test('counts no more in parts: blocks of several requests, dropped, doubled, reordered, lengthened', async () => {
    const text = Buffer.from(JSON.stringify({ ...list(), page: '1' }).padEnd(600, ' '))
    const sign = a.sign(text)
    const [one, two, three] = [a.blocks(text), a.blocks(text), a.blocks(text)]
    assert.equal((await send(a, Buffer.concat(one), sign)).body.code, '0')
    const parts = (...blocks: (Buffer | undefined)[]) => Buffer.concat(blocks.map((block) => block ?? Buffer.alloc(0)))
    // every one of these opens to the signed text, and only the block that was used gives it away
    wrong(await send(a, parts(one[0], two[1], two[2]), sign))
    wrong(await send(a, parts(two[0], two[1], one[2]), sign))
    wrong(await send(a, parts(a.block(text.subarray(0, 245)), one[1], one[2]), sign))
    wrong(await send(a, parts(two[0], two[1], two[1], two[2]), sign))
    wrong(await send(a, parts(two[1], two[0], two[2]), sign))
    wrong(await send(a, parts(two[0], two[2]), sign))
    wrong(await send(a, parts(...two, two[2]), sign))
    wrong(await send(a, parts(...two, a.block(Buffer.from(' '))), sign))
    wrong(await send(a, parts(...two).subarray(0, -1), sign))
    wrong(await send(a, parts(...two.slice(0, 2)), sign))
    assert.equal((await send(a, parts(...two), sign)).body.code, '0', 'none of that used it up')
    // blocks that say nothing would make a new request out of a used one
    const none = (() => {
      const block = Buffer.alloc(256, 1)
      block.set([0, 2], 0)
      block[255] = 0
      return crypto.publicEncrypt({ key: a.theirs, padding: crypto.constants.RSA_NO_PADDING }, block)
    })()
    wrong(await send(a, parts(...three, none), sign))
    wrong(await send(a, parts(none, ...one), sign))
  })

  test('is not another merchant’s: neither data, nor sign, nor name', async () => {
    const [mine, theirs] = [a.body(list()), b.body(list())]
    for (const body of [
      { ...mine, app_id: theirs.app_id },
      { ...mine, data: theirs.data },
      { ...mine, sign: theirs.sign },
      { ...theirs, app_id: mine.app_id },
      { ...theirs, data: mine.data },
      { ...theirs, sign: mine.sign },
    ])
      wrong(await a.send(LIST, body))
    assert.equal((await a.send(LIST, mine)).body.code, '0')
    assert.equal((await b.send(LIST, theirs)).body.code, '0')
  })

  test('in the clear, values cannot be moved into names or into each other', async () => {
    const { uid } = await register(a)
    const path = '/getUserHistoryLogin'
    const good = a.plain({ uid: String(uid), startDate: '2000-01-01 00:00:00' })
    assert.equal((await a.send(path, good)).body.code, '0')
    const { sign, appKey = '' } = good
    for (const forged of [
      { appKey, sign, uid: String(uid) },
      { appKey, sign, uid: `${uid}1`, startDate: '2000-01-01 00:00:00' },
      { appKey, sign, uid: String(uid), startDate: '', endDate: '2000-01-01 00:00:00' },
      { appKey: `${appKey}startDate2000-01-01 00:00:00uid${uid}`, sign, uid: String(uid) },
      { appKey, sign, uid: String(uid), startDate: `2000-01-01 00:00:00`, endDate: '2030-01-01 00:00:00' },
      { appKey, sign, startDate: `2000-01-01 00:00:00uid${uid}` },
      { appKey: b.keys.appId, sign, uid: String(uid), startDate: '2000-01-01 00:00:00' },
      { app_id: appKey, sign, uid: String(uid), startDate: '2000-01-01 00:00:00' },
    ]) {
      const answer = await a.send(path, forged)
      assert.ok(['50005', '50004', '10020'].includes(answer.body.code), answer.text)
      assert.equal(answer.body.data, '')
    }
    const upper = { ...good, sign: String(sign).toUpperCase() }
    refused(await a.send(path, upper), '10020', 400)
  })
})

// --- the padding ---

/** A block that holds exactly these bytes. */
function raw(change: (block: Buffer) => void): Buffer {
  const block = Buffer.alloc(256, 0x5a)
  block.set([0, 2], 0)
  block[100] = 0
  change(block)
  return crypto.publicEncrypt({ key: a.theirs, padding: crypto.constants.RSA_NO_PADDING }, block)
}
const ciphertexts: Record<string, () => Buffer> = {
  'right padding, another text': () => raw(() => {}),
  'first byte': () => raw((block) => block.set([1], 0)),
  'type 1': () => raw((block) => block.set([1], 1)),
  'type 0': () => raw((block) => block.set([0], 1)),
  'no end': () => raw((block) => block.set([0x5a], 100)),
  'seven bytes of padding': () => raw((block) => block.set([0], 9)),
  'an end at once': () => raw((block) => block.set([0], 2)),
  'nothing behind it': () => raw((block) => block.set([0x5a], 100) ?? block.set([0], 255)),
  'a bit of a good one': () => {
    const block = a.block(Buffer.from(JSON.stringify(list())))
    block.set([(block[200] ?? 0) ^ 1], 200)
    return block
  },
  random: () => crypto.randomBytes(256).fill(0, 0, 1),
  'above the modulus': () => Buffer.alloc(256, 0xff),
  zero: () => Buffer.alloc(256),
  one: () => Buffer.alloc(256).fill(1, 255),
}

test('whatever is wrong with a block, or with a signature, is told in one way', async () => {
  const text = Buffer.from(JSON.stringify(list()))
  const sign = a.sign(text)
  for (const [name, make] of Object.entries(ciphertexts)) {
    const answers = [
      await send(a, make(), sign),
      await send(a, Buffer.concat([a.block(text), make()]), sign),
      await send(a, Buffer.concat([make(), a.block(text)]), sign),
    ]
    for (const answer of answers) {
      wrong(answer)
      assert.deepEqual([...answer.headers.keys()].sort(), [...(answers[0]?.headers.keys() ?? [])].sort(), name)
    }
  }
  for (const bad of [
    Buffer.alloc(256),
    Buffer.alloc(256, 0xff),
    sign.subarray(1),
    sign.subarray(0, 255),
    a.sign(Buffer.from('x')),
  ])
    wrong(await send(a, a.block(text), bad))
  // signed as it should be, and no JSON of one object
  for (const junk of [
    'x',
    '[]',
    '1',
    'null',
    '{"a":1,"a":2}',
    '{"__proto__":{}}',
    `{"a":${'['.repeat(100)}`,
    Buffer.from([0x7b, 0xff, 0x7d]),
  ]) {
    const bytes = Buffer.from(junk)
    wrong(await send(a, Buffer.concat(a.blocks(bytes)), a.sign(bytes)))
  }
  for (const data of ['A', '????', 'AAAA', ' ', 'A'.repeat(341), `${'A'.repeat(342)}=`, '%00'])
    wrong(await a.send(LIST, { ...a.body(list()), data }))
  for (const sign64 of ['A', '????', 'AAAA']) wrong(await a.send(LIST, { ...a.body(list()), sign: sign64 }))
})

test('and in the same time', async () => {
  const text = Buffer.from(JSON.stringify(list()))
  const sign = a.sign(text)
  const used = a.block(text)
  assert.equal((await send(a, used, sign)).body.code, '0')
  const [no, yes] = [ciphertexts['type 1'], ciphertexts['right padding, another text']]
  assert.ok(no && yes)
  const kinds: Record<string, () => Promise<PlatformAnswer>> = {
    'a wrong padding': () => send(a, no(), sign),
    'a right one': () => send(a, yes(), sign),
    'a repeat': () => send(a, used, sign),
    'no JSON': () => send(a, a.block(Buffer.from('x')), a.sign(Buffer.from('x'))),
    'above the modulus': () => send(a, Buffer.alloc(256, 0xff), sign),
  }
  const times = new Map<string, number[]>(Object.keys(kinds).map((name) => [name, []]))
  for (let round = 0; round < 15; round++) {
    const order = Object.entries(kinds)
    for (const [name, ask] of round % 2 === 0 ? order : order.toReversed()) {
      const began = performance.now()
      wrong(await ask())
      times.get(name)?.push(performance.now() - began)
    }
  }
  const base = times.get('a wrong padding') ?? []
  for (const [name, each] of times) {
    if (name === 'a wrong padding') continue
    const p = mannWhitney(base, each)
    assert.ok(p > 0.001, `${name}: p = ${p}`)
  }
})

// --- two merchants ---

test('another merchant’s customers are as absent as nobody: found, listed, invited by, submitted, looked at', async () => {
  const theirEmail = email()
  const [theirs, mine, stranger] = [await register(b, { email: theirEmail }), await register(a), await signUp(world)]
  const child = await register(b, { invitedCode: theirs.inviteCode })
  const page = { page: '1', pageSize: '10' }
  const identity = { countryCode: '86', certificateNumber: 'E1234567', familyName: 'A', name: 'B' }
  const plain = (uid: string) => a.send('/getUserHistoryLogin', a.plain({ uid }))
  const asks: Record<string, (uid: string) => Promise<PlatformAnswer>> = {
    user_superior: (uid) => a.call('/user_superior', { uid }),
    user_invite: (uid) => a.call('/user_invite', { uid, ...page }),
    verifyUserIdentity: (uid) => a.call('/verifyUserIdentity', { uid, ...identity }),
    getUserHistoryLogin: plain,
  }
  for (const [name, ask] of Object.entries(asks)) {
    const absent = await ask('99999999')
    for (const uid of [theirs.uid, child.uid, stranger.no]) {
      const answer = await ask(String(uid))
      refused(answer, '50007', 404)
      assert.equal(answer.text, absent.text, name)
    }
    assert.equal((await ask(String(mine.uid))).body.code, '0', name)
  }
  for (const who of [{ openId: theirs.openId }, { emailOrPhone: theirEmail }, { emailOrPhone: stranger.contact }]) {
    refused(await a.call('/user_superior', who), '50007', 404)
    refused(await a.call('/user_invite', { ...who, ...page }), '50007', 404)
  }
  for (const invitedCode of [theirs.inviteCode, child.inviteCode, stranger.inviteCode, invite.b])
    refused(await a.call('/registration', { email: email(), password, invitedCode }), '80002', 400)
  const { inner, text } = await a.call(LIST, { regStartTime: '1000000000000', page: '1', pageSize: '100' })
  const uids = ((inner?.userInfoList ?? []) as { uid: number }[]).map(({ uid }) => uid)
  assert.ok(uids.includes(mine.uid) && !uids.includes(theirs.uid) && !uids.includes(child.uid), text)
})

test('registering a contact tells nothing about customers of others', async () => {
  const [theirs, stranger] = [email(), await signUp(world)]
  await register(b, { email: theirs })
  const before = await b.call('/user_superior', { emailOrPhone: theirs })
  const taken = { password, invitedCode: invite.a }
  for (const contact of [theirs, stranger.contact]) {
    const mine = await a.call('/registration', { email: contact, ...taken })
    assert.equal(mine.body.code, '0', mine.text)
    refused(await a.call('/registration', { email: contact, ...taken }), '80001', 409)
    const found = await a.call('/user_superior', { emailOrPhone: contact })
    assert.deepEqual((found.inner?.user as { uid: number } | undefined)?.uid, (mine.inner as { uid: number }).uid)
  }
  assert.deepEqual((await b.call('/user_superior', { emailOrPhone: theirs })).inner, before.inner, 'nothing was taken')
})

// --- contacts ---

test('a contact that a merchant says is its customer’s is its owner’s who proves it', async () => {
  const sayTaken = async (contact: string) => {
    const claimed = await register(a, { email: contact })
    assert.equal((await logIn(world, { contact, password })).data.user.uid, `U${claimed.uid}`)
    return claimed
  }
  // somebody registers with a code that only they could read: another customer, and the merchant's signs in no more
  const contact = email()
  const claimed = await sayTaken(contact)
  const owner = await signUp(world, { contact })
  assert.notEqual(owner.uid, `U${claimed.uid}`)
  assert.equal((await logIn(world, { contact, password })).name, 'InvalidCredential')
  assert.equal((await logIn(world, owner)).data.user.uid, owner.uid)
  const found = await a.send('/user_superior', a.body({ emailOrPhone: contact }, world.clock.now().getTime()))
  assert.equal((found.inner?.user as { uid: number } | undefined)?.uid, claimed.uid, 'the merchant has it as before')
  const listed = await a.send('/user_superior', a.body({ uid: String(claimed.uid) }, world.clock.now().getTime()))
  assert.equal(listed.body.code, '0')

  // or they take what was registered for them: then it is theirs, and nobody registers with it any more
  const second = email()
  const kept = await sayTaken(second)
  const code = await askCode(world, second, 'login')
  const byCode = await world.call<{ user: { uid: string } }>('POST', '/api/auth/login', {
    contact: second,
    type: 'email',
    code,
  })
  assert.equal(byCode.data.user.uid, `U${kept.uid}`)
  const { rows } = await world.database.owner.pool.query(
    'select count(*)::int as n from directory where fallback_index is not null and person_id = (select id from people where no = $1)',
    [kept.uid],
  )
  assert.equal(rows[0]?.n, 0)
  const sent = world.sinks.codesTo(second)
  world.clock.advance(61_000)
  assert.equal(
    (await world.call('POST', '/api/auth/code/send', { contact: second, type: 'email', scene: 'register' })).status,
    200,
  )
  assert.equal(world.sinks.codesTo(second), sent, 'no code, a word that there is an account')
})
