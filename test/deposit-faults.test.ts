// Deposits while things break: nodes that lie, watchers that die half-way, many watchers at once, a node of the wrong
// chain. What is credited is what the chain holds, exactly once.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { seconds, sleep } from '../src/base/clock.ts'
import { type Database, openDatabase, type Tx } from '../src/base/database.ts'
import { chainStateOf } from '../src/domain/chain/chain-state.ts'
import type { Bank } from '../src/domain/context.ts'
import { depositChecks } from '../src/domain/deposit/deposit.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { createEvmReader } from '../src/providers/evm.ts'
import { watchChains } from '../src/workers/watch-chains.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { draws } from './harness/ledger.ts'
import { faults, startLyingNode } from './harness/lying-node.ts'
import { type Watched, watched, watchedBank } from './harness/watched.ts'

const CONFIRMATIONS = 3
const usdt = (whole: number) => BigInt(whole) * 1_000_000n

let base: TestDatabase
let chain: Chain
let token: Token
let multisend: Token
let networks: object
let eth: Watched
let nextPerson = 10_001n

before(async () => {
  ;[base, chain] = await Promise.all([createTestDatabase(), startChain(31_021)])
  token = await chain.deploy('EthUsdt', usdt(1_000_000_000))
  multisend = await chain.deploy('Multisend')
  await chain.send(token, 'transfer', [multisend.address, usdt(100_000_000)])
  await chain.mine()
  networks = { ETH: { chainId: 31_021, contract: token.address, confirmations: CONFIRMATIONS, blockTime: 300 } }
  eth = watched(watchedBank(base, networks), 'ETH', chain.url)
  await eth.catchUp()
})

after(async () => {
  const report = await verifyLedger(base.owner, { bookId: 1, orders: depositChecks })
  chain?.stop()
  await base?.drop()
  assert.deepEqual(report.faults, [])
})

const crowd = (count: number) => Array.from({ length: count }, () => nextPerson++)
const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n)

/** Pays everybody in one transaction and answers what each was paid. */
async function payAll(people: readonly bigint[], amount: (i: number) => bigint): Promise<bigint[]> {
  const to = await Promise.all(people.map(eth.address))
  const values = people.map((_, i) => amount(i))
  await chain.send(multisend, 'pay', [token.address, to, values])
  return values
}

/** What the chain as it is now has brought to an address, asked of the node directly. */
async function onChain(address: string): Promise<bigint> {
  const to = `0x${address.slice(2).padStart(64, '0')}`
  const transfer = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
  const filter = { address: token.address, fromBlock: '0x0', toBlock: 'latest', topics: [transfer, null, to] }
  const logs = await chain.rpc<{ data: string }[]>('eth_getLogs', filter)
  return sum(logs.map((log) => BigInt(log.data)))
}

test('each lie by itself: nothing wrong is written down, and all is found once the node tells the truth (m)', {
  timeout: 60_000,
}, async (t) => {
  const node = await startLyingNode(chain.url, () => 0)
  const lied = watched(eth.bank, 'ETH', node.url, createEvmReader({ ...eth.network, rpc: node.url, timeout: 300 }))
  try {
    for (const name of Object.keys(faults)) {
      node.rate = 0
      const [who = 0n] = crowd(1)
      const address = await eth.address(who)
      // a branch with the deposits in one block, then another with them in a later one
      const values = [usdt(9), usdt(4)]
      const hash = await chain.send(multisend, 'pay', [token.address, [address, address], values])
      const raw = await chain.rpc<string>('eth_getRawTransactionByHash', hash)
      await chain.mine(2)
      await lied.follower.advance()
      await chain.reorg(2)
      await chain.mine()
      await chain.rpc('eth_sendRawTransaction', raw)
      await chain.mine()
      node.rate = 1_000
      node.only = [name]
      let refused = 0
      for (let i = 0; i < 4; i++) await lied.follower.advance().catch(() => refused++)
      for (const { ordinal, amount_received } of await eth.deposits(who)) {
        assert.equal(amount_received, values[ordinal], `${name}: a wrong amount was written down`)
      }
      node.rate = 0
      await chain.mine(CONFIRMATIONS)
      await lied.catchUp()
      assert.equal(await eth.balance(who), usdt(13), name)
      assert.ok((node.told[name] ?? 0) > 0, `"${name}" was told`)
      t.diagnostic(`${name}: told ${node.told[name]} times, refused ${refused}`)
    }
  } finally {
    await node.close()
  }
})

