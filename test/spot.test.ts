// The spot API over HTTP, by a client written from its document alone: who is let in, what is done once however often it is
// asked, the nine endpoints and what they refer to, exact digits in and out, the envelope of everything that goes wrong.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { removeExpired } from '../src/domain/expiry.ts'
import { readContact } from '../src/domain/people/contact.ts'
import { attachContact } from '../src/domain/people/directory.ts'
import type { SpotAnswer } from './harness/spot-client.ts'
import {
  anotherServer,
  done,
  fromAnywhere,
  makeKey,
  makeTrader,
  refused,
  speaking,
  type Trader,
} from './harness/trading.ts'
import { freshAddress, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

const now = () => bank.world.clock.now().getTime()
type Record_ = Record<string, unknown>

describe('who is let in', () => {
  let alice: Trader
  before(async () => {
    alice = await makeTrader(bank)
  })

  test('a signed request is answered from the books, with exact numbers', async () => {
    assert.equal(
      (await alice.get('/user/account')).text,
      '{"code":"0","msg":"result.success","data":[{"coin":"USDT","balance":1000,"balanceLocked":0},{"coin":"TRX","balance":0,"balanceLocked":0}],"success":true}',
    )
    assert.ok((await alice.get('/user/info')).text.includes(`"data":{"uid":${alice.payer.no}}`))
  })

  test('every form of the query that the sources write; a body to the byte', async () => {
    for (const signedQuery of ['b2c3', 'b=2c=3', 'b=2&c=3'])
      done(await alice.get('/user/account?c=3&b=2', { signedQuery }))
    done(await alice.post('/deposit/page', '{ "limit" :  10 }'))
    done(await alice.post('/deposit/page', '{"coin":"","type":null,"limit":10}'))
  })

  test('not without key, time, nonce and signature, nor with others', async () => {
    const body = '{"limit":10}'
    const wrong: [number, string, Promise<SpotAnswer>][] = [
      [401, '100003', alice.post('/deposit/page', body, { headers: { 'api-key': '' } })],
      [401, '100003', alice.post('/deposit/page', body, { headers: { nonce: '' } })],
      [401, '100003', alice.post('/deposit/page', body, { headers: { sign: '' } })],
      [401, '100008', alice.post('/deposit/page', body, { headers: { timestamp: '' } })],
      [401, '100008', alice.post('/deposit/page', body, { headers: { timestamp: '1e12' } })],
      [401, '100003', alice.post('/deposit/page', body, { nonce: 'x'.repeat(129) })],
      [401, '100004', alice.post('/deposit/page', body, { apiKey: 'pk_test_unknown' })],
      [401, '100004', alice.post('/deposit/page', body, { apiKey: alice.key.apiKey.replace(/.$/, 'z') })],
      [401, '100005', alice.post('/deposit/page', body, { signature: '0'.repeat(64) })],
      [401, '100005', alice.post('/deposit/page', body, { signature: 'nonsense' })],
      [401, '100005', alice.post('/deposit/page', body, { signedBody: '{"limit":1}' })],
      [401, '100005', alice.post('/deposit/page', body, { signedBody: '{"limit": 10}' })],
      [401, '100005', alice.get('/user/account?a=1', { signedQuery: '' })],
      [401, '100005', alice.get('/user/account?a=1', { signedQuery: 'a2' })],
      [401, '100005', speaking(bank.world, { ...alice.key, secret: 'sk_test_other' }).get('/user/account')],
    ]
    for (const [status, code, answer] of wrong) assert.deepEqual(refused(await answer), [status, code], code)
  })

  test('within a minute of our time, either way', async () => {
    for (const off of [-59_000, 59_000]) done(await alice.get('/user/account', { timestamp: now() + off }))
    for (const off of [-61_500, 61_500, -86_400_000])
      assert.deepEqual(refused(await alice.get('/user/account', { timestamp: now() + off })), [401, '100008'])
  })

  test('a nonce counts once: here, in another process, and after a restart', async () => {
    const request = alice.client.prepare('GET', '/api/spot/v1/user/account')
    done(await alice.client.send(request))
    assert.deepEqual(refused(await alice.client.send(request)), [401, '100009'])
    const other = await anotherServer(bank.world)
    try {
      assert.deepEqual(refused(await speaking(bank.world, alice.key, other.url).client.send(request)), [401, '100009'])
      const more = alice.client.prepare('GET', '/api/spot/v1/user/account')
      const clients = [alice.client, speaking(bank.world, alice.key, other.url).client]
      const all = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          (clients[i % 2] ?? alice.client).send({ ...more, headers: { ...more.headers, ...fromAnywhere() } }),
        ),
      )
      assert.equal(all.filter(({ code }) => code === '0').length, 1)
      assert.equal(all.filter(({ code }) => code === '100009').length, 15)
    } finally {
      await other.close()
    }
  })

  test('a key does what its scopes say', async () => {
    const reader = await makeTrader(bank, { terms: { scopes: ['read'] } })
    const mover = await makeTrader(bank, { terms: { scopes: ['transfer'] } })
    done(await reader.get('/user/account'))
    const order = { coin: 'USDT', network: 'BSC', address: freshAddress(), amount: 20 }
    const send = { coin: 'USDT', amount: 1, toType: 'uid', toUid: 10_001 }
    const move = { type: 'spot_futures', coin: 'USDT', amount: '1' }
    for (const [path, body] of [
      ['/withdraw', order],
      ['/withdraw/cancel', { withdrawId: '1' }],
      ['/inside_transfer', send],
      ['/inside_transfer/cancel', { insideTransferId: '1' }],
      ['/funds_transfer', move],
    ] as const)
      assert.deepEqual(refused(await reader.post(path, body)), [403, '100011'], path)
    done(await mover.post('/funds_transfer', move))
    assert.deepEqual(refused(await mover.post('/withdraw', order)), [403, '100011'])
    assert.deepEqual(refused(await mover.get('/user/account')), [403, '100011'])
  })

  test('ten a second from one address to one endpoint; the eleventh is told so', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.77' }
    const path = '/common/rate/list'
    const codes: string[] = []
    for (let i = 0; i < 11; i++) codes.push((await alice.get(path, { headers })).code)
    assert.deepEqual(codes, [...Array.from({ length: 10 }, () => '0'), '110041'])
    const over = await alice.get(path, { headers })
    assert.deepEqual(
      [refused(over), over.headers.get('retry-after'), over.msg],
      [[429, '110041'], '1', 'Interface access times are too fast'],
    )
    done(await alice.get('/user/account', { headers }))
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    done(await alice.get(path, { headers }))
  })
})

