// Payments that get stuck on a real development chain: too little was offered, every node lost them, operators gave them up,
// or somebody else used the nonce. Whatever is tried, one transaction of a payment is mined or none, and that one counts.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { parseTransaction } from 'viem'
import { minutes, seconds } from '../src/base/clock.ts'
import { openAlerts } from '../src/domain/alert.ts'
import { resumeMoneyOut } from '../src/domain/chain/chain-state.ts'
import type { Advancer } from '../src/domain/chain-payment/advance-payments.ts'
import { giveUpPayment } from '../src/domain/chain-payment/give-up.ts'
import { moneyOutStopped } from '../src/domain/setting.ts'
import { endProven, type Paying, startPaying, usdt } from './harness/paying.ts'

let eth: Paying
let loop: Advancer

before(async () => {
  eth = await startPaying({ code: 'ETH', chainId: 31_055, network: { raiseAfter: 60_000 } })
})

beforeEach(() => {
  loop = eth.advancer() // a process that has just started
})

after(() => endProven(eth))

const alerts = async (kind: string) => (await openAlerts(eth.base.db, 1)).filter((alert) => alert.kind === kind)

test('waits too long: the same nonce, both fees an eighth higher, and one of the two is mined (50)', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(40), to)
  await eth.send(loop)
  await loop.advance()
  assert.equal((await eth.signedFor(order)).length, 1, 'not before its time')
  eth.pass(seconds(61))
  await eth.send(loop)
  const [first, second] = await eth.signedFor(order)
  assert.ok(first && second)
  assert.equal(first.nonce, second.nonce)
  for (const field of ['maxFeePerGas', 'maxPriorityFeePerGas'] as const) {
    assert.ok(BigInt(second.draft[field]) * 8n >= BigInt(first.draft[field]) * 9n, field)
  }
  assert.equal(first.draft.gas, second.draft.gas)
  assert.deepEqual([await eth.inPool(first.tx_hash), await eth.inPool(second.tx_hash)], [false, true])
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'confirmed')
  assert.equal((await eth.order(order))?.tx_hash, second.tx_hash)
  assert.equal(await eth.tokens(to), usdt(35))
  await loop.advance()
  eth.pass(seconds(6))
  await loop.advance()
  assert.deepEqual((await eth.signedFor(order)).map((one) => one.status).sort(), ['dead', 'final'])
})

test('the original is mined instead of the dearer one: that is the one that counts, once (50)', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(40), to)
  await eth.send(loop)
  eth.pass(seconds(61))
  await eth.send(loop)
  const [first, second] = await eth.signedFor(order)
  assert.ok(first && second)
  await eth.chain.rpc('anvil_dropTransaction', second.tx_hash)
  await eth.chain.rpc('eth_sendRawTransaction', first.raw)
  await eth.chain.mine()
  await loop.advance()
  assert.equal(await eth.status(order), 'mined')
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'confirmed')
  assert.equal((await eth.order(order))?.tx_hash, first.tx_hash)
  assert.equal(await eth.tokens(to), usdt(35))
  for (let i = 0; i < 2; i++) {
    await loop.advance()
    eth.pass(seconds(6))
  }
  assert.deepEqual(
    (await eth.signedFor(order)).map((one) => one.status),
    ['final', 'dead'],
  )
})

test('the dearer one was signed when the original was mined: the node’s “nonce too low” is a question (50)', async () => {
  const order = await eth.withdraw(usdt(40))
  await eth.send(loop)
  eth.pass(seconds(61))
  await loop.advance()
  await eth.sign()
  await eth.chain.mine()
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'confirmed')
  const [first, second] = await eth.signedFor(order)
  assert.deepEqual([first?.status, second?.nonce], ['final', first?.nonce])
})

test('no fee above the cap: neither at first nor as a replacement', async () => {
  const world = await startPaying({ code: 'ETH', chainId: 31_053, network: { raiseAfter: 60_000 } })
  try {
    const order = await world.withdraw(usdt(40))
    const payer = world.advancer()
    await payer.advance()
    await world.sign()
    await payer.advance()
    const [first] = await world.transactions()
    const cap = BigInt(first?.draft.gas ?? 0) * BigInt(first?.draft.maxFeePerGas ?? 0)
    const tight = world.advancer({ feeCap: cap + cap / 10n })
    world.pass(seconds(61))
    await tight.advance()
    await world.sign()
    assert.equal((await world.transactions()).length, 1)
    await world.finish(tight)
    assert.equal((await world.payment(order)).status, 'confirmed')
    const cheap = world.advancer({ feeCap: 1_000_000n })
    const next = await world.withdraw(usdt(40))
    await cheap.advance()
    assert.match((await world.payment(next)).reason, /above the cap/)
    await world.finish(payer)
  } finally {
    await world.close()
  }
})

test('a transaction that every node has lost is sent again, the same bytes, and those behind it follow', async () => {
  const orders = [await eth.withdraw(usdt(11)), await eth.withdraw(usdt(12)), await eth.withdraw(usdt(13))]
  await eth.send(loop)
  const all = (await Promise.all(orders.map(eth.signedFor))).flat()
  const hole = all[0]
  assert.ok(hole)
  await eth.chain.rpc('anvil_dropTransaction', hole.tx_hash)
  await eth.chain.mine()
  await loop.advance()
  eth.pass(seconds(4))
  await eth.finish(loop)
  for (const order of orders) assert.equal(await eth.status(order), 'confirmed')
  assert.equal((await eth.signedFor(orders[0] ?? ''))[0]?.tx_hash, hole.tx_hash)
})

