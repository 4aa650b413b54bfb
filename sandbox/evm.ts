// A development chain that behaves like Ethereum or BNB Smart Chain and loses nothing: anvil makes the blocks, we decide
// when, and every block is on disk before the next one is made. A node that dies is started again where it was.
// Must stay true: all that changes the chain goes through `exclusive`, one at a time; whatever happened to the chain, by us
// or by somebody else over RPC, `record` finds it and writes it down.

import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { encodeDeployData, encodeFunctionData, getContractAddress, isAddress } from 'viem'
import { keyedQueue } from '../src/base/batch.ts'
import { sleep } from '../src/base/clock.ts'
import type { Log } from '../src/base/log.ts'
import { ControlError, chainUnits, type DevelopmentChain } from './chain.ts'
import { readContract } from './compiled-contract.ts'
import { type EvmNode, startNode } from './evm-node.ts'
import { openChainStore, REPLAYED, type StoredBlock } from './evm-store.ts'
import { type Hex, type JsonRpc, toHex } from './json-rpc.ts'
import { openRelay } from './relay.ts'

export interface EvmOptions {
  network: string
  coin: string
  chainId: number
  /** Our contract that plays USDT, and which of anvil's accounts deploys it and holds the supply. */
  token: { name: 'EthUsdt' | 'BscUsdt'; decimals: number; holder: number }
  dir: string
  /** Where clients find the node. */
  port: number
  log: Log
}

/** The nth account of anvil's well-known test mnemonic. Everybody has its key. */
const testAccounts: readonly Hex[] = [
  '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
]

const BLOCK_TIME = 1_000
const IDLE_BLOCK_TIME = 45_000 // keeps the chain's history small when nobody uses it
const DEEP = 30 // confirmations after which a transaction no longer hurries us
const LOOK = 400
export const MAX_BLOCKS = 10_000
export const MAX_REORG = REPLAYED - 56
const MAX_GAS_COINS = 100n * 10n ** 18n

class RolledBackTooFar extends Error {}

interface Header {
  number: Hex
  hash: Hex
  timestamp: Hex
  baseFeePerGas: Hex
  transactions: Hex[]
}

