// TRON in the sandbox: its faucet, mine and reorg by the sandbox's controls, blocks that come by themselves, and that a
// kill -9 at any moment loses nothing that was acknowledged.

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { readConfig } from '../src/base/config.ts'
import { chainRefusals } from '../src/main/live-checks.ts'
import { eventually, temporaryFolder } from './harness/launcher.ts'
import { type TronAccount, tronAccount } from './harness/tron-chain.ts'
import {
  askNode,
  type BlockJson,
  hex41,
  type Info,
  type Json,
  type Signed,
  signAs,
  TRX,
} from './harness/tron-client.ts'

const friend = tronAccount('friend')
const dir = temporaryFolder()
let sandbox: { env: Record<string, string>; process: ChildProcess }

/** The whole sandbox with nothing but TRON in it. */
function startSandbox(): Promise<typeof sandbox> {
  const elsewhere = 'http://127.0.0.1:9'
  const given = { DATABASE_URL: 'postgres://elsewhere/bank', RPC_ETH: elsewhere, RPC_BSC: elsewhere }
  const child = fork(path.join(import.meta.dirname, '../sandbox/main.ts'), {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATA_DIR: dir,
      MASTER_KEY: 'ab'.repeat(32),
      LOG_LEVEL: 'error',
      ...given,
    },
  })
  return new Promise((resolve, reject) => {
    child.on('message', (message: { ready?: true; env?: Record<string, string> }) => {
      if (message.ready) resolve({ env: message.env ?? {}, process: child })
    })
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)))
  })
}
async function kill(signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => sandbox.process.once('exit', resolve))
  sandbox.process.kill(signal)
  await gone
}
before(async () => {
  sandbox = await startSandbox()
})
after(async () => {
  await kill('SIGTERM')
  fs.rmSync(dir, { recursive: true, force: true })
})

