// Payments out on real development chains, from an approved order to a final transaction, with the signer's own code: what
// is paid, what is booked, and what happens when a payment fails, must wait or is stopped.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { decodeFunctionData, erc20Abi, keccak256, parseTransaction } from 'viem'
import { seconds } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { openAlerts } from '../src/domain/alert.ts'
import type { Advancer } from '../src/domain/chain-payment/advance-payments.ts'
import { transitions } from '../src/domain/chain-payment/chain-payment.ts'
import { releaseMoneyOut, stopMoneyOut } from '../src/domain/setting.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { endProven, type Paying, startPaying, usdt } from './harness/paying.ts'

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
  await Promise.all([endProven(eth), endProven(bsc)])
})

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
  const text = fs.readFileSync(path.join(import.meta.dirname, '../docs/payments-out.md'), 'utf8')
  const documented = [...text.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(
    ([, from = '', to = '']) =>
      from.split(', ').flatMap((one) => to.split(', ').map((other) => `${one} ${other}`.replaceAll('`', ''))),
  )
  assert.deepEqual(documented.sort(), coded.sort(), 'as docs/payments-out.md says')
  const order = await eth.withdraw(usdt(20))
  await eth.send(loop)
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
  assert.equal(await eth.status(order), 'confirmed')
})

test('mined and reverted: the order has its money back, the network its fee (52)', async () => {
  const had = await eth.balance()
  const order = await eth.withdraw(usdt(50))
  await eth.send(loop)
  const gas = await balance(eth, 'expense', 'GAS')
  await eth.chain.send(eth.token, 'pause', [])
  const [{ tx_hash } = { tx_hash: '' }] = await eth.signedFor(order)
  await eth.chain.rpc('anvil_dropTransaction', tx_hash) // so that the pause comes first
  await eth.chain.mine()
  eth.pass(seconds(4))
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'failed')
  assert.deepEqual(await eth.order(order), { status: 'failed', tx_hash })
  assert.equal(await eth.balance(), had)
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
  assert.deepEqual(await eth.signedFor(order), [])
  await eth.chain.send(eth.token, 'unpause', [])
  await eth.chain.mine()
  await loop.advance()
  eth.pass(seconds(16))
  await eth.finish(loop)
  assert.equal(await eth.status(order), 'confirmed')
})

test('stopped: nothing is signed or sent any more, what was sent is followed to its end; released, all go on (63)', async () => {
  const sent = await eth.withdraw(usdt(21))
  await eth.send(loop)
  const signed = await eth.withdraw(usdt(22))
  await loop.advance()
  await eth.sign()
  const ready = await eth.withdraw(usdt(23))
  const who = newId()
  await eth.base.db.transaction((tx) =>
    stopMoneyOut(eth.bank, tx, 1, { network: 'ETH', reason: 'a drill', madeBy: who }),
  )
  await eth.finish(loop, 8)
  assert.deepEqual(await Promise.all([sent, signed, ready].map(eth.status)), ['confirmed', 'signed', 'ready'])
  assert.match((await eth.payment(ready)).reason, /money out is stopped: a drill/)
  const [unsent] = await eth.signedFor(signed)
  assert.equal(await eth.inPool(unsent?.tx_hash ?? ''), false)
  const change = { reason: 'over', madeBy: who, checkedBy: [newId()], approvalId: newId() }
  await eth.base.db.transaction((tx) => releaseMoneyOut(eth.bank, tx, 1, { network: 'ETH', ...change }))
  await eth.finish(loop)
  assert.deepEqual(await Promise.all([signed, ready].map(eth.status)), ['confirmed', 'confirmed'])
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
