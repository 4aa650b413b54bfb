// What the database itself refuses of ramp orders to anybody: every step that is not in the table of states, and the steps
// that are without what must go with them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rampChecks } from '../src/domain/ramp/ramp-checks.ts'
import { rampStatuses, rampTransitions } from '../src/domain/ramp/ramp-order.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { check } from './harness/operators.ts'
import { inOrder, outOrder, post, type RampKey } from './harness/ramp-client.ts'
import { type Ramping, startRamping } from './harness/ramping.ts'

let ramp: Ramping
let key: RampKey & { id: string }
before(async () => {
  ramp = await startRamping()
  key = await ramp.partner('Exchange')
})
after(() => ramp?.close())

test('the database has the table of states that the code has', async () => {
  const rows = await ramp.world.database.owner.query<{ line: string }>(
    '',
    `select from_status || ' ' || to_status as line from ramp_transitions order by 1`,
  )
  const lines = Object.entries(rampTransitions).flatMap(([from, to]) => to.map((one) => `${from} ${one}`))
  assert.deepEqual(
    rows.map(({ line }) => line),
    lines.sort(),
  )
})

test('it refuses every other step to everybody, the owner in psql included, and legal ones without their money', async () => {
  const { owner } = ramp.world.database
  assert.equal((await post(key, '/transaction/addChangeApplyOrder', inOrder('D-0', 'seller'))).code, '000000')
  await ramp.know(key, 'D-0')
  await ramp.review(key, 'D-0')
  assert.equal(await ramp.pay(key, 'D-0', '5720'), 'ok')
  assert.equal(await ramp.decide('ramp_release', { order: await ramp.idOf(key, 'D-0') }), 'ok')
  assert.equal((await post(key, '/transaction/addChangeApplyOrder', inOrder('D-1', 'seller'))).code, '000000')
  assert.equal((await post(key, '/transaction/addChangeApplySale', outOrder('D-2', 'seller'))).code, '000000')
  const legal: Readonly<Record<string, readonly string[]>> = rampTransitions
  const force = (id: string, status: string) =>
    owner.transaction(async (tx) => {
      await tx.query('', 'alter table ramp_orders disable trigger ramp_order_step')
      await tx.query('', 'update ramp_orders set status = $2 where id = $1', [id, status])
      await tx.query('', 'alter table ramp_orders enable trigger ramp_order_step')
    })
  let tried = 0
  for (const orderNo of ['D-1', 'D-2']) {
    const id = await ramp.idOf(key, orderNo)
    for (const from of rampStatuses) {
      await force(id, from) // put there as only a superuser could who switches the triggers off
      for (const to of rampStatuses) {
        if (to === from || legal[from]?.includes(to)) continue
        tried++
        await assert.rejects(
          owner.query('', 'update ramp_orders set status = $2 where id = $1', [id, to]),
          { constraint: 'ramp_transitions' },
          `${from} → ${to}`,
        )
      }
    }
    const without: [from: string, set: string, constraint: string][] = [
      ['review', `status = 'awaiting_payment'`, 'ramp_orders_deadline'],
      ['awaiting_payment', `status = 'awaiting_release', paid_at = now(), paid_journal_id = id`, 'ramp_orders_journal'],
      ['awaiting_release', `status = 'released', issued_at = now(), journal_id = id`, 'ramp_orders_journal'],
      ['review', 'amount = amount + 1', 'ramp_orders_fixed'],
      ['review', `person_no = person_no + 1`, 'ramp_orders_fixed'],
      ['review', `release = 'automatic'`, 'ramp_orders_fixed'],
      ['review', `order_no = 'x'`, 'ramp_orders_fixed'],
      ...(orderNo === 'D-2' ? [['review', `status = 'rejected'`, 'ramp_orders_hold'] as [string, string, string]] : []),
    ]
    for (const [from, set, constraint] of without) {
      await force(id, from)
      await assert.rejects(owner.query('', `update ramp_orders set ${set} where id = $1`, [id]), { constraint }, set)
    }
    // the proof of the books finds what no trigger saw
    await force(id, 'released')
    const { faults } = await verifyLedger(ramp.world.database.db, { bookId: 1, orders: rampChecks })
    assert.ok(faults.length > 0 && faults.every(({ detail }) => detail.includes(id)), JSON.stringify(faults))
    await force(id, 'review')
  }
  assert.equal(tried, 2 * (5 * 4 - Object.values(legal).flat().length))
  await assert.rejects(
    owner.query('', `insert into ramp_orders select * from ramp_orders where order_no = 'D-0'`),
    { constraint: 'ramp_orders_hold' },
    'an order begins with a review',
  )
  await ramp.expectSound()
})

test('the bank’s own login can neither remove an order nor change what was ordered', async () => {
  const { db } = ramp.world.database
  for (const sql of [
    'delete from ramp_orders',
    'truncate ramp_orders',
    'update ramp_orders set amount = 1',
    'update ramp_orders set hold_id = null',
    'delete from ramp_order_events',
    `insert into ramp_order_events values (1, gen_random_uuid(), 1, null, 'released', '', '', now())`,
    'delete from ramp_customers',
    'update ramp_customers set person_no = 10001',
    'delete from ramp_partners',
    'update ramp_partners set no = 7',
    'delete from ramp_partner_keys',
    `insert into ramp_transitions values ('review', 'released')`,
    'alter table ramp_orders disable trigger all',
  ])
    await assert.rejects(db.query('', sql), { code: '42501' }, sql)
})

test('above the second threshold two operators say yes', async () => {
  const large = await ramp.partner('Large', { order_max: '20000' })
  const order = inOrder('L-1', 'large', { legalAmount: '600000' })
  assert.equal((await post(large, '/transaction/addChangeApplyOrder', order)).code, '000000')
  await ramp.know(large, 'L-1')
  const { approval_id: id } = await ramp.one<{ approval_id: string }>(
    `select approval_id from ramp_orders where order_no = 'L-1'`,
  )
  assert.equal((await check(ramp.world, ramp.finance, id)).data.status, 'open')
  assert.equal((await check(ramp.world, ramp.finance, id)).error, 'AlreadyChecked')
  assert.equal(await ramp.status(large, 'L-1'), '1')
  assert.equal((await check(ramp.world, ramp.checker, id)).data.status, 'applied')
  assert.equal(await ramp.status(large, 'L-1'), '3')
})
