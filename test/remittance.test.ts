// Remittances over HTTP, with the sandbox's UQPAY and rate source: recipients and their reviews, prices, orders to every
// end, a vendor that does not answer or contradicts itself.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { formatAmount, parseAmount } from '../src/base/money.ts'
import { payoutHandler } from '../src/domain/remittance/hear-payouts.ts'
import type { Payer } from './harness/hosted.ts'
import { check, joinOperator, ok } from './harness/operators.ts'
import {
  bare,
  type Preview,
  type Remitting,
  type ShownRecipient,
  someRecipient,
  startRemitting,
} from './harness/remitting.ts'
import { until } from './harness/vendors.ts'

let bank: Remitting
before(async () => {
  bank = await startRemitting()
})
after(() => bank?.close())

const usdt = (text: string) => parseAmount(text, 6)
const list = (payer: Payer) => bank.call<ShownRecipient[]>(payer, 'GET', '/api/remittance/recipients')
const add = (payer: Payer, change: object = {}) =>
  bank.call<ShownRecipient>(payer, 'POST', '/api/remittance/recipients', someRecipient(change))
const preview = (payer: Payer, recipient_id: string, amount: string) =>
  bank.call<Preview>(payer, 'POST', '/api/remittance/preview', { recipient_id, amount })
const approvalOf = async (table: string, id: string) => {
  const [row] = await bank.world.database.owner.query<{ approval_id: string }>(
    '',
    `select approval_id from ${table} where id = $1`,
    [bare(id)],
  )
  return row?.approval_id ?? ''
}

describe('recipients', () => {
  test('are reviewed, shown masked, changed with another review, and removed for good', async () => {
    const alice = await bank.payer()
    const bob = await bank.payer(0)
    const made = (await add(alice)).data
    assert.deepEqual(
      [made.review_status, made.nickname, made.bank_name, made.account_holder],
      ['pending', '母亲', 'ICBC', 'ZHANG SAN'],
    )
    assert.match(made.account_number, /^\*{4}\d{4}$/)
    assert.equal((await bank.submit(alice, made.id, '100')).name, 'RecipientNotApproved')

    const approval = await approvalOf('remittance_recipients', made.id)
    const rejected = await check(bank.world, bank.risk, approval, 'reject', { note: 'name_mismatch: it says Zheng' })
    assert.equal(rejected.status, 200, rejected.text)
    const [declined] = (await list(alice)).data
    assert.equal(declined?.review_status, 'rejected')
    assert.match(declined?.review_reason ?? '', /姓名/)
    assert.doesNotMatch((await list(alice)).text, /Zheng/)

    const path = `/api/remittance/recipients/${made.id}`
    const changed = await bank.call<ShownRecipient>(alice, 'PUT', path, { account_holder: 'ZHENG SAN' })
    assert.equal(changed.data.review_status, 'pending')
    const second = await approvalOf('remittance_recipients', made.id)
    assert.equal((await check(bank.world, bank.risk, second)).status, 200)
    assert.equal((await list(alice)).data[0]?.review_status, 'approved')
    const named = await bank.call<ShownRecipient>(alice, 'PATCH', path, { nickname: '妈妈' })
    assert.deepEqual([named.data.nickname, named.data.review_status], ['妈妈', 'approved'])
    const again = await bank.call<ShownRecipient>(alice, 'PATCH', path, { bank_name: '招商银行' })
    assert.deepEqual([again.data.bank_name, again.data.review_status], ['CMB', 'pending'])

    assert.equal((await bank.call(bob, 'PUT', path, { nickname: 'x' })).name, 'NotFound')
    assert.equal((await bank.call(bob, 'DELETE', path)).name, 'NotFound')
    assert.equal((await preview(bob, made.id, '100')).name, 'NotFound')
    assert.equal((await bank.call(alice, 'DELETE', path)).text, '{"code":0,"data":{"ok":true}}')
    assert.deepEqual((await list(alice)).data, [])
    assert.equal((await bank.call(alice, 'DELETE', path)).name, 'NotFound')
  })

  test('are refused by field before a row is written, once each, and lie sealed', async () => {
    const alice = await bank.payer(0)
    const bad: Record<string, unknown>[] = [
      { account_holder: 'X' },
      { account_holder: '<b>Z</b>' },
      { account_number: '12' },
      { account_number: 'abc123456789' },
      { bank_name: 'No Such Bank' },
      { id_number: '110105194912310021' },
      { msisdn: 'phone' },
      { email: 'mail' },
      { account_currency_code: 'EUR' },
      { cnaps_code: '308100005019' },
    ]
    for (const change of bad) {
      const refused = await add(alice, change)
      const [field = ''] = Object.keys(change)
      assert.deepEqual([refused.name, refused.details.pointer], ['InvalidParams', `/${field}`], refused.text)
    }
    assert.deepEqual((await list(alice)).data, [])
    const account = '6222021234509876543'
    assert.equal((await add(alice, { account_number: account })).status, 200)
    assert.equal((await add(alice, { account_number: account.replace(/(\d{4})/g, '$1 ') })).name, 'RecipientExists')
    const rows = await bank.world.database.owner.query(
      '',
      `select r.*, e.* from remittance_recipients r join remittance_recipient_events e on e.recipient_id = r.id where r.person_no = $1`,
      [alice.no],
    )
    const dump = JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? `${value}` : value))
    for (const plain of [account, 'ZHANG', '11010519491231002X', 'mother@', '13800138000'])
      assert.ok(!dump.includes(plain), plain)
  })
})

