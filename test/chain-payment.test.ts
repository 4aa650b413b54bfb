// Payments out on real development chains, from an approved order to a final transaction, with the signer's own code: what
// is paid, what is booked, and what happens when a payment fails, waits too long or is given up.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { decodeFunctionData, erc20Abi, keccak256, parseTransaction } from 'viem'
import { minutes, seconds } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { openAlerts } from '../src/domain/alert.ts'
import { orderChecks } from '../src/domain/audit-book.ts'
import { resumeMoneyOut } from '../src/domain/chain/chain-state.ts'
import type { Advancer } from '../src/domain/chain-payment/advance-payments.ts'
import { transitions } from '../src/domain/chain-payment/chain-payment.ts'
import { giveUpPayment } from '../src/domain/chain-payment/give-up.ts'
import { IN_FLIGHT } from '../src/domain/chain-payment/request-signatures.ts'
import { moneyOutStopped, releaseMoneyOut, stopMoneyOut } from '../src/domain/setting.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Paying, startPaying, usdt } from './harness/paying.ts'

let eth: Paying
let bsc: Paying
let loop: Advancer

before(async () => {
  ;[eth, bsc] = await Promise.all([
    startPaying({ code: 'ETH', chainId: 31_051, network: { raiseAfter: 60_000 } }),
    startPaying({ code: 'BSC', chainId: 31_052 }),
  ])
})

beforeEach(() => {
  loop = eth.advancer() // a process that has just started
})

after(async () => {
  for (const world of [eth, bsc]) {
    if (!world) continue
    const { faults } = await verifyLedger(world.base.owner, { bookId: 1, orders: orderChecks })
    await world.close()
    assert.deepEqual(faults, [])
  }
})

/** From ready to handed to a node. */
async function send(): Promise<void> {
  await loop.advance()
  await eth.sign()
  await loop.advance()
}

const balance = async ({ base, watch }: Paying, kind: 'custody' | 'expense' | 'hot', asset: 'USDT' | 'GAS') => {
  const account = houseAccount(kind, asset, watch.network.no)
  return (await balancesOf(base.db, 1, [account]))(account).balance
}
const coinDust = async ({ base, watch }: Paying): Promise<bigint> => {
  const [row] = await base.owner.query<{ coin_dust: string }>(
    '',
    'select coin_dust from chain_states where network = $1',
    [watch.network.code],
  )
  return BigInt(row?.coin_dust ?? 0)
}
const coins = async ({ chain, hot }: Paying) => BigInt(await chain.rpc<string>('eth_getBalance', hot, 'latest'))
const status = async (order: string) => (await eth.payment(order)).status
const orderStatus = async (order: string) => {
  const [row] = await eth.base.owner.query<{ status: string; tx_hash: string | null }>(
    '',
    'select status, tx_hash from withdrawals where id = $1',
    [order],
  )
  return row
}
const alerts = async (kind: string) => (await openAlerts(eth.base.db, 1)).filter((alert) => alert.kind === kind)
const transactionsOf = async (order: string) => eth.transactions((await eth.payment(order)).id)
const inPool = async (hash: string) => (await eth.chain.rpc('eth_getTransactionByHash', hash)) !== null
const customer = async () => {
  const [row] = await eth.base.owner.query<{ no: bigint }>('', 'select no from people')
  return eth.watch.balance(row?.no ?? 0n)
}

