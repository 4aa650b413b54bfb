// Deposits of USDT and TRX on TRON: what counts, what does not, and when. On the development node, through a proxy that lies,
// and on a node that says what no honest one would. Letters in brackets are the attacks of docs/deposits.md.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TronWeb } from 'tronweb'
import { CHAIN_ID } from '../sandbox/tron/genesis.ts'
import type { Database, Tx } from '../src/base/database.ts'
import { chainStateOf } from '../src/domain/chain/chain-state.ts'
import type { Bank } from '../src/domain/context.ts'
import { approveDeposit } from '../src/domain/deposit/decide-deposit.ts'
import { depositChecks } from '../src/domain/deposit/deposit.ts'
import { type Asset, houseAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { createTronReader } from '../src/providers/tron.ts'
import { watchChains } from '../src/workers/watch-chains.ts'
import type { Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { forgedAsset, forgedCall, forgedLog, forgedTransfer, hex41, startForgedTron } from './harness/forged-tron.ts'
import { startTronTestChain, type TronTestChain } from './harness/tron-chain.ts'
import { type Change, startTronProxy, type TronProxy } from './harness/tron-proxy.ts'
import { type Watched, watched, watchedBank } from './harness/watched.ts'

const CONFIRMATIONS = 3
/** Blocks after which one is solid: more than the confirmations, so that it is what decides. */
const LAG = 5
const million = (whole: number) => BigInt(whole) * 1_000_000n

let base: TestDatabase
let chain: TronTestChain
let usdt: Token
let bank: Bank
let tron: Watched
let nextPerson = 10_001n

before(async () => {
  ;[base, chain] = await Promise.all([createTestDatabase(), startTronTestChain({ confirmations: LAG })])
  usdt = chain.usdt
  bank = watchedBank(base, { TRX: parametersOf(CHAIN_ID, usdt.address) })
  tron = watched(bank, 'TRX', chain.url)
  await tron.catchUp()
})

after(async () => {
  const report = await verifyLedger(base.owner, { bookId: 1, orders: depositChecks })
  await chain?.stop()
  await base?.drop()
  assert.deepEqual(report.faults, [])
})

function parametersOf(chainId: number, contract: string) {
  return {
    chainId,
    contract,
    confirmations: CONFIRMATIONS,
    reviewAbove: '5000',
    reviewCoinAbove: '9000',
    blockTime: 300,
  }
}

const someone = () => nextPerson++

/** Makes solid what is in the pool now, and settles it. */
async function finalise(watch = tron) {
  await chain.mine(LAG + 1)
  await watch.catchUp()
}

const states = async (watch: Watched, who: bigint) =>
  (await watch.deposits(who)).map((row) => `${row.asset} ${row.class} ${row.status} ${row.amount_received}`).sort()

const house = async (kind: 'custody' | 'suspense', asset: Asset, sub = 0) => {
  const id = houseAccount(kind, asset, sub)
  return (await balancesOf(base.db, 1, [id]))(id).balance
}

const openAlert = async (key: string) =>
  (await base.owner.query('', 'select 1 from alerts where key = $1 and closed_at is null', [key])).length

/** A follower that reads through a proxy. */
async function throughProxy(work: (proxy: TronProxy, watch: Watched) => Promise<void>) {
  const proxy = await startTronProxy(chain.url)
  try {
    await work(proxy, watched(bank, 'TRX', proxy.url))
  } finally {
    await proxy.close()
  }
}

test('an address of its own per customer, in base58, that tronweb reads; another one than on EVM chains', async () => {
  const [a, b] = [someone(), someone()]
  const [first, second] = [await tron.address(a), await tron.address(b)]
  assert.ok(TronWeb.isAddress(first) && TronWeb.isAddress(second))
  assert.notEqual(first, second)
  assert.equal(await tron.address(a), first)
  assert.equal(TronWeb.address.fromHex(TronWeb.address.toHex(first)), first)
})

test('credits USDT and TRX when their block is solid, not one block earlier; seen from the first (25)', async () => {
  const who = someone()
  const address = await tron.address(who)
  await chain.send(usdt, 'transfer', [address, million(100)])
  await chain.sendTrx(address, million(7))
  await chain.mine()
  for (let above = 0; above < LAG; above++) {
    await tron.catchUp()
    assert.deepEqual(await states(tron, who), ['TRX customer pending 7000000', 'USDT customer pending 100000000'])
    assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, 0n])
    await chain.mine()
  }
  await tron.catchUp()
  assert.deepEqual(await states(tron, who), ['TRX customer credited 7000000', 'USDT customer credited 100000000'])
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
    TRX: { ...parametersOf(CHAIN_ID, usdt.address), confirmations: LAG + 3 },
  })
  const watch = watched(slow, 'TRX', chain.url)
  try {
    await watch.catchUp()
    const who = someone()
    await chain.send(usdt, 'transfer', [await watch.address(who), million(1)])
    await chain.mine(LAG + 2)
    await watch.catchUp()
    assert.deepEqual(await states(watch, who), ['USDT customer pending 1000000'])
    await chain.mine()
    await watch.catchUp()
    assert.deepEqual(await states(watch, who), ['USDT customer credited 1000000'])
  } finally {
    await fresh.drop()
  }
})