describe('payments within the bank', () => {
  let carol: Trader
  let dave: Trader
  before(async () => {
    carol = await makeTrader(bank)
    dave = await makeTrader(bank, { amount: 0n })
  })

  test('by phone, with or without the plus of its country', async () => {
    const { bank: parts } = bank.world
    const contact = readContact(parts, { kind: 'mobile', contact: '13912345678', mobilePrefix: '+86' })
    await parts.db.transaction((tx) => attachContact(parts, tx, 1, dave.payer.id, contact))
    for (const toPhoneCountryCode of ['+86', '86']) {
      const to = { toType: 'phone', toPhoneCountryCode, toPhoneNumber: '13912345678' }
      const id = done(await carol.post('/inside_transfer', { coin: 'USDT', amount: '1', ...to }))
      const [sent] = done<Record_[]>(await carol.post('/withdraw_transfer/page', { id }))
      assert.deepEqual(
        [sent?.toType, sent?.toPhoneCountryCode, sent?.toPhoneNumber, sent?.toUid],
        ['phone', toPhoneCountryCode, '13912345678', null],
      )
    }
    const [row] = await bank.world.database.owner.query<{ text: string }>(
      '',
      'select string_agg(p::text, $1) as text from program_orders p',
      [','],
    )
    assert.doesNotMatch(row?.text ?? '', /13912345678/)
  })

  test('by uid and e-mail, with records on both sides; ids have 19 exact digits', async () => {
    const id = done(
      await carol.post(
        '/inside_transfer',
        `{"coin":"USDT","amount":10,"toType":"uid","toUid":${dave.payer.no},"remark":"a 备注"}`,
      ),
    )
    const mail = done(
      await carol.post('/inside_transfer', {
        coin: 'USDT',
        amount: '2.5',
        toType: 'email',
        toEmail: dave.payer.contact,
      }),
    )
    const sent = done<Record_[]>(await carol.post('/withdraw_transfer/page', { type: 'inside_transfer_out', limit: 2 }))
    assert.deepEqual(
      sent.map((one) => [one.id, one.amount, one.toType, one.toUid, one.toEmail, one.remark, one.status]),
      [
        [mail, '2.50000000', 'email', null, dave.payer.contact, null, 'success'],
        [id, '10.00000000', 'uid', `${dave.payer.no}`, null, 'a 备注', 'success'],
      ],
    )
    const page = await dave.post('/deposit/page', { type: 'inside_transfer_in', limit: 10 })
    assert.ok(page.text.includes(`"id":${id},`), 'a JSON number with all its digits')
    const received = done<Record_[]>(page).find((one) => one.id === id)
    assert.deepEqual(
      [received?.id, received?.fromAddress, received?.toAddress, received?.amount, received?.network],
      [id, `${carol.payer.no}`, `${dave.payer.no}`, '10.00000000', null],
    )
    assert.equal(done<Record_[]>(await dave.post('/deposit/page', `{"id":${id}}`)).length, 1)
    assert.equal(done<Record_[]>(await carol.post('/withdraw_transfer/page', { remark: 'a 备注' })).length, 1)
    assert.equal(done<Record_[]>(await carol.post('/withdraw_transfer/page', { remark: 'a' })).length, 0)
    assert.deepEqual(refused(await carol.post('/inside_transfer/cancel', { insideTransferId: id })), [409, '110110'])
    assert.deepEqual(refused(await dave.post('/inside_transfer/cancel', { insideTransferId: id })), [404, '404'])
  })

  test('a hundred at once with one outBizId are one, for ever, whichever key asks', async () => {
    const body = { outBizId: 'order-1', coin: 'USDT', amount: '7', toType: 'uid', toUid: `${dave.payer.no}` }
    const before = (await bank.money(dave.payer)).balance
    const ids = await Promise.all(
      Array.from({ length: 100 }, async () => done(await carol.post('/inside_transfer', body))),
    )
    assert.equal(new Set(ids).size, 1)
    assert.equal((await bank.money(dave.payer)).balance - before, usdt(7))
    const [record] = done<Record_[]>(await carol.post('/withdraw_transfer/page', { outBizId: 'order-1' }))
    assert.deepEqual([record?.id, record?.outBizId], [ids[0], 'order-1'])
    assert.deepEqual(refused(await carol.post('/inside_transfer', { ...body, amount: '8' })), [422, '110108'])
    const second = speaking(bank.world, await makeKey(bank.world, carol.payer))
    assert.equal(done(await second.post('/inside_transfer', { ...body, amount: 7 })), ids[0])
  })

  test('who is not here, oneself, and what cannot be', async () => {
    const send = (change: object) =>
      carol.post('/inside_transfer', { coin: 'USDT', amount: '1', toType: 'uid', toUid: '99999999', ...change })
    for (const [change, status, code] of [
      [{}, 422, '10016'],
      [{ toUid: '1' }, 422, '10016'],
      [{ toUid: '1e5' }, 422, '10016'],
      [{ toUid: `${carol.payer.no}` }, 422, '110104'],
      [{ toType: 'email', toEmail: 'nobody@example.com' }, 422, '10016'],
      [{ toType: 'email', toEmail: 'nonsense' }, 422, '10016'],
      [{ toType: 'phone', toPhoneCountryCode: '+86', toPhoneNumber: '13900000001' }, 422, '10016'],
      [{ toType: 'phone', toPhoneNumber: '13900000001' }, 400, '2'],
      [{ toType: 'email' }, 400, '2'],
      [{ toType: 'name' }, 400, '2'],
      [{ coin: 'TRX' }, 400, '2'],
      [{ amount: '5000', toUid: `${dave.payer.no}` }, 422, '110101'],
      [{ remark: 'x'.repeat(257) }, 400, '2'],
      [{ outBizId: 'x'.repeat(33) }, 400, '2'],
    ] as const)
      assert.deepEqual(refused(await send(change)), [status, code], JSON.stringify(change))
    // without the money nobody learns who has an account
    for (const toEmail of [dave.payer.contact, 'nobody@example.com'])
      assert.deepEqual(refused(await send({ toType: 'email', toEmail, amount: '5000' })), [422, '110101'])
  })

  test('so much in a day, and no more than that by programs', async () => {
    const rich = await makeTrader(bank, { amount: usdt(60_000) })
    const send = (amount: string) =>
      rich.post('/inside_transfer', { coin: 'USDT', amount, toType: 'uid', toUid: `${dave.payer.no}` })
    done(await send('49999'))
    assert.deepEqual(refused(await send('1.000001')), [422, '110103'])
    done(await send('1'))
  })

  test('a number of contacts that nobody has, and no more', async () => {
    const erin = await makeTrader(bank)
    const codes: string[] = []
    for (let i = 0; i < 31; i++)
      codes.push(
        (
          await erin.post('/inside_transfer', {
            coin: 'USDT',
            amount: 1,
            toType: 'email',
            toEmail: `n${i}@example.com`,
          })
        ).code,
      )
    assert.deepEqual([codes.filter((code) => code === '10016').length, codes.at(-1)], [30, '110041'])
  })

  test('to the account for futures and back', async () => {
    const erin = await makeTrader(bank)
    const move = (type: string, amount: unknown, more = {}) =>
      erin.post('/funds_transfer', { type, coin: 'USDT', amount, ...more })
    assert.match(done(await move('spot_futures', '100.01', { outBizId: 'm-1' })), /^\d{19}$/)
    const shown = done<Record_[]>(await erin.get('/user/futures_account'))
    assert.deepEqual(shown, [{ coin: 'USDT', balance: '100.01', balanceLocked: '0' }])
    assert.deepEqual(refused(await move('futures_spot', '100.02')), [422, '110101'])
    done(await move('futures_spot', 100.01))
    assert.deepEqual(done<Record_[]>(await erin.get('/user/account'))[0], {
      coin: 'USDT',
      balance: '1000',
      balanceLocked: '0',
    })
    assert.deepEqual(refused(await move('futures_main', '1')), [400, '2'])
  })
})

