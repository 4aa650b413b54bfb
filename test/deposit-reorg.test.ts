// Chains that change their minds. Random schedules of blocks, deposits, payments and reorganisations of depth 1 to 64,
// also after credit: at the end the books say what the chain says, nothing is below zero, and money out has stopped.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import { depositChecks } from '../src/domain/deposit/deposit.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { balancesOf } from '../src/ledger/balances.ts'
import { type Chain, startChain, type Token } from './harness/chain.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { draws, pay } from './harness/ledger.ts'
import { type Watched, watched, watchedBank } from './harness/watched.ts'

const CONFIRMATIONS = 5
const SCHEDULES = Number(process.env.REORG_SCHEDULES ?? 50)
const usdt = (whole: number) => BigInt(whole) * 1_000_000n

let base: TestDatabase
let chain: Chain
let token: Token
let eth: Watched

before(async () => {
  ;[base, chain] = await Promise.all([createTestDatabase(), startChain(31_011)])
  token = await chain.deploy('EthUsdt', usdt(1_000_000_000))
  eth = watched(watchedBank(base, { ETH: settings(256) }), 'ETH', chain.url)
  await eth.catchUp()
})

after(async () => {
  const { faults } = await verifyLedger(base.owner, { bookId: 1, orders: depositChecks })
  chain?.stop()
  await base?.drop()
  assert.deepEqual(faults, [])
})

const settings = (maxReorg: number) => ({
  chainId: 31_011,
  contract: token.address,
  confirmations: CONFIRMATIONS,
  maxReorg,
})

/** What the chain as it is now has brought to an address, asked of the node directly. */
async function onChain(address: string): Promise<bigint> {
  const logs = await chain.rpc<{ data: string }[]>('eth_getLogs', {
    address: token.address,
    fromBlock: '0x0',
    toBlock: 'latest',
    topics: [
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
      null,
      `0x${address.slice(2).padStart(64, '0')}`,
    ],
  })
  return logs.reduce((sum, log) => sum + BigInt(log.data), 0n)
}

const owedBy = async (who: bigint) => (await eth.deposits(who)).reduce((sum, row) => sum + row.owed, 0n)

test('a deposit moves, vanishes, is replaced: the row goes with it, and comes back as what it is', async () => {
  const who = 10_900n
  const address = await eth.address(who)
  const states = async () => (await eth.deposits(who)).map((row) => `${row.status} ${row.amount_received / 1_000_000n}`)
  const nonce = Number(await chain.rpc<string>('eth_getTransactionCount', chain.accounts[0], 'latest'))
  const hash = await chain.send(token, 'transfer', [address, usdt(10)], { nonce })
  const [raw] = await Promise.all([chain.rpc<string>('eth_getRawTransactionByHash', hash), undefined])
  await chain.mine(2)
  await eth.catchUp()
  assert.deepEqual(await states(), ['pending 10'])
  await chain.reorg(2) // dropped
  await eth.catchUp()
  assert.deepEqual(await states(), ['orphaned 10'])
  await chain.rpc('eth_sendRawTransaction', raw) // mined again later: the same deposit
  await chain.mine(2)
  await eth.catchUp()
  assert.deepEqual(await states(), ['pending 10'])
  await chain.reorg(2)
  await chain.send(token, 'transfer', [address, usdt(11)], { nonce }) // the sender's other transaction instead
  await chain.mine(CONFIRMATIONS + 1)
  await eth.catchUp()
  assert.deepEqual(await states(), ['orphaned 10', 'credited 11'])
  assert.equal(await eth.balance(who), usdt(11))
})