test('failed calls stand in blocks and credit nothing: OUT_OF_ENERGY, REVERT (a, o)', async () => {
  const who = someone()
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
  await finalise()
  assert.deepEqual(await states(tron, who), [])
})

test('clones, proxies and forgers of our token credit nothing and leave one row each at most (b, h)', async () => {
  const who = someone()
  const address = await tron.address(who)
  const [{ address: owner }] = chain.accounts
  const clone = await chain.deploy('TronUsdt', million(10_000_000))
  const forger = await chain.deploy('LogForger')
  for (let i = 0; i < 3; i++) await chain.send(clone, 'transfer', [address, million(1_000)])
  await chain.send(forger, 'honest', [owner, address, million(1_000)])
  for (const fn of ['fourTopics', 'shortData', 'longData', 'dirtyAddress', 'twoTopics'])
    await chain.send(forger, fn, [owner, address, million(1_000)])
  await finalise()
  assert.deepEqual(await states(tron, who), Array(2).fill('USDT unsupported unsupported 0'))
  assert.equal(await tron.balance(who), 0n)
})

test('paid by a contract: every log of one transaction is a deposit, also equal ones; read ten times, credited once (d, e)', async () => {
  const [a, b] = [someone(), someone()]
  const to = [await tron.address(a), await tron.address(b), await tron.address(a)]
  const multisend = await chain.deploy('Multisend')
  await chain.send(usdt, 'approve', [multisend.address, million(100)])
  await chain.mine()
  await tron.catchUp()
  const before = chain.head()
  await chain.send(multisend, 'collectAndPay', [usdt.address, to, [million(20), million(30), million(20)]])
  await finalise()
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
  const who = someone()
  const address = await tron.address(who)
  const [owner, hot] = chain.accounts
  assert.ok(hot)
  await base.owner.query(
    '',
    `insert into house_addresses (book_id, family, address, purpose) values (1, 'tron', $1, 'hot')`,
    [hot.address],
  )
  const kept = await house('suspense', 'TRX')
  await chain.send(usdt, 'transfer', [hot.address, million(50)])
  await chain.mine()
  await chain.sendTrx(address, 1n)
  await chain.sendTrx(address, 999_999n)
  await chain.sendTrx(address, million(30), hot)
  await chain.send(usdt, 'transfer', [address, million(8)], { from: hot })
  await chain.send(usdt, 'transfer', [address, 0n])
  await chain.sendTrx(address, million(2), owner)
  await finalise()
  assert.deepEqual(await states(tron, who), [
    'TRX below_minimum below_minimum 1',
    'TRX below_minimum below_minimum 999999',
    'TRX customer credited 2000000',
    'TRX internal internal 30000000',
    'USDT internal internal 8000000',
  ])
  assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, million(2)])
  assert.equal((await house('suspense', 'TRX')) - kept, 1_000_000n)
  await base.owner.query('', `delete from house_addresses where family = 'tron'`)
})