describe('pages', () => {
  test('newest first, at most a hundred, within times; filters that fit nothing find nothing', async () => {
    const frank = await makeTrader(bank)
    const grace = await makeTrader(bank, { amount: 0n })
    const times: number[] = []
    for (let i = 1; i <= 3; i++) {
      times.push(now())
      done(await frank.post('/inside_transfer', { coin: 'USDT', amount: i, toType: 'uid', toUid: `${grace.payer.no}` }))
      bank.world.clock.advance(10)
    }
    const amounts = async (body: object) =>
      done<Record_[]>(await frank.post('/withdraw_transfer/page', body)).map((one) =>
        Number.parseInt(String(one.amount), 10),
      )
    assert.deepEqual(await amounts({}), [3, 2, 1])
    assert.deepEqual(await amounts({ limit: 2 }), [3, 2])
    assert.deepEqual(await amounts({ limit: 1000 }), [3, 2, 1])
    assert.deepEqual(await amounts({ startTime: times[1] }), [3, 2])
    assert.deepEqual(await amounts({ endTime: String(times[1]) }).then((all) => all.at(-1)), 1)
    assert.deepEqual(await amounts({ type: 'withdraw' }), [])
    assert.deepEqual(await amounts({ coin: 'TRX' }), [])
    assert.deepEqual(await amounts({ transactionHash: '0x00' }), [])
    assert.deepEqual(await amounts({ id: '9'.repeat(19) }), [])
    assert.deepEqual(await amounts({ id: 'x' }), [])
    for (const body of [
      { limit: 0 },
      { limit: -1 },
      { limit: 1.5 },
      { limit: '1e2' },
      { startTime: 'now' },
      { type: 'all' },
      { page: 1 },
    ])
      assert.deepEqual(refused(await frank.post('/withdraw_transfer/page', body)), [400, '2'], JSON.stringify(body))
  })
})

