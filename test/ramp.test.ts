// The ramp API as a partner uses it: orders in and out through all their states, money in the ledger at each, and what is
// refused. The client is written from the document alone (harness/ramp-client.ts).

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { get, inOrder, outOrder, post, type RampKey } from './harness/ramp-client.ts'
import { type Ramping, startRamping } from './harness/ramping.ts'

let ramp: Ramping
let key: RampKey & { id: string }
before(async () => {
  ramp = await startRamping()
  key = await ramp.partner('Exchange')
})
after(() => ramp?.close())

const CLEARING = 151
const EXCHANGED = 150
const FEES = 129

describe('an order that brings fiat in', () => {
  test('goes from review to released, and its customer has the USDT', async () => {
    const pushed = await post(key, '/transaction/addChangeApplyOrder', inOrder('IN-1', 'user-1'))
    assert.deepEqual([pushed.status, pushed.code, pushed.description], [200, '000000', '成功'])
    const first = (await get(key, '/transaction/getOrderDetail', { orderNo: 'IN-1' })).data
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
    const last = (await get(key, '/transaction/getOrderDetail', { orderNo: 'IN-1' })).data
    for (const name of ['dateCreate', 'dateAudit', 'deadlinePay', 'timePay', 'timeIssue'])
      assert.equal(typeof last[name], 'number', name)
    await ramp.expectSound()
  })

  test('and the USDT can be sold again, held until fiat was paid', async () => {
    assert.equal((await post(key, '/transaction/addChangeApplySale', outOrder('OUT-1', 'user-1'))).code, '000000')
    const { person_no: no } = await ramp.one<{ person_no: bigint }>(
      `select person_no from ramp_orders where order_no = 'OUT-1'`,
    )
    assert.deepEqual(await ramp.money(no), { balance: 99_400_000n, held: 50_000_000n })
    await ramp.review(key, 'OUT-1')
    const detail = (await get(key, '/transaction/getOrderDetail', { orderNo: 'OUT-1' })).data
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