test('one block of another branch among the right ones leaves no hole', async () => {
  const node = await startLyingNode(chain.url, () => 0)
  const lied = watched(eth.bank, 'ETH', node.url, createEvmReader({ ...eth.network, rpc: node.url, timeout: 300 }))
  try {
    await lied.catchUp()
    const next = (await chain.head()) + 1
    const ask = () => createEvmReader({ ...eth.network, rpc: node.url }).headers([next])
    await chain.mine(3)
    const [empty] = await ask()
    await chain.reorg(3)
    await chain.rollback(3)
    const [who = 0n] = crowd(1)
    await payAll([who], () => usdt(6))
    await chain.mine(3)
    const [full] = await ask()
    assert.notEqual(full?.hash, empty?.hash)
    // a node that lags behind answers for this one height
    node.special = (method, result, before) =>
      method === 'eth_getBlockByNumber' && Number((result as { number: string } | null)?.number) === next
        ? before
        : result
    await lied.follower.advance().catch(() => {})
    node.special = undefined
    await chain.mine(CONFIRMATIONS)
    await lied.catchUp()
    assert.equal(await eth.balance(who), usdt(6))
  } finally {
    await node.close()
  }
})

test('a node that lies now and then while the chain goes on and back: the books say what the chain says (m)', {
  timeout: 90_000,
}, async (t) => {
  const random = draws((line) => t.diagnostic(line))
  const node = await startLyingNode(chain.url, random.below)
  const lied = watched(eth.bank, 'ETH', node.url, createEvmReader({ ...eth.network, rpc: node.url, timeout: 300 }))
  const people = crowd(10)
  node.rate = 60
  node.breaks = 20
  let errors = 0
  try {
    for (let round = 0; round < 25; round++) {
      await payAll(people, () => usdt(1) + BigInt(random.below(1_000_000)))
      await chain.mine(1 + random.below(2))
      for (let i = 0; i < 3; i++) {
        await lied.follower.advance().catch(() => errors++)
        await lied.follower.settle().catch(() => errors++)
      }
      if (random.below(3) === 0) await chain.reorg(1 + random.below(CONFIRMATIONS - 1))
    }
    await chain.mine(CONFIRMATIONS)
    node.rate = 0
    node.breaks = 0
    await lied.catchUp()
  } finally {
    await node.close()
  }
  t.diagnostic(JSON.stringify({ errors, ...node.told }))
  assert.ok(Object.keys(node.told).length >= 10, 'many kinds of faults happened')
  for (const who of people) assert.equal(await eth.balance(who), await onChain(await eth.address(who)))
  const state = await chainStateOf(base.db, 1, 'ETH')
  assert.equal(state?.phase, 'following')
  assert.equal(state?.money_out_paused_at, null, 'no lie was taken for a deep reorganisation')
})

/** A bank whose process dies at the n-th statement of a transaction: what follows never reaches the database. */
function dyingAt(bank: Bank, statement: number): Bank {
  const transaction: Database['transaction'] = (work, options) =>
    bank.db.transaction(async (tx) => {
      let left = statement
      const mortal: Tx = {
        ...tx,
        query: (name, sql, values) => {
          if (left-- <= 0) throw new Error('killed')
          return tx.query(name, sql, values)
        },
      }
      return work(mortal)
    }, options)
  return { ...bank, db: { ...bank.db, query: bank.db.query, transaction } }
}

test('killed fifty times between a block and the place reached: no gap, no double (n, 39)', async () => {
  const people = crowd(5)
  const paid = new Map(people.map((who) => [who, 0n]))
  let killed = 0
  for (let round = 0; killed < 50; round++) {
    const values = await payAll(people, (i) => usdt(1) + BigInt(round * 10 + i))
    for (const [i, who] of people.entries()) paid.set(who, (paid.get(who) ?? 0n) + (values[i] ?? 0n))
    await chain.mine()
    for (let statement = 0; statement < 12; statement++) {
      const mortal = watched(dyingAt(eth.bank, statement), 'ETH', chain.url)
      for (const step of [mortal.follower.advance, mortal.follower.settle]) {
        await step().catch((error: Error) => {
          assert.equal(error.message, 'killed')
          killed++
        })
      }
    }
  }
  await chain.mine(CONFIRMATIONS)
  await eth.catchUp()
  for (const who of people) assert.equal(await eth.balance(who), paid.get(who))
})

/** A real process that watches, until it is killed. */
function startProcess(url: string): ChildProcess {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'harness/watch-process.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, WATCH_DATABASE: base.url, WATCH_NETWORKS: JSON.stringify(networks), WATCH_RPC: url },
  })
}

test('three processes watch one database and are killed now and then: each deposit is credited once (41)', {
  timeout: 90_000,
}, async () => {
  const people = crowd(50)
  const paid = new Map(people.map((who) => [who, 0n]))
  const processes = Array.from({ length: 3 }, () => startProcess(chain.url))
  try {
    for (let round = 0; round < 12; round++) {
      const values = await payAll(people, (i) => usdt(1) + BigInt(round * 100 + i))
      for (const [i, who] of people.entries()) paid.set(who, (paid.get(who) ?? 0n) + (values[i] ?? 0n))
      await chain.mine()
      await sleep(400)
      if (round % 3 === 2) {
        processes.shift()?.kill('SIGKILL')
        processes.push(startProcess(chain.url))
      }
    }
    await chain.mine(CONFIRMATIONS)
    const total = sum([...paid.values()])
    for (let waited = 0; waited < 30_000; waited += 200) {
      if (sum(await Promise.all(people.map(eth.balance))) === total) break
      await sleep(200)
    }
  } finally {
    for (const child of processes) child.kill('SIGKILL')
  }
  for (const who of people) assert.equal(await eth.balance(who), paid.get(who))
})

