// The ramp API as a partner uses it: orders in and out through all their states, money in the ledger at each, and what is
// refused. The client is written from the document alone (harness/ramp-client.ts).

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours, minutes } from '../src/base/clock.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { expireRampOrders } from '../src/domain/ramp/expire-orders.ts'
import { demoPartner, usualTerms } from '../src/domain/ramp/make-partner.ts'
import { watchRampDeadline } from '../src/domain/ramp/ramp-deadline.ts'
import { askCode, freshEmail, signUp } from './harness/customers.ts'
import { fund } from './harness/ledger.ts'
import { check, consoleCall, ok, outcome, propose } from './harness/operators.ts'
import { get, inOrder, outOrder, post, type RampKey, send, signedRequest } from './harness/ramp-client.ts'
import { type Ramping, startRamping } from './harness/ramping.ts'

let ramp: Ramping
let key: RampKey & { id: string }
before(async () => {
  ramp = await startRamping()
  key = await ramp.partner('Exchange')
})
after(() => ramp?.close())

const IN = '/transaction/addChangeApplyOrder'
const OUT = '/transaction/addChangeApplySale'
const DETAIL = '/transaction/getOrderDetail'
const CLEARING = 151
const EXCHANGED = 150
const FEES = 129

/** Has a hundred USDT, less fees, bought and released for an account. */
async function bring(account: string, orderNo: string): Promise<void> {
  assert.equal((await post(key, IN, inOrder(orderNo, account))).code, '000000')
  await ramp.know(key, orderNo)
  await ramp.review(key, orderNo)
  assert.equal(await ramp.pay(key, orderNo, '5720'), 'ok')
  assert.equal(await ramp.decide('ramp_release', { order: await ramp.idOf(key, orderNo) }), 'ok')
}

describe('an order that brings fiat in', () => {
  test('goes from review to released, and its customer has the USDT', async () => {
    const pushed = await post(key, IN, inOrder('IN-1', 'user-1'))
    assert.deepEqual([pushed.status, pushed.code, pushed.description], [200, '000000', '成功'])
    const first = (await get(key, DETAIL, { orderNo: 'IN-1' })).data
    assert.deepEqual(
      [
        first.applyStatus,
        first.applyType,
        first.account,
        first.legalCurrenyName,
        first.legalAmount,
        first.currencyAmount,
      ],
      ['1', '1', 'user-1', 'php', '5720.00', '100.00'],
    )
    assert.deepEqual(
      [first.fee, first.channelFee, first.channelFeeRate, first.exchRate],
      ['0.50', '0.10', '0.001', '57.20'],
    )
    assert.deepEqual(
      [first.noteCode, first.payFirstName, first.payDirthDate, first.buyType],
      ['NIN-1', 'Juan', '1990-01-31', '3'],
    )
    assert.deepEqual(
      [first.dateAudit, first.deadlinePay, first.timePay, first.timeIssue, first.loanType],
      [null, null, null, null, '1'],
    )
    assert.equal(first.receiveBankName, 'UniPay Bank')

    const no = await ramp.know(key, 'IN-1')
    await ramp.review(key, 'IN-1')
    assert.equal(await ramp.status(key, 'IN-1'), '3')
    assert.equal(await ramp.house(CLEARING), 0n)

    assert.equal(await ramp.pay(key, 'IN-1', '5720'), 'ok')
    assert.equal(await ramp.status(key, 'IN-1'), '4')
    assert.deepEqual([await ramp.house(CLEARING), await ramp.house(EXCHANGED)], [100_000_000n, -100_000_000n])
    assert.deepEqual(await ramp.money(no), { balance: 0n, held: 0n })
    await ramp.expectSound()

    assert.equal(await ramp.decide('ramp_release', { order: await ramp.idOf(key, 'IN-1') }), 'ok')
    assert.equal(await ramp.status(key, 'IN-1'), '5')
    assert.deepEqual(await ramp.money(no), { balance: 99_400_000n, held: 0n })
    assert.deepEqual([await ramp.house(CLEARING), await ramp.house(FEES)], [0n, 600_000n])
    const last = (await get(key, DETAIL, { orderNo: 'IN-1' })).data
    for (const name of ['dateCreate', 'dateAudit', 'deadlinePay', 'timePay', 'timeIssue'])
      assert.equal(typeof last[name], 'number', name)
    await ramp.expectSound()
  })

  test('and the USDT can be sold again, held until fiat was paid', async () => {
    assert.equal((await post(key, OUT, outOrder('OUT-1', 'user-1'))).code, '000000')
    const { person_no: no } = await ramp.one<{ person_no: bigint }>(
      `select person_no from ramp_orders where order_no = 'OUT-1'`,
    )
    assert.deepEqual(await ramp.money(no), { balance: 99_400_000n, held: 50_000_000n })
    await ramp.review(key, 'OUT-1')
    const detail = (await get(key, DETAIL, { orderNo: 'OUT-1' })).data
    assert.deepEqual([detail.applyStatus, detail.applyType, detail.legalAmount], ['3', '2', '2842.84'])
    assert.deepEqual([detail.receiveAccount, detail.branchName, detail.receiveProvince], ['001234567890', 'Main', ''])
    assert.equal(await ramp.pay(key, 'OUT-1', '2842.84'), 'ok')
    assert.deepEqual(await ramp.money(no), { balance: 49_400_000n, held: 0n })
    assert.equal(await ramp.decide('ramp_release', { order: await ramp.idOf(key, 'OUT-1') }), 'ok')
    assert.equal(await ramp.status(key, 'OUT-1'), '5')
    assert.equal(await ramp.house(CLEARING), 0n)
    assert.equal(await ramp.house(EXCHANGED), -100_000_000n + 49_700_000n)
    await ramp.expectSound()
  })
})