test('deposits, by hash and number, with the states of the document', async () => {
  const judy = await makeTrader(bank, { amount: 0n })
  const hash = `0x${'ab'.repeat(32)}`
  const [from, to] = [freshAddress(), freshAddress()]
  for (const [ordinal, status] of ['pending', 'orphaned', 'review'].entries())
    await bank.world.database.owner.query(
      '',
      `insert into deposits (book_id, id, network, tx_hash, ordinal, class, status, person_no, address, from_address, contract,
         value, received, amount_received, confirmations, block_number, block_hash, mined_at, created_at)
       values (1, $1, 'BSC', $2, $3, 'customer', $4, $5, $6, $7, '0x', 1, 1, 5000001, 20, 990, '0x', now(), now())`,
      [newId(), hash, ordinal, status, judy.payer.no, to, from],
    )
  const page = await judy.post('/deposit/page', { type: 'deposit', transactionHash: hash, coin: 'USDT' })
  const found = done<Record_[]>(page)
  assert.deepEqual(
    found.map(({ status, amount, network, coin }) => [status, amount, network, coin]),
    ['pending', 'cancelled', 'pending'].map((status) => [status, '5.00000100', 'BNB Smart Chain (BEP-20)', 'USDT']),
  )
  assert.deepEqual([String(found[0]?.fromAddress).toLowerCase(), String(found[0]?.toAddress).toLowerCase()], [from, to])
  assert.ok(page.text.includes(`{"id":${found[0]?.id},"transactionHash":"${hash}"`))
  const one = done<Record_[]>(await judy.post('/deposit/page', `{"id":${found[1]?.id}}`))
  assert.deepEqual(one, [found[1]])
  assert.deepEqual(done(await judy.post('/deposit/page', { type: 'inside_transfer_in' })), [])
  const stranger = await makeTrader(bank, { amount: 0n })
  assert.deepEqual(done(await stranger.post('/deposit/page', { id: found[0]?.id, transactionHash: hash })), [])
})

