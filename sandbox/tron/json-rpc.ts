// The reading half of Ethereum's JSON-RPC as TRON's nodes have it: blocks, receipts, logs and calls, but nothing that sends.
// Must stay true: tags and errors are java-tron's; state is read at the latest block alone, and addresses go by 20 bytes.

import { keccak, parseAddress } from './address.ts'
import { BLOCK_VERSION, type Block, type Mined, witness } from './block.ts'
import type { TronChain } from './chain.ts'
import { CHAIN_ID } from './genesis.ts'
import { Invalid } from './refusal.ts'
import { addressIn, int, isObject, str, transactionBytes } from './transaction.ts'
import { callConstant } from './trigger.ts'

class RpcRefusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const INVALID_REQUEST = -32600
const NO_METHOD = -32601
const INVALID_PARAMS = -32602
const INTERNAL = -32000
const TOO_MANY = -32005

const MAX_RANGE = 5_000
const MAX_LOGS = 10_000
const MAX_TOPICS = 4

type Params = readonly unknown[]
type Method = (params: Params) => unknown

const hex = (n: number | bigint) => `0x${n.toString(16)}`
const zeros = (bytes: number) => `0x${'00'.repeat(bytes)}`
const invalid = (message: string) => new RpcRefusal(INVALID_PARAMS, message)

/** Answers one request or a list of them. */
export function createJsonRpc(chain: TronChain): (body: unknown) => Promise<unknown> {
  const methods = { ...blockMethods(chain), ...transactionMethods(chain), ...stateMethods(chain), ...about(chain) }

  async function answer(request: unknown): Promise<unknown> {
    const { id = null, method, params = [] } = isObject(request) ? request : {}
    const head = { jsonrpc: '2.0', id }
    try {
      if (typeof method !== 'string' || !Array.isArray(params))
        throw new RpcRefusal(INVALID_REQUEST, 'invalid json request')
      const found = (methods as Record<string, Method>)[method]
      if (!found) throw new RpcRefusal(NO_METHOD, `the method ${method} does not exist/is not available`)
      return { ...head, result: await found(params) }
    } catch (error) {
      const code = error instanceof RpcRefusal ? error.code : INTERNAL
      return { ...head, error: { code, message: error instanceof Error ? error.message : String(error), data: '{}' } }
    }
  }
  return async (body) => (Array.isArray(body) ? Promise.all(body.map(answer)) : answer(body))
}

// --- what is asked ---

/** Number of the block that a tag or quantity names. */
function blockNumber(chain: TronChain, given: unknown): number {
  if (given === 'earliest') return 0
  if (given === 'latest') return chain.head().number
  if (given === 'finalized') return chain.solid().number
  if (given === 'pending') throw invalid('TAG pending not supported')
  if (typeof given !== 'string' || !/^(0x[0-9a-f]{1,14}|\d{1,15})$/i.test(given)) throw invalid('invalid block number')
  return Number(given)
}

function hashOf(given: unknown): string {
  const found = typeof given === 'string' ? /^(?:0x)?([0-9a-fA-F]{64})$/.exec(given)?.[1] : undefined
  if (found === undefined) throw invalid('invalid hash value')
  return found.toLowerCase()
}

/** 20 or 21 bytes in hex, never T…. */
function addressOf(given: unknown): string {
  const address = typeof given === 'string' && !given.startsWith('T') ? parseAddress(given) : undefined
  const bare = typeof given === 'string' && /^[0-9a-fA-F]{40}$/.test(given) ? given.toLowerCase() : undefined
  const found = address ?? bare
  if (found === undefined) throw invalid('invalid address hash value')
  return found
}

function latestOnly(given: unknown): void {
  if (given === 'latest') return
  if (given === 'earliest' || given === 'pending' || given === 'finalized')
    throw invalid('TAG [earliest | pending | finalized] not supported')
  if (typeof given !== 'string' || !/^0x[0-9a-f]+$/i.test(given)) throw invalid('invalid block number')
  throw invalid('QUANTITY not supported, just support TAG as latest')
}

// --- blocks and logs ---

const energyIn = (mined: readonly Mined[]) => mined.reduce((sum, { receipt }) => sum + receipt.energyUsage, 0)

function blockToRpc(chain: TronChain, block: Block, full: boolean) {
  const { transactions } = block
  const size = transactions.reduce(
    (sum, one) => sum + transactionBytes(one.transaction, one.receipt.outcome).length,
    180,
  )
  return {
    number: hex(block.number),
    hash: `0x${block.id}`,
    parentHash: `0x${block.parent}`,
    nonce: zeros(8),
    sha3Uncles: zeros(32),
    logsBloom: zeros(256),
    transactionsRoot: `0x${block.root}`,
    stateRoot: '0x',
    receiptsRoot: zeros(32),
    miner: block.number === 0 ? zeros(20) : `0x${witness}`,
    difficulty: '0x0',
    totalDifficulty: '0x0',
    extraData: '0x',
    size: hex(size),
    gasLimit: hex(transactions.reduce((sum, { transaction }) => sum + transaction.feeLimit, 0n)),
    gasUsed: hex(energyIn(transactions)),
    timestamp: hex(Math.floor(block.time / 1000)),
    transactions: transactions.map((one, index) =>
      full ? transactionToRpc(chain, one, { block, index }) : `0x${one.transaction.id}`,
    ),
    uncles: [],
    baseFeePerGas: '0x0',
    mixHash: zeros(32),
  }
}

