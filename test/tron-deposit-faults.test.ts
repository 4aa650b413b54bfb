// Deposits on TRON while things break: a node that lies in one of its views, lags, is busy or of another chain, watchers
// that die half-way. What is credited is what the chain holds, exactly once.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CHAIN_ID } from '../sandbox/tron/genesis.ts'
import type { Database, Tx } from '../src/base/database.ts'
import { chainStateOf } from '../src/domain/chain/chain-state.ts'
import type { Bank } from '../src/domain/context.ts'
import { createTronReader } from '../src/providers/tron.ts'
import { watchChains } from '../src/workers/watch-chains.ts'
import type { Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { hex41 } from './harness/forged-tron.ts'
import type { TronTestChain } from './harness/tron-chain.ts'
import type { Change } from './harness/tron-proxy.ts'
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

const openAlert = async (key: string) =>
  (await base.owner.query('', 'select 1 from alerts where key = $1 and closed_at is null', [key])).length

type Json = Record<string, unknown>
const infos =
  (view: string, change: (all: Json[]) => unknown): Change =>
  (answer, { path }) =>
    path === `/${view}/gettransactioninfobyblocknum` && Array.isArray(answer) && answer.length > 0
      ? change(structuredClone(answer) as Json[])
      : undefined
const logs = (change: (log: Json) => Json) => (all: Json[]) =>
  all.map((info) => ({ ...info, log: ((info.log ?? []) as Json[]).map(change) }))

test('receipts that cannot be are not believed, in either view; all is found once the node is right (m, o, p)', async () => {
  const lies: Record<string, (all: Json[]) => unknown> = {
    'no result': (all) => all.map(({ receipt: _, ...rest }) => ({ ...rest, receipt: { energy_fee: 1 } })),
    'out of time': (all) => all.map((info) => ({ ...info, receipt: { result: 'OUT_OF_TIME' } })),
    failed: (all) => all.map((info) => ({ ...info, result: 'FAILED' })),
    'addresses with 41': logs((log) => ({ ...log, address: `41${log.address}` })),
    'a topic with 0x': logs((log) => ({ ...log, topics: (log.topics as string[]).map((topic) => `0x${topic}`) })),
    'one is missing': (all) => all.slice(1),
    'one is there twice': (all) => [...all.slice(1), ...all.slice(1)],
    'of another transaction': (all) => all.map((info) => ({ ...info, id: 'ab'.repeat(32) })),
    'of another block': (all) => all.map((info) => ({ ...info, blockNumber: 1 })),
    'of another branch': (all) => all.map((info) => ({ ...info, blockTimeStamp: Number(info.blockTimeStamp) - 3_000 })),
    none: () => [],
    rubbish: () => ({ unexpected: true }),
  }
  await world.throughProxy(async (proxy, watch) => {
    for (const [name, lie] of Object.entries(lies)) {
      const who = world.someone()
      const address = await tron.address(who)
      await watch.catchUp()
      await chain.send(usdt, 'transfer', [address, million(3)])
      await chain.send(usdt, 'transfer', [address, million(4)])
      await chain.mine(LAG + 1)
      proxy.change = infos('wallet', lie)
      await assert.rejects(watch.follower.advance(), name)
      assert.deepEqual(await statesOf(watch, who), [], name)
      proxy.change = infos('walletsolidity', lie)
      await watch.follower.advance()
      assert.equal((await statesOf(watch, who)).length, 2, name)
      await assert.rejects(watch.follower.settle(), name)
      assert.equal(await tron.balance(who), 0n, name)
      proxy.clear()
      await watch.catchUp()
      assert.equal(await tron.balance(who), million(7), name)
    }
  })
})

test('blocks that do not sum up, of another branch or another number, are not believed (m)', async () => {
  const blocks: Record<string, (block: Json) => unknown> = {
    'a transaction is missing': (block) => ({ ...block, transactions: (block.transactions as Json[]).slice(1) }),
    'a result is changed': (block) => ({
      ...block,
      transactions: (block.transactions as Json[]).map((each) => ({ ...each, ret: [{ contractRet: 'REVERT' }] })),
    }),
    'another id': (block) => ({ ...block, blockID: `${String(block.blockID).slice(0, 60)}abcd` }),
    nothing: () => ({}),
  }
  await world.throughProxy(async (proxy, watch) => {
    for (const [name, lie] of Object.entries(blocks)) {
      const who = world.someone()
      const address = await tron.address(who)
      await watch.catchUp()
      await chain.sendTrx(address, million(3))
      await chain.sendTrx(address, million(4))
      await chain.mine(1)
      proxy.change = (answer, { path }) =>
        path === '/wallet/getblockbyid' && (answer as Json).transactions ? lie(answer as Json) : undefined
      await assert.rejects(watch.follower.advance(), name)
      assert.deepEqual(await statesOf(watch, who), [], name)
      proxy.clear()
      await chain.mine(LAG)
      await watch.catchUp()
      assert.equal(await tron.coinBalance(who), million(7), name)
    }
  })
})

test('what only the first view told of stays pending, and an operator hears of it; what it hid is found (m)', async () => {
  await world.throughProxy(async (proxy, watch) => {
    const [robbed, liar] = [world.someone(), world.someone()]
    const [mine, theirs] = [await tron.address(robbed), await tron.address(liar)]
    const [, stranger] = chain.accounts
    await watch.catchUp()
    await chain.send(usdt, 'transfer', [mine, million(11)])
    await chain.send(usdt, 'transfer', [stranger?.address, million(900)])
    await chain.mine()
    const forged = hex41(theirs).slice(2)
    // the node leaves out one log and has the other pay the liar
    proxy.change = infos('wallet', (all) =>
      all.map((info, i) => ({
        ...info,
        log: ((info.log ?? []) as Json[]).flatMap((log) => {
          const topics = log.topics as string[]
          return i === 0 ? [] : [{ ...log, topics: [topics[0], topics[1], forged.padStart(64, '0')] }]
        }),
      })),
    )
    await watch.follower.advance()
    assert.deepEqual(
      [await statesOf(watch, robbed), await statesOf(watch, liar)],
      [[], ['USDT customer pending 900000000']],
    )
    await chain.mine(LAG)
    for (let i = 0; i < 3; i++) await watch.catchUp()
    assert.equal(await tron.balance(robbed), million(11), 'the second reading found it')
    assert.deepEqual(await statesOf(watch, liar), ['USDT customer pending 900000000'])
    assert.equal(await openAlert('deposit_disputed:TRX'), 1)
    assert.equal(await tron.balance(liar), 0n)
    proxy.clear()
    await watch.follower.reread(chain.head() - LAG - 2)
    await watch.catchUp()
    assert.deepEqual(await statesOf(watch, liar), ['USDT customer orphaned 900000000'])
    await chain.send(usdt, 'transfer', [mine, million(1)])
    await world.finalise(watch)
    assert.equal(await tron.balance(robbed), million(12))
    assert.equal(await openAlert('deposit_disputed:TRX'), 0)
  })
})

test('an irreversible view of another branch, or one that lags, credits nothing', async () => {
  await world.throughProxy(async (proxy, watch) => {
    const who = world.someone()
    await chain.send(usdt, 'transfer', [await tron.address(who), million(2)])
    await chain.mine(LAG + 1)
    proxy.change = (_, { path }) => (path === '/walletsolidity/getblockbynum' ? {} : undefined)
    await watch.follower.advance()
    await assert.rejects(watch.follower.settle(), /no block/)
    const other = await (
      await fetch(`${chain.url}/wallet/getblock`, { method: 'POST', body: '{"detail":true}' })
    ).json()
    proxy.change = (_, { path }) => (path === '/walletsolidity/getblockbynum' ? other : undefined)
    await assert.rejects(watch.follower.settle(), /another block/)
    assert.equal(await tron.balance(who), 0n)
    proxy.clear()
    await watch.catchUp()
    assert.equal(await tron.balance(who), million(2))
  })
})

test('a busy node is asked again, with its key; one that stays away is an error', async () => {
  await world.throughProxy(async (proxy, watch) => {
    const network = { ...watch.network, rpc: `${proxy.url}/`, apiKey: 'k-1', timeout: 150, pauses: [5, 10, 15] }
    const reader = createTronReader(network)
    const answers = [
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 503 },
      { status: 200, body: '{"Error":"class java.lang.IllegalAccessException : lack of computing resources"}' },
    ]
    proxy.trouble = () => answers.shift()
    assert.equal(await reader.head(), chain.head())
    assert.deepEqual([proxy.apiKey, proxy.asked.get('/wallet/getblock')], ['k-1', 4])
    for (const [way, pattern] of [
      [{ status: 200, body: '<html>busy</html>' }, /no JSON/],
      [{ silence: 250 }, /no answer in time/],
      [{ status: 200, body: '{"Error":"class java.lang.Exception : k-2"}' }, /java.lang.Exception/],
      [{}, /connection broke|ECONNRESET|UND_ERR/],
    ] as const) {
      proxy.clear()
      proxy.trouble = () => way
      await assert.rejects(reader.head(), pattern)
      assert.equal(proxy.asked.get('/wallet/getblock'), 4)
    }
    proxy.clear()
    proxy.trouble = () => ({ status: 403 })
    await assert.rejects(
      reader.head(),
      (error: Error) => /answers 403/.test(error.message) && !/k-1|http/.test(error.message),
    )
    assert.equal(proxy.asked.get('/wallet/getblock'), 1, 'who was told to go does not insist')
  })
})