test('paid to the last unit on chains of 6 and of 18 decimals, and the fee is booked to the wei', async () => {
  for (const world of [eth, bsc]) {
    const payer = world.advancer()
    const before = {
      hot: await balance(world, 'hot', 'USDT'),
      coins: await coins(world),
      gas: await balance(world, 'custody', 'GAS'),
      dust: await coinDust(world),
    }
    const to = world.fresh()
    const order = await world.withdraw(usdt(123) + 456_789n, to)
    const fee = world === eth ? usdt(5) : usdt(1)
    const net = (usdt(123) + 456_789n - fee) * 10n ** BigInt(world.watch.network.decimals - 6)
    await world.finish(payer)
    const payment = await world.payment(order)
    assert.equal(payment.status, 'confirmed')
    assert.equal(await world.tokens(to), net)
    const [transaction, ...more] = await world.transactions(payment.id)
    assert.ok(transaction)
    assert.deepEqual(more, [])
    const said = parseTransaction(transaction.raw)
    assert.equal(keccak256(transaction.raw), transaction.tx_hash)
    assert.deepEqual([said.chainId, said.to], [world.watch.network.chainId, world.token.address])
    const call = decodeFunctionData({ abi: erc20Abi, data: said.data ?? '0x' })
    assert.deepEqual([call.functionName, String(call.args[0]).toLowerCase(), call.args[1]], ['transfer', to, net])
    const spent = before.coins - (await coins(world))
    assert.equal(spent, transaction.fee_paid)
    const booked = (await balance(world, 'custody', 'GAS')) - before.gas
    assert.equal(
      booked * 10n ** 9n - ((await coinDust(world)) - before.dust),
      spent,
      'books and dust lose what the chain took',
    )
    assert.equal(await balance(world, 'expense', 'GAS'), -booked)
    assert.equal((await balance(world, 'hot', 'USDT')) - before.hot, usdt(123) + 456_789n - fee)
  }
})

test('the table of states is the database’s, and there is no way past it', async () => {
  const known = await eth.base.owner.query<{ from_status: string; to_status: string }>(
    '',
    'select * from chain_payment_transitions',
  )
  const coded = Object.entries(transitions).flatMap(([from, tos]) => tos.map((to) => `${from} ${to}`))
  assert.deepEqual(known.map((t) => `${t.from_status} ${t.to_status}`).sort(), coded.sort())
  const order = await eth.withdraw(usdt(20))
  await send()
  const { id } = await eth.payment(order)
  const states = Object.keys(transitions)
  const move = (from: string, to: string) =>
    eth.base.db.query('', 'select chain_payment_move(1, $1, $2, $3, null, $4, now())', [id, from, to, ''])
  for (const from of states) {
    for (const to of states) {
      if (from === 'broadcast' && to === 'uncertain') continue
      const moved = move(from, to)
      if (coded.includes(`${from} ${to}`) && from !== 'broadcast' && to !== 'signed')
        assert.deepEqual(await moved, [{ chain_payment_move: false }])
      else await assert.rejects(moved, /cannot go|may still be mined|no transaction of this payment/, `${from} ${to}`)
    }
  }
  for (const sql of [
    `update chain_payments set status = 'void'`,
    'delete from chain_transactions',
    'update wallet_nonces set next = 0',
    `update signing_requests set status = 'withdrawn', decided_at = now()`,
  ]) {
    await assert.rejects(eth.base.db.query('', sql), /permission denied/)
  }
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
})

test('mined and reverted: the order has its money back, the network its fee (52)', async () => {
  const had = await customer()
  const order = await eth.withdraw(usdt(50))
  await send()
  const gas = await balance(eth, 'expense', 'GAS')
  await eth.chain.send(eth.token, 'pause', [])
  const [{ tx_hash } = { tx_hash: '' }] = await transactionsOf(order)
  await eth.chain.rpc('anvil_dropTransaction', tx_hash) // so that the pause comes first
  await eth.chain.mine()
  eth.pass(seconds(4))
  await eth.finish(loop)
  assert.equal(await status(order), 'failed')
  assert.deepEqual(await orderStatus(order), { status: 'failed', tx_hash })
  assert.equal(await customer(), had)
  assert.ok((await balance(eth, 'expense', 'GAS')) < gas)
  await eth.chain.send(eth.token, 'unpause', [])
  await eth.chain.mine()
})

test('what the chain would fail waits with its reason, is not signed, and goes when the chain lets it', async () => {
  await eth.chain.send(eth.token, 'pause', [])
  await eth.chain.mine()
  const order = await eth.withdraw(usdt(30))
  await loop.advance()
  assert.match((await eth.payment(order)).reason, /would fail: .*paused/)
  assert.deepEqual(await transactionsOf(order), [])
  await eth.chain.send(eth.token, 'unpause', [])
  await eth.chain.mine()
  await loop.advance()
  eth.pass(seconds(16))
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
})