test('given up before it is signed: it ends, and the customer has the money back', async () => {
  const had = await eth.balance()
  const order = await eth.withdraw(usdt(60))
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await eth.finish(loop)
  assert.deepEqual([await eth.status(order), (await eth.order(order))?.status], ['void', 'cancelled'])
  assert.equal(await eth.balance(), had)
  assert.deepEqual(await eth.signedFor(order), [])
  await assert.rejects(giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void'), /NotFound/)
})

/** Mines and goes on until the twins of what was mined are dead. */
async function finishTwins(): Promise<void> {
  await eth.finish(loop, 8)
  eth.pass(seconds(6))
  await eth.finish(loop, 8)
}

test('given up while nobody mines it: another transaction takes its nonce, and only then it is paid back (49)', async () => {
  const had = await eth.balance()
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  const behind = await eth.withdraw(usdt(61))
  await eth.send(loop)
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await eth.send(loop)
  await eth.send(loop)
  const filling = (await eth.payments()).find((one) => one.order_kind === 'nonce_fill' && one.status === 'broadcast')
  assert.ok(filling)
  const [own] = await eth.signedFor(order)
  const [rival] = await eth.transactions(filling.id)
  assert.ok(own && rival)
  assert.equal(rival.nonce, own.nonce)
  assert.equal(await eth.status(order), 'broadcast', 'the original may still win')
  assert.equal(await eth.balance(), had)
  await finishTwins()
  assert.deepEqual([await eth.status(order), (await eth.order(order))?.status], ['void', 'cancelled'])
  assert.equal(await eth.status(behind), 'confirmed')
  assert.equal(await eth.balance(), had - usdt(61))
  assert.equal(await eth.tokens(to), 0n)
  const said = parseTransaction(rival.raw)
  assert.deepEqual([said.to, said.value ?? 0n, said.data ?? '0x', said.gas], [eth.hot, 0n, '0x', 21_000n])
})

test('given up, and the original wins all the same: it is confirmed, and the other one is no more', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  await eth.send(loop)
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await eth.send(loop)
  await eth.send(loop)
  const [own] = await eth.signedFor(order)
  const rivals = (await eth.transactions()).filter(({ nonce, id }) => nonce === own?.nonce && id !== own?.id)
  assert.equal(rivals.length, 1)
  await eth.chain.rpc('anvil_dropTransaction', rivals[0]?.tx_hash)
  await eth.chain.rpc('eth_sendRawTransaction', own?.raw)
  await finishTwins()
  await finishTwins()
  assert.equal(await eth.status(order), 'confirmed')
  assert.equal(await eth.tokens(to), usdt(55))
  const fillings = (await eth.payments()).filter((one) => one.order_kind === 'nonce_fill').map((one) => one.status)
  assert.deepEqual(fillings.sort(), ['confirmed', 'void'])
})

test('given up, mined all the same, and its block leaves the chain: it still comes to its end', async () => {
  const had = await eth.balance()
  const order = await eth.withdraw(usdt(60))
  await eth.send(loop)
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await loop.advance() // asks for the transaction that is to take its nonce
  await eth.chain.mine()
  await eth.watch.catchUp()
  await loop.advance()
  assert.equal(await eth.status(order), 'mined')
  await eth.chain.reorg(1)
  await eth.watch.catchUp()
  await loop.advance()
  assert.equal(await eth.status(order), 'broadcast')
  await finishTwins()
  await finishTwins()
  assert.deepEqual([await eth.status(order), (await eth.order(order)).status], ['void', 'cancelled'])
  assert.equal(await eth.balance(), had)
})

test('given up to start again: it is signed anew with another nonce, when the first is dead', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  await eth.send(loop)
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'again')
  await eth.send(loop)
  await eth.send(loop)
  await finishTwins()
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'confirmed')
  assert.equal(await eth.tokens(to), usdt(55))
  const all = await eth.signedFor(order)
  assert.deepEqual(
    all.map((one) => one.status),
    ['dead', 'final'],
  )
  assert.notEqual(all[0]?.nonce, all[1]?.nonce)
})

test('somebody else used our nonce: nothing is signed again until people have looked', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  await eth.send(loop)
  const [own] = await eth.signedFor(order)
  await eth.chain.rpc('anvil_dropTransaction', own?.tx_hash)
  await eth.chain.rpc('anvil_setNonce', eth.hot, `0x${((own?.nonce ?? 0) + 1).toString(16)}`)
  await eth.chain.mine(4)
  await eth.watch.catchUp()
  for (let i = 0; i < 4; i++) {
    await loop.advance()
    eth.pass(seconds(6))
  }
  assert.deepEqual([await eth.status(order), (await eth.signedFor(order)).length], ['broadcast', 1])
  assert.equal((await alerts('nonce_taken')).length, 1)
  assert.match((await moneyOutStopped(eth.base.db, 1, 'ETH')) ?? '', /somebody else used nonce/)
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'again')
  await resumeMoneyOut(eth.base.db, 1, 'ETH')
  for (let i = 0; i < 4; i++) {
    await loop.advance()
    eth.pass(seconds(6))
  }
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'confirmed')
  assert.equal(await eth.tokens(to), usdt(55))
})

test('a payment that does not move is told of, with its state and what to do, until it moves', async () => {
  const order = await eth.withdraw(usdt(33))
  await eth.send(loop)
  eth.pass(minutes(6))
  await loop.advance()
  const [stuck] = await alerts('payment_stuck')
  assert.deepEqual([stuck?.data.payment, stuck?.data.state], [(await eth.payment(order)).id, 'broadcast'])
  await eth.finish(loop)
  await loop.advance()
  assert.deepEqual(await alerts('payment_stuck'), [])
})
