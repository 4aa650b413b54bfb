// Deposits of USDT and TRX on TRON: what counts, what does not, and when. Letters in brackets are the attacks of
// docs/deposits.md.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TronWeb } from 'tronweb'
import { CHAIN_ID } from '../sandbox/tron/genesis.ts'
import { chainStateOf } from '../src/domain/chain/chain-state.ts'
import type { Bank } from '../src/domain/context.ts'
import { approveDeposit } from '../src/domain/deposit/decide-deposit.ts'
import { depositChecks } from '../src/domain/deposit/deposit.ts'
import { houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import type { Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { forgedAsset, forgedCall, forgedLog, forgedTransfer, hex41, startForgedTron } from './harness/forged-tron.ts'
import type { TronTestChain } from './harness/tron-chain.ts'
import { type Watched, watched, watchedBank } from './harness/watched.ts'
import { LAG, million, startWatchedTron, statesOf, tronParameters, type WatchedTron } from './harness/watched-tron.ts'

let world: WatchedTron
let base: TestDatabase
let chain: TronTestChain
let usdt: Token
let bank: Bank
let tron: Watched

before(async () => {
  world = await startWatchedTron()
  ;({ base, chain, usdt, bank, tron } = world)
})

after(async () => {
  await world?.close()
})

const asideTrx = async () => {
  const id = houseAccount('suspense', 'TRX')
  return (await balancesOf(base.db, 1, [id]))(id).balance
}

test('an address of its own per customer, in base58, that tronweb reads; another one than on EVM chains', async () => {
  const [a, b] = [world.someone(), world.someone()]
  const [first, second] = [await tron.address(a), await tron.address(b)]
  assert.ok(TronWeb.isAddress(first) && TronWeb.isAddress(second))
  assert.notEqual(first, second)
  assert.equal(await tron.address(a), first)
  assert.equal(TronWeb.address.fromHex(TronWeb.address.toHex(first)), first)
})

test('credits USDT and TRX when their block is solid, not one block earlier; seen from the first (25)', async () => {
  const who = world.someone()
  const address = await tron.address(who)
  await chain.send(usdt, 'transfer', [address, million(100)])
  await chain.sendTrx(address, million(7))
  await chain.mine()
  for (let above = 0; above < LAG; above++) {
    await tron.catchUp()
    assert.deepEqual(await statesOf(tron, who), ['TRX customer pending 7000000', 'USDT customer pending 100000000'])
    assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, 0n])
    await chain.mine()
  }
  await tron.catchUp()
  assert.deepEqual(await statesOf(tron, who), ['TRX customer credited 7000000', 'USDT customer credited 100000000'])
  assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [million(100), million(7)])
  const events = await base.owner.query<{ type: string; asset: string; amount: string }>(
    '',
    `select type, data ->> 'asset' as asset, data ->> 'amount' as amount from outbox where person_no = $1 order by id`,
    [who],
  )
  assert.deepEqual(events.map(({ type, asset, amount }) => `${type} ${asset} ${amount}`).sort(), [
    'deposit.credited TRX 7.00',
    'deposit.credited USDT 100.00',
    'deposit.detected TRX 7.00',
    'deposit.detected USDT 100.00',
  ])
})

test('more confirmations than what makes a block solid are waited for as well (25)', async () => {
  const fresh = await createTestDatabase()
  const slow = watchedBank(fresh, {
    TRX: { ...tronParameters(CHAIN_ID, usdt.address), confirmations: LAG + 3 },
  })
  const watch = watched(slow, 'TRX', chain.url)
  try {
    await watch.catchUp()
    const who = world.someone()
    await chain.send(usdt, 'transfer', [await watch.address(who), million(1)])
    await chain.mine(LAG + 2)
    await watch.catchUp()
    assert.deepEqual(await statesOf(watch, who), ['USDT customer pending 1000000'])
    await chain.mine()
    await watch.catchUp()
    assert.deepEqual(await statesOf(watch, who), ['USDT customer credited 1000000'])
  } finally {
    await fresh.drop()
  }
})

test('failed calls stand in blocks and credit nothing: OUT_OF_ENERGY, REVERT (a, o)', async () => {
  const who = world.someone()
  const address = await tron.address(who)
  const [, poor] = chain.accounts
  const starved = await chain.send(usdt, 'transfer', [address, million(10)], { feeLimit: 100_000n })
  const reverted = await chain.send(usdt, 'transfer', [address, million(10)], poor ? { from: poor } : {})
  const multisend = await chain.deploy('Multisend')
  await chain.send(usdt, 'approve', [multisend.address, million(1_000)])
  await chain.mine()
  // this token's transfer says false, so a batch that believes it reverts, as with the real one
  const batch = await chain.send(multisend, 'pay', [usdt.address, [address], [million(5)]])
  await chain.mine()
  const infos = [starved, reverted, batch].map((id) => chain.node.mined(id)?.mined.receipt.outcome)
  assert.deepEqual(infos, ['OUT_OF_ENERGY', 'REVERT', 'REVERT'])
  await world.finalise()
  assert.deepEqual(await statesOf(tron, who), [])
})

