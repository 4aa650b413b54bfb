// 提现 over HTTP: what a submission makes, what it refuses and leaves no trace of, quotes and fees, the same request again,
// and limits at their edge.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { isApproved } from '../src/domain/chain-payment/approval-mac.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { placeWithdrawal } from '../src/domain/withdrawal/submit-withdrawal.ts'
import { deposit } from '../src/ledger/journals.ts'
import { actorOn } from './harness/customers.ts'
import { openStream } from './harness/event-stream.ts'
import type { Payer } from './harness/hosted.ts'
import { fund } from './harness/ledger.ts'
import { countRows } from './harness/tables.ts'
import { bare, freshAddress, type Order, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

const TRON = 'TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

const ask = <D>(payer: Payer, method: string, path: string, body?: object) =>
  bank.world.call<D>(method, path, body, { token: payer.access })

/** As operators change it, when two of them agree. */
async function set(name: string, scope: string, value: string): Promise<void> {
  await bank.world.database.owner.query(
    '',
    `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
     select 1, 1 + coalesce(max(no), 0), $1, $2, $3, '', 'test', $4, array[$5::uuid], $6, now() from setting_changes`,
    [name, scope, value, newId(), newId(), newId()],
  )
}

describe('a submission', () => {
  test('holds the amount, makes order and payment, and tells; the document’s answer to the letter', async () => {
    const alice = await bank.payer(usdt(500))
    const stream = await openStream(bank.world.url, alice.access)
    const to = '0x52908400098527886E0F7030069857D2E4169EE7'
    const { data, status } = await bank.submit(alice, '100', { to_address: to })
    assert.equal(status, 200)
    const { order_id, created_at, ...rest } = data as typeof data & { created_at: string }
    assert.match(order_id, /^w-[0-9a-f-]{36}$/)
    assert.ok(Date.parse(created_at))
    assert.deepEqual(rest, {
      chain: 'BSC',
      to_address: to,
      amount: '100.00',
      fee: '1.00',
      amount_net: '99.00',
      status: 'submitted',
    })
    assert.deepEqual(await bank.money(alice), { balance: usdt(500), held: usdt(100) })
    const { data: balance } = await ask<{ main: Record<string, string> }>(alice, 'GET', '/api/account/balance')
    assert.deepEqual([balance.main.balance, balance.main.frozen], ['500.00', '100.00'])

    const order = await bank.order(alice, order_id)
    assert.deepEqual(
      order.timeline.map((step) => step.status),
      ['submitted', 'approved'],
    )
    assert.deepEqual([order.status, order.can_cancel, order.tx_hash, order.confirmations], ['approved', true, null, 0])
    const { data: list } = await ask<{ items: Order[] }>(alice, 'GET', '/api/withdrawal/usdt/orders')
    const { timeline: _, ...listed } = order
    assert.deepEqual(list.items, [listed])

    const payment = await bank.payment(order_id)
    assert.ok(payment?.approval_mac)
    assert.deepEqual(
      [payment.network, payment.asset, payment.from_purpose, payment.to_address, payment.value],
      ['BSC', 'token', 'hot', to.toLowerCase(), 99n * 10n ** 18n],
    )
    const approved = { bookId: 1, id: bare(order_id), network: 'BSC', asset: 'token', to: to.toLowerCase() } as const
    const terms = { ...approved, value: 99n * 10n ** 18n, amount: usdt(100), fee: usdt(1) }
    const key = bank.world.bank.keys.withdrawalApproval
    assert.ok(isApproved(key, terms, payment.approval_mac))
    assert.ok(!isApproved(key, { ...terms, fee: 0n }, payment.approval_mac))

    await stream.until('both events', () => stream.of('withdrawal.approved').length === 1)
    const [told] = stream.of('withdrawal.submitted')
    assert.deepEqual(
      [told?.data.id, told?.data.amount, told?.data.amount_net, told?.data.to_address],
      [order_id, '100.00', '99.00', to],
    )
    stream.close()
    const inbox = await ask<{ type: string; body: string }[]>(alice, 'GET', '/api/inbox')
    assert.equal(inbox.data[0]?.type, 'withdrawal_submitted')
    assert.match(inbox.data[0]?.body ?? '', new RegExp(`100 USDT\\(BSC\\)至 ${to}`))
  })

  test('sends the net exactly, whatever the chain’s decimals, of the token and of TRX', async () => {
    const alice = await bank.payer(usdt(500))
    for (const [chain, to_address, fee, value] of [
      ['ETH', freshAddress(), 5n, 95_123_456n - 90_000_000n],
      ['BSC', freshAddress(), 1n, 9_123_456n * 10n ** 12n],
      ['TRX', TRON, 2n, 8_123_456n],
    ] as const) {
      const { data, text } = await bank.submit(alice, '10.123456', { chain, to_address })
      assert.equal(data?.fee, `${fee}.00`, text)
      assert.equal((await bank.payment(data.order_id))?.value, value, chain)
    }
    await bank.world.database.owner.query('', 'select ledger_open(1, array[($1::bigint << 16) + 259])', [alice.no])
    await fundTrx(alice, 100_000_000n)
    const actor = await actorOn(bank.world.bank, alice)
    const input = { network: 'TRX', asset: 'TRX', to: TRON, expectedFee: undefined, confirmLookalike: false } as const
    const proving = { prove: async () => {}, usesCode: false }
    const { answer } = await placeWithdrawal(
      bank.world.bank,
      actor,
      { ...input, amount: '20.5', idempotency: undefined },
      proving,
    )
    const payment = await bank.payment(`${answer.id}`)
    assert.deepEqual([payment?.asset, payment?.value], ['coin', 19_500_000n])
    await assert.rejects(
      placeWithdrawal(bank.world.bank, actor, { ...input, amount: '1000', idempotency: undefined }, proving),
      { code: 'InsufficientBalance' },
    )
    await assert.rejects(
      placeWithdrawal(bank.world.bank, actor, { ...input, amount: '10', idempotency: undefined }, proving, {
        beside: () => [],
      }),
      { code: 'AddressNotListed' },
      'programs pay only what stands in the book',
    )
  })
})

/** Coin from a deposit, as the watchers book it. */
async function fundTrx(payer: Payer, amount: bigint): Promise<void> {
  const id = newId()
  const journal = deposit({ id, key: id, networkNo: 3, personNo: payer.no, amount, asset: 'TRX' })
  const outcome = await bank.world.bank.poster.submit({ bookId: 1, journal })
  assert.ok(outcome.ok)
}

describe('what is refused leaves no row', () => {
  let alice: Payer
  before(async () => {
    alice = await bank.payer(usdt(200_000))
  })

  async function refuses(code: string, amount: string, change: object, payer = alice): Promise<void> {
    const before = await countRows(bank.world.database.owner)
    const answer = await bank.submit(payer, amount, change)
    assert.equal(answer.name, code, `${amount} ${JSON.stringify(change)} → ${answer.text}`)
    assert.deepEqual(await countRows(bank.world.database.owner), before, code)
  }

  test('amounts, networks and fees', async () => {
    for (const amount of ['0', '-1', '1e3', '10.1234567', ' 10', 'x', '9223372036854775807'])
      await refuses('InvalidAmount', amount, {})
    await refuses('AmountBelowMinimum', '9.999999', {})
    await refuses('AmountAboveMaximum', '100000.000001', {})
    await refuses('NetworkUnknown', '10', { chain: 'DOGE' })
    await refuses('InvalidAmount', '10', { expected_fee: '1e0' })
    for (const expected_fee of ['0', '0.999999', '1.000001', '2']) await refuses('FeeChanged', '10', { expected_fee })
    const { details } = await bank.submit(alice, '10', { expected_fee: '2' })
    assert.deepEqual([details.fee, details.amount_net], ['1.00', '9.00'])
    assert.equal((await bank.submit(alice, '10', { expected_fee: '1.0' })).status, 200)
  })

  test('addresses', async () => {
    await refuses('AddressInvalid', '10', { to_address: TRON })
    await refuses('AddressInvalid', '10', { chain: 'TRX' })
    await refuses('AddressForbidden', '10', { to_address: '0x0000000000000000000000000000000000000000' })
    const { data } = await ask<{ address: string }>(alice, 'GET', '/api/recharge/address?chain=BSC')
    await refuses('AddressForbidden', '10', { to_address: data.address })
    const bob = await bank.payer()
    const theirs = await ask<{ address: string }>(bob, 'GET', '/api/recharge/address?chain=BSC')
    await refuses('AddressOfCustomer', '10', { to_address: theirs.data.address })
  })

  test('proof: no PIN, a wrong one, a frozen customer, a day after a change without proof', async () => {
    await refuses('InvalidParams', '10', { payment_password: undefined })
    const [frozen, held] = await Promise.all([bank.payer(usdt(50)), bank.payer(usdt(50))])
    await setPersonStatus(bank.world.bank, 1, frozen.id, 'frozen')
    await refuses('PersonFrozen', '10', {}, frozen)
    const until = new Date(bank.world.clock.now().getTime() + hours(1))
    const { owner } = bank.world.database
    await owner.query('', 'update people set money_out_held_until = $2 where id = $1', [held.id, until])
    await refuses('MoneyOutHeld', '10', {}, held)
    assert.equal((await bank.submit(alice, '10', { payment_password: '000001' })).name, 'PaymentPasswordWrong')
    assert.equal((await bank.submit(alice, '10', { balance: '1' })).name, 'InvalidParams', 'unknown fields')
  })

  test('a network that is off, or that nobody follows', async () => {
    await set('withdrawal.enabled', 'ETH/USDT', 'false')
    await refuses('NetworkUnavailable', '10', { chain: 'ETH' })
    await set('withdrawal.enabled', 'ETH/USDT', 'true')
    const { owner } = bank.world.database
    await owner.query('', `update chain_states set phase = 'halted' where network = 'ETH'`)
    await refuses('NetworkUnavailable', '10', { chain: 'ETH' })
    await owner.query('', `update chain_states set phase = 'following' where network = 'ETH'`)
    assert.equal((await bank.submit(alice, '10', { chain: 'ETH' })).status, 200)
  })

  test('more than there is: nothing but the stored answer', async () => {
    const poor = await bank.payer(usdt(20))
    await refuses('InsufficientBalance', '20.000001', {}, poor)
    assert.equal((await bank.submit(poor, '20', {})).status, 200)
    await refuses('InsufficientBalance', '10', {}, poor)
  })
})

describe('quotes', () => {
  const quote = (payer: Payer, query: string) =>
    ask<Record<string, unknown> & { warnings: { code: string }[] }>(payer, 'GET', `/api/withdrawal/usdt/quote?${query}`)

  test('say fee, net, limits and what to mind; a fee that changed since is refused, never charged', async () => {
    const alice = await bank.payer(usdt(2_000), 'none')
    const to = freshAddress()
    const { data } = await quote(alice, `chain=TRX&amount=100&to_address=${TRON}`)
    assert.deepEqual(
      [data.fee, data.amount_net, data.min, data.max, data.available, data.limit_per_day, data.left_today],
      ['2.00', '98.00', '10.00', '100000.00', '2000.00', '1000.00', '1000.00'],
    )
    assert.deepEqual([data.needs_review, data.to_address], [false, TRON])
    assert.ok(Number(data.eta_seconds) > 0)
    assert.deepEqual(
      data.warnings.map(({ code }) => code),
      ['new_address'],
    )
    const large = (await quote(alice, 'chain=BSC&amount=2500')).data
    assert.deepEqual([large.needs_review, large.eta_seconds, large.to_address], [true, null, null])
    assert.deepEqual(
      large.warnings.map(({ code }) => code),
      ['insufficient_balance', 'limit_exceeded'],
    )
    for (const [query, name] of [
      ['chain=BSC&amount=1', 'AmountBelowMinimum'],
      ['chain=BSC&amount=100&to_address=0x123', 'AddressInvalid'],
      ['chain=XYZ&amount=100', 'NetworkUnknown'],
      ['chain=BSC', 'InvalidParams'],
    ])
      assert.equal((await quote(alice, query ?? '')).name, name)

    const before = (await quote(alice, 'chain=BSC&amount=100')).data.fee
    await set('withdrawal.fee', 'BSC/USDT', '3')
    const late = await bank.submit(alice, '100', { to_address: to, expected_fee: before })
    assert.deepEqual([late.status, late.name, late.details.fee], [409, 'FeeChanged', '3.00'])
    const again = await bank.submit(alice, '100', { to_address: to, expected_fee: late.details.fee })
    assert.deepEqual([again.data.fee, again.data.amount_net], ['3.00', '97.00'])
    await set('withdrawal.fee', 'BSC/USDT', '1')
    assert.equal((await bank.order(alice, again.data.order_id)).fee, '3.00', 'an order keeps its fee')
  })

  test('tell when money out is stopped; what is submitted then waits', async () => {
    const alice = await bank.payer(usdt(100))
    await bank.world.database.owner.query(
      '',
      `update chain_states set money_out_paused_at = now(), money_out_paused_for = 'looking' where network = 'TRX'`,
    )
    const { data } = await quote(alice, 'chain=TRX&amount=50')
    assert.deepEqual([data.warnings.map(({ code }) => code), data.eta_seconds], [['delayed'], null])
    const submitted = await bank.submit(alice, '50', { chain: 'TRX', to_address: TRON })
    assert.equal((await bank.payment(submitted.data.order_id))?.status, 'ready')
    await bank.world.database.owner.query(
      '',
      `update chain_states set money_out_paused_at = null, money_out_paused_for = null`,
    )
  })

  test('networks list fees, limits and what can be chosen', async () => {
    const alice = await bank.payer(0n, 'basic')
    const { data } = await ask<{ items: { chain: string; fee: string; enabled: boolean }[]; limit_per_day: string }>(
      alice,
      'GET',
      '/api/withdrawal/usdt/networks',
    )
    assert.deepEqual(
      data.items.map(({ chain, fee, enabled }) => [chain, fee, enabled]),
      [
        ['ETH', '5.00', true],
        ['BSC', '1.00', true],
        ['TRX', '2.00', true],
      ],
    )
    assert.equal(data.limit_per_day, '20000.00')
  })
})

describe('again and at once', () => {
  test('32 with one key are one withdrawal; another body is refused; a refusal for want of money stays', async () => {
    const alice = await bank.payer(usdt(1_000))
    const to_address = freshAddress()
    const key = { 'idempotency-key': newId() }
    const answers = await Promise.all(Array.from({ length: 32 }, () => bank.submit(alice, '10', { to_address }, key)))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(answers[0]?.status, 200, answers[0]?.text)
    assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length, 31)
    assert.deepEqual(await bank.money(alice), { balance: usdt(1_000), held: usdt(10) })
    assert.equal((await bank.submit(alice, '11', { to_address }, key)).name, 'IdempotencyKeyReused')

    const poor = { 'idempotency-key': newId() }
    assert.equal((await bank.submit(alice, '2000', { to_address }, poor)).name, 'InsufficientBalance')
    await fund(bank.world.bank.poster, alice.no, usdt(5_000))
    assert.equal((await bank.submit(alice, '2000', { to_address }, poor)).name, 'InsufficientBalance')
  })

  test('100 at the edge of the day’s limit: never more than it; what came back can be withdrawn again', async () => {
    const alice = await bank.payer(usdt(10_000), 'none') // 1,000 a day
    const answers = await Promise.all(Array.from({ length: 100 }, () => bank.submit(alice, '30')))
    const done = answers.filter(({ status }) => status === 200)
    assert.equal(done.length, 33)
    assert.deepEqual(
      [...new Set(answers.filter(({ status }) => status !== 200).map(({ name }) => name))],
      ['LimitExceeded'],
    )
    assert.equal((await bank.money(alice)).held, usdt(990))
    const [first] = done
    assert.equal((await bank.cancel(alice, first?.data.order_id ?? '')).status, 200)
    assert.equal((await bank.submit(alice, '40.000001')).name, 'LimitExceeded')
    assert.equal((await bank.submit(alice, '40')).status, 200)
  })
})

test('the books are whole, and each order has what its state asks for', () => bank.expectSound())