describe('an order number is one order for ever', () => {
  test('a hundred copies at once of one signed order are one; a hundred signed anew as well', async () => {
    const push = signedRequest(key, 'POST', IN, { ...inOrder('RACE-1', 'racer'), source: 'binance' })
    const copies = await Promise.all(Array.from({ length: 100 }, () => send(key.base, push)))
    assert.equal(copies.filter(({ code }) => code === '000000').length, 1)
    assert.deepEqual([...new Set(copies.map(({ code }) => code))].sort(), ['000000', '100005'])
    const anew = await Promise.all(Array.from({ length: 100 }, () => post(key, IN, inOrder('RACE-2', 'racer-2'))))
    assert.deepEqual(
      [...new Set(anew.map(({ text }) => text))],
      ['{"code":"000000","data":{"orderNo":"RACE-2"},"description":"成功"}'],
    )
    const { n } = await ramp.one<{ n: bigint }>(`select count(*) as n from ramp_orders where order_no like 'RACE-%'`)
    assert.equal(n, 2n)
    const { people } = await ramp.one<{ people: bigint }>(
      `select count(distinct person_no) as people from ramp_orders where order_no like 'RACE-%'`,
    )
    assert.equal(people, 2n)
  })

  test('many orders at once of customers who are new, and none waits for ever', async () => {
    const accounts = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? `many-${i}` : freshEmail()))
    const answers = await Promise.all(accounts.map((account, i) => post(key, IN, inOrder(`MANY-${i}`, account))))
    assert.deepEqual([...new Set(answers.map(({ code }) => code))], ['000000'])
  })

  test('another body under it is refused, the same answers the same', async () => {
    const change = { legalAmount: '5721.00' }
    assert.equal((await post(key, IN, inOrder('RACE-2', 'racer-2', change))).code, '200001')
    assert.equal((await post(key, IN, inOrder('RACE-2', 'racer-3'))).code, '200001')
    assert.equal((await post(key, OUT, outOrder('RACE-2', 'racer-2'))).code, '200001')
    ramp.rates.set({ php: '60.0000' })
    assert.equal((await post(key, IN, inOrder('RACE-2', 'racer-2'))).code, '000000')
    ramp.rates.set({ php: '57.2000' })
    const { data } = await get(key, DETAIL, { orderNo: 'RACE-2' })
    assert.equal(data.exchRate, '57.20')
  })

  test('a refusal for want of money stays, until another number is used', async () => {
    const first = await post(key, OUT, outOrder('POOR-1', 'poor'))
    assert.deepEqual([first.status, first.code, first.data], [422, '200006', null])
    await bring('poor', 'POOR-IN')
    assert.equal((await post(key, OUT, outOrder('POOR-1', 'poor'))).code, '200006')
    assert.equal((await post(key, OUT, outOrder('POOR-2', 'poor'))).code, '000000')
    assert.equal((await get(key, DETAIL, { orderNo: 'POOR-1' })).code, '900002')
  })

  test('the same number of two partners is two orders', async () => {
    const other = await ramp.partner('Second exchange')
    assert.equal((await post(other, IN, inOrder('RACE-2', 'x'))).code, '000000')
    const { data } = await get(other, DETAIL, { orderNo: 'RACE-2' })
    assert.equal(data.account, 'x')
  })
})

