// What operators do about nodes, through the console: the price list and the price of UPT by two of them, levels by hand,
// settings that belong together, and what they may look at.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { days } from '../src/base/clock.ts'
import { type Buyer, type Earning, startEarning, usdt } from './harness/earning.ts'
import {
  check,
  consoleCall,
  joinOperator,
  ok,
  outcome,
  propose,
  signInAs,
  type TestOperator,
} from './harness/operators.ts'

let bank: Earning
let fay: TestOperator
let finn: TestOperator
let sam: TestOperator

before(async () => {
  bank = await startEarning()
  fay = await joinOperator(bank.world, ['finance'], 'Fay')
  finn = await joinOperator(bank.world, ['finance'], 'Finn')
  sam = await joinOperator(bank.world, ['support'], 'Sam')
})
after(() => bank?.close())

interface Shown {
  status: string
  description: string
  preview: { effects: string[]; refusal: { code: string } | null } | null
}
interface Tier {
  tier: number
  units: number
  sold: number
  available: number
  price: string
}
const show = (id: string) => ok<Shown>(bank.world, sam, 'GET', `/approvals/${id}`)
const tiers = () => ok<Tier[]>(bank.world, sam, 'GET', '/nodes/tiers')
const items = async <D>(path: string) => (await ok<{ items: D[] }>(bank.world, sam, 'GET', path)).items
const tryPropose = (who: TestOperator, kind: string, payload: object) =>
  outcome(bank.world, who, 'POST', `/approvals/${kind}`, { payload, reason: 'because' })
async function agree(kind: string, payload: object): Promise<void> {
  const id = await propose(bank.world, fay, kind, payload)
  const { data, text } = await check(bank.world, finn, id)
  assert.equal(data?.status, 'applied', text)
}
const total = async (buyer: Buyer, qty: number) =>
  (await bank.get<{ total_usdt: string }>(buyer, `/api/node/quote?qty=${qty}`)).total_usdt

describe('the price list', () => {
  test('is changed by two: shown before, kept after, and at once what customers are quoted', async () => {
    const bob = await bank.buyer(usdt(1_000))
    assert.equal((await bank.buy(bob, 2, '200')).status, 200)
    const id = await propose(bank.world, fay, 'node_tier', { tier: '1', units: '5', price: '90.5' }, 'autumn')
    const { description, preview } = await show(id)
    assert.equal(description, 'Nodes of tier 1: 300 × 100 → 5 × 90.5 USDT')
    assert.deepEqual(preview?.effects, ['Tier 1: 300 × 100 → 5 × 90.5 USDT', '3 of it are for sale'])
    assert.equal(await total(bob, 1), '100.00')
    assert.equal((await check(bank.world, fay, id)).error, 'OwnApproval')
    assert.equal((await check(bank.world, finn, id)).data.status, 'applied')
    assert.equal(await total(bob, 4), '381.50') // 3 × 90.5 + 110
    assert.deepEqual((await tiers())[0], { tier: 1, units: 5, sold: 2, available: 3, price: '90.50' })
    const [change] = await items<Record<string, unknown>>('/nodes/tiers/history')
    const { made_by, checked_by, units_before, price_before, units, price, reason } = change ?? {}
    assert.deepEqual(
      [made_by, checked_by, units_before, price_before, units, price, reason],
      [{ id: fay.id, name: 'Fay' }, [{ id: finn.id, name: 'Finn' }], 300, '100.00', 5, '90.50', 'autumn'],
    )
    // somebody who agreed to the old total is refused, and told the new one
    const late = await bank.buy(bob, 1, '100')
    assert.deepEqual([late.name, late.details.total_usdt], ['PriceChanged', '90.50'])
  })

  test('refuses what cannot be, and what has changed meanwhile', async () => {
    const payload = { tier: '1', units: '10', price: '90' }
    assert.equal(await tryPropose(sam, 'node_tier', payload), 'Forbidden')
    for (const wrong of [
      { ...payload, units: '1' }, // fewer than are sold
      { ...payload, tier: '5' }, // there are three
      { ...payload, tier: '0' },
      { ...payload, units: '-1' },
      { ...payload, units: '1.5' },
      { tier: '1', units: '5', price: '90.5' }, // as it is
      { ...payload, sold: '0' },
    ])
      assert.equal(await tryPropose(fay, 'node_tier', wrong), 'InvalidParams', JSON.stringify(wrong))
    for (const price of ['0', '-1', '1e2', '90.1234567'])
      assert.equal(await tryPropose(fay, 'node_tier', { ...payload, price }), 'InvalidAmount')
    assert.equal(await tryPropose(fay, 'node_tier', { ...payload, from: '300 × 100' }), 'Outdated')

    await agree('node_tier', { tier: '4', units: '7', price: '150' })
    assert.deepEqual((await tiers())[3], { tier: 4, units: 7, sold: 0, available: 7, price: '150.00' })
    const down = await propose(bank.world, fay, 'node_tier', { tier: '1', units: '3', price: '90.5' })
    const bob = await bank.buyer(usdt(1_000))
    await bank.buy(bob, 2, '181') // now four are sold
    assert.equal((await show(down)).preview?.refusal?.code, 'InvalidParams')
    assert.equal((await check(bank.world, finn, down)).error, 'InvalidParams')
    assert.equal((await tiers())[0]?.units, 5)
  })

  test('a sale that is stopped sells nothing', async () => {
    const bob = await bank.buyer(usdt(1_000))
    await agree('setting', { name: 'node.onSale', scope: '', value: 'false' })
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    assert.equal((await bank.buy(bob, 1, '90.5')).name, 'NodesSoldOut')
    await agree('setting', { name: 'node.onSale', scope: '', value: 'true' })
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    assert.equal((await bank.buy(bob, 1, '90.5')).status, 200)
  })
})