test('above the threshold of its asset a deposit waits for an operator (45)', async () => {
  const who = someone()
  const address = await tron.address(who)
  await chain.send(usdt, 'transfer', [address, million(5_001)])
  await chain.sendTrx(address, million(8_999))
  await chain.sendTrx(address, million(9_001))
  await finalise()
  assert.deepEqual(await states(tron, who), [
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
  const who = someone()
  const address = await tron.address(who)
  await chain.send(usdt, 'transfer', [address, million(60)])
  await chain.sendTrx(address, million(6))
  await chain.mine(2)
  await tron.catchUp()
  assert.deepEqual(await states(tron, who), ['TRX customer pending 6000000', 'USDT customer pending 60000000'])
  await chain.reorg(2, 'keep')
  await tron.catchUp()
  const moved = await states(tron, who)
  assert.deepEqual(new Set(moved.map((each) => each.split(' ')[2])).size, 1)
  await chain.mine()
  await tron.catchUp()
  assert.deepEqual(await states(tron, who), ['TRX customer pending 6000000', 'USDT customer pending 60000000'])
  await chain.reorg(3, 'drop')
  await tron.catchUp()
  assert.deepEqual(await states(tron, who), ['TRX customer orphaned 6000000', 'USDT customer orphaned 60000000'])
  await finalise()
  assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [0n, 0n])
  const state = await chainStateOf(base.db, 1, 'TRX')
  assert.equal(state?.money_out_paused_at, null, 'that is no deep reorganisation')
})

// --- a node that lies ---

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
  await throughProxy(async (proxy, watch) => {
    for (const [name, lie] of Object.entries(lies)) {
      const who = someone()
      const address = await tron.address(who)
      await watch.catchUp()
      await chain.send(usdt, 'transfer', [address, million(3)])
      await chain.send(usdt, 'transfer', [address, million(4)])
      await chain.mine(LAG + 1)
      proxy.change = infos('wallet', lie)
      await assert.rejects(watch.follower.advance(), name)
      assert.deepEqual(await states(watch, who), [], name)
      proxy.change = infos('walletsolidity', lie)
      await watch.follower.advance()
      assert.equal((await states(watch, who)).length, 2, name)
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
  await throughProxy(async (proxy, watch) => {
    for (const [name, lie] of Object.entries(blocks)) {
      const who = someone()
      const address = await tron.address(who)
      await watch.catchUp()
      await chain.sendTrx(address, million(3))
      await chain.sendTrx(address, million(4))
      await chain.mine(1)
      proxy.change = (answer, { path }) =>
        path === '/wallet/getblockbyid' && (answer as Json).transactions ? lie(answer as Json) : undefined
      await assert.rejects(watch.follower.advance(), name)
      assert.deepEqual(await states(watch, who), [], name)
      proxy.clear()
      await chain.mine(LAG)
      await watch.catchUp()
      assert.equal(await tron.coinBalance(who), million(7), name)
    }
  })
})

test('what only the first view told of stays pending, and an operator hears of it; what it hid is found (m)', async () => {
  await throughProxy(async (proxy, watch) => {
    const [robbed, liar] = [someone(), someone()]
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
      [await states(watch, robbed), await states(watch, liar)],
      [[], ['USDT customer pending 900000000']],
    )
    await chain.mine(LAG)
    for (let i = 0; i < 3; i++) await watch.catchUp()
    assert.equal(await tron.balance(robbed), million(11), 'the second reading found it')
    assert.deepEqual(await states(watch, liar), ['USDT customer pending 900000000'])
    assert.equal(await openAlert('deposit_disputed:TRX'), 1)
    assert.equal(await tron.balance(liar), 0n)
    proxy.clear()
    await watch.follower.reread(chain.head() - LAG - 2)
    await watch.catchUp()
    assert.deepEqual(await states(watch, liar), ['USDT customer orphaned 900000000'])
    await chain.send(usdt, 'transfer', [mine, million(1)])
    await finalise(watch)
    assert.equal(await tron.balance(robbed), million(12))
    assert.equal(await openAlert('deposit_disputed:TRX'), 0)
  })
})

test('an irreversible view of another branch, or one that lags, credits nothing', async () => {
  await throughProxy(async (proxy, watch) => {
    const who = someone()
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
  await throughProxy(async (proxy, watch) => {
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
    const other = watchedBank(fresh, { TRX: parametersOf(id, contract) })
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
  const people = Array.from({ length: 3 }, someone)
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
  await finalise()
  for (const who of people) {
    assert.deepEqual([await tron.balance(who), await tron.coinBalance(who)], [million(2 * rounds), million(3 * rounds)])
  }
})

test('off for 400 blocks: no gap, no double (n, 39)', async () => {
  const people = Array.from({ length: 5 }, someone)
  for (const who of people) {
    await chain.send(usdt, 'transfer', [await tron.address(who), million(9)])
    await chain.mine(80)
  }
  await finalise()
  assert.deepEqual(
    await Promise.all(people.map(tron.balance)),
    people.map(() => million(9)),
  )
})

test('the fixtures of a TRON deposit, whole, on a node that says anything: only the honest ones are credited (40)', async () => {
  const fresh = await createTestDatabase()
  const node = await startForgedTron()
  const contract = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'
  const own = watchedBank(fresh, { TRX: parametersOf(node.chainId, contract) })
  const watch = watched(own, 'TRX', node.url)
  try {
    await watch.catchUp()
    const who = someone()
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
    assert.deepEqual(await states(watch, who), [
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