describe('prices', () => {
  test('printed numbers give one another exactly, whatever rate and amount', async () => {
    const alice = await bank.payer()
    const recipient = await bank.recipient(alice)
    for (const [rate, amount] of [
      ['7.2', '100'],
      ['7.123456', '33.33'],
      ['6.9999', '10.01'],
      ['7.0001', '19999.99'],
    ] as const) {
      bank.rates.set({ rate })
      bank.world.clock.advance(minutes(1))
      const { data, text } = await preview(alice, recipient, amount)
      assert.ok(data, text)
      const exact = usdt(data.principal) * parseAmount(data.rate, 4)
      assert.equal(data.recipient_cnh, formatAmount(exact / 10n ** 8n, 2, 2))
      assert.equal(usdt(data.total_debit), usdt(data.principal) + usdt(data.fee_usdt))
      const fee = usdt(data.fee_usdt) * parseAmount(data.rate, 4)
      assert.equal(parseAmount(data.display_fee_cny, 2), (fee + 10n ** 8n - 1n) / 10n ** 8n)
    }
    bank.rates.set({ rate: '7.2000' })
    bank.world.clock.advance(minutes(1))
    const { data } = await preview(alice, recipient, '100')
    assert.deepEqual(
      [data.recipient_cnh, data.rate, data.fee_usdt, data.total_debit, data.display_fee_cny],
      ['720.00', '7.2000', '1.00', '101.00', '7.20'],
    )
    for (const [amount, name] of [
      ['0', 'InvalidAmount'],
      ['-1', 'InvalidAmount'],
      ['10.001', 'InvalidAmount'],
      ['9.99', 'AmountBelowMinimum'],
      ['20000.01', 'AmountAboveMaximum'],
    ])
      assert.equal((await preview(alice, recipient, amount ?? '')).name, name)
  })

  test('a price that changed since the preview is refused or confirmed, never applied by itself', async () => {
    const alice = await bank.payer()
    const recipient = await bank.recipient(alice)
    const shown = (await preview(alice, recipient, '100')).data
    bank.rates.set({ rate: '6.5' })
    bank.world.clock.advance(minutes(1))
    const held = await bank.submit(alice, recipient, '100')
    assert.equal(held.data?.amount_cnh, shown.recipient_cnh, held.text)

    bank.world.clock.advance(minutes(5))
    assert.equal((await bank.submit(alice, recipient, '100', { quote_id: shown.quote_id })).name, 'QuoteExpired')
    const changed = await bank.submit(alice, recipient, '100')
    assert.deepEqual(
      [changed.name, changed.details.recipient_cnh, changed.details.total_debit],
      ['PriceChanged', '650.00', '101.00'],
    )
    const old = { expected_total_debit: '101.00', expected_recipient_cnh: '720.00' }
    assert.equal((await bank.submit(alice, recipient, '100', old)).name, 'PriceChanged')
    const confirmed = { expected_total_debit: '101', expected_recipient_cnh: '650.00' }
    assert.equal((await bank.submit(alice, recipient, '100', confirmed)).data?.amount_cnh, '650.00')
    const other = (await preview(alice, recipient, '200')).data
    assert.equal((await bank.submit(alice, recipient, '100', { quote_id: other.quote_id })).name, 'QuoteExpired')
    bank.rates.set({ rate: '7.2000' })
  })

  test('a source that is away is done without for a while, and then nothing is priced', async () => {
    const alice = await bank.payer(0)
    const recipient = await bank.recipient(alice)
    bank.world.clock.advance(minutes(1))
    assert.equal((await preview(alice, recipient, '100')).status, 200)
    bank.rates.set({ down: true })
    bank.world.clock.advance(minutes(10))
    assert.equal((await preview(alice, recipient, '100')).status, 200)
    await bank.world.database.owner.query('', 'delete from exchange_rates')
    assert.equal((await preview(alice, recipient, '100')).name, 'RateUnavailable')
    bank.rates.set({ down: false, age: 901 })
    assert.equal((await preview(alice, recipient, '100')).name, 'RateUnavailable')
    bank.rates.set({ age: 0 })
    assert.equal((await preview(alice, recipient, '100')).status, 200)
  })
})

