// Large deposits need the word of a second node where one is named: while it lies, lags, is of another chain or away, they
// wait and an operator hears of it; small ones are credited, and all is made good once it tells the truth.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { depositChecks } from '../src/domain/deposit/deposit.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { createEvmReader } from '../src/providers/evm.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { faults, type LyingNode, startLyingNode } from './harness/lying-node.ts'
import { type Watched, watched, watchedBank } from './harness/watched.ts'

const CHAIN = 31_077
const CONFIRMATIONS = 3
const usdt = (whole: number) => BigInt(whole) * 1_000_000n

let base: TestDatabase
let chain: Chain
let token: Token
let node: LyingNode
let eth: Watched
let nextPerson = 10_001n

before(async () => {
  ;[base, chain] = await Promise.all([createTestDatabase(), startChain(CHAIN)])
  token = await chain.deploy('EthUsdt', usdt(1_000_000_000))
  await chain.mine()
  node = await startLyingNode(chain.url, () => 0)
  const bank = watchedBank(base, {
    ETH: { chainId: CHAIN, contract: token.address, confirmations: CONFIRMATIONS, blockTime: 300, secondAbove: '500' },
  })
  eth = followedWith(bank, node.url)
  await eth.catchUp()
})

after(async () => {
  await node?.close()
  const report = await verifyLedger(base.owner, { bookId: 1, orders: depositChecks })
  chain?.stop()
  await base?.drop()
  assert.deepEqual(report.faults, [])
})

function followedWith(bank: Watched['bank'], second: string): Watched {
  const [network] = bank.networks.filter(({ code }) => code === 'ETH')
  assert.ok(network)
  const reader = createEvmReader({ ...network, rpc: second, timeout: 500 })
  return watched(bank, 'ETH', chain.url, undefined, reader)
}

const openAlerts = async () => {
  const rows = await base.owner.query<{ data: { deposits: number } }>(
    '',
    `select data from alerts where kind = 'deposit_unconfirmed' and closed_at is null`,
  )
  return rows.map(({ data }) => data.deposits)
}

/** A large and a small deposit, each of its own person, in one block that becomes final. */
async function payTwo(): Promise<[bigint, bigint]> {
  const people: [bigint, bigint] = [nextPerson++, nextPerson++]
  await chain.send(token, 'transfer', [await eth.address(people[0]), usdt(500)])
  await chain.send(token, 'transfer', [await eth.address(people[1]), usdt(499)])
  await chain.mine(CONFIRMATIONS)
  return people
}

const lies = [
  'all logs are missing',
  'no receipts',
  'an amount is changed',
  'a block of another fork',
  'no block',
  'a receipt is missing',
  'rubbish',
] as const

for (const lie of lies) {
  test(`the second node tells it otherwise (${lie}): the large deposit waits, the small one does not`, async () => {
    node.special = faults[lie]
    const [large, small] = await payTwo()
    await eth.catchUp()
    assert.deepEqual([await eth.balance(large), await eth.balance(small)], [0n, usdt(499)])
    assert.deepEqual(await openAlerts(), [1])
    assert.deepEqual(
      (await eth.deposits(large)).map(({ status }) => status),
      ['pending'],
    )
    node.special = undefined
    await eth.catchUp()
    assert.equal(await eth.balance(large), usdt(500))
    assert.deepEqual(await openAlerts(), [])
  })
}

test('the second node is of another chain: its word does not count', async () => {
  const other = await startChain(CHAIN + 1)
  try {
    const strange = followedWith(eth.bank, other.url)
    const [large, small] = await payTwo()
    await strange.catchUp()
    assert.deepEqual([await eth.balance(large), await eth.balance(small)], [0n, usdt(499)])
    assert.deepEqual(await openAlerts(), [1])
    await eth.catchUp()
    assert.equal(await eth.balance(large), usdt(500))
    assert.deepEqual(await openAlerts(), [])
  } finally {
    other.stop()
  }
})

test('without a second node nothing waits', async () => {
  const alone = watched(eth.bank, 'ETH', chain.url)
  const [large] = await payTwo()
  await alone.catchUp()
  assert.equal(await eth.balance(large), usdt(500))
})