describe('orders that come to nothing give everything back', () => {
  test('declined by operators', async () => {
    await bring('seller', 'SELLER-IN')
    assert.equal((await post(key, OUT, outOrder('DECLINED', 'seller'))).code, '000000')
    await ramp.review(key, 'DECLINED', 'reject')
    assert.equal(await ramp.status(key, 'DECLINED'), '2')
    const { person_no: no } = await ramp.one<{ person_no: bigint }>(
      `select person_no from ramp_orders where order_no = 'DECLINED'`,
    )
    assert.deepEqual(await ramp.money(no), { balance: 99_400_000n, held: 0n })
  })

  test('ended after the payment, either way', async () => {
    assert.equal((await post(key, OUT, outOrder('BACK-OUT', 'seller'))).code, '000000')
    await ramp.review(key, 'BACK-OUT')
    const clearing = await ramp.house(CLEARING)
    assert.equal(await ramp.pay(key, 'BACK-OUT', '2842.84'), 'ok')
    assert.equal(await ramp.house(CLEARING), clearing + 49_700_000n)
    assert.equal(await ramp.decide('ramp_refund', { order: await ramp.idOf(key, 'BACK-OUT') }), 'ok')
    assert.equal((await post(key, IN, inOrder('BACK-IN', 'seller'))).code, '000000')
    await ramp.review(key, 'BACK-IN')
    const exchanged = await ramp.house(EXCHANGED)
    assert.equal(await ramp.pay(key, 'BACK-IN', '5720'), 'ok')
    assert.equal(await ramp.decide('ramp_refund', { order: await ramp.idOf(key, 'BACK-IN') }), 'ok')
    assert.deepEqual([await ramp.status(key, 'BACK-OUT'), await ramp.status(key, 'BACK-IN')], ['2', '2'])
    assert.deepEqual([await ramp.house(CLEARING), await ramp.house(EXCHANGED)], [clearing, exchanged])
    const { person_no: no } = await ramp.one<{ person_no: bigint }>(
      `select person_no from ramp_orders where order_no = 'BACK-IN'`,
    )
    assert.deepEqual(await ramp.money(no), { balance: 99_400_000n, held: 0n })
    await ramp.expectSound()
  })

  test('not paid in time', async () => {
    await bring('late', 'LATE-IN')
    assert.equal((await post(key, IN, inOrder('LATE', 'late'))).code, '000000')
    await ramp.review(key, 'LATE')
    assert.equal(await expireRampOrders(ramp.world.bank, 1), 0)
    const { deadlinePay } = (await get(key, DETAIL, { orderNo: 'LATE' })).data
    ramp.world.clock.advance(minutes(61))
    try {
      assert.ok(Number(deadlinePay) < ramp.world.clock.now().getTime())
      assert.equal(await expireRampOrders(ramp.world.bank, 1), 1)
    } finally {
      ramp.world.clock.advance(-minutes(61))
    }
    assert.equal(await ramp.status(key, 'LATE'), '2')
    assert.equal(await ramp.pay(key, 'LATE', '5720').catch((error: Error) => error.message.includes('Outdated')), true)
  })
})

