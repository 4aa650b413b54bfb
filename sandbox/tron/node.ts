// A TRON node on loopback: one chain behind TRON's HTTP API, the solid view of it, and its Ethereum-like JSON-RPC.
// Must stay true: it answers as a real node does, so that clients need no mode for it; what only a development chain can do
// is not on the wire.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { sleep } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import { closeServer, listen, readBody, sendJson } from '../http-server.ts'
import { openChain, type TronChain } from './chain.ts'
import type { Prices } from './execute.ts'
import { genesisBlock } from './genesis.ts'
import { createJsonRpc } from './json-rpc.ts'
import type { Query } from './query.ts'
import { openChainStore } from './store.ts'
import { createWallet } from './wallet.ts'

export interface TronNodeOptions {
  port: number
  /** Where the chain is kept. Without it the chain ends with the process. */
  dir?: string
  /** Least time between two blocks in milliseconds. */
  blockTime?: number
  /** `timer` makes blocks by itself, `asked` only when told to. */
  blocks?: 'timer' | 'asked'
  /** Blocks that come after one before it is solid. */
  confirmations?: number
  prices?: Partial<Prices>
  energyInTime?: bigint
  log?: Log
}

export interface TronNode {
  readonly url: string
  readonly chain: TronChain
  stop(): Promise<void>
}

export const BLOCK_TIME = 3_000
const CONFIRMATIONS = 19
/** What 80 milliseconds of a real node come to, roughly. */
const ENERGY_IN_TIME = 10_000_000n
/** In sun, as on the main chain. */
const mainPrices: Prices = {
  energy: 100,
  bandwidth: 1_000,
  memo: 1_000_000,
  createAccount: 100_000,
  newAccount: 1_000_000,
  maxFeeLimit: 15_000_000_000,
}
const MAX_BODY = 4_000_000
/** While nobody uses the chain: seldom, to keep it small, but a new transaction's life of 60 s still begins young. */
const IDLE_BLOCK_TIME = 15_000
/** Blocks after which a transaction no longer hurries us. */
const DEEP = 30
const LOOK = 200

export async function startTronNode(options: TronNodeOptions): Promise<TronNode> {
  const chain = await openChain({
    confirmations: options.confirmations ?? CONFIRMATIONS,
    blockTime: options.blockTime ?? BLOCK_TIME,
    prices: { ...mainPrices, ...options.prices },
    energyInTime: options.energyInTime ?? ENERGY_IN_TIME,
    store: options.dir === undefined ? undefined : openChainStore(options.dir, genesisBlock),
  })
  const wallet = createWallet(chain)
  const jsonRpc = createJsonRpc(chain)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://tron')
    const text = request.method === 'POST' ? (await readBody(request, MAX_BODY)).toString('utf8') : ''
    if (url.pathname === '/jsonrpc') return sendJson(response, 200, await jsonRpc(JSON.parse(text)))
    const query = { ...Object.fromEntries(url.searchParams), ...parse(text) }
    const found = await wallet(url.pathname, query)
    if (found) sendJson(response, 200, found.body)
    else sendJson(response, 404, { Error: `no such path: ${url.pathname}` })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      if (!response.headersSent) sendJson(response, 200, { Error: `class java.lang.RuntimeException : ${message}` })
    })
  })
  await listen(server, options.port)
  const stopping = new AbortController()
  const mining = options.blocks === 'asked' ? undefined : keepMining(chain, options, stopping.signal)
  return {
    url: `http://127.0.0.1:${options.port}`,
    chain,
    async stop() {
      stopping.abort()
      await mining
      await closeServer(server)
      await chain.close()
    },
  }
}

async function keepMining(chain: TronChain, options: TronNodeOptions, signal: AbortSignal): Promise<void> {
  const { blockTime = BLOCK_TIME, log } = options
  let made = chain.head().number
  let madeAt = performance.now()
  let usedAt = made
  while (!signal.aborted) {
    await sleep(Math.min(LOOK, blockTime), signal)
    const { number } = chain.head()
    if (number !== made) {
      for (let n = Math.max(made + 1, number - DEEP); n <= number; n++)
        if (chain.block(n)?.transactions.length) usedAt = n
      made = number
      madeAt = performance.now()
    }
    const isUsed = number - usedAt < DEEP || chain.pool().length > 0
    if (signal.aborted || performance.now() - madeAt < (isUsed ? blockTime : IDLE_BLOCK_TIME)) continue
    await chain.mine(1).catch((error: unknown) => log?.error({ err: error }, 'the TRON chain cannot make a block'))
  }
}

function parse(text: string): Query {
  if (text.trim() === '') return {}
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('the body must be a JSON object')
  return value as Query
}
