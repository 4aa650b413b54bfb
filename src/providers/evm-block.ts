// What an Ethereum-like node says of a block, decoded and proven: the header up to its hash, the receipts up to the header's
// root. Reading and sending stand on it. Must stay true: a quantity is exact hex, bytes have their length, receipts are all
// of the block's and in its order; anything less is thrown.

import { createPublicClient, type Hex, http } from 'viem'
import type { BlockHeader } from '../domain/ports.ts'
import { list, type Row, row, UnsoundAnswer } from './answer.ts'
import { bloomOf, headerHash, type RawLog, type RawReceipt, receiptsRoot } from './evm-proof.ts'

/** Transfer(address indexed, address indexed, uint256) */
export const TRANSFER: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

export type Ask = (method: string, ...params: unknown[]) => Promise<unknown>

/** JSON-RPC to a node. `retries`: a question may be asked again at once; what has an effect may not. */
export function askNode(rpc: string, options: { batch: boolean; timeout: number; retries: number }): Ask {
  const { batch, timeout, retries } = options
  const client = createPublicClient({
    transport: http(rpc, {
      ...(batch ? { batch: { batchSize: 100, wait: 0 } } : {}),
      timeout,
      retryCount: retries,
      retryDelay: 150,
    }),
  })
  return (method, ...params) => client.request({ method, params } as never) as Promise<unknown>
}

/** Lower-case hex of exactly so many bytes; nodes differ in the case of addresses. */
export const bytes = (value: unknown, length: number, what: string): Hex => {
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
/** Of any size, exactly. */
export const quantity = (value: unknown, what: string): bigint => BigInt(hexNumber(value, what))
export const number = (value: unknown, what: string): number => {
  const n = quantity(value, what)
  if (n > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnsoundAnswer(`${what} is too large`)
  return Number(n)
}
export const word = (value: unknown, what: string): bigint => BigInt(bytes(value, 32, what))

/** A word that holds an address has nothing in its upper 12 bytes. */
export const isAddressWord = (topic: Hex) => topic.startsWith(`0x${'0'.repeat(24)}`)

export interface EvmHeader extends BlockHeader {
  readonly bloom: Hex
  readonly root: Hex
  readonly transactions: readonly Hex[]
}

/** How much of a block is recomputed; see `proof` of a network. */
export type Proof = 'header' | 'bloom'

export function readHeader(value: unknown, proof: Proof): EvmHeader {
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

export interface ProvenReceipt {
  readonly txHash: Hex
  readonly receipt: RawReceipt
  /** What the node says besides, which no sum covers. */
  readonly said: Row
}

export function readReceipts(value: unknown, block: EvmHeader, proof: Proof): ProvenReceipt[] {
  const receipts = list(value, 'receipts').map((item, i): ProvenReceipt => {
    const said = row(item, 'receipt')
    const txHash = bytes(said.transactionHash, 32, 'transaction hash')
    if (bytes(said.blockHash, 32, 'block hash') !== block.hash) throw new UnsoundAnswer('a receipt of another block')
    if (txHash !== block.transactions[i]) throw new UnsoundAnswer('receipts are not those of the block, in its order')
    const logs = list(said.logs, 'logs').map((entry): RawLog => {
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
        type: hexNumber(said.type ?? '0x0', 'receipt type'),
        status: hexNumber(said.status, 'status'),
        cumulativeGasUsed: hexNumber(said.cumulativeGasUsed, 'gas used'),
        logsBloom: bytes(said.logsBloom, 256, 'bloom'),
        logs,
      },
      said,
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