test('three watchers without a lease race through 10,000 deposits: 10,000 credits (41)', {
  timeout: 120_000,
}, async (t) => {
  const people = crowd(50)
  const pools = Array.from({ length: 3 }, () => openDatabase({ url: base.url, role: 'unipay_app', max: 4 }))
  const racers = pools.map((db) => watched({ ...eth.bank, db }, 'ETH', chain.url))
  for (let i = 0; i < 100; i++) {
    await payAll([...people, ...people], () => usdt(2))
    if (i % 10 === 9) await chain.mine()
  }
  await chain.mine(CONFIRMATIONS)
  const started = performance.now()
  await Promise.all(racers.map((racer) => racer.catchUp()))
  t.diagnostic(`10,000 deposits in ${Math.round(performance.now() - started)} ms`)
  await eth.catchUp()
  for (const pool of pools) await pool.close()
  const [count] = await base.owner.query<{ n: bigint }>(
    '',
    `select count(*) as n from deposits where status = 'credited' and person_no = any ($1::bigint[])`,
    [people],
  )
  assert.equal(count?.n, 10_000n)
  assert.deepEqual(new Set(await Promise.all(people.map(eth.balance))), new Set([usdt(400)]))
  const [inbox] = await base.owner.query<{ n: bigint }>(
    '',
    'select count(*) as n from inbox where person_no = any ($1::bigint[])',
    [people],
  )
  assert.equal(inbox?.n, 10_000n)
})

test('a node of another chain, or a token of other decimals, keeps that network off until it is cured (i, 33)', {
  timeout: 60_000,
}, async () => {
  const fresh = await createTestDatabase()
  const forger = await chain.deploy('LogForger') // says 6 decimals until told otherwise
  await chain.send(forger, 'setDecimals', [18])
  await chain.mine()
  const bank = watchedBank(fresh, {
    ETH: { chainId: 31_021, contract: forger.address, confirmations: 1, blockTime: 300 },
    BSC: { chainId: 99, contract: token.address, decimals: 6, confirmations: 1, blockTime: 300 },
  })
  const watchers = watchChains(bank, [1], (network) =>
    network.family === 'evm' ? createEvmReader({ ...network, rpc: chain.url }) : undefined,
  )
  try {
    await watchers.begun
    const state = async (code: string) => {
      const found = await chainStateOf(fresh.db, 1, code)
      return `${found?.phase}: ${found?.note}`
    }
    assert.equal(await state('ETH'), 'off: the token has 18 decimals, not 6')
    assert.equal(await state('BSC'), 'off: the node is of chain 31021, not 99')
    await assert.rejects(watched(bank, 'ETH', chain.url).address(10_001n), /NetworkUnavailable/)
    const alerts = await fresh.owner.query('', `select 1 from alerts where kind = 'chain_off' and closed_at is null`)
    assert.equal(alerts.length, 2)
    await chain.send(forger, 'setDecimals', [6])
    await chain.mine()
    const begun = async () => (await chainStateOf(fresh.db, 1, 'ETH'))?.number !== null
    for (let waited = 0; waited < 10_000 && !(await begun()); waited += 100) await sleep(100)
    assert.equal(await state('ETH'), 'following: ')
    assert.match(await watched(bank, 'ETH', chain.url).address(10_001n), /^0x/)
  } finally {
    await watchers.stop()
    await fresh.drop()
  }
})

test('a node that is away for a while: an alert, then all that was missed', { timeout: 60_000 }, async () => {
  const node = await startLyingNode(chain.url, () => 999)
  let ahead = 0
  const bank: Bank = { ...eth.bank, clock: { now: () => new Date(Date.now() + ahead) } }
  const watchers = watchChains(bank, [1], () => createEvmReader({ ...eth.network, rpc: node.url, timeout: 300 }))
  const [who = 0n] = crowd(1)
  const open = async () =>
    (await base.owner.query('', `select 1 from alerts where key = 'chain_unreachable:ETH' and closed_at is null`))
      .length
  try {
    await watchers.begun
    await node.close()
    ahead = seconds(90)
    await payAll([who], () => usdt(5))
    await chain.mine(CONFIRMATIONS)
    for (let waited = 0; waited < 10_000 && (await open()) === 0; waited += 100) await sleep(100)
    assert.equal(await open(), 1)
    assert.equal(await eth.balance(who), 0n)
  } finally {
    await watchers.stop()
  }
  const again = watchChains(bank, [1], () => createEvmReader({ ...eth.network, rpc: chain.url }))
  try {
    for (let waited = 0; waited < 10_000 && (await eth.balance(who)) === 0n; waited += 100) await sleep(100)
    assert.equal(await eth.balance(who), usdt(5))
    assert.equal(await open(), 0)
  } finally {
    await again.stop()
  }
})
