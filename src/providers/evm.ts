// Reads an Ethereum-like chain over JSON-RPC. One wire: viem's client carries it, what comes back is decoded here.
// Must stay true: a node's word is never taken for more than it proves. Blocks are read by hash, receipts must sum up to
// the block's own root, a log counts only in the standard's exact shape; anything less is thrown, never passed on.

import type { Hex } from 'viem'
import type { BlockHeader, BlockTransfers, ChainReader, TokenTransfer } from '../domain/ports.ts'
import { row, UnsoundAnswer } from './answer.ts'
import {
  askNode,
  type EvmHeader,
  isAddressWord,
  number,
  readHeader,
  readReceipts,
  TRANSFER,
  word,
} from './evm-block.ts'
import { mayContain, type RawReceipt } from './evm-proof.ts'

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

export function createEvmReader({
  rpc,
  chainId,
  contract,
  decimals,
  proof,
  timeout = 10_000,
}: EvmOptions): ChainReader {
  // what is asked in one turn of the event loop travels together; failures are asked again after 150, 300, 600 ms
  const ask = askNode(rpc, { batch: true, timeout, retries: 3 })
  const call = (data: Hex, block: unknown) => ask('eth_call', { to: contract, data }, block)

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
          const header = readHeader(answer, proof)
          if (header.number !== n) throw new UnsoundAnswer(`asked for block ${n}, got ${header.number}`)
          details.set(header, header)
          return header
        }),
      ),

    async transfers(block) {
      let full = details.get(block)
      if (!full) {
        full = readHeader(await ask('eth_getBlockByHash', block.hash, false), proof)
        if (full.hash !== block.hash) throw new UnsoundAnswer('asked for one block, got another')
      }
      if (!mayContain(full.bloom, TRANSFER)) return { transfers: [], malformed: [] }
      const receipts = readReceipts(await ask('eth_getBlockReceipts', full.hash), full, proof)
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
      const sound = from && to && more.length === 0 && data.length === 66 && isAddressWord(from) && isAddressWord(to)
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