describe('what operators decide', () => {
  test('what waits for the house for too long is told, until it is done', async () => {
    const { world } = ramp
    await bring('waits', 'WAIT-0')
    assert.equal((await post(key, OUT, outOrder('WAIT-1', 'waits'))).code, '000000')
    await ramp.review(key, 'WAIT-1')
    const order = await ramp.idOf(key, 'WAIT-1')
    world.clock.advance(hours(25))
    try {
      assert.equal(await watchRampDeadline(world.bank, 1), 1)
      const open = await ramp.one<{ data: { oldest: string; usdt: string } }>(
        `select data from alerts where kind = 'ramp_overdue' and closed_at is null`,
      )
      assert.deepEqual([open.data.oldest, open.data.usdt], [order, '50.00'])
    } finally {
      world.clock.advance(-hours(25))
    }
    assert.equal(await ramp.decide('ramp_refund', { order }), 'ok')
    assert.equal(await watchRampDeadline(world.bank, 1), 0)
    assert.deepEqual(await world.database.owner.query('', `select 1 from alerts where closed_at is null`), [])
  })

  test('nobody gets past the review whose identity is not known', async () => {
    assert.equal((await post(key, IN, inOrder('UNKNOWN', 'unknown'))).code, '000000')
    const { approval_id } = await ramp.one<{ approval_id: string }>(
      `select approval_id from ramp_orders where order_no = 'UNKNOWN'`,
    )
    const answer = await check(ramp.world, ramp.checker, approval_id)
    assert.deepEqual([answer.status, answer.error], [403, 'IdentityRequired'])
    assert.equal(await ramp.status(key, 'UNKNOWN'), '1')
  })

  test('a payment of another amount is not one, and nobody decides alone', async () => {
    await bring('exact', 'EXACT-1')
    assert.equal((await post(key, IN, inOrder('EXACT', 'exact'))).code, '000000')
    await ramp.review(key, 'EXACT')
    const order = await ramp.idOf(key, 'EXACT')
    const say = (paid: string) =>
      outcome(ramp.world, ramp.finance, 'POST', '/approvals/ramp_payment', {
        payload: { order, paid, reference: 'r' },
        reason: 'because',
      })
    for (const paid of ['5719.99', '5720.01', '0', '-5720', '1e4', '5720.000'])
      assert.equal(await say(paid), 'InvalidAmount', paid)
    const id = await propose(ramp.world, ramp.finance, 'ramp_payment', { order, paid: '5720.00', reference: 'r' })
    assert.equal((await check(ramp.world, ramp.finance, id)).error, 'OwnApproval')
    assert.equal(await say('5720'), 'ApprovalPending')
    assert.equal((await check(ramp.world, ramp.checker, id)).status, 200)
    assert.equal(await say('5720'), 'Outdated')
  })

  test('an order shows whole to who is logged for it, and is found by its id', async () => {
    const id = await ramp.idOf(key, 'EXACT')
    const whole = await ok<{ account: string; details: Record<string, string>; timeline: { to: string }[] }>(
      ramp.world,
      ramp.finance,
      'GET',
      `/ramp-orders/${id}`,
    )
    assert.deepEqual([whole.account, whole.details.payerLastName, whole.details.noteCode], ['exact', 'Cruz', 'NEXACT'])
    assert.deepEqual(
      whole.timeline.map(({ to }) => to),
      ['review', 'awaiting_payment', 'awaiting_release'],
    )
    const found = await ok<{ kind: string; status: string }>(ramp.world, ramp.finance, 'GET', `/orders/${id}`)
    assert.deepEqual([found.kind, found.status], ['ramp', 'awaiting_release'])
    const { items } = await ok<{ items: { id: string }[] }>(
      ramp.world,
      ramp.finance,
      'GET',
      `/ramp-orders?status=awaiting_release&partner=${key.id}&direction=in`,
    )
    assert.ok(items.some((item) => item.id === id))
  })
})