test('clones, proxies and forgers of our token credit nothing and leave one row each at most (b, h)', async () => {
  const who = world.someone()
  const address = await tron.address(who)
  const [{ address: owner }] = chain.accounts
  const clone = await chain.deploy('TronUsdt', million(10_000_000))
  const forger = await chain.deploy('LogForger')
  for (let i = 0; i < 3; i++) await chain.send(clone, 'transfer', [address, million(1_000)])
  await chain.send(forger, 'honest', [owner, address, million(1_000)])
  for (const fn of ['fourTopics', 'shortData', 'longData', 'dirtyAddress', 'twoTopics'])
    await chain.send(forger, fn, [owner, address, million(1_000)])
  await world.finalise()
  assert.deepEqual(await statesOf(tron, who), Array(2).fill('USDT unsupported unsupported 0'))
  assert.equal(await tron.balance(who), 0n)
})

test('paid by a contract: every log of one transaction is a deposit, also equal ones; read ten times, credited once (d, e)', async () => {
  const [a, b] = [world.someone(), world.someone()]
  const to = [await tron.address(a), await tron.address(b), await tron.address(a)]
  const multisend = await chain.deploy('Multisend')
  await chain.send(usdt, 'approve', [multisend.address, million(100)])
  await chain.mine()
  await tron.catchUp()
  const before = chain.head()
  await chain.send(multisend, 'collectAndPay', [usdt.address, to, [million(20), million(30), million(20)]])
  await world.finalise()
  for (let i = 0; i < 10; i++) {
    await base.owner.query('', `delete from chain_blocks where network = 'TRX' and number > $1`, [before])
    await base.owner.query(
      '',
      `update chain_states s set number = b.number, hash = b.hash, final = least(s.final, b.number) from chain_blocks b
       where s.network = 'TRX' and b.network = 'TRX' and b.number = $1`,
      [before],
    )
    await tron.catchUp()
  }
  assert.deepEqual([await tron.balance(a), await tron.balance(b)], [million(40), million(30)])
  assert.deepEqual(
    (await tron.deposits(a)).map((row) => row.ordinal),
    [0, 2],
  )
})

test('TRX: dust is kept aside unseen, our own top-ups are internal, USDT and TRX never mix (f, g, 31)', async () => {
  const who = world.someone()
  const address = await tron.address(who)
  const [owner, hot] = chain.accounts
  assert.ok(hot)
  await base.owner.query(
    '',
    `insert into house_addresses (book_id, family, address, purpose) values (1, 'tron', $1, 'hot')`,
    [hot.address],
  )
  const kept = await asideTrx()
  await chain.send(usdt, 'transfer', [hot.address, million(50)])
  await chain.mine()
  await chain.sendTrx(address, 1n)
  await chain.sendTrx(address, 999_999n)
  await chain.sendTrx(address, million(30), hot)
  await chain.send(usdt, 'transfer', [address, million(8)], { from: hot })
  await chain.send(usdt, 'transfer', [address, 0n])
  await chain.sendTrx(address, million(2), owner)
  await world.finalise()
  assert.deepEqual(await statesOf(tron, who), [
    'TRX below_minimum below_minimum 1',
    'TRX below_minimum below_minimum 999999',
    'TRX customer credited 2000000',
    'TRX internal internal 30000000',
    'USDT internal internal 8000000',
  ])
  assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, million(2)])
  assert.equal((await asideTrx()) - kept, 1_000_000n)
  await base.owner.query('', `delete from house_addresses where family = 'tron'`)
  // what it sent was signed by nobody of ours
  await base.owner.query('', 'update chain_states set money_out_paused_at = null, money_out_paused_for = null')
})

test('above the threshold of its asset a deposit waits for an operator (45)', async () => {
  const who = world.someone()
  const address = await tron.address(who)
  await chain.send(usdt, 'transfer', [address, million(5_001)])
  await chain.sendTrx(address, million(8_999))
  await chain.sendTrx(address, million(9_001))
  await world.finalise()
  assert.deepEqual(await statesOf(tron, who), [
    'TRX customer credited 8999000000',
    'TRX customer review 9001000000',
    'USDT customer review 5001000000',
  ])
  const rows = await base.owner.query<{ id: string }>(
    '',
    `select id from deposits where person_no = $1 and status = 'review' and asset = 'TRX'`,
    [who],
  )
  await approveDeposit(bank, 1, rows[0]?.id ?? '', 'ann')
  assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, million(18_000)])
})

