// Withdrawals by programs, over HTTP by a client written from the document: to listed addresses alone, exact to the digit,
// once however many copies arrive, cancelled before the first review, confirmed by their owner above a limit.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { expireUnconfirmed } from '../src/domain/withdrawal/await-owner.ts'
import { check, joinOperator, ok } from './harness/operators.ts'
import {
  anotherServer,
  done,
  fromAnywhere,
  listAddresses,
  makeTrader,
  pass,
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

type Record_ = Record<string, unknown>

describe('withdrawals', () => {
  let bob: Trader
  let to: string
  before(async () => {
    bob = await makeTrader(bank, { amount: usdt(150_000) })
    ;[to = ''] = await listAddresses(bank.world, bob.payer, ['BSC'])
  })
  const order = (amount: string, change = '') =>
    `{"coin":"USDT","network":"BNB Smart Chain (BEP-20)","address":"${to}","amount":${amount}${change}}`
  const find = async (id: string) => done<Record_[]>(await bob.post('/withdraw_transfer/page', { id }))[0]
  const appId = async () => {
    const { data } = await bank.world.call<{ items: { id: string }[] }>(
      'GET',
      '/api/withdrawal/usdt/orders?size=1',
      undefined,
      { token: bob.payer.access },
    )
    return data.items[0]?.id ?? ''
  }

  test('to an address of the list, exact to the last digit; its record follows it to the end', async () => {
    const id = done(await bob.post('/withdraw', order('20.500001', ',"outBizId":"w-1"')))
    assert.match(id, /^[1-9]\d{18}$/)
    const record = await find(id)
    assert.deepEqual(record, {
      id,
      outBizId: 'w-1',
      toType: null,
      toUid: null,
      toPhoneCountryCode: null,
      toPhoneNumber: null,
      toEmail: null,
      remark: null,
      type: 'withdraw',
      coin: 'USDT',
      network: 'BNB Smart Chain (BEP-20)',
      amount: '19.50000100',
      feeCoin: 'USDT',
      fee: '1.00000000',
      status: 'pending',
      ctime: record?.ctime,
      toAddress: record?.toAddress,
      address: record?.address,
      memo: null,
      transactionHash: null,
    })
    assert.equal(String(record?.address).toLowerCase(), to)
    assert.equal(done(await bob.post('/withdraw', order('"20.500001"', ',"outBizId":"w-1"'))), id)
    assert.deepEqual(refused(await bob.post('/withdraw', order('21', ',"outBizId":"w-1"'))), [422, '110108'])
    await bank.pay(await appId(), 'signed', 'broadcast', 'mined', 'confirmed')
    const final = await find(id)
    assert.equal(final?.status, 'success')
    const byHash = await bob.post('/withdraw_transfer/page', { transactionHash: final?.transactionHash })
    assert.deepEqual(
      done<Record_[]>(byHash).map((one) => one.id),
      [id],
    )
  })

  test('a hundred copies of one signed request are one', async () => {
    const before = (await bank.money(bob.payer)).held
    const other = await anotherServer(bank.world)
    const request = bob.client.prepare('POST', '/api/spot/v1/withdraw', order('30'))
    const clients = [bob.client, speaking(bank.world, bob.key, other.url).client]
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        (clients[i % 2] ?? bob.client).send({ ...request, headers: { ...request.headers, ...fromAnywhere() } }),
      ),
    )
    await other.close()
    assert.deepEqual(
      [all.filter(({ code }) => code === '0').length, all.filter(({ code }) => code === '100009').length],
      [1, 99],
    )
    assert.equal((await bank.money(bob.payer)).held - before, usdt(30))
  })

  test('many at once with one outBizId are one, over two processes', async () => {
    const before = (await bank.money(bob.payer)).held
    const other = await anotherServer(bank.world)
    const posts = [bob.post, speaking(bank.world, bob.key, other.url).post]
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        done(await (posts[i % 2] ?? bob.post)('/withdraw', order('31', ',"outBizId":"once"'))),
      ),
    )
    await other.close()
    assert.equal(new Set(ids).size, 1)
    assert.equal((await bank.money(bob.payer)).held - before, usdt(31))
  })

  test('nowhere else, and not before a day has passed', async () => {
    const stranger = `{"coin":"USDT","network":"BSC","address":"${freshAddress()}","amount":20}`
    assert.deepEqual(refused(await bob.post('/withdraw', stranger)), [422, '110008'])
    assert.deepEqual(refused(await bob.post('/withdraw', order('20').replace('BNB Smart Chain (BEP-20)', 'eth'))), [
      422,
      '110008',
    ])
    const young = await makeTrader(bank)
    const address = freshAddress()
    const body = { chain: 'BSC', address, label: 'x', payment_password: young.payer.pin }
    await bank.world.call('POST', '/api/withdrawal/addresses', body, { token: young.payer.access })
    const asked = await young.post('/withdraw', { coin: 'USDT', network: 'BSC', address, amount: 20 })
    assert.deepEqual([refused(asked), /24/.test(asked.msg)], [[422, '110008'], true])
  })

  test('amounts that are not exact, or not possible, are refused', async () => {
    for (const [amount, status, code] of [
      ['20.0000001', 400, '10058'],
      ['20.000000000000000001', 400, '10058'],
      ['2e1', 400, '10058'],
      ['"2e1"', 400, '10058'],
      ['-20', 400, '10058'],
      ['" 20"', 400, '10058'],
      ['"２０"', 400, '10058'],
      ['0', 400, '10058'],
      ['1E400', 400, '2'],
      ['true', 400, '2'],
      ['[20]', 400, '2'],
      ['null', 400, '2'],
      ['""', 400, '2'],
      ['1', 422, '110007'],
      ['100001', 422, '110102'],
    ] as const)
      assert.deepEqual(refused(await bob.post('/withdraw', order(amount))), [status, code], amount)
    assert.deepEqual(refused(await bob.post('/withdraw', order('20', ',"amount":21'))), [400, '2'])
    assert.deepEqual(refused(await bob.post('/withdraw', order('20', ',"fee":0'))), [400, '2'])
    assert.deepEqual(refused(await bob.post('/withdraw', order('20', ',"memo":"7"'))), [400, '2'])
    assert.deepEqual(refused(await bob.post('/withdraw', order('20').replace('USDT', 'BTC'))), [400, '2'])
    assert.deepEqual(refused(await bob.post('/withdraw', '{"coin":"USDT"}')), [400, '70003'])
    assert.deepEqual(refused(await bob.post('/withdraw', order('20').replace(/BNB[^"]*/, 'Solana'))), [400, '110111'])
  })

  test('is cancelled before its first review, and not after', async () => {
    const id = done(await bob.post('/withdraw', order('5000')))
    const reading = (await find(id))?.status
    assert.equal(reading, 'pending')
    assert.equal(done(await bob.post('/withdraw/cancel', { withdrawId: id })), null)
    assert.equal(done(await bob.post('/withdraw/cancel', `{"withdrawId":${id}}`)), null, 'again, by a number')
    assert.equal((await find(id))?.status, 'cancelled')
    const small = done(await bob.post('/withdraw', order('20')))
    assert.deepEqual(refused(await bob.post('/withdraw/cancel', { withdrawId: small })), [409, '110110'])
    for (const nobody of ['1', '9'.repeat(19), '0', 'x', `${id}0`, '-1'])
      assert.deepEqual(refused(await bob.post('/withdraw/cancel', { withdrawId: nobody })), [404, '404'], nobody)
    const stranger = await makeTrader(bank)
    assert.deepEqual(refused(await stranger.post('/withdraw/cancel', { withdrawId: small })), [404, '404'])
  })

  test('above a limit it waits for its owner, who confirms it with PIN in the app', async () => {
    const id = done(await bob.post('/withdraw', order('10001')))
    assert.equal((await find(id))?.status, 'verification')
    const app = await appId()
    assert.equal((await bank.order(bob.payer, app)).status, 'verification')
    const confirm = (body: object) =>
      bank.world.call<{ status: string }>('POST', `/api/withdrawal/usdt/orders/${app}/confirm`, body, {
        token: bob.payer.access,
      })
    assert.equal((await confirm({ payment_password: '000000' })).name, 'PaymentPasswordWrong')
    assert.equal((await confirm({ payment_password: bob.payer.pin })).data.status, 'review')
    assert.equal((await confirm({ payment_password: bob.payer.pin })).name, 'Outdated')
    assert.equal((await find(id))?.status, 'pending')
    done(await bob.post('/withdraw/cancel', { withdrawId: id }))
  })

  test('of two reviews the first is the last moment to cancel', async () => {
    const id = done(await bob.post('/withdraw', order('50001')))
    const app = await appId()
    const confirm = { payment_password: bob.payer.pin }
    const token = bob.payer.access
    await bank.world.call('POST', `/api/withdrawal/usdt/orders/${app}/confirm`, confirm, { token })
    const risk = await joinOperator(bank.world, ['risk'])
    const shown = await ok<{ review: { approval: string } }>(bank.world, risk, 'GET', `/withdrawals/${app}`)
    assert.equal((await check(bank.world, risk, shown.review.approval)).data.status, 'open')
    assert.equal((await find(id))?.status, 'pending')
    assert.deepEqual(refused(await bob.post('/withdraw/cancel', { withdrawId: id })), [409, '110110'])
  })

  test('what nobody confirms is given back: by its owner, by the program, by the end of a day', async () => {
    const { held } = await bank.money(bob.payer)
    const one = done(await bob.post('/withdraw', order('10002')))
    const waiting = await appId()
    const two = done(await bob.post('/withdraw', order('10003')))
    const three = done(await bob.post('/withdraw', order('10004')))
    assert.equal((await bank.cancel(bob.payer, await appId())).status, 200)
    done(await bob.post('/withdraw/cancel', { withdrawId: two }))
    await expireUnconfirmed(bank.world.bank, 1)
    assert.equal((await find(one))?.status, 'verification', 'its day is not over')
    await pass(bank.world, bob.payer, minutes(24 * 60 + 1))
    const confirm = { payment_password: bob.payer.pin }
    const token = bob.payer.access
    const late = await bank.world.call('POST', `/api/withdrawal/usdt/orders/${waiting}/confirm`, confirm, { token })
    assert.equal(late.name, 'Outdated')
    await Promise.all([expireUnconfirmed(bank.world.bank, 1), expireUnconfirmed(bank.world.bank, 1)])
    for (const id of [one, two, three]) assert.equal((await find(id))?.status, 'cancelled')
    assert.equal((await bank.money(bob.payer)).held, held)
    await bank.expectSound()
  })

  test('its owner’s yes, a no and the end of its day at once: one of them', async () => {
    const confirm = { payment_password: bob.payer.pin }
    for (let round = 0; round < 5; round++) {
      const id = done(await bob.post('/withdraw', order('10001')))
      const app = await appId()
      const token = bob.payer.access
      const [yes, no] = await Promise.all([
        bank.world.call('POST', `/api/withdrawal/usdt/orders/${app}/confirm`, confirm, { token }),
        bob.post('/withdraw/cancel', { withdrawId: id }),
        expireUnconfirmed(bank.world.bank, 1),
      ])
      const { status } = await bank.order(bob.payer, app)
      if (yes.status === 200) assert.ok(['review', 'cancelled'].includes(status), status)
      else assert.deepEqual([yes.name, status], ['Outdated', 'cancelled'])
      if (no.code === '0') assert.equal(status, 'cancelled')
      else assert.deepEqual([refused(no), status], [[409, '110110'], 'review'])
      if (status !== 'cancelled') await bank.cancel(bob.payer, app)
    }
    await bank.expectSound()
  })

  test('an operator may stop what waits for its owner', async () => {
    const id = done(await bob.post('/withdraw', order('10001')))
    const risk = await joinOperator(bank.world, ['risk'])
    await ok(bank.world, risk, 'POST', `/withdrawals/${await appId()}/stop`, { reason: 'stolen key' })
    assert.equal((await find(id))?.status, 'cancelled')
  })

  test('the books agree with all of it', () => bank.expectSound())
})