test('waits too long: the same nonce, both fees an eighth higher, and one of the two is mined (50)', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(40), to)
  await send()
  await loop.advance()
  assert.equal((await transactionsOf(order)).length, 1, 'not before its time')
  eth.pass(seconds(61))
  await send()
  const [first, second] = await transactionsOf(order)
  assert.ok(first && second)
  assert.equal(first.nonce, second.nonce)
  for (const field of ['maxFeePerGas', 'maxPriorityFeePerGas'] as const) {
    assert.ok(BigInt(second.draft[field]) * 8n >= BigInt(first.draft[field]) * 9n, field)
  }
  assert.equal(first.draft.gas, second.draft.gas)
  assert.deepEqual([await inPool(first.tx_hash), await inPool(second.tx_hash)], [false, true])
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
  assert.equal((await orderStatus(order))?.tx_hash, second.tx_hash)
  assert.equal(await eth.tokens(to), usdt(35))
  await loop.advance()
  eth.pass(seconds(6))
  await loop.advance()
  assert.deepEqual((await transactionsOf(order)).map((one) => one.status).sort(), ['dead', 'final'])
})

test('the original is mined instead of the dearer one: that is the one that counts, once (50)', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(40), to)
  await send()
  eth.pass(seconds(61))
  await send()
  const [first, second] = await transactionsOf(order)
  assert.ok(first && second)
  await eth.chain.rpc('anvil_dropTransaction', second.tx_hash)
  await eth.chain.rpc('eth_sendRawTransaction', first.raw)
  await eth.chain.mine()
  await loop.advance()
  assert.equal(await status(order), 'mined')
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
  assert.equal((await orderStatus(order))?.tx_hash, first.tx_hash)
  assert.equal(await eth.tokens(to), usdt(35))
  for (let i = 0; i < 2; i++) {
    await loop.advance()
    eth.pass(seconds(6))
  }
  assert.deepEqual(
    (await transactionsOf(order)).map((one) => one.status),
    ['final', 'dead'],
  )
})

test('the dearer one was signed when the original was mined: the node’s “nonce too low” is a question (50)', async () => {
  const order = await eth.withdraw(usdt(40))
  await send()
  eth.pass(seconds(61))
  await loop.advance()
  await eth.sign()
  await eth.chain.mine()
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
  const [first, second] = await transactionsOf(order)
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
  await send()
  const all = (await Promise.all(orders.map(transactionsOf))).flat()
  const hole = all[0]
  assert.ok(hole)
  await eth.chain.rpc('anvil_dropTransaction', hole.tx_hash)
  await eth.chain.mine()
  await loop.advance()
  eth.pass(seconds(4))
  await eth.finish(loop)
  for (const order of orders) assert.equal(await status(order), 'confirmed')
  assert.equal((await transactionsOf(orders[0] ?? ''))[0]?.tx_hash, hole.tx_hash)
})