function logsOf(block: Block) {
  let logIndex = 0
  return block.transactions.flatMap(({ transaction, receipt }, index) =>
    receipt.logs.map(({ address, topics, data }) => ({
      address: `0x${address}`,
      topics: topics.map((topic) => `0x${topic}`),
      data: `0x${data}`,
      blockNumber: hex(block.number),
      blockHash: `0x${block.id}`,
      blockTimestamp: hex(Math.floor(block.time / 1000)),
      transactionHash: `0x${transaction.id}`,
      transactionIndex: hex(index),
      logIndex: hex(logIndex++),
      removed: false,
    })),
  )
}

function blockMethods(chain: TronChain): Record<string, Method> {
  const byNumber = (given: unknown) => chain.block(blockNumber(chain, given))
  const byHash = (given: unknown) => chain.blockById(hashOf(given))
  const print = (block: Block | undefined, full: unknown) => (block ? blockToRpc(chain, block, full === true) : null)
  const count = (block: Block | undefined) => (block ? hex(block.transactions.length) : null)
  return {
    eth_blockNumber: () => hex(chain.head().number),
    eth_getBlockByNumber: ([tag, full]) => print(byNumber(tag), full),
    eth_getBlockByHash: ([hash, full]) => print(byHash(hash), full),
    eth_getBlockTransactionCountByNumber: ([tag]) => count(byNumber(tag)),
    eth_getBlockTransactionCountByHash: ([hash]) => count(byHash(hash)),
    eth_getBlockReceipts([given]) {
      const block = typeof given === 'string' && given.length === 66 ? byHash(given) : byNumber(given)
      return block ? block.transactions.map((_, index) => receiptToRpc(chain, block, index)) : null
    },
    eth_getLogs: ([filter]) => findLogs(chain, isObject(filter) ? filter : {}),
  }
}

function findLogs(chain: TronChain, filter: Record<string, unknown>) {
  const [from, to] = rangeOf(chain, filter)
  const addresses =
    filter.address === undefined || filter.address === null ? [] : [filter.address].flat().map(addressOf)
  const topics = (Array.isArray(filter.topics) ? filter.topics : []) as unknown[]
  if (topics.length > MAX_TOPICS) throw invalid(`topics size should be <= ${MAX_TOPICS}`)
  const wanted = topics.map((topic) =>
    topic === null || topic === undefined ? [] : [topic].flat().map((one) => `0x${hashOf(one)}`),
  )
  const found = []
  for (let n = from; n <= to; n++) {
    const block = chain.block(n)
    if (!block || block.transactions.length === 0) continue
    for (const log of logsOf(block)) {
      const isFrom = addresses.length === 0 || addresses.includes(log.address.slice(2))
      if (isFrom && wanted.every((one, i) => one.length === 0 || one.includes(log.topics[i] ?? ''))) found.push(log)
    }
    if (found.length > MAX_LOGS) throw new RpcRefusal(TOO_MANY, `query returned more than ${MAX_LOGS} results`)
  }
  return found
}

function rangeOf(chain: TronChain, { blockHash, fromBlock, toBlock }: Record<string, unknown>): [number, number] {
  const head = chain.head().number
  if (blockHash !== undefined && blockHash !== null) {
    if (fromBlock !== undefined || toBlock !== undefined)
      throw invalid('cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other')
    const block = chain.blockById(hashOf(blockHash))
    if (!block) throw invalid('invalid blockHash')
    return [block.number, block.number]
  }
  const to = toBlock === undefined || toBlock === null ? head : blockNumber(chain, toBlock)
  const from = fromBlock === undefined || fromBlock === null ? Math.min(to, head) : blockNumber(chain, fromBlock)
  if (from > to) throw invalid('please verify: fromBlock <= toBlock')
  if (Math.min(to, head) - from > MAX_RANGE) throw invalid(`exceed max block range: ${MAX_RANGE}`)
  return [from, Math.min(to, head)]
}

// --- transactions ---

function partiesOf({ transaction: { contract, type, owner }, receipt }: Mined) {
  const to = type === 'TransferContract' ? addressIn(contract, 'to_address') : receipt.contractAddress
  return { from: `0x${owner}`, to: type === 'CreateSmartContract' ? null : `0x${to}` }
}

