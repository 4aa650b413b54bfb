// Reads an Ethereum-like chain over JSON-RPC. One wire: viem's client carries it, what comes back is decoded here.
// Must stay true: a node's word is never taken for more than it proves. Blocks are read by hash, receipts must sum up to
// the block's own root, a log counts only in the standard's exact shape; anything less is thrown, never passed on.

import { createPublicClient, type Hex, http } from 'viem'
import type { BlockHeader, BlockTransfers, ChainReader, TokenTransfer } from '../domain/ports.ts'
import { list, row, UnsoundAnswer } from './answer.ts'
import { bloomOf, headerHash, mayContain, type RawLog, type RawReceipt, receiptsRoot } from './evm-proof.ts'

const TRANSFER: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const DECIMALS: Hex = '0x313ce567'
const BALANCE_OF: Hex = '0x70a08231'

export interface EvmOptions {
  rpc: string
  chainId: number
  contract: string
  decimals: number
  proof: 'header' | 'bloom'
  /** Milliseconds that one request may take. */
  timeout?: number
}

/** Lower-case hex of exactly so many bytes; nodes differ in the case of addresses. */
const bytes = (value: unknown, length: number, what: string): Hex => {
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text.length !== 2 + 2 * length || !/^0x[0-9a-f]*$/.test(text))
    throw new UnsoundAnswer(`${what} is not ${length} bytes`)
  return text as Hex
}
const blob = (value: unknown, what: string): Hex => {
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text.length % 2 !== 0 || !/^0x[0-9a-f]*$/.test(text)) throw new UnsoundAnswer(`${what} is no data`)
  return text as Hex
}
const hexNumber = (value: unknown, what: string): Hex => {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw new UnsoundAnswer(`${what} is no quantity`)
  return value.toLowerCase() as Hex
}
const number = (value: unknown, what: string): number => {
  const n = BigInt(hexNumber(value, what))
  if (n > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnsoundAnswer(`${what} is too large`)
  return Number(n)
}
const word = (value: unknown, what: string): bigint => BigInt(bytes(value, 32, what))

interface EvmHeader extends BlockHeader {
  readonly bloom: Hex
  readonly root: Hex
  readonly transactions: readonly Hex[]
}

export function createEvmReader({
  rpc,
  chainId,
  contract,
  decimals,
  proof,
  timeout = 10_000,
}: EvmOptions): ChainReader {
  const client = createPublicClient({
    // what is asked in one turn of the event loop travels together; failures are asked again after 150, 300, 600 ms
    transport: http(rpc, { batch: { batchSize: 100, wait: 0 }, timeout, retryCount: 3, retryDelay: 150 }),
  })
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    client.request({ method, params } as never) as Promise<unknown>
  const call = (data: Hex, block: unknown) => ask('eth_call', { to: contract, data }, block)

  function readHeader(value: unknown): EvmHeader {
    const block = row(value, 'block')
    const header: EvmHeader = {
      number: number(block.number, 'block number'),
      hash: bytes(block.hash, 32, 'block hash'),
      parentHash: bytes(block.parentHash, 32, 'parent hash'),
      minedAt: new Date(number(block.timestamp, 'block time') * 1000),
      bloom: bytes(block.logsBloom, 256, 'bloom'),
      root: bytes(block.receiptsRoot, 32, 'receipts root'),
      transactions: list(block.transactions, 'transactions').map((hash) => bytes(hash, 32, 'transaction hash')),
    }
    if (proof === 'header' && headerHash(block) !== header.hash) {
      throw new UnsoundAnswer(
        `block ${header.number} does not have the hash that its fields give. If the chain has a header of a new kind, set proof to "bloom" in NETWORKS`,
      )
    }
    return header
  }

  function readReceipts(value: unknown, block: EvmHeader): { txHash: Hex; receipt: RawReceipt }[] {
    const receipts = list(value, 'receipts').map((item, i) => {
      const receipt = row(item, 'receipt')
      const txHash = bytes(receipt.transactionHash, 32, 'transaction hash')
      if (bytes(receipt.blockHash, 32, 'block hash') !== block.hash)
        throw new UnsoundAnswer('a receipt of another block')
      if (txHash !== block.transactions[i]) throw new UnsoundAnswer('receipts are not those of the block, in its order')
      const logs = list(receipt.logs, 'logs').map((entry): RawLog => {
        const log = row(entry, 'log')
        return {
          address: bytes(log.address, 20, 'log address'),
          topics: list(log.topics, 'topics').map((topic) => bytes(topic, 32, 'topic')),
          data: blob(log.data, 'log data'),
        }
      })
      return {
        txHash,
        receipt: {
          type: hexNumber(receipt.type ?? '0x0', 'receipt type'),
          status: hexNumber(receipt.status, 'status'),
          cumulativeGasUsed: hexNumber(receipt.cumulativeGasUsed, 'gas used'),
          logsBloom: bytes(receipt.logsBloom, 256, 'bloom'),
          logs,
        },
      }
    })
    if (receipts.length !== block.transactions.length) throw new UnsoundAnswer('receipts are missing')
    const raw = receipts.map(({ receipt }) => receipt)
    const whole =
      proof === 'header'
        ? receiptsRoot(raw) === block.root
        : bloomOf(raw.flatMap((receipt) => receipt.logs)) === block.bloom
    if (!whole) throw new UnsoundAnswer(`the receipts of block ${block.number} are not those that its header sums up`)
    return receipts
  }

  const details = new WeakMap<BlockHeader, EvmHeader>()

  return {
    async check() {
      const id = number(await ask('eth_chainId'), 'chain id')
      if (id !== chainId) return `the node is of chain ${id}, not ${chainId}`
      const answer = await call(DECIMALS, 'latest')
      if (answer === '0x') return `there is no token contract at ${contract}`
      const found = word(answer, 'decimals')
      return found === BigInt(decimals) ? undefined : `the token has ${found} decimals, not ${decimals}`
    },

    head: async () => number(await ask('eth_blockNumber'), 'head'),

    final: async () =>
      number(row(await ask('eth_getBlockByNumber', 'finalized', false), 'block').number, 'block number'),

    headers: (numbers) =>
      Promise.all(
        numbers.map(async (n) => {
          const answer = await ask('eth_getBlockByNumber', `0x${n.toString(16)}`, false)
          if (answer === null) return undefined
          const header = readHeader(answer)
          if (header.number !== n) throw new UnsoundAnswer(`asked for block ${n}, got ${header.number}`)
          details.set(header, header)
          return header
        }),
      ),

    async transfers(block) {
      let full = details.get(block)
      if (!full) {
        full = readHeader(await ask('eth_getBlockByHash', block.hash, false))
        if (full.hash !== block.hash) throw new UnsoundAnswer('asked for one block, got another')
      }
      if (!mayContain(full.bloom, TRANSFER)) return { transfers: [], malformed: [] }
      const receipts = readReceipts(await ask('eth_getBlockReceipts', full.hash), full)
      return decodeTransfers(receipts, contract)
    },

    async received(block, address) {
      const data: Hex = `${BALANCE_OF}${address.slice(2).padStart(64, '0')}`
      try {
        const [after, before] = await Promise.all([
          call(data, { blockHash: block.hash }),
          call(data, { blockHash: block.parentHash }),
        ])
        return word(after, 'balance') - word(before, 'balance')
      } catch (error) {
        // nodes keep the state of the last 128 blocks or so; each says in its own words that it is gone
        if (
          /missing trie node|state .*(not available|unavailable|pruned)|header not found|historical|BlockOutOfRange/i.test(
            String(error),
          )
        ) {
          return undefined
        }
        throw error
      }
    },
  }
}

/** Transfer(address indexed, address indexed, uint256), to the byte; anything else is no transfer. */
export function decodeTransfers(
  receipts: readonly { txHash: Hex; receipt: RawReceipt }[],
  contract: string,
): BlockTransfers {
  const transfers: TokenTransfer[] = []
  const malformed = new Set<string>()
  for (const { txHash, receipt } of receipts) {
    if (BigInt(receipt.status) !== 1n) continue // a failed transaction moved nothing, whatever it says
    for (const [ordinal, { address, topics, data }] of receipt.logs.entries()) {
      const [kind, from, to, ...more] = topics
      if (kind !== TRANSFER) continue
      const sound = from && to && more.length === 0 && data.length === 66 && isAddress(from) && isAddress(to)
      if (!sound) {
        if (address === contract) malformed.add(txHash)
        continue
      }
      transfers.push({
        txHash,
        ordinal,
        contract: address,
        from: `0x${from.slice(26)}`,
        to: `0x${to.slice(26)}`,
        value: BigInt(data),
      })
    }
  }
  return { transfers, malformed: [...malformed] }
}

/** A word that holds an address has nothing in its upper 12 bytes. */
const isAddress = (topic: Hex) => topic.startsWith(`0x${'0'.repeat(24)}`)