test('given up before it is signed: it ends, and the customer has the money back', async () => {
  const had = await customer()
  const order = await eth.withdraw(usdt(60))
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await eth.finish(loop)
  assert.deepEqual([await status(order), (await orderStatus(order))?.status], ['void', 'cancelled'])
  assert.equal(await customer(), had)
  assert.deepEqual(await transactionsOf(order), [])
  await assert.rejects(giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void'), /NotFound/)
})

/** Mines and goes on until the twins of what was mined are dead. */
async function finishTwins(): Promise<void> {
  await eth.finish(loop, 8)
  eth.pass(seconds(6))
  await eth.finish(loop, 8)
}

test('given up while nobody mines it: another transaction takes its nonce, and only then it is paid back (49)', async () => {
  const had = await customer()
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  const behind = await eth.withdraw(usdt(61))
  await send()
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await send()
  await send()
  const filling = (await eth.payments()).find((one) => one.order_kind === 'nonce_fill' && one.status === 'broadcast')
  assert.ok(filling)
  const [own] = await transactionsOf(order)
  const [rival] = await eth.transactions(filling.id)
  assert.ok(own && rival)
  assert.equal(rival.nonce, own.nonce)
  assert.equal(await status(order), 'broadcast', 'the original may still win')
  assert.equal(await customer(), had)
  await finishTwins()
  assert.deepEqual([await status(order), (await orderStatus(order))?.status], ['void', 'cancelled'])
  assert.equal(await status(behind), 'confirmed')
  assert.equal(await customer(), had - usdt(61))
  assert.equal(await eth.tokens(to), 0n)
  const said = parseTransaction(rival.raw)
  assert.deepEqual([said.to, said.value ?? 0n, said.data ?? '0x', said.gas], [eth.hot, 0n, '0x', 21_000n])
})

test('given up, and the original wins all the same: it is confirmed, and the other one is no more', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  await send()
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'void')
  await send()
  await send()
  const [own] = await transactionsOf(order)
  const rivals = (await eth.transactions()).filter(({ nonce, id }) => nonce === own?.nonce && id !== own?.id)
  assert.equal(rivals.length, 1)
  await eth.chain.rpc('anvil_dropTransaction', rivals[0]?.tx_hash)
  await eth.chain.rpc('eth_sendRawTransaction', own?.raw)
  await finishTwins()
  await finishTwins()
  assert.equal(await status(order), 'confirmed')
  assert.equal(await eth.tokens(to), usdt(55))
  const fillings = (await eth.payments()).filter((one) => one.order_kind === 'nonce_fill').map((one) => one.status)
  assert.deepEqual(fillings.sort(), ['confirmed', 'void'])
})

test('given up to start again: it is signed anew with another nonce, when the first is dead', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  await send()
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'again')
  await send()
  await send()
  await finishTwins()
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
  assert.equal(await eth.tokens(to), usdt(55))
  const all = await transactionsOf(order)
  assert.deepEqual(
    all.map((one) => one.status),
    ['dead', 'final'],
  )
  assert.notEqual(all[0]?.nonce, all[1]?.nonce)
})

test('somebody else used our nonce: nothing is signed again until people have looked', async () => {
  const to = eth.fresh()
  const order = await eth.withdraw(usdt(60), to)
  await send()
  const [own] = await transactionsOf(order)
  await eth.chain.rpc('anvil_dropTransaction', own?.tx_hash)
  await eth.chain.rpc('anvil_setNonce', eth.hot, `0x${((own?.nonce ?? 0) + 1).toString(16)}`)
  await eth.chain.mine(4)
  await eth.watch.catchUp()
  for (let i = 0; i < 4; i++) {
    await loop.advance()
    eth.pass(seconds(6))
  }
  assert.deepEqual([await status(order), (await transactionsOf(order)).length], ['broadcast', 1])
  assert.equal((await alerts('nonce_taken')).length, 1)
  assert.match((await moneyOutStopped(eth.base.db, 1, 'ETH')) ?? '', /somebody else used nonce/)
  await giveUpPayment(eth.base.db, 1, (await eth.payment(order)).id, 'again')
  await resumeMoneyOut(eth.base.db, 1, 'ETH')
  for (let i = 0; i < 4; i++) {
    await loop.advance()
    eth.pass(seconds(6))
  }
  await eth.finish(loop)
  assert.equal(await status(order), 'confirmed')
  assert.equal(await eth.tokens(to), usdt(55))
})

test('stopped: nothing is signed or sent any more, what was sent is followed to its end; released, all go on (63)', async () => {
  const sent = await eth.withdraw(usdt(21))
  await send()
  const signed = await eth.withdraw(usdt(22))
  await loop.advance()
  await eth.sign()
  const ready = await eth.withdraw(usdt(23))
  const who = newId()
  await eth.base.db.transaction((tx) =>
    stopMoneyOut(eth.bank, tx, 1, { network: 'ETH', reason: 'a drill', madeBy: who }),
  )
  await eth.finish(loop, 8)
  assert.deepEqual(await Promise.all([sent, signed, ready].map(status)), ['confirmed', 'signed', 'ready'])
  assert.match((await eth.payment(ready)).reason, /money out is stopped: a drill/)
  const [unsent] = await transactionsOf(signed)
  assert.equal(await inPool(unsent?.tx_hash ?? ''), false)
  const change = { reason: 'over', madeBy: who, checkedBy: [newId()], approvalId: newId() }
  await eth.base.db.transaction((tx) => releaseMoneyOut(eth.bank, tx, 1, { network: 'ETH', ...change }))
  await eth.finish(loop)
  assert.deepEqual(await Promise.all([signed, ready].map(status)), ['confirmed', 'confirmed'])
})

