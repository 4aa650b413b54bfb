// Payments out while things break: nodes that take and do not say so, say so and do not take, or lie; blocks that leave the
// chain, also when they were final. Each payment is mined at most once, every end is explained, and what left the wallet is
// what is confirmed.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { seconds } from '../src/base/clock.ts'
import { openAlerts } from '../src/domain/alert.ts'
import { resumeMoneyOut } from '../src/domain/chain/chain-state.ts'
import type { Advancer } from '../src/domain/chain-payment/advance-payments.ts'
import { giveUpPayment } from '../src/domain/chain-payment/give-up.ts'
import { moneyOutStopped } from '../src/domain/setting.ts'
import { askFaults, type FaultyNode, sendFaults, startFaultyNode } from './harness/faulty-node.ts'
import { type Draws, draws } from './harness/ledger.ts'
import { endProven, expectExplained, type Paying, startPaying, usdt } from './harness/paying.ts'

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? (process.env.NIGHTLY ? 400 : 40))

let world: Paying
let node: FaultyNode

before(async () => {
  world = await startPaying({ code: 'ETH', chainId: 31_061, network: { raiseAfter: 60_000 } })
})

afterEach(async () => {
  await node?.close()
  await expectExplained(world)
})

after(() => endProven(world))

const quietly = (loop: Advancer) => loop.advance().catch(() => {})

test('each fault of sending by itself: whatever the node said, the payment is made once', async () => {
  node = await startFaultyNode(world.chain.url, () => 0)
  for (const name of Object.keys(sendFaults)) {
    const loop = world.advancer({ url: node.url, timeout: 1_000 })
    const order = await world.withdraw(usdt(20))
    await loop.advance()
    await world.sign()
    node.only = [name]
    node.sends = 1_000
    await quietly(loop)
    assert.ok(['broadcast', 'uncertain'].includes(await world.status(order)), `${name}: ${await world.status(order)}`)
    world.pass(seconds(4))
    await quietly(loop)
    node.sends = 0
    world.pass(seconds(4))
    await world.finish(loop)
    assert.equal(await world.status(order), 'confirmed', name)
    assert.equal((await world.signedFor(order)).length, 1, name)
    assert.ok((node.told[name] ?? 0) > 0, name)
  }
})

test('each lie by itself, before, in and after a block: no payment ends by it, and none is signed twice', async () => {
  node = await startFaultyNode(world.chain.url, () => 0)
  for (const name of Object.keys(askFaults)) {
    const loop = world.advancer({ url: node.url, timeout: 1_000 })
    const lie = async (order: string, rounds = 2) => {
      node.only = [name]
      node.asks = 1_000
      for (let i = 0; i < rounds; i++) {
        await quietly(loop)
        world.pass(seconds(6))
        assert.ok(
          !['void', 'failed', 'refused'].includes(await world.status(order)),
          `${name}: ${await world.status(order)}`,
        )
      }
      node.asks = 0
    }
    const order = await world.withdraw(usdt(20))
    await lie(order)
    await resumeMoneyOut(world.base.db, 1, 'ETH')
    await loop.advance()
    await world.sign()
    await quietly(loop)
    await lie(order)
    await resumeMoneyOut(world.base.db, 1, 'ETH')
    await loop.advance()
    await world.chain.mine()
    await lie(order)
    await resumeMoneyOut(world.base.db, 1, 'ETH')
    await loop.advance()
    await world.chain.mine(3)
    await world.watch.catchUp()
    await lie(order)
    await resumeMoneyOut(world.base.db, 1, 'ETH')
    await world.finish(loop)
    assert.equal(await world.status(order), 'confirmed', name)
    assert.equal((await world.signedFor(order)).length, 1, name)
    assert.ok((node.told[name] ?? 0) > 0, name)
  }
})

test('a count of transactions that is too high leaves no hole: nothing is signed on it, and money out stops', async () => {
  node = await startFaultyNode(world.chain.url, () => 0)
  const loop = world.advancer({ url: node.url })
  const order = await world.withdraw(usdt(20))
  node.only = ['a count from tomorrow']
  node.asks = 1_000
  await loop.advance()
  await world.sign()
  assert.equal(await world.status(order), 'ready')
  assert.match((await moneyOutStopped(world.base.db, 1, 'ETH')) ?? '', /somebody else used nonce/)
  node.asks = 0
  await resumeMoneyOut(world.base.db, 1, 'ETH')
  await world.finish(loop)
  assert.equal(await world.status(order), 'confirmed')
})