test('what was used up is forgotten when its time is over, and not before', async () => {
  const kim = await makeTrader(bank)
  done(await kim.get('/user/account'))
  const count = async () =>
    (
      await bank.world.database.owner.query<{ n: number }>(
        '',
        `select count(*)::int as n from used_requests where key_id = $1`,
        [kim.key.apiKey],
      )
    )[0]?.n
  await removeExpired(bank.world.bank, 1)
  assert.equal(await count(), 1)
  bank.world.clock.advance(hours(2))
  await removeExpired(bank.world.bank, 1)
  assert.equal(await count(), 0)
})

describe('what everybody may ask', () => {
  test('coins with their networks, rates; deposit addresses by the same names', async () => {
    const heidi = await makeTrader(bank)
    const plain = { headers: { 'api-key': '', sign: '' } }
    const coins = done<Record_[]>(await heidi.get('/common/coin/coin_network/list', plain))
    const networks = coins.flatMap(({ name, networks: some }) => (some as Record_[]).map((one) => [name, one.network]))
    assert.deepEqual(networks, [
      ['USDT', 'Ethereum (ERC-20)'],
      ['USDT', 'BNB Smart Chain (BEP-20)'],
      ['USDT', 'Tron (TRC-20)'],
      ['TRX', 'Tron (TRC-20)'],
    ])
    assert.ok(done<Record_[]>(await heidi.get('/common/rate/list', plain)).some((one) => one.baseSymbol === 'UPT'))
    const [address] = done<Record_[]>(
      await heidi.post('/deposit/address', { coin: 'USDT', network: 'BNB Smart Chain (BEP-20)' }),
    )
    assert.match(String(address?.address), /^0x[0-9a-fA-F]{40}$/)
    assert.deepEqual([address?.coin, address?.network, address?.memo], ['USDT', 'BNB Smart Chain (BEP-20)', null])
    assert.deepEqual(refused(await heidi.post('/deposit/address', { coin: 'TRX', network: 'BSC' })), [400, '2'])
  })

  test('whatever is no endpoint, verb, size, type or JSON is told in the document’s envelope', async () => {
    const ivan = await makeTrader(bank)
    assert.deepEqual(refused(await ivan.get('/nothing')), [404, '404'])
    assert.deepEqual(refused(await ivan.get('/withdraw')), [405, '405'])
    assert.deepEqual(refused(await ivan.post('/deposit/page', `{"coin":"${'x'.repeat(70_000)}"}`)), [413, '413'])
    assert.deepEqual(refused(await ivan.post('/deposit/page', '{}', { headers: { 'content-type': 'text/plain' } })), [
      415,
      '415',
    ])
    for (const body of ['{', '[]', '{"limit":1,"limit":2}', '{"__proto__":1}', '{"coin":"\\u0000"}', '['.repeat(5_000)])
      assert.deepEqual(refused(await ivan.post('/deposit/page', body)), [400, '2'], body.slice(0, 30))
    const bare = await fetch(`${bank.world.url}/api/spot/v1/%zz`)
    assert.deepEqual([bare.status, ((await bare.json()) as Record_).code], [400, '2'])
    const unread = await ivan.post('/deposit/page', '{', { signature: '0'.repeat(64) })
    assert.deepEqual(refused(unread), [401, '100005'], 'nothing is read before the signature')
    const zh = await ivan.get('/nothing', { headers: { language: 'zh-CN' } })
    assert.equal(zh.msg, '不存在')
  })
})