export async function startEvmChain(options: EvmOptions): Promise<DevelopmentChain> {
  const { network, coin, chainId, token, port, log } = options
  const dir = path.resolve(options.dir)
  const store = openChainStore(dir)
  const relay = await openRelay(port)
  const contract = readContract(token.name)
  const holder = testAccounts[token.holder] as Hex
  const address = getContractAddress({ from: holder, nonce: 0n })
  const supply = 1_000_000_000_000n * 10n ** BigInt(token.decimals)

  let node: EvmNode
  let rpc: JsonRpc
  let stopping = false
  const recorded: StoredBlock[] = [] // the newest blocks that are in the journal
  let lastTransactionAt = 0 // number of the newest block with transactions
  let minedAt = 0
  const noted = new Map<Hex, Hex>() // hash to bytes of waiting transactions that are in the journal

  // --- one at a time ---

  const queue = keyedQueue<'chain'>()
  const exclusive = <T>(work: () => Promise<T>) => queue('chain', work)

  // --- what happened to the chain, into the journal ---

  const header = (block: Hex | 'latest') => rpc.call<Header>('eth_getBlockByNumber', block, false)

  async function record(): Promise<Header> {
    const newest = await header('latest')
    const head = Number(newest.number)
    // back to the last block that the journal and the chain have in common
    let common = Math.min(recorded.at(-1)?.number ?? 0, head)
    const oldest = recorded[0]?.number ?? 1
    for (; common >= oldest; common--) {
      const known = recorded[common - oldest]
      if (known && known.hash === (await header(toHex(common))).hash) break
    }
    // states further back are gone from the disk; the journal's chain is then the one that counts
    if ((recorded.at(-1)?.number ?? 0) - common > REPLAYED) throw new RolledBackTooFar()
    if (recorded.length > 0 && common < (recorded.at(-1)?.number ?? 0)) {
      store.cut(common)
      recorded.splice(Math.max(0, common - oldest + 1))
    }
    for (let from = common + 1; from <= head; from += 200) {
      const numbers = Array.from({ length: Math.min(200, head - from + 1) }, (_, i) => from + i)
      const blocks: StoredBlock[] = []
      for (const block of await rpc.calls<Header>(
        'eth_getBlockByNumber',
        numbers.map((n) => [toHex(n), false]),
      )) {
        const raw = await rawOf(block.transactions)
        for (const hash of block.transactions) noted.delete(hash)
        const { hash, baseFeePerGas: fee } = block
        blocks.push({ number: Number(block.number), hash, time: Number(block.timestamp), fee, raw })
      }
      store.addBlocks(blocks)
      recorded.push(...blocks)
      lastTransactionAt = blocks.findLast((block) => block.raw.length > 0)?.number ?? Math.min(lastTransactionAt, head)
    }
    recorded.splice(0, recorded.length - 2 * REPLAYED)
    if (store.wantsState(head)) {
      const state = await rpc.call<Hex>('anvil_dumpState')
      store.saveState(head, gunzipSync(Buffer.from(state.slice(2), 'hex')), [...noted.values()])
    }
    return newest
  }

  async function rawOf(hashes: readonly Hex[]): Promise<Hex[]> {
    const unknown = hashes.filter((hash) => !noted.has(hash))
    const fetched = await rpc.calls<Hex>(
      'eth_getRawTransactionByHash',
      unknown.map((hash) => [hash]),
    )
    const raw = new Map([...noted, ...unknown.map((hash, i) => [hash, fetched[i] as Hex] as const)])
    return hashes.map((hash) => raw.get(hash) as Hex)
  }

  /** Writes down what waits to be mined, so that a node that dies does not take it along. */
  async function noteWaiting(): Promise<void> {
    type Pool = Record<'pending' | 'queued', Record<string, Record<string, { hash: Hex }>>>
    const pool = await rpc.call<Pool>('txpool_content')
    const hashes = [pool.pending, pool.queued].flatMap((part) =>
      Object.values(part).flatMap((byNonce) => Object.values(byNonce).map((transaction) => transaction.hash)),
    )
    for (const hash of noted.keys()) if (!hashes.includes(hash)) noted.delete(hash) // replaced by another
    const fresh = hashes.filter((hash) => !noted.has(hash))
    if (fresh.length === 0) return
    const raw = await rawOf(fresh)
    store.addWaiting(raw)
    for (const [i, hash] of fresh.entries()) noted.set(hash, raw[i] as Hex)
  }

  // --- mining ---

  /** One block, with what is waiting. Time moves on by at least a second, as the chain's rules ask. */
  async function mineOne(): Promise<Header> {
    await noteWaiting()
    const newest = await header('latest')
    await rpc.call('evm_mine', Math.max(Number(newest.timestamp) + 1, Math.floor(Date.now() / 1000)))
    minedAt = Date.now()
    return record()
  }

  async function look(): Promise<void> {
    const head = await record()
    const pool = await rpc.call<{ pending: Hex }>('txpool_status')
    const young = Number(head.number) - lastTransactionAt < DEEP && lastTransactionAt > 0
    const due = Date.now() - minedAt >= (young || Number(pool.pending) > 0 ? BLOCK_TIME : IDLE_BLOCK_TIME)
    if (!due) return
    let block = await mineOne()
    // a full block leaves some behind; those that cannot be mined at all are left alone
    while (block.transactions.length > 0 && Number((await rpc.call<{ pending: Hex }>('txpool_status')).pending) > 0) {
      block = await mineOne()
    }
  }

  /** Several who want a block at once share it. */
  let coming: Promise<Header> | undefined
  function mineSoon(): Promise<Header> {
    coming ??= exclusive(async () => {
      await null // the queue may start us before `coming` is set
      coming = undefined
      return mineOne()
    })
    return coming
  }

  // --- life ---

  async function start(): Promise<void> {
    const recovery = store.recover()
    node = await startNode(dir, chainId, recovery)
    rpc = node.rpc
    recorded.length = 0
    recorded.push(...recovery.blocks)
    noted.clear()
    lastTransactionAt = recovery.blocks.findLast((block) => block.raw.length > 0)?.number ?? 0
    const head = await record()
    const expected = recovery.blocks.at(-1)
    if (expected && expected.hash !== head.hash)
      log.error({ network, block: expected.number }, 'the chain came back with other blocks')
    if ((await rpc.call<Hex>('eth_getCode', address, 'latest')) === '0x') await deploy()
    relay.open(node.port)
    void node.exited.then(comeBack)
  }

  async function deploy(): Promise<void> {
    const data = encodeDeployData({ ...contract, args: [supply] })
    await rpc.call('eth_sendTransaction', { from: holder, data, gas: toHex(3_000_000n) })
    await mineOne()
    if ((await rpc.call<Hex>('eth_getCode', address, 'latest')) === '0x') throw new Error(`no token at ${address}`)
  }

  async function comeBack(): Promise<void> {
    if (stopping) return
    relay.shut()
    log.warn({ network }, 'the development chain died; starting it again')
    for (let wait = 100; !stopping; wait = Math.min(wait * 2, 5_000)) {
      try {
        return await exclusive(start)
      } catch (error) {
        log.error({ network, err: error }, 'the development chain did not come back')
        await sleep(wait)
      }
    }
  }

  async function keepMining(): Promise<void> {
    while (!stopping) {
      await sleep(LOOK)
      await exclusive(async () => {
        if (!stopping) await look()
      }).catch(async (error: unknown) => {
        if (stopping) return
        log.warn({ network, err: error }, 'the development chain does not mine')
        if (error instanceof RolledBackTooFar) await node.kill() // and it comes back as it was
      })
    }
  }

  await start()
  const mining = keepMining()

  return {
    network,
    chainId,
    contract: address,
    decimals: token.decimals,
    coin,
    rpc: `http://127.0.0.1:${port}`,

    async pay(asset, to, amount) {
      if (!isAddress(to))
        throw new ControlError(
          `address must be a ${network} address: 0x and 40 hexadecimal digits with a right checksum`,
        )
      const units = chainUnits(amount, asset === 'gas' ? 18 : token.decimals)
      if (asset === 'gas' && units > MAX_GAS_COINS) throw new ControlError('amount must be at most 100 for gas')
      const transfer = { abi: contract.abi, functionName: 'transfer', args: [to, units] }
      const payment =
        asset === 'gas'
          ? { to, value: toHex(units) }
          : { to: address, data: encodeFunctionData(transfer), gas: toHex(120_000n) }
      // not beside another payment or while a block is made: the node would give out the same nonce twice
      const hash = await exclusive(() => rpc.call<Hex>('eth_sendTransaction', { from: holder, ...payment }))
      for (let attempt = 0; attempt < 20; attempt++) {
        await mineSoon()
        const receipt = await rpc.call<{ status: Hex; blockNumber: Hex } | null>('eth_getTransactionReceipt', hash)
        if (receipt === null) continue // the block was full
        if (Number(receipt.status) !== 1) throw new ControlError('the token refused the payment: is it paused?', 409)
        return { tx_hash: hash, block_number: Number(receipt.blockNumber) }
      }
      throw new ControlError('the payment was sent but is not mined yet', 503)
    },

    mine: (blocks) =>
      exclusive(async () => {
        await mineOne()
        for (let done = 1; done < blocks; done++) {
          const { timestamp } = await header('latest')
          await rpc.call('evm_mine', Math.max(Number(timestamp) + 1, Math.floor(Date.now() / 1000)))
          if (done % 200 === 0) await record()
        }
        return Number((await record()).number)
      }),

    reorganise: (depth, transactions) =>
      exclusive(async () => {
        const head = Number((await record()).number)
        if (head - depth < 1)
          throw new ControlError(`the chain has ${head} blocks, and the first must stay: depth is too large`)
        const removed = recorded.filter((block) => block.number > head - depth).flatMap((block) => block.raw)
        await rpc.call('anvil_rollback', depth)
        for (let n = 0; n <= depth; n++) {
          const { timestamp } = await header('latest')
          if (n === depth && transactions === 'keep') {
            for (const raw of removed) await rpc.call('eth_sendRawTransaction', raw).catch(() => undefined)
          }
          await rpc.call('evm_mine', Number(timestamp) + 2) // another time makes another block
        }
        minedAt = Date.now()
        const newest = await record()
        return { from: head - depth + 1, head: Number(newest.number), hash: newest.hash }
      }),

    async stop() {
      stopping = true
      await mining
      await exclusive(async () => {
        await record().catch(() => undefined)
      })
      await relay.close()
      await node.kill()
    },
  }
}