test('not yet solid, then orphaned: the row goes and comes back with its transaction; nothing was credited (q)', async () => {
  const who = world.someone()
  const address = await tron.address(who)
  await chain.send(usdt, 'transfer', [address, million(60)])
  await chain.sendTrx(address, million(6))
  await chain.mine(2)
  await tron.catchUp()
  assert.deepEqual(await statesOf(tron, who), ['TRX customer pending 6000000', 'USDT customer pending 60000000'])
  await chain.reorg(2, 'keep')
  await tron.catchUp()
  const moved = await statesOf(tron, who)
  assert.deepEqual(new Set(moved.map((each) => each.split(' ')[2])).size, 1)
  await chain.mine()
  await tron.catchUp()
  assert.deepEqual(await statesOf(tron, who), ['TRX customer pending 6000000', 'USDT customer pending 60000000'])
  await chain.reorg(3, 'drop')
  await tron.catchUp()
  assert.deepEqual(await statesOf(tron, who), ['TRX customer orphaned 6000000', 'USDT customer orphaned 60000000'])
  await world.finalise()
  assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, 0n])
  const state = await chainStateOf(base.db, 1, 'TRX')
  assert.equal(state?.money_out_paused_at, null, 'that is no deep reorganisation')
})

test('the fixtures of a TRON deposit, whole, on a node that says anything: only the honest ones are credited (40)', async () => {
  const fresh = await createTestDatabase()
  const node = await startForgedTron()
  const contract = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'
  const own = watchedBank(fresh, { TRX: tronParameters(node.chainId, contract) })
  const watch = watched(own, 'TRX', node.url)
  try {
    await watch.catchUp()
    const who = world.someone()
    const address = await watch.address(who)
    const from = 'TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf'
    const log = forgedLog(contract, from, address, million(10))
    const call = (given: Parameters<typeof forgedCall>[1]) => forgedCall(contract, { log: [log], ...given })
    node.seal([
      call({ result: 'OUT_OF_ENERGY', more: { result: 'FAILED' } }),
      call({ result: 'REVERT', more: { result: 'FAILED' } }),
      call({ result: 'OUT_OF_TIME', more: { result: 'FAILED' } }),
      call({ result: undefined, told: undefined }),
      forgedAsset('1002357', from, address, million(10)),
      forgedAsset('USDT', from, address, million(10)),
      forgedCall(contract, { log: [forgedLog('TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8', from, address, million(10))] }),
      forgedTransfer(from, address, million(10), { result: 'REVERT' }),
      forgedTransfer(from, address, million(10), { result: undefined }),
      forgedCall(contract, {
        more: {
          internal_transactions: [
            {
              caller_address: hex41(from),
              transferTo_address: hex41(address),
              callValueInfo: [{ callValue: 10_000_000 }],
            },
          ],
        },
      }),
      // the honest ones
      call({ log: [log, log] }),
      forgedTransfer(from, address, million(5)),
    ])
    node.bury(LAG)
    node.solid = 1
    await watch.catchUp()
    await watch.catchUp()
    assert.deepEqual(await statesOf(watch, who), [
      'TRX customer credited 5000000',
      'USDT customer credited 10000000',
      'USDT customer credited 10000000',
      ...Array(4).fill('USDT unsupported unsupported 0'),
    ])
    assert.deepEqual([await watch.balance(who), await watch.coinBalance(who)], [million(20), million(5)])
    const foreign = await fresh.owner.query<{ contract: string; reason: string }>(
      '',
      `select contract, reason from deposits where class = 'unsupported' order by contract`,
    )
    assert.deepEqual(
      foreign.map(({ contract, reason }) => `${contract}: ${reason}`),
      [
        'TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8: another token',
        'TRC10:1002357: another token',
        'TRC10:USDT: another token',
        'TRX:inside: TRX that a contract paid',
      ],
    )
    const { faults } = await verifyLedger(fresh.owner, { bookId: 1, orders: depositChecks })
    assert.deepEqual(faults, [])
    // what cannot be in any block of an honest node is an error, not a deposit
    node.seal([call({ log: [{ ...log, address: hex41(contract) }] })])
    await assert.rejects(watch.follower.advance(), /log address/)
    assert.equal(await watch.balance(who), million(20))
  } finally {
    await node.close()
    await fresh.drop()
  }
})
