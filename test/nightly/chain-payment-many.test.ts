// Many payments out at once on a real development chain, by rounds and by the loop that workers run.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sleep } from '../../src/base/clock.ts'
import { newId } from '../../src/base/ids.ts'
import type { Advancer } from '../../src/domain/chain-payment/advance-payments.ts'
import { IN_FLIGHT } from '../../src/domain/chain-payment/request-signatures.ts'
import { releaseMoneyOut, stopMoneyOut } from '../../src/domain/setting.ts'
import { withdrawalPayments } from '../../src/domain/withdrawal/follow-payment.ts'
import { createEvmSender } from '../../src/providers/evm-sender.ts'
import { advancePayments } from '../../src/workers/advance-payments.ts'
import { inLanes } from '../harness/ledger.ts'
import { endProven, type Paying, startPaying, usdt } from '../harness/paying.ts'

let eth: Paying
let loop: Advancer

before(async () => {
  eth = await startPaying({ code: 'ETH', chainId: 31_056 })
  loop = eth.advancer()
})

after(() => endProven(eth))

test('the loop as workers run it: five seconds after the word nothing leaves any more, and what left is paid once (63)', async () => {
  const sender = createEvmSender({ ...eth.watch.network, rpc: eth.chain.url })
  const loops = advancePayments(eth.bank, [1], { withdrawal: withdrawalPayments(eth.bank) }, (network) =>
    network.code === 'ETH' ? sender : undefined,
  )
  const who = newId()
  const stopAll = (reason: string) =>
    eth.base.db.transaction((tx) => stopMoneyOut(eth.bank, tx, 1, { network: '', reason, madeBy: who }))
  const lastSent = async () => {
    const [row] = await eth.base.owner.query<{ at: Date }>('', 'select max(last_sent_at) as at from chain_transactions')
    return row?.at.getTime() ?? 0
  }
  let stopped = false
  const orders: string[] = []
  const flood = (async () => {
    while (!stopped) {
      orders.push(await eth.withdraw(usdt(10)))
      await eth.sign()
      await sleep(100)
    }
  })()
  try {
    await sleep(1_500)
    await stopAll('an incident')
    const word = eth.bank.clock.now().getTime()
    await sleep(2_500)
    stopped = true
    await flood
    const late = (await lastSent()) - word
    assert.ok(late < 5_000, `${late} ms after the word`)
    assert.ok(orders.length > 0)
    const before = await lastSent()
    await sleep(1_000)
    assert.equal(await lastSent(), before)
  } finally {
    stopped = true
    await loops.stop()
  }
  const change = { reason: 'over', madeBy: who, checkedBy: [newId()], approvalId: newId() }
  await eth.base.db.transaction((tx) => releaseMoneyOut(eth.bank, tx, 1, { network: '', ...change }))
  await eth.finish(loop, 60)
  for (const order of orders) assert.equal(await eth.status(order), 'confirmed')
})

test('200 payments at once: contiguous nonces, no gap, none used twice, and never more in flight than allowed (49)', async () => {
  const first = Math.max(-1, ...(await eth.transactions()).map(({ nonce }) => nonce)) + 1
  const orders: string[] = []
  await inLanes(200, 8, async (i) => void orders.push(await eth.withdraw(usdt(10) + BigInt(i))))
  let most = 0
  for (let i = 0; i < 100; i++) {
    await eth.send(loop)
    const waiting = (await eth.payments()).filter((one) => ['signed', 'broadcast', 'uncertain'].includes(one.status))
    most = Math.max(most, waiting.length)
    await eth.chain.mine()
    await eth.watch.catchUp()
    if (waiting.length === 0) break
  }
  await eth.finish(loop)
  const mine = (await eth.payments()).filter((one) => orders.includes(one.order_id))
  assert.deepEqual(new Set(mine.map((one) => one.status)), new Set(['confirmed']))
  const nonces = (await eth.transactions()).filter(({ nonce }) => nonce >= first)
  assert.deepEqual(
    nonces.map(({ nonce }) => nonce),
    orders.map((_, i) => first + i),
  )
  assert.deepEqual(
    nonces.map(({ payment_id }) => payment_id),
    mine.map(({ id }) => id),
    'in the order in which they were made',
  )
  assert.ok(most <= IN_FLIGHT, `${most} in flight`)
  const paid = await eth.paidOnChain()
  for (const one of mine) assert.equal(paid.get(one.to_address), one.value)
})
