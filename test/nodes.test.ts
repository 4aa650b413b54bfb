// 节点 over HTTP: the shop and its quotes, purchases with everything that goes with them, what is refused and leaves no
// trace, and the same request again.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { uptPrices } from '../src/domain/earn/upt-price.ts'
import { holdMoneyOut, setPersonStatus } from '../src/domain/people/people.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Bought, type Buyer, type Earning, startEarning, usdt } from './harness/earning.ts'
import { openStream } from './harness/event-stream.ts'
import { PIN } from './harness/hosted.ts'
import { countRows } from './harness/tables.ts'

let bank: Earning
before(async () => {
  bank = await startEarning()
})
after(() => bank?.close())

interface Dashboard {
  is_node: boolean
  node_count: number
  effective_level: number
  current_unit_price: string
  available_stock: number
  upt_balance: number
  remaining_for_user: number
}
interface Quote {
  qty: number
  unit_price_first_tier: string
  total_usdt: string
  tiers: { tier: number; units: number; unit_price: string; subtotal: string }[]
  available: number
  remaining_for_user: number
}
interface Order {
  id: string
  quantity: number
  total_usdt: string
  tiers: Quote['tiers']
  upt_granted: number
  status: string
}
type Items<D> = { items: D[]; page: number; size: number }

const quote = (buyer: Buyer, qty: number) => bank.get<Quote>(buyer, `/api/node/quote?qty=${qty}`)
const orders = (buyer: Buyer) => bank.get<Items<Order>>(buyer, '/api/node/orders')
const cents = (text: string) => BigInt(text.replace('.', ''))

describe('the shop', () => {
  test('shows the document’s fields; a fresh bank has a price list', async () => {
    const anna = await bank.buyer()
    const { is_node, node_count, current_unit_price, available_stock, upt_balance, remaining_for_user } =
      await bank.get<Dashboard>(anna, '/api/node/dashboard')
    assert.deepEqual(
      { is_node, node_count, current_unit_price, available_stock, upt_balance, remaining_for_user },
      {
        is_node: false,
        node_count: 0,
        current_unit_price: '100.00',
        available_stock: 500,
        upt_balance: 0,
        remaining_for_user: 10,
      },
    )
    assert.deepEqual(await bank.get(anna, '/api/node/holdings'), {
      count: 0,
      upt_balance: 0,
      is_node: false,
      effective_level: 0,
      principal_usdt: '0',
      team_count: 0,
    })
  })

  test('a quote may span tiers, and what it prints multiplies out exactly', async () => {
    await bank.stock([2, '0.1'], [3, '33.333333'], [500, '100.000001'])
    const anna = await bank.buyer()
    for (const qty of [1, 2, 3, 5, 6, 9]) {
      const { total_usdt, tiers, unit_price_first_tier, available } = await quote(anna, qty)
      assert.equal(unit_price_first_tier, '0.10')
      assert.equal(available, 505)
      const micro = (text: string) =>
        BigInt(text.split('.')[0] ?? '') * 1_000_000n + BigInt((text.split('.')[1] ?? '').padEnd(6, '0'))
      const sum = tiers.reduce((total, tier) => total + BigInt(tier.units) * micro(tier.unit_price), 0n)
      assert.equal(micro(total_usdt), sum)
      for (const tier of tiers) assert.equal(micro(tier.subtotal), BigInt(tier.units) * micro(tier.unit_price))
      assert.equal(
        tiers.reduce((count, tier) => count + tier.units, 0),
        qty,
      )
      const posted = await bank.world.call<Quote>('POST', '/api/node/quote', { qty }, { token: anna.access })
      assert.deepEqual(posted.data, await quote(anna, qty))
    }
    const tooMany = await bank.world.call('GET', '/api/node/quote?qty=506', undefined, { token: anna.access })
    assert.deepEqual([tooMany.code, tooMany.name, tooMany.details.available], [400001, 'NodesSoldOut', 505])
    for (const qty of ['0', '-1', '1.5', '1e3', '1000000', 'x', ''])
      assert.equal(
        (await bank.world.call('GET', `/api/node/quote?qty=${qty}`, undefined, { token: anna.access })).code,
        900003,
      )
    for (const qty of [0, -1, 1.5, '1', null, 1e9])
      assert.equal((await bank.world.call('POST', '/api/node/quote', { qty }, { token: anna.access })).code, 900003)
  })
})