describe('a partner’s terms', () => {
  test('limits of an order, of a day, and of what the house gives for fiat', async () => {
    const small = await ramp.partner('Small', {
      order_min: '50',
      order_max: '150',
      per_day: '250',
      float_limit: '120',
      auto_up_to: '150',
    })
    const push = async (orderNo: string, legalAmount: string) =>
      (await post(small, IN, inOrder(orderNo, 'small', { legalAmount }))).code
    assert.equal(await push('S-0', '2859.99'), '200003')
    assert.equal(await push('S-0', '8580.05'), '200004')
    assert.equal(await push('S-1', '5720'), '000000')
    await ramp.know(small, 'S-1')
    assert.equal(await push('S-2', '5720'), '000000')
    assert.equal(await push('S-3', '5720'), '200005')
    assert.equal(await ramp.status(small, 'S-2'), '3', 'passed by itself')
    await ramp.review(small, 'S-1')
    assert.equal(await ramp.pay(small, 'S-2', '5720'), 'ok')
    assert.equal(await ramp.pay(small, 'S-1', '5720'), 'LimitExceeded')
    assert.equal(await ramp.status(small, 'S-1'), '3')
  })

  test('released with the payment', async () => {
    const fast = await ramp.partner('Fast', { release: 'automatic', fee_rate: '0', channel_fee_rate: '0' })
    assert.equal((await post(fast, IN, inOrder('F-1', 'fast'))).code, '000000')
    const no = await ramp.know(fast, 'F-1')
    await ramp.review(fast, 'F-1')
    assert.equal(await ramp.pay(fast, 'F-1', '5720'), 'ok')
    const { data } = await get(fast, DETAIL, { orderNo: 'F-1' })
    assert.deepEqual([data.applyStatus, data.loanType, data.fee, data.channelFee], ['5', '2', '0', '0'])
    assert.deepEqual(await ramp.money(no), { balance: 100_000_000n, held: 0n })
    await ramp.expectSound()
  })

  test('made and changed by two operators; its key is shown once, to who asked; older keys go on for a day', async () => {
    const { world, finance, checker } = ramp
    const callback = 'https://partner.example/unipay'
    const named = { name: 'By console', sources: ['okx', 'binance'], receive_account: { bankName: 'B' } }
    const terms = { ...usualTerms, ...named, callback_url: callback }
    for (const url of ['http://127.0.0.1/x', 'ftp://partner.example', 'https://metadata.internal/'])
      await assert.rejects(ramp.decide('ramp_partner', { ...terms, callback_url: url }), /InvalidParams/)
    assert.equal(await ramp.decide('ramp_partner', terms), 'ok')
    const { items } = await ok<{ items: { id: string; name: string }[] }>(world, finance, 'GET', '/partners')
    const { id = '' } = items.find(({ name }) => name === 'By console') ?? {}
    const secret = (who = finance) =>
      consoleCall<{ key_id: string; secret: string }>(world, who.token, 'POST', `/partners/${id}/secret`)
    assert.equal((await secret()).error, 'NotFound')
    assert.equal(await ramp.decide('ramp_partner_key', { partner: id }), 'ok')
    assert.equal((await secret(checker)).error, 'NotFound')
    const { data } = await secret()
    assert.equal((await secret()).error, 'NotFound')
    const made = { id, base: world.url, apiKey: data.key_id, secretKey: data.secret, source: 'okx' }
    assert.equal((await post(made, IN, inOrder('C-1', 'c'))).code, '000000')
    assert.equal(await ramp.decide('ramp_partner_key', { partner: id }), 'ok')
    const next = { ...made, ...(await secret().then(({ data: d }) => ({ apiKey: d.key_id, secretKey: d.secret }))) }
    for (const one of [made, next]) assert.equal(await ramp.status(one, 'C-1'), '1')
    assert.equal(
      (await get({ ...made, source: 'binance' }, DETAIL, { orderNo: 'C-1' })).code,
      '900002',
      'another source',
    )
    assert.equal((await get({ ...made, source: 'kraken' }, DETAIL, { orderNo: 'C-1' })).code, '100006')
    await world.database.owner.query(
      '',
      `update ramp_partner_keys set expires_at = now() - interval '1 s' where key_id = $1`,
      [made.apiKey],
    )
    assert.equal((await get(made, DETAIL, { orderNo: 'C-1' })).code, '100002')
    assert.equal(await outcome(world, finance, 'POST', `/partners/${id}/stop`, { reason: 'incident' }), 'ok')
    assert.equal((await get(next, DETAIL, { orderNo: 'C-1' })).code, '100006')
    const told = () =>
      world.database.owner.query<{ type: string; url: string }>(
        '',
        `select d.type, e.url from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
         where e.owner = $1 and e.status = 'active'`,
        [`partner:${id}`],
      )
    assert.deepEqual(await told(), [{ type: 'ramp.order.updated', url: callback }])
    const shown = () => ok<{ callback_key: string | null }>(world, finance, 'GET', `/partners/${id}`)
    assert.match((await shown()).callback_key ?? '', /^whpk_/)
    assert.equal(await ramp.decide('ramp_partner', { ...terms, partner: id, fee_rate: '0.01', callback_url: '' }), 'ok')
    assert.deepEqual([await told(), (await shown()).callback_key], [[], null])
    assert.equal(await ramp.status(next, 'C-1'), '1')
  })

  test('the sandbox’s partner is one, whenever it is asked for', async () => {
    const [one, again] = [await demoPartner(ramp.world.bank, 1), await demoPartner(ramp.world.bank, 1)]
    assert.deepEqual([again.keyId, again.secret], [one.keyId, one.secret])
    const demo = { id: one.partner.id, base: key.base, apiKey: one.keyId, secretKey: one.secret, source: 'binance' }
    const { data } = await get(demo, '/transaction/getReceiveAccountInfo', {})
    assert.deepEqual(
      [data.receiveBankName, data.bankSwiftCode, data.receiveMiddleName],
      ['Sandbox Bank', 'SANDPHMM', ''],
    )
  })
})