test('a node of another chain, or a token that is not there or counts otherwise, keeps TRON off (i, 33)', async () => {
  const fresh = await createTestDatabase()
  const forger = await chain.deploy('LogForger')
  await chain.send(forger, 'setDecimals', [18])
  await chain.mine()
  const chainId = CHAIN_ID
  const told = async (id: number, contract: string) => {
    const other = watchedBank(fresh, { TRX: tronParameters(id, contract) })
    const watchers = watchChains(other, [1], (network) =>
      network.family === 'tron' ? createTronReader({ ...network, rpc: chain.url }) : undefined,
    )
    await watchers.begun
    await watchers.stop()
    const state = await chainStateOf(fresh.db, 1, 'TRX')
    return `${state?.phase}: ${state?.note}`
  }
  try {
    assert.equal(await told(99, usdt.address), `off: the node is of chain ${chainId}, not 99`)
    assert.equal(await told(chainId, forger.address), 'off: the token has 18 decimals, not 6')
    const nobody = 'TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf'
    assert.equal(await told(chainId, nobody), `off: there is no token contract at ${nobody}`)
    assert.equal(await told(chainId, usdt.address), 'following: ')
  } finally {
    await fresh.drop()
  }
})

/** A bank whose process dies at the n-th statement of a transaction: what follows never reaches the database. */
function dyingAt(statement: number): Bank {
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

test('killed between a block and the place reached, in both readings: no gap, no double (n, 39)', async () => {
  const people = Array.from({ length: 3 }, world.someone)
  const addresses = await Promise.all(people.map(tron.address))
  let killed = 0
  let rounds = 0
  for (; killed < 50; rounds++) {
    for (const address of addresses) {
      await chain.send(usdt, 'transfer', [address, million(2)])
      await chain.sendTrx(address, million(3))
    }
    await chain.mine(2)
    for (let statement = 0; statement < 8; statement++) {
      const { follower } = watched(dyingAt(statement), 'TRX', chain.url)
      for (const step of [follower.advance, follower.settle]) {
        await step().catch((error: Error) => {
          assert.equal(error.message, 'killed')
          killed++
        })
      }
    }
  }
  await world.finalise()
  for (const who of people) {
    assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [million(2 * rounds), million(3 * rounds)])
  }
})

test('off for 400 blocks: no gap, no double (n, 39)', async () => {
  const people = Array.from({ length: 5 }, world.someone)
  for (const who of people) {
    await chain.send(usdt, 'transfer', [await tron.address(who), million(9)])
    await chain.mine(80)
  }
  await world.finalise()
  assert.deepEqual(
    await Promise.all(people.map(tron.balance)),
    people.map(() => million(9)),
  )
})