describe('orders', () => {
  const fresh = async (whole = 10_000) => {
    const payer = await bank.payer(whole)
    return { payer, recipient: await bank.recipient(payer) }
  }
  const send = async (payer: Payer, recipient: string, amount = '100') => {
    const { data, text } = await bank.submit(payer, recipient, amount)
    assert.ok(data, text)
    return data.id
  }

  test('held, taken on, completed, told: with a receipt, and the clearing account back at zero', async () => {
    const { payer, recipient } = await fresh()
    const id = await send(payer, recipient)
    assert.deepEqual(await bank.money(payer), { balance: usdt('10000'), held: usdt('101') })
    assert.equal((await bank.call(payer, 'GET', `/api/remittance/orders/${id}/receipt`)).name, 'Outdated')
    await bank.advance(id)
    assert.deepEqual(await bank.money(payer), { balance: usdt('9899'), held: 0n })
    const before = await bank.clearing()
    await bank.advance(id)
    assert.equal(await bank.clearing(), before)
    bank.uqpay.server.payout(await bank.payoutOf(id), 'complete')
    await bank.advance(id)
    const done = await bank.order(payer, id)
    assert.equal(done.status, 'completed')
    assert.deepEqual(
      done.timeline.map((step) => step.status),
      ['processing', 'completed'],
    )
    assert.equal(before - (await bank.clearing()), usdt('100'))
    const response = await fetch(`${bank.world.url}/api/remittance/orders/${id}/receipt`, {
      headers: { authorization: `Bearer ${payer.access}` },
    })
    const pdf = Buffer.from(await response.arrayBuffer()).toString('latin1')
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/pdf'])
    assert.match(pdf, /^%PDF-1\.5\n[\s\S]*%%EOF\n$/)
    assert.ok(pdf.includes(Buffer.from('720.00 CNH', 'utf16le').swap16().toString('hex').toUpperCase()))
    const start = Number(/startxref\n(\d+)/.exec(pdf)?.[1])
    assert.equal(pdf.slice(start, start + 4), 'xref')
    const inbox = await bank.call<{ items: { title: string }[] }>(payer, 'GET', '/api/inbox')
    assert.match(inbox.text, /汇款成功/)
    const other = await bank.payer(0)
    for (const path of [`/api/remittance/orders/${id}`, `/api/remittance/orders/${id}/receipt`])
      assert.equal((await bank.call(other, 'GET', path)).name, 'NotFound')
    await bank.expectSound()
  })

  test('who it is and whether they may is asked before anything is held', async () => {
    const { payer, recipient } = await fresh()
    const before = await bank.money(payer)
    assert.equal(
      (await bank.submit(payer, recipient, '100', { payment_password: '918273' })).name,
      'PaymentPasswordWrong',
    )
    assert.equal((await bank.submit(payer, recipient, '20000')).name, 'InsufficientBalance')
    await bank.world.database.owner.query('', `update people set kyc_level = 'none' where id = $1`, [payer.id])
    bank.world.clock.advance(minutes(1))
    assert.equal((await bank.submit(payer, recipient, '100')).name, 'IdentityRequired')
    assert.deepEqual(await bank.money(payer), before)
  })

  test('the same key is one remittance; the day has a limit', async () => {
    const { payer, recipient } = await fresh(50_000)
    const key = { 'idempotency-key': 'one' }
    const all = await Promise.all([1, 2, 3].map(() => bank.submit(payer, recipient, '100', {}, key)))
    assert.equal(new Set(all.map((answer) => answer.data?.id)).size, 1, all[0]?.text)
    assert.equal((await bank.money(payer)).held, usdt('101'))
    assert.equal((await bank.submit(payer, recipient, '101', {}, key)).name, 'IdempotencyKeyReused')
    await bank.world.database.owner.query('', `update people set kyc_level = 'basic' where id = $1`, [payer.id])
    bank.world.clock.advance(minutes(1))
    assert.equal((await bank.submit(payer, recipient, '19900')).data?.status, 'review')
    assert.equal((await bank.submit(payer, recipient, '10')).name, 'LimitExceeded')
  })

  test('large ones wait for operators, two of them where it is very large; a no gives the money back', async () => {
    const [rita, finn] = [await joinOperator(bank.world, ['risk']), await joinOperator(bank.world, ['finance'])]
    const { payer, recipient } = await fresh(50_000)
    const first = await send(payer, recipient, '3000')
    const second = await send(payer, recipient, '15000')
    const queue = await ok<{ items: { id: string }[] }>(bank.world, rita, 'GET', '/remittances?status=review')
    assert.ok(queue.items.some((item) => item.id === bare(second)))
    const shown = await ok<{ review: { checks_needed: number } }>(
      bank.world,
      rita,
      'GET',
      `/remittances/${bare(second)}`,
    )
    assert.equal(shown.review.checks_needed, 2)
    assert.equal((await bank.order(payer, first)).status, 'review')
    const approval = await approvalOf('remittances', first)
    assert.equal((await check(bank.world, rita, approval, 'reject', { note: 'source_of_funds: ask' })).status, 200)
    assert.match((await bank.order(payer, first)).reason, /资金来源/)
    assert.equal((await bank.money(payer)).held, usdt('15001'))
    const two = await approvalOf('remittances', second)
    await check(bank.world, rita, two)
    assert.equal((await bank.order(payer, second)).status, 'review')
    await check(bank.world, finn, two)
    assert.equal((await bank.order(payer, second)).status, 'processing')
    await bank.advance(second)
    bank.uqpay.server.payout(await bank.payoutOf(second), 'complete')
    await bank.advance(second)
    assert.deepEqual(await bank.money(payer), { balance: usdt('34999'), held: 0n })
    await bank.expectSound()
  })

  test('one that the bank refuses is refunded with its fee, once', async () => {
    const { payer, recipient } = await fresh()
    const id = await send(payer, recipient)
    await bank.advance(id)
    bank.uqpay.server.payout(await bank.payoutOf(id), 'fail')
    for (let i = 0; i < 3; i++) await bank.advance(id)
    const failed = await bank.order(payer, id)
    assert.equal(failed.status, 'failed')
    assert.match(failed.next_step, /退回/)
    assert.deepEqual(await bank.money(payer), { balance: usdt('10000'), held: 0n })
    await bank.expectSound()
  })

  test('one that comes back after it was completed is a movement of its own', async () => {
    const { payer, recipient } = await fresh()
    const id = await send(payer, recipient)
    await bank.advance(id)
    const payout = await bank.payoutOf(id)
    bank.uqpay.server.payout(payout, 'complete')
    await bank.advance(id)
    bank.uqpay.server.payout(payout, 'return')
    for (let i = 0; i < 3; i++) await bank.advance(id)
    assert.equal((await bank.order(payer, id)).status, 'returned')
    assert.deepEqual(await bank.money(payer), { balance: usdt('9999'), held: 0n }) // the fee stays
    await bank.expectSound()
  })

  for (const kind of ['timeout', 'error', 'error-after', 'malformed'] as const) {
    test(`a vendor that answers a payout with "${kind}" leaves it uncertain, and never pays twice`, async () => {
      const { payer, recipient } = await fresh()
      await bank.advance(await send(payer, recipient, '50')) // the beneficiary is there
      const id = await send(payer, recipient)
      const before = await payouts()
      bank.uqpay.server.faults.push({ kind, on: 'POST /v1/payouts', times: 20 })
      assert.notEqual(await bank.advance(id), '')
      bank.uqpay.server.faults.length = 0
      const [row] = await bank.world.database.owner.query('', 'select status from remittances where id = $1', [
        bare(id),
      ])
      assert.equal(row?.status, 'uncertain')
      assert.equal((await bank.order(payer, id)).status, 'processing')
      assert.equal((await bank.money(payer)).held, usdt('101'))
      await Promise.all([bank.advance(id), bank.advance(id), bank.advance(id)])
      assert.equal((await payouts()) - before, 1)
      bank.uqpay.server.payout(await bank.payoutOf(id), 'complete')
      await bank.advance(id)
      assert.equal((await bank.order(payer, id)).status, 'completed')
      assert.equal((await payouts()) - before, 1)
      await bank.expectSound()
    })
  }
  /** How many payouts the vendor has, by its own list. */
  const payouts = async () => {
    const given = await fetch(`${bank.uqpay.env.UQPAY_URL}/v1/connect/token`, {
      method: 'POST',
      headers: { 'x-client-id': 'test-client', 'x-api-key': 'test-key' },
    })
    const { auth_token: token } = (await given.json()) as { auth_token: string }
    const answer = await fetch(`${bank.uqpay.env.UQPAY_URL}/v1/payouts?page_size=100&page_number=1`, {
      headers: { 'x-auth-token': `Bearer ${token}`, 'x-idempotency-key': newId() },
    })
    const { total_items } = JSON.parse(await answer.text()) as { total_items: number }
    assert.equal(typeof total_items, 'number', `${answer.status}`)
    return total_items
  }

  test('what is told by webhook counts once, twice told or told late', async () => {
    const { payer, recipient } = await fresh()
    const id = await send(payer, recipient)
    await bank.advance(id)
    const payout = await bank.payoutOf(id)
    bank.uqpay.server.payout(payout, 'send')
    bank.uqpay.server.payout(payout, 'complete')
    await until('the vendor has told', async () => {
      await bank.hear()
      return (await bank.order(payer, id)).status === 'completed'
    })
    for (const type of ['payout.ready.send', 'payout.completed', 'payout.failed', 'payout.ready.send']) {
      const body = { data: { payout_id: payout, payout_status: 'FAILED' } } // whatever it says: the vendor is asked
      const event = { vendor: 'uqpay', eventId: newId(), type, body, receivedAt: bank.world.clock.now() } as const
      assert.equal(await payoutHandler.handle(bank.world.bank, 1, event), undefined)
    }
    const strange = { data: { payout_id: newId() } }
    const unknown = {
      vendor: 'uqpay',
      eventId: newId(),
      type: 'payout.failed',
      body: strange,
      receivedAt: new Date(),
    } as const
    assert.deepEqual(await payoutHandler.handle(bank.world.bank, 1, unknown), { ignored: 'a payout of no order' })
    assert.equal((await bank.order(payer, id)).status, 'completed')
    assert.deepEqual(await bank.money(payer), { balance: usdt('9899'), held: 0n })
    await bank.expectSound()
  })

  test('a vendor that contradicts the order moves no money, and operators hear of it', async () => {
    const { payer, recipient } = await fresh()
    const id = await send(payer, recipient)
    await bank.advance(id)
    const payoutId = await bank.payoutOf(id)
    const { recordState } = await import('../src/domain/remittance/settle-remittance.ts')
    await recordState(bank.world.bank, 1, bare(id), {
      payoutId,
      status: 'COMPLETED',
      amount: '7200.00',
      currency: 'CNH',
    })
    const uncertain = await ok<{ items: { id: string; note: string }[] }>(
      bank.world,
      bank.risk,
      'GET',
      '/remittances?status=uncertain',
    )
    assert.match(uncertain.items.find((item) => item.id === bare(id))?.note ?? '', /7200\.00 instead of 720\.00/)
    const alerts = await ok<{ items: { kind: string }[] }>(bank.world, bank.risk, 'GET', '/alerts')
    assert.ok(alerts.items.some((alert) => alert.kind === 'payout_contradiction'))
    const whole = await ok<{ vendor: { status: string } }>(bank.world, bank.risk, 'GET', `/remittances/${bare(id)}`)
    assert.equal(whole.vendor.status, 'PENDING')
    bank.uqpay.server.payout(payoutId, 'complete')
    await bank.advance(id)
    assert.equal((await bank.order(payer, id)).status, 'completed')
    await bank.expectSound()
  })
})
