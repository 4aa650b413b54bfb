// Every kind of break, planted one at a time into books that agree with a real chain: each is named in one comparison with
// its id and what was expected and found, stops money out, raises one alert, and is over when it is cured.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openAlerts } from '../src/domain/alert.ts'
import { chainStateOf, resumeMoneyOut } from '../src/domain/chain/chain-state.ts'
import type { Actor } from '../src/domain/context.ts'
import { breaks } from '../src/domain/reconciliation/break.ts'
import { breakKinds } from '../src/domain/reconciliation/break-kinds.ts'
import { bookQueries } from '../src/domain/reconciliation/compare-orders.ts'
import { isPlanted, type PlantedBank, plantedBreaks } from './harness/planted-breaks.ts'
import { plantedCards, plantedRemittances } from './harness/planted-vendors.ts'
import { type Cure, planting } from './harness/planting.ts'
import { briefly, type Reconciling, startReconciling } from './harness/reconciling.ts'
import { usdt } from './harness/vault.ts'

let here: Reconciling
let ann: Actor
let bob: Actor
let paid: string
let waiting: string

const bank: Partial<PlantedBank> = {}
const BSC = 2
const planter = planting(() => ({ bank: here.vault.bank, plant: here.plant }), BSC)
const lines = plantedBreaks(() => bank as PlantedBank, planter)

before(async () => {
  here = await startReconciling({ code: 'BSC', chainId: 31_201, hotCoin: 5_000 })
  const { vault, plant } = here
  await vault.set('sweepAbove', '1000')
  ann = await here.customer('ann', usdt(3_000))
  bob = await here.customer('bob', usdt(700))
  await vault.send(vault.hot, usdt(20_000))
  await vault.mine()
  paid = await here.withdraw(ann, usdt(100))
  await here.finish()
  waiting = await here.withdraw(bob, usdt(50)) // stays approved: nobody advances it
  await vault.chain.mine(250)
  await vault.watch.catchUp()
  await here.clean()
  const one = async <T>(sql: string, ...values: unknown[]) => (await plant(sql, values))[0] as T
  Object.assign(bank, {
    here,
    networkNo: BSC,
    ann: ann.personNo,
    bob: bob.personNo,
    paid,
    waiting,
    deposit: await one('select id, tx_hash, ordinal, journal_id from deposits where person_no = $1', ann.personNo),
    house: await one(`select tx_hash, ordinal from deposits where class = 'house'`),
    payment: await one(
      `select p.id, t.id as tx_id, t.tx_hash, w.journal_id, w.fee from chain_payments p join chain_transactions t on t.payment_id = p.id
       join withdrawals w on w.id = p.order_id where p.order_id = $1`,
      paid,
    ),
    sweep: await one(
      `select o.id, o.journal_id, p.id as payment from treasury_orders o join chain_payments p on p.order_id = o.id where o.kind = 'sweep'`,
    ),
  })
})
after(() => here?.close())

const isBook = (kind: string) => bookQueries.some((query) => query.kind === kind)
const compare = async (kind: string) => (isBook(kind) ? here.compareBook() : here.compare())

test('every kind has its words, and is planted here or in the tests of vendors', () => {
  const vendors = [...plantedRemittances(() => assert.fail(), planter), ...plantedCards(() => assert.fail(), planter)]
  const planted = new Set([...lines, ...vendors].map(({ kind }) => kind))
  planted.add('unknown_outgoing')
  assert.deepEqual([...planted].sort(), Object.keys(breakKinds).sort())
  assert.ok(planted.size >= 55)
})

for (const line of lines) {
  test(`${line.kind}: named in one comparison, told once, over when it is cured`, async () => {
    const { bank: ours } = here.vault
    await resumeMoneyOut(ours.db, 1, 'BSC')
    await here.clean()
    const cure = await line.make()
    const found = await compare(line.kind)
    const named = found.differences.filter(isPlanted(line))
    assert.equal(named.length, 1, `${found.note} ${found.differences.map(briefly).join('\n')}`)
    const subject = named[0]?.subject
    assert.ok(found.opened.some((one) => one.kind === line.kind && one.subject === subject))
    const again = await compare(line.kind)
    assert.deepEqual(again.opened, [], 'a break is opened once')
    const alerts = (await openAlerts(ours.db, 1)).filter(
      ({ data }) => data.kind === line.kind && data.subject === subject,
    )
    assert.deepEqual(
      alerts.map(({ times, data }) => [times, data.expected, data.found]),
      [[1, named[0]?.expected, named[0]?.found]],
    )
    const stops = named[0]?.severity === 'critical'
    const paused = (await chainStateOf(ours.db, 1, 'BSC'))?.money_out_paused_for ?? ''
    assert.equal(paused !== '', stops || found.differences.some((one) => one.severity === 'critical'), paused)
    // an operator who lets money go on is not overruled by what is known already
    await resumeMoneyOut(ours.db, 1, 'BSC')
    await compare(line.kind)
    assert.equal((await chainStateOf(ours.db, 1, 'BSC'))?.money_out_paused_at, null)

    await cure()
    const cured = await here.clean()
    const open = await breaks(ours.db, 1, { open: true, offset: 0, size: 10 })
    assert.deepEqual(open, [], cured.note)
    assert.deepEqual(
      (await openAlerts(ours.db, 1)).filter(({ kind }) => kind === 'reconciliation_break'),
      [],
    )
    const closed = await breaks(ours.db, 1, { open: false, offset: 0, size: 50 })
    assert.ok(closed.some((one) => one.kind === line.kind && one.subject === subject && one.closed_at))
  })
}

test('many at once: all of them in one cycle', async () => {
  const kinds = [
    'deposit_value',
    'hot_off',
    'fee_booked',
    'hold_amount',
    'credit_phantom',
    'coin_short',
    'clearing_stale',
    'sweep_unbooked',
  ]
  const planted = lines.filter(({ kind }) => kinds.includes(kind))
  const cures: Cure[] = []
  for (const line of planted) cures.push(await line.make())
  const found = [...(await here.compare()).differences, ...(await here.compareBook()).differences]
  for (const { kind } of planted)
    assert.ok(
      found.some((one) => one.kind === kind),
      `${kind}: ${found.map(briefly)}`,
    )
  for (const cure of cures.reverse()) await cure()
  await here.clean()
})