test(`${SCHEDULES} random schedules`, { timeout: 150_000 }, async (t) => {
  const random = draws((line) => t.diagnostic(line))
  const people = Array.from({ length: 5 }, (_, i) => 10_001n + BigInt(i)) as [bigint, ...bigint[]]
  const addresses = new Map<bigint, string>()
  for (const who of people) addresses.set(who, await eth.address(who))
  const spent = new Map<bigint, bigint>(people.map((who) => [who, 0n]))
  const begun = await chain.head()
  await chain.mine(70)
  await eth.catchUp()
  const mix = { deposit: 0, spend: 0, reorg: 0, deep: 0 }

  const steps: (() => Promise<unknown>)[] = [
    async () => {
      const who = random.pick(people)
      await chain.send(token, 'transfer', [addresses.get(who), usdt(1 + random.below(50))])
      mix.deposit++
    },
    () => chain.mine(1 + random.below(4)),
    () => eth.follower.advance(),
    () => eth.follower.settle(),
    () => eth.catchUp(),
    async () => {
      // a customer spends what was credited
      const who = random.pick(people)
      const has = await eth.balance(who)
      if (has < usdt(2)) return
      const amount = has - BigInt(random.below(1_000_000))
      const { id: _, ...posting } = pay(who, 10_999n, amount)
      const outcome = await eth.bank.poster.submit(posting)
      assert.ok(outcome.ok)
      spent.set(who, (spent.get(who) ?? 0n) + amount)
      mix.spend++
    },
    async () => {
      const wanted = random.below(3) === 0 ? 1 + random.below(64) : 1 + random.below(CONFIRMATIONS + 2)
      const depth = Math.min(wanted, (await chain.head()) - begun)
      if (depth < 1) return
      const [row] = await base.owner.query<{ n: bigint }>(
        '',
        `select count(*) as n from deposits d join chain_states s using (book_id, network)
         where d.status = 'credited' and d.block_number > s.number - $1`,
        [depth],
      )
      if ((row?.n ?? 0n) > 0n) mix.deep++
      mix.reorg++
      const pool = await transactionsOf(depth)
      if (random.below(2) === 0) await chain.reorg(depth)
      else {
        await chain.rollback(depth)
        await chain.mine(random.below(2)) // for a while the chain is shorter than it was
      }
      // some of what was in the lost blocks is mined again, in other blocks; the rest never
      for (const raw of pool) if (random.below(2) === 0) await chain.rpc('eth_sendRawTransaction', raw).catch(() => {})
    },
  ]

  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    for (let i = 0; i < 12; i++) await random.pick(steps as [() => Promise<unknown>])()
    await chain.mine(CONFIRMATIONS + 1)
    const [state] = await base.owner.query<{ number: bigint }>(
      '',
      `select number from chain_states where network = 'ETH'`,
    )
    const behind = Number(state?.number ?? 0n) - (await chain.head())
    if (behind > 0) await chain.mine(behind + CONFIRMATIONS)
    await eth.catchUp()
    await eth.catchUp()
    for (const who of people) {
      const canonical = await onChain(addresses.get(who) ?? '')
      const expected = canonical - (spent.get(who) ?? 0n) + (await owedBy(who))
      assert.equal(await eth.balance(who), expected, `schedule ${schedule}, person ${who}`)
      assert.equal(
        (await eth.deposits(who))
          .filter((row) => row.status === 'credited')
          .reduce((sum, row) => sum + row.amount_credited, 0n),
        canonical,
      )
    }
  }
  t.diagnostic(JSON.stringify(mix))
  assert.ok(mix.deep > 0 && mix.spend > 0, 'reorganisations after credit, of money that was spent, were among them')
  const [paused] = await base.owner.query<{ paused: boolean }>(
    '',
    `select money_out_paused_at is not null as paused from chain_states where network = 'ETH'`,
  )
  assert.equal(paused?.paused, true)
  const alerts = await base.owner.query('', `select 1 from alerts where kind = 'deep_reorg' and closed_at is null`)
  assert.ok(alerts.length > 0)
  const balances = await balancesOf(
    base.db,
    1,
    people.map((who) => personAccount(who, 'main')),
  )
  for (const who of people) assert.ok(balances(personAccount(who, 'main')).balance >= 0n)
})

/** Raw transactions in the newest blocks, oldest first. */
async function transactionsOf(depth: number): Promise<string[]> {
  const head = await chain.head()
  const found: string[] = []
  for (let n = Math.max(1, head - depth + 1); n <= head; n++) {
    const { transactions } = await chain.rpc<{ transactions: string[] }>(
      'eth_getBlockByNumber',
      `0x${n.toString(16)}`,
      false,
    )
    for (const hash of transactions) found.push(await chain.rpc<string>('eth_getRawTransactionByHash', hash))
  }
  return found
}

/** Other blocks with other times: what anvil makes of empty blocks again could be the very same. */
async function branchFrom(fork: number) {
  const depth = (await chain.head()) - fork
  await chain.rollback(depth)
  const { timestamp } = await chain.rpc<{ timestamp: string }>('eth_getBlockByNumber', 'latest', false)
  ahead += 1_000
  await chain.rpc('evm_setNextBlockTimestamp', Number(timestamp) + ahead)
  await chain.mine(depth + 1)
}
let ahead = 0