describe('a purchase', () => {
  test('takes the money, grants the points, makes a node of the buyer, and tells', async () => {
    await bank.stock([100, '100'])
    const anna = await bank.buyer()
    const bob = await bank.buyer(usdt(1_000), anna)
    const stream = await openStream(bank.world.url, bob.access)
    const { data, text } = await bank.buy(bob, 1, '100.00')
    assert.ok(data, text)
    const { order_id, created_at, ...rest } = data as Bought & { created_at: string }
    assert.match(order_id, /^n-[0-9a-f-]{36}$/)
    assert.ok(Date.parse(created_at))
    assert.deepEqual(rest, { quantity: 1, total_usdt: '100.00', upt_granted: 100, status: 'paid' })

    assert.deepEqual(await bank.money(bob), { main: '900.00', node: '0' })
    assert.deepEqual(await bank.get(bob, '/api/upt/balance'), { main: 0, node: 100, total: 100 })
    const { items } = await orders(bob)
    assert.deepEqual(
      items.map(({ id, quantity, total_usdt, upt_granted, status }) => ({
        id,
        quantity,
        total_usdt,
        upt_granted,
        status,
      })),
      [{ id: order_id, quantity: 1, total_usdt: '100.00', upt_granted: 100, status: 'paid' }],
    )
    // shown at once, without waiting for a job
    assert.deepEqual(await bank.get(bob, '/api/user/level'), {
      is_node: true,
      current_effective: 1,
      realtime_system: 1,
      manual_active: false,
    })
    const { data: me } = await bank.world.call<{ is_node: boolean }>('GET', '/api/user/me', undefined, {
      token: bob.access,
    })
    assert.equal(me.is_node, true)
    const shown = await bank.get<Dashboard>(bob, '/api/node/dashboard')
    assert.deepEqual(
      [shown.is_node, shown.node_count, shown.upt_balance, shown.remaining_for_user, shown.effective_level],
      [true, 1, 100, 9, 1],
    )
    const back = await bank.get<Items<Record<string, string>>>(anna, '/api/node/cashback')
    const { id, amount, rate, status, from_uid } = back.items[0] ?? {}
    assert.match(`${id}`, /^cb-/)
    assert.deepEqual([amount, rate, status, from_uid], ['5.00', '0.05', 'paid', bob.uid])
    assert.deepEqual(await bank.money(anna), { main: '0', node: '5.00' })
    const team = await bank.get<Items<{ uid: string; is_node: boolean }>>(anna, '/api/user/team')
    assert.deepEqual(
      team.items.map(({ uid, is_node }) => [uid, is_node]),
      [[bob.uid, true]],
    )

    const ledger = await bank.get<Items<Record<string, string>>>(bob, '/api/account/ledger?type=node_purchase')
    assert.deepEqual(
      ledger.items.map((line) => [line.direction, line.amount, line.balance_after, line.memo]),
      [['debit', '100.00', '900.00', '购买节点']],
    )
    const [told] = await bank.get<{ type: string; body: string }[]>(bob, '/api/inbox')
    assert.deepEqual([told?.type, told?.body], ['nodes_bought', '您以 100.00 USDT 购买了 1 个节点,获赠 100 UPT'])
    await stream.until('events', () => stream.of('level.changed').length === 1)
    assert.equal(stream.of('node.bought')[0]?.data.id, order_id)
    stream.close()
    await bank.expectSound()
  })

  test('may span tiers, each at its price; the price of a point follows', async () => {
    await bank.stock([2, '100'], [5, '102'])
    const bob = await bank.buyer(usdt(1_000))
    const { total_usdt } = await quote(bob, 3)
    assert.equal(total_usdt, '302.00')
    const { data } = await bank.buy(bob, 3, total_usdt)
    assert.deepEqual([data.total_usdt, data.upt_granted], ['302.00', 300])
    assert.deepEqual(
      (await orders(bob)).items[0]?.tiers.map(({ units, unit_price, subtotal }) => [units, unit_price, subtotal]),
      [
        [2, '100.00', '200.00'],
        [1, '102.00', '102.00'],
      ],
    )
    assert.equal((await bank.buy(bob, 1, '102')).data.total_usdt, '102.00')
    assert.deepEqual(await uptPrices(bank.world.bank.db, 1), { last: 1_020_000n, default: 1_000_000n })
    const kline = await fetch(`${bank.world.url}/api/quote/upt-kline?interval=1d`)
    const { data: prices } = (await kline.json()) as {
      data: { klines: { time: number; close: number }[]; last_price: number; default_price: number }
    }
    assert.deepEqual([prices.last_price, prices.default_price], [1.02, 1])
    const last = prices.klines.at(-1)
    assert.equal(last?.close, 1.02)
    assert.equal((last?.time ?? 1) % 86_400, 0)
  })

  test('prices may be kept by caches: the ETag is that of the contents', async () => {
    const path = `${bank.world.url}/api/quote/upt-kline`
    const first = await fetch(path)
    const etag = first.headers.get('etag') ?? ''
    assert.match(etag, /^"[\w-]{20,}"$/)
    assert.match(first.headers.get('cache-control') ?? '', /public, max-age=\d+/)
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`]) {
      const again = await fetch(path, { headers: { 'if-none-match': header } })
      assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', etag])
    }
    assert.equal((await fetch(path, { headers: { 'if-none-match': '"x"' } })).status, 200)
    await bank.stock([5, '123'])
    await bank.buy(await bank.buyer(usdt(1_000)), 1, '123')
    const after = await fetch(path, { headers: { 'if-none-match': etag } })
    assert.equal(after.status, 200)
    assert.notEqual(after.headers.get('etag'), etag)
    assert.equal((await fetch(`${path}?interval=2h`)).headers.get('cache-control'), 'no-store')
  })
})

describe('what is refused leaves nothing behind', () => {
  test('another total, whichever way; too many; nothing to sell; no proof; no money', async () => {
    await bank.stock([8, '100'], [50, '110'])
    const bob = await bank.buyer(usdt(150))
    const rich = await bank.buyer(usdt(10_000))
    await bank.buy(bob, 1, '100') // so that what is opened once is open
    await bank.levels()
    const { owner } = bank.world.database
    const code = async (work: Promise<{ name: string }>) => (await work).name || 'ok'
    const before = await countRows(owner)
    const changed = await bank.buy(rich, 8, '800')
    assert.deepEqual([changed.code, changed.details.total_usdt], [400003, '810.00'])
    for (const total of ['99.99', '100.01', '0.01', '1000000'])
      assert.equal(await code(bank.buy(rich, 1, total)), 'PriceChanged')
    for (const total of ['0', '-100', '1e2', '100.0000001', '', 'x'])
      assert.match(await code(bank.buy(rich, 1, total)), /^Invalid/)
    assert.equal(await code(bank.buy(rich, 11, '1210')), 'NodeLimitReached')
    assert.equal(await code(bank.buy(rich, 1_000_001, '1210')), 'InvalidParams')
    for (const quantity of [0, -1, 0.5])
      assert.equal(await code(bank.buy(rich, quantity, '100')), 'InvalidParams', `${quantity}`)
    for (const extra of ['status', 'is_node', 'fee', 'role', 'user_id', 'upt_granted', '__proto__', 'constructor'])
      assert.equal(await code(bank.buy(rich, 1, '100', {}, JSON.parse(`{"${extra}":1}`))), 'InvalidParams', extra)
    assert.equal(await code(bank.buy(rich, 1, '100', {}, { payment_password: undefined })), 'InvalidParams')
    assert.equal(await code(bank.buy(bob, 1, '100')), 'InsufficientBalance')
    const unsigned = { quantity: 1, expected_total_usdt: '100', payment_password: PIN }
    assert.equal(await code(bank.world.call('POST', '/api/node/buy', unsigned)), 'Unauthorized')
    assert.deepEqual(await countRows(owner), before)

    assert.equal(await code(bank.buy(rich, 1, '100', {}, { payment_password: '000000' })), 'PaymentPasswordWrong')
    await holdMoneyOut(bank.world.bank.db, 1, rich.id, new Date(bank.world.clock.now().getTime() + hours(24)))
    assert.equal(await code(bank.buy(rich, 1, '100')), 'MoneyOutHeld')
    const frozen = await bank.buyer(usdt(100))
    await setPersonStatus(bank.world.bank, 1, frozen.id, 'frozen')
    assert.equal(await code(bank.buy(frozen, 1, '100')), 'PersonFrozen')
    await bank.stock([0, '100'])
    assert.equal(await code(bank.buy(bob, 1, '100')), 'NodesSoldOut')
    const shut = await bank.get<Dashboard>(bob, '/api/node/dashboard')
    assert.deepEqual([shut.available_stock, shut.current_unit_price], [0, '110.00'])
    await bank.expectSound()
  })

  test('by the database as well, whoever asks', async () => {
    await bank.stock([1, '100'])
    const bob = await bank.buyer(usdt(500))
    const { db } = bank.world.database
    const sell = (quantity: number, total: bigint, units = quantity) =>
      db.query('', `select node_sell(1, $1, $2, $3, $4, 0, 0, 10, '{1}', array[$5::int], '{100000000}', now())`, [
        newId(),
        bob.no,
        quantity,
        total,
        units,
      ])
    await assert.rejects(sell(1, usdt(100)), /has its journal/)
    await assert.rejects(sell(2, usdt(200), 1), /make up the whole/)
    await assert.rejects(sell(1, usdt(1)), /make up the whole/)
    for (const statement of [
      'update node_tiers set sold = 0',
      'update node_tiers set units = 1000000',
      'update node_holdings set nodes = 5',
      'insert into node_orders (book_id, id, person_no, quantity, total, fee, upt, created_at) values (1, gen_random_uuid(), 10001, 1, 1, 0, 0, now())',
      'delete from node_orders',
      'update node_cashbacks set amount = 1',
      'update commission_rewards set amount = 1',
      'update commission_cursors set seq = 0',
      'delete from node_yields',
      'update yield_runs set finished_at = null',
      'insert into upt_prices (book_id, id, price, source, order_id, at) values (1, gen_random_uuid(), 1, $$sale$$, gen_random_uuid(), now())',
      'update level_changes set system = 5',
    ])
      await assert.rejects(db.query('', statement), /permission denied/, statement)
    await assert.rejects(
      bank.world.database.owner.query('', 'update node_tiers set sold = units + 1'),
      /node_tiers_stock/,
    )
  })
})

test('the same request again is the same purchase, thirty-two at once and after the price has changed', async () => {
  await bank.stock([2, '100'], [50, '200'])
  const bob = await bank.buyer(usdt(5_000))
  const headers = { 'idempotency-key': `buy-${newId()}` }
  const answers = await Promise.all(Array.from({ length: 32 }, () => bank.buy(bob, 2, '200', { headers })))
  const done = answers.filter((answer) => answer.status === 200)
  assert.equal(new Set(done.map((answer) => answer.text)).size, 1)
  assert.equal(done.filter((answer) => answer.headers.get('idempotent-replayed') === null).length, 1)
  for (const answer of answers) assert.ok(answer.status === 200 || answer.status === 409, answer.text)
  assert.deepEqual(await bank.money(bob), { main: '4800.00', node: '0' })
  const later = await bank.buy(bob, 2, '200', { headers })
  assert.deepEqual([later.text, later.headers.get('idempotent-replayed')], [done[0]?.text, 'true'])
  assert.equal((await bank.buy(bob, 1, '200', { headers })).name, 'IdempotencyKeyReused')
  assert.equal((await bank.buy(bob, 2, '200')).name, 'PriceChanged')

  const poor = await bank.buyer(usdt(1))
  const key = { 'idempotency-key': `buy-${newId()}` }
  assert.equal((await bank.buy(poor, 1, '200', { headers: key })).name, 'InsufficientBalance')
  assert.equal((await bank.buy(poor, 1, '200', { headers: key })).name, 'InsufficientBalance')
  assert.equal((await orders(bob)).items.length, 1)
  await bank.expectSound()
})

test('the price is booked as income and fee; points are issued by the house', async () => {
  const { db } = bank.world.bank
  const ids = [houseAccount('income'), houseAccount('issuance', 'UPT')] as const
  const before = await balancesOf(db, 1, ids)
  await bank.stock([10, '100'])
  const bob = await bank.buyer(usdt(1_000))
  await bank.buy(bob, 2, '200')
  const now = await balancesOf(db, 1, ids)
  assert.equal(now(ids[0]).balance - before(ids[0]).balance, usdt(180))
  assert.equal(now(ids[1]).balance - before(ids[1]).balance, -usdt(200))
  assert.equal(cents((await bank.money(bob)).main), 80_000n)
})