describe('customers who are contacts', () => {
  test('who was here before: a partner may bring, and sell no more than it brought', async () => {
    const mine = await signUp(ramp.world)
    await fund(ramp.world.bank.poster, mine.no, 500_000_000n)
    assert.equal((await post(key, OUT, outOrder('M-1', mine.contact))).code, '200006', 'as if there were nothing')
    assert.equal((await get(key, '/user/findUserAuthStatus', { account: mine.contact })).data.cardStatus, '4')
    await bring(mine.contact.toUpperCase(), 'M-IN')
    const { person_no: no } = await ramp.one<{ person_no: bigint }>(
      `select person_no from ramp_orders where order_no = 'M-IN'`,
    )
    assert.equal(no, mine.no)
    assert.equal((await get(key, '/user/findUserAuthStatus', { account: mine.contact })).data.cardStatus, '4')
    assert.equal((await post(key, OUT, outOrder('M-2', mine.contact, { currencyAmount: '99.5' }))).code, '200006')
    assert.equal((await post(key, OUT, outOrder('M-3', mine.contact, { currencyAmount: '99.4' }))).code, '000000')
    assert.equal((await post(key, OUT, outOrder('M-4', mine.contact, { currencyAmount: '10' }))).code, '200006')
    const inbox = await ramp.world.call<{ type: string }[]>('GET', '/api/inbox', undefined, { token: mine.access })
    assert.deepEqual(inbox.data.map(({ type }) => type).slice(0, 2), ['ramp_selling', 'ramp_bought'])
    await ramp.world.sinks.messageTo(mine.contact, /99\.40 USDT|99\.40 of your USDT/)
    const statement = await ramp.world.call<{ items: { biz_type: string; memo: string }[] }>(
      'GET',
      '/api/account/ledger?type=ramp_bought',
      undefined,
      { token: mine.access },
    )
    assert.deepEqual(
      statement.data.items.map(({ memo }) => memo),
      ['法币买入'],
    )
  })

  test('who has left, or is frozen, buys and sells nothing more', async () => {
    await bring('leaver', 'LEFT-0')
    const { id } = await ramp.one<{ id: string }>(
      `select person_id as id from ramp_customers c join ramp_orders o on o.customer_id = c.id where o.order_no = 'LEFT-0'`,
    )
    await setPersonStatus(ramp.world.bank, 1, id, 'frozen')
    assert.equal((await post(key, OUT, outOrder('LEFT-1', 'leaver'))).code, '200007')
    await setPersonStatus(ramp.world.bank, 1, id, 'deleted')
    for (const order of [outOrder('LEFT-2', 'leaver'), outOrder('LEFT-3', 'leaver')])
      assert.equal((await post(key, OUT, order)).code, '200010')
    assert.equal((await post(key, IN, inOrder('LEFT-4', 'leaver'))).code, '200010')
    assert.equal((await get(key, '/user/findUserAuthStatus', { account: 'leaver' })).data.cardStatus, '4')
  })

  test('who was made by a partner signs in by a code to their address', async () => {
    const contact = freshEmail()
    await bring(contact, 'E-IN')
    const code = await askCode(ramp.world, contact, 'login')
    const entered = await ramp.world.call('POST', '/api/auth/login', { contact, type: 'email', code })
    assert.equal(entered.status, 200, entered.text)
  })
})