async function control(name: string, body: object): Promise<{ status: number; body: Json }> {
  const url = `${sandbox.env.SANDBOX_URL}/sandbox/${name}`
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ network: 'TRX', ...body }) })
  return { status: response.status, body: (await response.json()) as Json }
}
async function must(name: string, body: object): Promise<Json> {
  const answer = await control(name, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}
const node = <T = Json>(request: string, body: object = {}) => askNode<T>(at('RPC_TRX'), request, body)
const at = (name: string) => sandbox.env[name] ?? assert.fail(`no ${name}`)
const contract = () => (JSON.parse(at('NETWORKS')) as Record<string, { contract: string }>).TRX?.contract ?? ''
async function usdtOf(address: string): Promise<number> {
  const parameter = hex41(address).slice(2).padStart(64, '0')
  const query = { owner_address: address, contract_address: contract(), visible: true, parameter }
  const selector = { function_selector: 'balanceOf(address)' }
  const found = await node<{ constant_result: string[] }>('/wallet/triggerconstantcontract', {
    ...query,
    ...selector,
  })
  return Number.parseInt(found.constant_result[0] ?? '', 16)
}

test('the chain is told from the real ones, also in live mode', async () => {
  const { blockID } = await node<BlockJson>('/wallet/getblockbynum', { num: 0 })
  const { chainId } = (JSON.parse(at('NETWORKS')) as Record<string, { chainId: number }>).TRX ?? {}
  assert.equal(chainId, Number.parseInt(blockID.slice(-8), 16))
  const config = readConfig({ MASTER_KEY: 'ab'.repeat(32), RPC_TRX: at('RPC_TRX') })
  assert.deepEqual(await chainRefusals(config), [`RPC_TRX is a node of a development chain (${chainId})`])
})

test('the faucet pays USDT and TRX, and says what it cannot', async () => {
  const who = tronAccount('guest')
  const paid = await must('faucet', { address: who.address, amount: '12.5' })
  await must('faucet', { address: who.address, amount: '30', asset: 'TRX' })
  assert.equal(await usdtOf(who.address), 12_500_000)
  assert.equal((await node('/wallet/getaccount', { address: hex41(who.address) })).balance, 30 * TRX)
  assert.equal((await node('/wallet/gettransactioninfobyid', { value: paid.tx_hash })).blockNumber, paid.block_number)
  const many = Array.from({ length: 20 }, () => must('faucet', { address: who.address, amount: '1' }))
  assert.equal(new Set((await Promise.all(many)).map((one) => one.tx_hash)).size, 20)
  assert.equal(await usdtOf(who.address), 32_500_000)
  for (const [name, body, reason] of [
    ['faucet', { address: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a', amount: '1' }, /address must be a TRX address/],
    ['faucet', { address: who.address.replace(/.$/, 'x'), amount: '1' }, /right checksum/],
    ['faucet', { address: who.address, amount: '0.0000001' }, /at most 6 decimals/],
    ['faucet', { address: who.address, amount: '1', asset: 'ETH' }, /"USDT", or "TRX"/],
    ['faucet', { address: who.address, amount: '100001', asset: 'TRX' }, /at most 100000/],
    ['faucet', { address: contract(), amount: '1', asset: 'TRX' }, /to a smartContract/],
    ['mine', { blocks: 0 }, /blocks/],
    ['reorg', { depth: 20 }, /at most \d+ blocks can be replaced/],
  ] as [string, object, RegExp][]) {
    const answer = await control(name, body)
    assert.ok(answer.status >= 400 && answer.status < 500, `${name} ${JSON.stringify(body)}`)
    assert.match(String(answer.body.error), reason)
  }
  const { head } = await must('mine', { blocks: 30 })
  const reorg = await must('reorg', { depth: 19 })
  assert.deepEqual([reorg.from, reorg.head], [Number(head) - 18, Number(head) + 1])
})

/** A payment of TRX, built by the node and signed by its sender. */
async function payment(from: TronAccount, to: TronAccount, amount: number): Promise<Signed> {
  const parties = { owner_address: hex41(from.address), to_address: hex41(to.address) }
  return signAs(from, await node('/wallet/createtransaction', { ...parties, amount }))
}

test('a block comes by itself for what is sent', async () => {
  const signed = await payment(tronAccount('guest'), friend, 1)
  await node('/wallet/broadcasttransaction', signed)
  await eventually(
    'it is mined',
    async () => 'blockNumber' in (await node('/wallet/gettransactioninfobyid', { value: signed.txID })),
  )
})

test('the very same chain comes back on the same port, with balances, receipts and what waited', async () => {
  const who = tronAccount('survivor')
  const { tx_hash } = await must('faucet', { address: who.address, amount: '5' })
  await must('faucet', { address: who.address, amount: '50', asset: 'TRX' })
  await must('mine', { blocks: 3_000 })
  await must('reorg', { depth: 5, transactions: 'drop' })
  const receipt = await node('/wallet/gettransactioninfobyid', { value: tx_hash })
  const blocks = await node<{ block: BlockJson[] }>('/wallet/getblockbylatestnum', { num: 99 })
  const env = sandbox.env
  const signed = await payment(who, friend, TRX)
  await node('/wallet/broadcasttransaction', signed)
  await kill('SIGKILL')

  const began = performance.now()
  sandbox = await startSandbox()
  const took = performance.now() - began
  assert.ok(took < 5_000, `${took} ms`)
  assert.deepEqual(sandbox.env, env)
  assert.deepEqual(await node('/wallet/gettransactioninfobyid', { value: tx_hash }), receipt)
  const number = Number(blocks.block[0]?.block_header.raw_data.number)
  const same = await node<{ block: BlockJson[] }>('/wallet/getblockbylimitnext', {
    startNum: number,
    endNum: number + 99,
  })
  assert.deepEqual(same.block, blocks.block)
  assert.equal(await usdtOf(who.address), 5 * TRX)
  await must('mine', { blocks: 1 })
  const info = await node<Info>('/wallet/gettransactioninfobyid', { value: signed.txID })
  assert.ok(info.blockNumber > 0)
  const { balance } = await node('/wallet/getaccount', { address: hex41(who.address) })
  assert.equal(balance, 49 * TRX - Number(info.fee ?? 0))
})

test('half a line at the end of the journal was never written', async () => {
  const before = await node<BlockJson>('/wallet/getnowblock')
  await kill('SIGKILL')
  fs.appendFileSync(path.join(dir, 'sandbox/trx/journal.jsonl'), '{"n":99999,"id":"00')
  sandbox = await startSandbox()
  const { num } = { num: Number(before.block_header.raw_data.number) }
  assert.equal((await node<BlockJson>('/wallet/getblockbynum', { num })).blockID, before.blockID)
  await must('mine', { blocks: 2 })
  await kill('SIGKILL')
  sandbox = await startSandbox()
  assert.ok(Number((await node<BlockJson>('/wallet/getnowblock')).block_header.raw_data.number) >= num + 2)
})

async function reorganiseNowAndThen(): Promise<void> {
  for (;;) {
    await sleep(40)
    await must('reorg', { depth: 2 })
  }
}

/** Every block stands on the one before, in space and time. */
async function soundFrom(first: number): Promise<void> {
  let before: BlockJson | undefined
  for (let num = Math.max(1, first); ; num++) {
    const block = await node<BlockJson>('/wallet/getblockbynum', { num })
    if (block.blockID === undefined) return
    const raw = block.block_header.raw_data
    if (before) assert.equal(raw.parentHash, before.blockID)
    assert.ok(Number(raw.timestamp) > Number(before?.block_header.raw_data.timestamp ?? 0))
    before = block
  }
}

test('whatever was acknowledged before a kill is there after it', async () => {
  for (let round = 0; round < 3; round++) {
    const who = tronAccount(`round ${round}`)
    const acknowledged = new Set<string>()
    const traffic = Array.from({ length: 4 }, async () => {
      for (;;) {
        const { tx_hash } = await must('faucet', { address: who.address, amount: '1' })
        acknowledged.add(String(tx_hash))
      }
    })
    const over = Promise.allSettled([...traffic, reorganiseNowAndThen()])
    await sleep(150 + 130 * round)
    await kill('SIGKILL')
    await over
    sandbox = await startSandbox()
    assert.ok(acknowledged.size > 0)
    for (const value of acknowledged) {
      const info = await node<Info>('/wallet/gettransactioninfobyid', { value })
      assert.equal(info.receipt?.result, 'SUCCESS')
    }
    await soundFrom(Number((await node<BlockJson>('/wallet/getnowblock')).block_header.raw_data.number) - 60)
    assert.ok((await usdtOf(who.address)) >= acknowledged.size * TRX)
  }
})