function transactionToRpc(chain: TronChain, mined: Mined, place: { block: Block; index: number }) {
  const { transaction, receipt } = mined
  const [signature = '00'.repeat(65)] = transaction.signatures
  const last = Number.parseInt(signature.slice(128, 130), 16)
  const amount = int(transaction.contract, 'amount') || int(transaction.contract, 'call_value')
  return {
    hash: `0x${transaction.id}`,
    nonce: zeros(8),
    blockHash: `0x${place.block.id}`,
    blockNumber: hex(place.block.number),
    transactionIndex: hex(place.index),
    ...partiesOf(mined),
    gas: hex(receipt.energyUsage),
    gasPrice: hex(chain.prices.energy),
    value: hex(amount),
    input: transaction.type === 'TriggerSmartContract' ? `0x${str(transaction.contract, 'data')}` : '0x',
    type: '0x0',
    v: hex(last < 27 ? last + 27 : last),
    r: `0x${signature.slice(0, 64)}`,
    s: `0x${signature.slice(64, 128)}`,
  }
}

function receiptToRpc(chain: TronChain, block: Block, index: number) {
  const mined = block.transactions[index] as Mined
  const { transaction, receipt } = mined
  return {
    blockHash: `0x${block.id}`,
    blockNumber: hex(block.number),
    transactionIndex: hex(index),
    transactionHash: `0x${transaction.id}`,
    ...partiesOf(mined),
    cumulativeGasUsed: hex(energyIn(block.transactions.slice(0, index + 1))),
    effectiveGasPrice: hex(chain.prices.energy),
    gasUsed: hex(receipt.energyUsage),
    contractAddress: transaction.type === 'CreateSmartContract' ? `0x${receipt.contractAddress}` : null,
    logs: logsOf(block).filter((log) => log.transactionHash === `0x${transaction.id}`),
    logsBloom: zeros(256),
    status: receipt.outcome === 'SUCCESS' ? '0x1' : '0x0',
    type: '0x0',
  }
}

function transactionMethods(chain: TronChain): Record<string, Method> {
  const print = (block: Block | undefined, index: unknown) => {
    const at = Number(index)
    const mined = block?.transactions[at]
    return block && mined ? transactionToRpc(chain, mined, { block, index: at }) : null
  }
  return {
    eth_getTransactionByHash([hash]) {
      const found = chain.mined(hashOf(hash))
      return found ? print(found.block, found.index) : null
    },
    eth_getTransactionByBlockHashAndIndex: ([hash, index]) => print(chain.blockById(hashOf(hash)), index),
    eth_getTransactionByBlockNumberAndIndex: ([tag, index]) => print(chain.block(blockNumber(chain, tag)), index),
    eth_getTransactionReceipt([hash]) {
      const found = chain.mined(hashOf(hash))
      return found ? receiptToRpc(chain, found.block, found.index) : null
    },
  }
}

// --- state ---

function stateMethods(chain: TronChain): Record<string, Method> {
  const run = async (given: unknown) => {
    const call = isObject(given) ? given : {}
    const value = call.value === undefined ? 0n : BigInt(String(call.value))
    const contract = {
      owner_address: `41${call.from === undefined ? '00'.repeat(20) : addressOf(call.from)}`,
      contract_address: `41${addressOf(call.to)}`,
      call_value: value,
      data: String(call.data ?? call.input ?? '').replace(/^0x/, ''),
    }
    try {
      const { ran, failed } = await callConstant(chain, 'head', contract)
      if (failed) throw new RpcRefusal(INTERNAL, `${failed}${reasonIn(ran.output)}`)
      return ran
    } catch (error) {
      throw error instanceof Invalid ? new RpcRefusal(INVALID_REQUEST, error.bare) : error
    }
  }
  return {
    eth_getBalance([address, tag]) {
      latestOnly(tag)
      return hex(chain.view('head').get('account', addressOf(address))?.balance ?? 0n)
    },
    eth_getCode([address, tag]) {
      latestOnly(tag)
      return `0x${chain.view('head').get('code', addressOf(address)) ?? ''}`
    },
    eth_getStorageAt([address, key, tag]) {
      latestOnly(tag)
      const slot = BigInt(String(key)).toString(16).padStart(64, '0')
      return `0x${(chain.view('head').get('slot', addressOf(address) + slot) ?? '').padStart(64, '0')}`
    },
    async eth_call([call, tag]) {
      latestOnly(tag)
      return `0x${(await run(call)).output}`
    },
    eth_estimateGas: async ([call]) => hex((await run(call)).energyUsed),
  }
}

/** The text of a revert, as Solidity encodes it. */
function reasonIn(output: string): string {
  if (!output.startsWith('08c379a0')) return ''
  const length = Number.parseInt(output.slice(72, 136), 16)
  return `: ${Buffer.from(output.slice(136, 136 + 2 * length), 'hex').toString('utf8')}`
}

const about = (chain: TronChain): Record<string, Method> => ({
  eth_chainId: () => hex(CHAIN_ID),
  net_version: () => hex(CHAIN_ID),
  net_listening: () => false,
  net_peerCount: () => '0x0',
  eth_protocolVersion: () => hex(BLOCK_VERSION),
  eth_syncing: () => false,
  eth_gasPrice: () => hex(chain.prices.energy),
  eth_accounts: () => [],
  web3_clientVersion: () => 'TRON/v4.8.0/UniPay development chain',
  web3_sha3: ([data]) => `0x${keccak(Buffer.from(String(data).replace(/^0x/, ''), 'hex')).toString('hex')}`,
})