test('mined, and its block leaves the chain: sent again, the same bytes; the customer waits (53)', async () => {
  const loop = world.advancer()
  const order = await world.withdraw(usdt(25))
  await loop.advance()
  await world.sign()
  await loop.advance()
  await world.chain.mine(2)
  await world.watch.catchUp()
  await loop.advance()
  assert.equal(await world.status(order), 'mined')
  await world.chain.reorg(2) // drops what was in them
  await world.watch.catchUp()
  await loop.advance()
  assert.equal(await world.status(order), 'broadcast')
  world.pass(seconds(4))
  await world.finish(loop)
  assert.equal(await world.status(order), 'confirmed')
  assert.equal((await world.signedFor(order)).length, 1)
})

test('confirmed, and then its block leaves the chain: on its way again, paid once, booked once (53)', async () => {
  const loop = world.advancer()
  await world.chain.mine(8)
  await world.watch.catchUp()
  const order = await world.withdraw(usdt(25))
  await world.finish(loop)
  assert.equal(await world.status(order), 'confirmed')
  await world.chain.reorg(5)
  await world.watch.catchUp()
  await loop.advance()
  assert.equal(await world.status(order), 'broadcast')
  const found = (await openAlerts(world.base.db, 1)).filter(({ kind }) => kind === 'deep_reorg')
  assert.equal(found.length, 1)
  world.pass(seconds(4))
  await world.finish(loop)
  assert.equal(await world.status(order), 'confirmed')
  const steps = await world.base.owner.query<{ to_status: string }>(
    '',
    'select to_status from chain_payment_events where payment_id = $1 order by no',
    [(await world.payment(order)).id],
  )
  assert.deepEqual(
    steps.map((step) => step.to_status),
    ['ready', 'signed', 'broadcast', 'mined', 'confirmed', 'broadcast', 'mined', 'confirmed'],
  )
  await resumeMoneyOut(world.base.db, 1, 'ETH')
})

/** Operators lose patience with one that is open, if there is one. */
async function giveUpAny(random: Draws): Promise<void> {
  const open = (await world.payments()).filter(
    ({ order_kind, status }) => order_kind === 'withdrawal' && ['ready', 'broadcast', 'uncertain'].includes(status),
  )
  const one = open[random.below(open.length || 1)]
  if (!one) return
  const outcome = one.status === 'ready' || random.below(2) === 0 ? 'void' : 'again'
  await giveUpPayment(world.base.db, 1, one.id, outcome)
}

test('two loops at once on a node that fails and lies now and then, while blocks come and go and operators give up', {
  timeout: 60_000 + ROUNDS * 2_000,
}, async (t) => {
  const random = draws((text) => t.diagnostic(text))
  node = await startFaultyNode(world.chain.url, random.below)
  node.only = node.only.filter((name) => name !== 'a count from tomorrow') // stops money out; see above
  const fresh = () => world.advancer({ url: node.url, timeout: 800 })
  let loops = [fresh(), fresh()]
  node.sends = 400
  node.asks = 60
  for (let round = 0; round < ROUNDS; round++) {
    if (round < (ROUNDS * 2) / 3) await world.withdraw(usdt(10 + random.below(30)) + BigInt(random.below(1_000_000)))
    await Promise.all(loops.map(quietly))
    await world.sign()
    if (random.below(3) > 0) await world.chain.mine(1 + random.below(2))
    if (random.below(8) === 0) await world.chain.reorg(1 + random.below(2))
    await world.watch.catchUp()
    if (random.below(5) === 0) await giveUpAny(random)
    world.pass(seconds(random.below(15)))
    if (random.below(10) === 0) loops = [fresh(), fresh()]
  }
  node.sends = 0
  node.asks = 0
  const last = fresh()
  for (let i = 0; i < 12; i++) {
    world.pass(seconds(10))
    await world.finish(last, 8)
  }
  const ends = Object.entries(Object.groupBy(await world.payments(), (one) => `${one.order_kind} ${one.status}`))
  t.diagnostic(JSON.stringify({ ...node.told, ...Object.fromEntries(ends.map(([end, all]) => [end, all?.length])) }))
  const nonces = new Set((await world.transactions()).map(({ nonce }) => nonce))
  assert.equal(nonces.size, Math.max(...nonces) + 1, 'contiguous')
})