test('a block that left the chain just before its deposit was due: not credited, though nothing else was read since', async () => {
  const who = 10_905n
  await chain.send(token, 'transfer', [await eth.address(who), usdt(12)])
  await chain.mine(CONFIRMATIONS)
  while (await eth.follower.advance());
  await chain.reorg(CONFIRMATIONS)
  assert.equal(await eth.follower.settle(), 0)
  assert.equal(await eth.balance(who), 0n)
  await eth.catchUp()
  assert.deepEqual(
    (await eth.deposits(who)).map((row) => row.status),
    ['orphaned'],
  )
})

test('one glance at another branch takes nothing back: it has to last', async () => {
  const who = 10_910n
  await chain.send(token, 'transfer', [await eth.address(who), usdt(20)])
  await chain.mine(CONFIRMATIONS)
  await eth.catchUp()
  assert.equal(await eth.balance(who), usdt(20))
  const fork = (await chain.head()) - CONFIRMATIONS - 1
  for (const branch of [1, 2]) {
    await branchFrom(fork)
    await eth.follower.advance()
    assert.equal(await eth.balance(who), usdt(20), `branch ${branch} was seen once`)
  }
  await eth.follower.advance()
  assert.equal(await eth.balance(who), 0n)
  assert.deepEqual(
    (await eth.deposits(who)).map((row) => row.status),
    ['reversed'],
  )
})

test('deeper than what is remembered: the network halts, and an operator reads it again', async () => {
  await base.owner.query('', `update chain_states set money_out_paused_at = null, money_out_paused_for = null`)
  const short = watched(watchedBank(base, { ETH: settings(8) }), 'ETH', chain.url)
  const who = 10_920n
  await chain.send(token, 'transfer', [await short.address(who), usdt(30)])
  await chain.mine(CONFIRMATIONS + 12)
  await short.catchUp()
  assert.equal(await short.balance(who), usdt(30))
  await chain.reorg(30)
  await chain.mine(2)
  const state = async () =>
    (
      await base.owner.query<{ phase: string; note: string; paused: boolean }>(
        '',
        `select phase, note, money_out_paused_at is not null as paused from chain_states where network = 'ETH'`,
      )
    )[0]
  await short.follower.advance()
  assert.equal((await state())?.phase, 'following', 'one strange answer is no reason to stop')
  await short.catchUp()
  assert.deepEqual(await state(), { phase: 'halted', note: 'a reorganisation goes deeper than 8 blocks', paused: true })
  await assert.rejects(short.address(10_921n), /NetworkUnavailable/)
  await short.follower.reread((await chain.head()) - 40)
  await short.catchUp()
  assert.deepEqual(await state(), { phase: 'following', note: '', paused: true })
  assert.equal(await short.balance(who), 0n, 'the chain no longer has that deposit')
  assert.deepEqual(
    (await short.deposits(who)).map((row) => row.status),
    ['reversed'],
  )
})

test('spent, lost, and mined again: the debt is booked, then paid by the deposit itself', async () => {
  const who = 10_930n
  const address = await eth.address(who)
  const hash = await chain.send(token, 'transfer', [address, usdt(100)])
  const raw = await chain.rpc<string>('eth_getRawTransactionByHash', hash)
  await chain.mine(CONFIRMATIONS)
  await eth.catchUp()
  const outcome = await eth.bank.poster.submit(pay(who, 10_999n, usdt(70), { answer: { id: newId() } }))
  assert.ok(outcome.ok)
  await chain.reorg(CONFIRMATIONS + 1)
  await eth.catchUp()
  const lines = async () => (await eth.deposits(who)).map((row) => `${row.status} owed ${row.owed} round ${row.round}`)
  assert.deepEqual(await lines(), ['reversed owed 70000000 round 1'])
  assert.equal(await eth.balance(who), 0n)
  await chain.rpc('eth_sendRawTransaction', raw)
  await chain.mine(CONFIRMATIONS)
  await eth.catchUp()
  assert.deepEqual(await lines(), ['credited owed 0 round 2'])
  assert.equal(await eth.balance(who), usdt(30))
})