test('the price of UPT is set by two, and is the default price from then on', async () => {
  const prices = async () =>
    ((await (await fetch(`${bank.world.url}/api/quote/upt-kline`)).json()) as { data: Record<string, unknown> }).data
  assert.equal((await prices()).default_price, 1)
  await agree('upt_price', { price: '1.25' })
  const { default_price, last_price } = await prices()
  assert.deepEqual([default_price, last_price], [1.25, 1.25])
  const [point] = await items<{ source: string; price: string }>('/upt-prices')
  assert.deepEqual([point?.source, point?.price], ['operator', '1.25'])
  assert.equal(await tryPropose(fay, 'upt_price', { price: '1.3', from: '1' }), 'Outdated')
  assert.equal(await tryPropose(sam, 'upt_price', { price: '1.3' }), 'Forbidden')
  const bob = await bank.buyer(usdt(1_000))
  await bank.buy(bob, 1, await total(bob, 1))
  const after = await prices()
  assert.equal(after.default_price, 1.25)
  assert.notEqual(after.last_price, 1.25)
})

test('a level is set by hand by two, holds whatever the rules say, and is lifted again', async () => {
  const bob = await bank.buyer(usdt(1_000))
  const level = () => bank.get<Record<string, unknown>>(bob, '/api/user/level')
  const id = await propose(bank.world, fay, 'level_override', { person: bob.id, level: '4' }, 'an old friend')
  assert.deepEqual((await show(id)).preview?.effects, [`Level of ${bob.uid}: 0 → 4 (the system's: 0)`])
  assert.equal((await check(bank.world, finn, id)).data.status, 'applied')
  assert.deepEqual(await level(), {
    is_node: false,
    current_effective: 4,
    realtime_system: 0,
    manual_active: true,
  })
  assert.equal(await tryPropose(fay, 'level_override', { person: bob.id, level: '4' }), 'Outdated')
  assert.equal(await tryPropose(sam, 'level_override', { person: bob.id, level: '3' }), 'Forbidden')
  assert.equal(await tryPropose(fay, 'level_override', { person: bob.id, level: '6' }), 'InvalidParams')
  assert.equal(await tryPropose(fay, 'level_override', { person: fay.id, level: '1' }), 'NotFound')
  await bank.buy(bob, 1, await total(bob, 1))
  assert.deepEqual(await level(), { is_node: true, current_effective: 4, realtime_system: 1, manual_active: true })
  assert.equal((await bank.get<{ effective_level: number }>(bob, '/api/node/holdings')).effective_level, 4)
  await agree('level_override', { person: bob.id, level: 'none' })
  assert.equal((await level()).current_effective, 1)
  const history = await ok<{ uid: string; effective: number; items: Record<string, unknown>[] }>(
    bank.world,
    sam,
    'GET',
    `/customers/${bob.id}/levels`,
  )
  assert.deepEqual([history.uid, history.effective], [bob.uid, 1])
  assert.deepEqual(
    history.items.map(({ system, manual, is_node, reason }) => [system, manual, is_node, reason]),
    [
      [1, null, true, 'override_lifted'],
      [1, 4, true, 'worked_out'],
      [0, 4, false, 'override'],
    ],
  )
})

