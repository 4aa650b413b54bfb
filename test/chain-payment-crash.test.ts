// Payment loops that are killed at every step, as processes of their own: between what is asked, signed, noted, sent, seen
// and settled. The next loop finds all that it needs in the database and on the chain, and each payment is made once.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { seconds } from '../src/base/clock.ts'
import { personAccount } from '../src/ledger/accounts.ts'
import { type FaultyNode, startFaultyNode } from './harness/faulty-node.ts'
import { eventually } from './harness/launcher.ts'
import { draws } from './harness/ledger.ts'
import { endProven, expectExplained, type Paying, startPaying, usdt } from './harness/paying.ts'

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? (process.env.NIGHTLY ? 30 : 1))

let world: Paying
let node: FaultyNode

before(async () => {
  world = await startPaying({ code: 'ETH', chainId: 31_062 })
  node = await startFaultyNode(world.chain.url, () => 0)
})

after(async () => {
  await node?.close()
  await endProven(world)
})

/** A loop as a process of its own, to be killed. */
function startLoop(): ChildProcess {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'harness/pay-process.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PAY_DATABASE: world.base.url,
      PAY_NETWORKS: JSON.stringify(world.networks),
      PAY_RPC: node.url,
    },
  })
}

/** Sends the process's next posting to a customer into a wait; answers how to let it go. */
async function lockCustomer(): Promise<() => Promise<void>> {
  const client = await world.base.owner.pool.connect()
  await client.query('begin')
  const [row] = await world.base.owner.query<{ no: bigint }>('', 'select no from people')
  await client.query('select from accounts where id = $1 for update', [personAccount(row?.no ?? 0n, 'main')])
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

const isWaiting = async () =>
  (
    await world.base.owner.query(
      '',
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).length > 0

const isIn =
  (order: string, ...states: string[]) =>
  async () =>
    states.includes(await world.status(order))

/** Each takes a new payment and a loop to where the loop is to die. */
const crashPoints: Record<string, (order: string, loop: ChildProcess) => Promise<(() => Promise<void>) | undefined>> = {
  async 'after request'() {
    await eventually('a request waits', async () => (await requests()) > 0)
    return undefined
  },
  async 'after signed'(_order, loop) {
    await eventually('a request waits', async () => (await requests()) > 0)
    loop.kill('SIGSTOP')
    await world.sign()
    return undefined
  },
  async 'before send'() {
    const there = node.hold('eth_sendRawTransaction', 'before')
    await signedSoon()
    await there
    return undefined
  },
  async 'after send'() {
    const there = node.hold('eth_sendRawTransaction', 'after')
    await signedSoon()
    await there
    return undefined
  },
  async 'before save'(order) {
    await signedSoon()
    await eventually('it is sent', isIn(order, 'broadcast'))
    const there = node.hold('eth_getBlockReceipts', 'after')
    await world.chain.mine()
    await there
    return undefined
  },
  async 'before confirm'(order) {
    await minedSoon(order)
    const there = node.hold('eth_getTransactionReceipt', 'after')
    await deepSoon()
    await there
    return undefined
  },
  async 'during settle'(order) {
    await minedSoon(order)
    const letGo = await lockCustomer()
    await deepSoon()
    await eventually('the settling waits', isWaiting)
    return letGo
  },
  async 'during refund'(order) {
    await signedSoon()
    await eventually('it is sent', isIn(order, 'broadcast'))
    const [{ tx_hash } = { tx_hash: '' }] = await world.signedFor(order)
    await world.chain.send(world.token, 'pause', [])
    await world.chain.rpc('anvil_dropTransaction', tx_hash)
    await world.chain.mine()
    await eventually(
      'it is sent again',
      async () => (await world.chain.rpc('eth_getTransactionByHash', tx_hash)) !== null,
    )
    await minedSoon(order)
    const letGo = await lockCustomer()
    await deepSoon()
    await eventually('the refund waits', isWaiting)
    await world.chain.send(world.token, 'unpause', [])
    return letGo
  },
}

async function requests(): Promise<number> {
  const rows = await world.base.owner.query('', `select 1 from signing_requests where status = 'waiting'`)
  return rows.length
}

async function signedSoon(): Promise<void> {
  await eventually('a request waits', async () => (await requests()) > 0)
  await world.sign()
}

async function minedSoon(order: string): Promise<void> {
  if ((await world.status(order)) === 'ready') await signedSoon()
  await eventually('it is sent', isIn(order, 'broadcast', 'uncertain'))
  // `uncertain` is also what it is while on its way to the node: a block before it arrives would not hold it
  const [{ tx_hash } = { tx_hash: '' }] = await world.signedFor(order)
  await eventually('the node has it', () => world.inPool(tx_hash))
  await world.chain.mine()
  await eventually('it is mined', isIn(order, 'mined'))
}

async function deepSoon(): Promise<void> {
  await world.chain.mine(3)
  await world.watch.catchUp()
}

test('killed at every step: the next loop carries on, each payment is made once (47)', {
  timeout: 60_000 + ROUNDS * 60_000,
}, async (t) => {
  const random = draws((text) => t.diagnostic(text))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, takeThere] of Object.entries(crashPoints)) {
      await world.base.owner.query('', 'update chain_states set payer = null, paying_until = null') // the lease is over
      const begun = performance.now()
      const order = await world.withdraw(usdt(10 + random.below(20)))
      const behind = name === 'during refund' ? 0 : random.below(3)
      for (let i = 0; i < behind; i++) await world.withdraw(usdt(10 + random.below(20)))
      const loop = startLoop()
      try {
        const letGo = await takeThere(order, loop)
        const gone = new Promise((resolve) => loop.once('exit', resolve))
        loop.kill('SIGKILL')
        await gone
        node.release('lose')
        await letGo?.()
      } finally {
        loop.kill('SIGKILL')
      }
      const left = await world.status(order)
      world.pass(seconds(4))
      await world.finish(world.advancer())
      const end = await world.status(order)
      t.diagnostic(
        `${name}: left ${left}, ended ${end}, ${behind} behind it, ${Math.round(performance.now() - begun)} ms`,
      )
      assert.equal(end, name === 'during refund' ? 'failed' : 'confirmed', name)
      await expectExplained(world)
    }
  }
})
