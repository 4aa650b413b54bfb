// Somebody is frozen: what was approved for them and is not signed yet is stopped and its money stays, frozen; what is signed
// goes on. And nodes that are not for sale in live mode until operators say so.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Logger, runOnce } from 'graphile-worker'
import { newId } from '../src/base/ids.ts'
import { changeSetting, checkSetting, settingsNow, settingsOf } from '../src/domain/setting.ts'
import { STOP_WITHDRAWALS, stopForFrozen } from '../src/domain/withdrawal/stop-for-frozen.ts'
import { stopWithdrawalsTask } from '../src/workers/stop-withdrawals.ts'
import { check, joinOperator, outcome, propose, type TestOperator } from './harness/operators.ts'
import { startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
let rita: TestOperator
let rob: TestOperator
before(async () => {
  bank = await startWithdrawing()
  rita = await joinOperator(bank.world, ['risk'], 'Rita')
  rob = await joinOperator(bank.world, ['risk'], 'Rob')
})
after(() => bank?.close())

const withdraw = async (payer: Awaited<ReturnType<Withdrawing['payer']>>): Promise<string> => {
  const { data, text } = await bank.submit(payer, '100')
  assert.ok(data, text)
  assert.equal((await bank.order(payer, data.order_id)).status, 'approved')
  return data.order_id
}
const freeze = (id: string) =>
  outcome(bank.world, rita, 'POST', `/customers/${id}/freeze`, { reason: 'stolen phone, case 12' })

test('frozen at once by risk: approved withdrawals stop, signed ones go on', async () => {
  const [payer, other] = [await bank.payer(usdt(1_000)), await bank.payer(usdt(1_000))]
  const [signed, refused, first, second] = [
    await withdraw(payer),
    await withdraw(payer),
    await withdraw(payer),
    await withdraw(payer),
  ]
  const others = await withdraw(other)
  await bank.pay(signed, 'signed')
  await bank.pay(refused, 'refused')
  assert.equal(await freeze(payer.id), 'ok')
  for (const id of [refused, first, second]) assert.equal((await bank.order(payer, id)).status, 'cancelled')
  assert.equal((await bank.payment(first))?.status, 'void')
  assert.equal((await bank.payment(signed))?.status, 'signed')
  assert.equal((await bank.order(other, others)).status, 'approved')
  assert.deepEqual(await bank.money(payer), { balance: usdt(1_000), held: usdt(100) })
  await bank.pay(signed, 'broadcast', 'uncertain', 'broadcast', 'mined', 'confirmed')
  assert.deepEqual(await bank.money(payer), { balance: usdt(900), held: 0n })
  const logged = await bank.world.database.owner.query(
    '',
    `select subject from audit_log where action = 'withdrawal.stopped'`,
  )
  assert.equal(logged.length, 3)
  await bank.expectSound()
})

test('frozen by two: the job stops them; who is free again keeps theirs', async () => {
  const [payer, freed] = [await bank.payer(usdt(500)), await bank.payer(usdt(500))]
  const [id, kept] = [await withdraw(payer), await withdraw(freed)]
  const jobs = () =>
    runOnce({
      connectionString: bank.world.database.url,
      taskList: { [STOP_WITHDRAWALS]: stopWithdrawalsTask(bank.world.bank) },
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
    })
  const decide = async (person: string, status: string) => {
    const proposal = await propose(bank.world, rita, 'person_status', { person, status })
    assert.equal((await check(bank.world, rob, proposal)).status, 200)
  }
  await decide(payer.id, 'frozen')
  await jobs()
  assert.equal((await bank.order(payer, id)).status, 'cancelled')
  await bank.world.database.owner.query('', `update people set status = 'active' where id = $1`, [freed.id])
  assert.equal(await stopForFrozen(bank.world.bank, 1, freed.no), 0)
  assert.equal((await bank.order(freed, kept)).status, 'approved')
  await bank.expectSound()
})

test('nodes are for sale in the sandbox, and in live mode once operators say so', async () => {
  const { bank: sandbox } = bank.world
  const live = { ...sandbox, config: { ...sandbox.config, UNIPAY_MODE: 'live' as const } }
  const onSale = async (of: typeof sandbox) => (await settingsOf(of, 1, { fresh: true })).isOn('node.onSale')
  assert.deepEqual([await onSale(sandbox), await onSale(live)], [true, false])
  const shown = (await settingsNow(live, 1)).find(({ name }) => name === 'node.onSale')
  assert.deepEqual([shown?.value, shown?.fallback], ['false', 'false'])
  const change = { name: 'node.onSale', scope: '', value: 'true' }
  assert.equal((await checkSetting(live, live.db, 1, change)).before, 'false')
  await live.db.transaction((tx) =>
    changeSetting(live, tx, 1, {
      ...change,
      from: 'false',
      reason: 'the prices are ours now',
      madeBy: newId(),
      checkedBy: [newId()],
      approvalId: newId(),
    }),
  )
  assert.equal(await onSale(live), true)
})