test('200 payments at once: contiguous nonces, no gap, none used twice, and never more in flight than allowed (49)', async () => {
  const first = Math.max(...(await eth.transactions()).map(({ nonce }) => nonce)) + 1
  const orders: string[] = []
  for (let i = 0; i < 200; i++) orders.push(await eth.withdraw(usdt(10) + BigInt(i)))
  let most = 0
  for (let i = 0; i < 100; i++) {
    await send()
    const waiting = (await eth.payments()).filter((one) => ['signed', 'broadcast', 'uncertain'].includes(one.status))
    most = Math.max(most, waiting.length)
    await eth.chain.mine()
    await eth.watch.catchUp()
    if (i % 5 === 4 && (await Promise.all(orders.slice(-1).map(status)))[0] === 'confirmed') break
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

test('short of tokens, short of coin: payments wait in their order, operators hear of it, all goes on by itself (61)', async () => {
  const world = await startPaying({ code: 'ETH', chainId: 31_054, hotTokens: 100 })
  const payer = world.advancer()
  const troubles = async () =>
    (await openAlerts(world.base.db, 1)).map(({ kind, data }) => `${kind} ${data.needed} ${data.free}`)
  const reasons = async () => (await world.payments()).map((one) => `${one.status}: ${one.reason}`)
  try {
    await world.withdraw(usdt(65)) // 60 of 100
    await payer.advance()
    await world.withdraw(usdt(75)) // 70 of 40
    await world.withdraw(usdt(25)) // would fit
    await payer.advance()
    assert.deepEqual((await reasons()).slice(1), [
      'ready: the wallet is short of USDT: 40 is free',
      'ready: it waits for the payment before it, which the wallet cannot serve yet',
    ])
    assert.deepEqual(await troubles(), ['hot_wallet_short 70 40'])
    await world.finish(payer, 6)
    await world.chain.send(world.token, 'transfer', [world.hot, usdt(50)])
    await world.finish(payer)
    assert.deepEqual(
      (await world.payments()).map((one) => one.status),
      ['confirmed', 'confirmed', 'confirmed'],
    )
    assert.deepEqual(await troubles(), [])
    const order = (await world.transactions()).map(({ payment_id }) => payment_id)
    assert.deepEqual(
      order,
      (await world.payments()).map(({ id }) => id),
    )
    await world.chain.send(world.token, 'transfer', [world.hot, usdt(500)])
    await world.chain.rpc('anvil_setBalance', world.hot, '0x3e8')
    await world.chain.mine(4)
    await world.watch.catchUp()
    await world.withdraw(usdt(30))
    await payer.advance()
    assert.match((await world.payments()).at(-1)?.reason ?? '', /short of ETH: 0.000000000000001 is free/)
    assert.match((await troubles()).join(), /gas_short/)
    await world.chain.rpc('anvil_setBalance', world.hot, '0xde0b6b3a7640000')
    await world.finish(payer)
    assert.equal((await world.payments()).at(-1)?.status, 'confirmed')
    assert.deepEqual(await troubles(), [])
  } finally {
    await world.close()
  }
})

test('a payment that does not move is told of, with its state and what to do, until it moves', async () => {
  const order = await eth.withdraw(usdt(33))
  await send()
  eth.pass(minutes(6))
  await loop.advance()
  const [stuck] = await alerts('payment_stuck')
  assert.deepEqual([stuck?.data.payment, stuck?.data.state], [(await eth.payment(order)).id, 'broadcast'])
  await eth.finish(loop)
  await loop.advance()
  assert.deepEqual(await alerts('payment_stuck'), [])
})