test('the rules of levels count the team: who rises, and when the rules change', async () => {
  const head = await bank.buyer(usdt(2_000))
  const arm = await bank.buyer(usdt(2_000), head)
  const leaf = await bank.buyer(usdt(2_000), arm)
  await agree('setting', { name: 'level.ownNodes', scope: '2', value: '1' })
  await agree('setting', { name: 'level.teamNodes', scope: '2', value: '3' })
  await bank.buy(head, 1, await total(head, 1))
  await bank.buy(leaf, 2, await total(leaf, 2))
  const levelOf = async (buyer: Buyer) =>
    (await bank.get<{ current_effective: number }>(buyer, '/api/user/level')).current_effective
  await bank.levels()
  assert.deepEqual([await levelOf(head), await levelOf(arm), await levelOf(leaf)], [1, 0, 1])
  await bank.buy(arm, 1, await total(arm, 1))
  await bank.levels()
  assert.deepEqual([await levelOf(head), await levelOf(arm), await levelOf(leaf)], [2, 1, 1])
  assert.equal((await bank.get<{ team_count: number }>(head, '/api/node/holdings')).team_count, 3)
  await agree('setting', { name: 'level.teamNodes', scope: '2', value: '4' })
  await bank.levels()
  assert.equal(await levelOf(head), 1)
})

test('settings that belong together stay in order', async () => {
  const set = (name: string, scope: string, value: string) => tryPropose(fay, 'setting', { name, scope, value })
  assert.equal(await set('commission.rate', 'transfer_fee/1', '0.86'), 'InvalidParams') // with 0.1 and 0.05 more than all
  assert.equal(await set('commission.rate', 'transfer_fee/6', '0.1'), 'InvalidParams')
  assert.equal(await set('commission.rate', 'transfer_fee/1', '1.000001'), 'InvalidParams')
  assert.equal(await set('commission.rate', 'transfer_fee/1', '0.85'), 'ok')
  assert.equal(await set('node.feeShare', '', '0.96'), 'InvalidParams')
  assert.equal(await set('node.cashback', '', '0.9'), 'ok')
  assert.equal(await set('level.ownNodes', '3', '6'), 'InvalidParams') // level 4 takes five
  assert.equal(await set('level.ownNodes', '3', '1.5'), 'InvalidParams')
  assert.equal(await set('node.perPerson', '', '-1'), 'InvalidParams')
  assert.equal(await set('yield.rate', '0', '0.0001'), 'ok')
})

test('sales, commissions, yields: shown to those who work here, and every look is in the log', async () => {
  const { world } = bank
  const anna = await bank.buyer()
  const bob = await bank.buyer(usdt(2_000), anna)
  const { data } = await bank.buy(bob, 1, await total(bob, 1))
  await bank.commissions()
  const order = data.order_id
  const [sale] = await items<Record<string, unknown>>(`/nodes/sales?uid=${bob.uid}`)
  assert.deepEqual([sale?.id, sale?.uid, sale?.quantity, sale?.total], [order.slice(2), bob.uid, 1, data.total_usdt])
  assert.ok((await items('/nodes/sales?size=2')).length === 2)
  const [reward] = await items<Record<string, unknown>>(`/commissions?order=${order}`)
  assert.deepEqual(
    [reward?.uid, reward?.payer, reward?.layer, reward?.source, reward?.order_id, reward?.base, reward?.status],
    [anna.uid, bob.uid, 1, 'node_purchase', order.slice(2), sale?.fee, 'paid'],
  )
  assert.equal((await items(`/commissions?uid=${anna.uid}`)).length, 1)
  assert.equal((await items(`/commissions?uid=${bob.uid}`)).length, 0)
  for (const [id, kind] of [
    [order, 'node_purchase'],
    [`cr-${reward?.id}`, 'commission'],
    [(await bank.get<{ items: { id: string }[] }>(anna, '/api/node/cashback')).items[0]?.id ?? '', 'node_cashback'],
  ] as const) {
    const found = await ok<{ kind: string; journals: unknown[]; steps: { to: string }[] }>(
      world,
      sam,
      'GET',
      `/orders/${id}`,
    )
    assert.deepEqual([found.kind, found.steps.map(({ to }) => to)], [kind, ['paid']])
    assert.ok(found.journals.length > 0)
  }
  world.clock.advance(days(2))
  await bank.yields()
  const again = await signInAs(world, sam)
  sam = { ...sam, token: again.data.token }
  const [run] = await items<{ day: string; people: number; finished_at: string | null }>('/yields')
  assert.ok(run && run.people > 0 && run.finished_at)
  const paid = await items<{ uid: string; amount: string }>(`/yields/${run.day}?size=100`)
  assert.equal(paid.length, run.people)
  assert.ok(paid.some(({ uid }) => uid === bob.uid))
  for (const path of ['/yields/2026-02-31', '/yields/x', '/nodes/sales?uid=U99999', `/customers/${fay.id}/levels`]) {
    const { status } = await consoleCall(world, sam.token, 'GET', path)
    assert.ok(status === 404 || status === 400, path)
  }
  const rita = await joinOperator(world, ['risk'], 'Rita')
  const log = '/audit-log?action=earnings.listed&size=100'
  const { items: seen } = await ok<{ items: { subject: string }[] }>(world, rita, 'GET', log)
  for (const subject of ['node sales', 'commissions', 'yields']) assert.ok(seen.some((row) => row.subject === subject))
  await bank.expectSound()
})
