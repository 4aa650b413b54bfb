// Sends on an Ethereum-like chain over JSON-RPC: fees, bytes handed to a node, and where they are.
// Must stay true: an answer that is no clear one is thrown, never read as a no; a receipt counts only if its block sums up
// to it and is the node's own at that height; what says that nothing can happen any more comes from a final block.

import { type Hex, keccak256 } from 'viem'
import { divCeil } from '../base/money.ts'
import type {
  BroadcastAnswer,
  ChainSender,
  Draft,
  EvmDraft,
  Outgoing,
  Whereabouts,
  WouldFail,
} from '../domain/ports.ts'
import { list, row, UnsoundAnswer } from './answer.ts'
import {
  askNode,
  bytes,
  number,
  type Proof,
  type ProvenReceipt,
  quantity,
  readHeader,
  readReceipts,
  TRANSFER,
  word,
} from './evm-block.ts'
import { readRefusal, revertReason } from './evm-refusal.ts'

const BALANCE_OF: Hex = '0x70a08231'
const TRANSFER_CALL: Hex = '0xa9059cbb'
/** What a plain transfer of coin takes, by the protocol. */
const COIN_GAS = 21_000n
/** A token's transfer may meet another state than the one it was tried on: an account that became empty costs this more. */
const MARGIN = 25_000n
/** Blocks whose fees are today's market. */
const MARKET = 10
/** Proven blocks that are remembered: several payments share one, and each is asked for twice. */
const REMEMBERED = 32

export interface EvmSenderOptions {
  rpc: string
  contract: string
  proof: Proof
  confirmations: number
  finality: 'finalized' | 'none'
  tipFloor: bigint
  /** Milliseconds that one request may take, and how often a question is asked again at once. */
  timeout?: number
  retries?: number
}

interface Fees {
  maxFeePerGas: bigint
  maxPriorityFeePerGas: bigint
}

const padded = (address: string) => address.slice(2).padStart(64, '0')
const hex = (value: number | bigint): Hex => `0x${value.toString(16)}`
const larger = (a: bigint, b: bigint) => (a > b ? a : b)

export function createEvmSender({
  rpc,
  contract,
  proof,
  confirmations,
  finality,
  tipFloor,
  timeout = 10_000,
  retries = 3,
}: EvmSenderOptions): ChainSender {
  const ask = askNode(rpc, { batch: true, timeout, retries })
  // bytes go alone, once: who is not answered asks where they are
  const tell = askNode(rpc, { batch: false, timeout, retries: 0 })
  const provenBlocks = new Map<Hex, { number: number; receipts: readonly ProvenReceipt[] }>()

  /** What a block must pay from the next on, and what others add. */
  async function market(): Promise<Fees> {
    const history = row(await ask('eth_feeHistory', hex(MARKET), 'latest', [50]), 'fee history')
    const base = list(history.baseFeePerGas, 'base fees').at(-1)
    if (base === undefined || base === null) {
      // a chain that has no base fee: one price, which is all a miner gets
      const price = larger(quantity(await ask('eth_gasPrice'), 'gas price'), tipFloor)
      return { maxFeePerGas: price, maxPriorityFeePerGas: price }
    }
    const tips = list(history.reward ?? [], 'tips')
      .map((tip) => quantity(list(tip, 'tips of a block')[0], 'tip'))
      .sort((a, b) => (a < b ? -1 : 1))
    const tip = larger(tips[tips.length >> 1] ?? 0n, tipFloor)
    // the base fee can double in six full blocks; what is not needed is not paid
    return { maxFeePerGas: 2n * quantity(base, 'base fee') + tip, maxPriorityFeePerGas: tip }
  }

  async function gasOf({ asset, from, to, value }: Outgoing): Promise<bigint> {
    if (asset === 'coin') return COIN_GAS
    const data = `${TRANSFER_CALL}${padded(to)}${value.toString(16).padStart(64, '0')}`
    try {
      const gas = quantity(await ask('eth_estimateGas', { from, to: contract, data }, 'latest'), 'gas')
      return gas + gas / 5n + MARGIN
    } catch (error) {
      const why = revertReason(error)
      throw why === undefined ? error : wouldFail(why)
    }
  }

  const draftOf = (gas: bigint, fees: Fees, minedNonce: number): EvmDraft => ({
    gas: `${gas}`,
    maxFeePerGas: `${fees.maxFeePerGas}`,
    maxPriorityFeePerGas: `${fees.maxPriorityFeePerGas}`,
    minedNonce,
  })

  const countAt = async (address: string, block: Hex | 'latest') =>
    number(await ask('eth_getTransactionCount', address, block), 'transaction count')

  /** Number of the newest block that cannot change any more. */
  async function finalBlock(): Promise<number> {
    const [head, final] = await Promise.all([
      ask('eth_blockNumber'),
      finality === 'finalized' ? ask('eth_getBlockByNumber', 'finalized', false) : undefined,
    ])
    const deep = number(head, 'head') - confirmations + 1
    const said = final === undefined ? deep : number(row(final, 'final block').number, 'block number')
    return Math.max(0, Math.min(deep, said))
  }

  /** A block's receipts, proven by its own header, which must be the node's at that height. */
  async function proven(hash: Hex): Promise<{ number: number; receipts: readonly ProvenReceipt[] }> {
    const known = provenBlocks.get(hash)
    if (known) return known
    const [said, receipts] = await Promise.all([
      ask('eth_getBlockByHash', hash, false),
      ask('eth_getBlockReceipts', hash),
    ])
    const header = readHeader(said, proof)
    if (header.hash !== hash) throw new UnsoundAnswer('asked for one block, got another')
    const block = { number: header.number, receipts: readReceipts(receipts, header, proof) }
    provenBlocks.set(hash, block)
    for (const oldest of provenBlocks.keys()) {
      if (provenBlocks.size <= REMEMBERED) break
      provenBlocks.delete(oldest)
    }
    return block
  }

  async function inBlock(txHash: string, answer: unknown): Promise<Whereabouts> {
    const said = row(answer, 'receipt')
    if (bytes(said.transactionHash, 32, 'transaction hash') !== txHash)
      throw new UnsoundAnswer('asked for one receipt, got another')
    const hash = bytes(said.blockHash, 32, 'block hash')
    const [block, canonical] = await Promise.all([
      proven(hash),
      ask('eth_getBlockByNumber', hex(number(said.blockNumber, 'block number')), false),
    ])
    if (bytes(row(canonical, 'block').hash, 32, 'block hash') !== hash)
      throw new UnsoundAnswer('the node tells of a block that it does not have at that height')
    const place = block.receipts.findIndex((one) => one.txHash === txHash)
    const found = block.receipts[place]
    if (!found) throw new UnsoundAnswer('the block does not have the transaction')
    const before = BigInt(block.receipts[place - 1]?.receipt.cumulativeGasUsed ?? 0)
    const gas = BigInt(found.receipt.cumulativeGasUsed) - before
    const price = quantity(found.said.effectiveGasPrice, 'gas price')
    return { at: 'block', number: block.number, hash, success: moved(found), fee: gas * price }
  }

  /** Whether a receipt says that what was sent has arrived: a token that only returns false moved nothing. */
  function moved({ receipt, said }: ProvenReceipt): boolean {
    if (BigInt(receipt.status) !== 1n) return false
    if (String(said.to).toLowerCase() !== contract) return true
    const from = `0x${padded(bytes(said.from, 20, 'sender'))}`
    return receipt.logs.some(
      ({ address, topics }) => address === contract && topics[0] === TRANSFER && topics[1] === from,
    )
  }

  async function balanceAt(address: string, asset: 'token' | 'coin', block: Hex | 'latest'): Promise<bigint> {
    if (asset === 'coin') return quantity(await ask('eth_getBalance', address, block), 'balance')
    return word(await ask('eth_call', { to: contract, data: `${BALANCE_OF}${padded(address)}` }, block), 'balance')
  }

  return {
    async draft(outgoing) {
      const [gas, fees, mined] = await Promise.all([gasOf(outgoing), market(), countAt(outgoing.from, 'latest')])
      return draftOf(gas, fees, mined)
    },

    maxFee(draft) {
      const { gas, maxFeePerGas } = evm(draft)
      return BigInt(gas) * BigInt(maxFeePerGas)
    },

    async raise(draft, cap) {
      const old = evm(draft)
      const today = await market()
      // nodes want a tenth more of both, some an eighth
      const raised = (field: keyof Fees) =>
        larger(larger(divCeil(BigInt(old[field]) * 9n, 8n), BigInt(old[field]) + 1n), today[field])
      const fees = { maxFeePerGas: raised('maxFeePerGas'), maxPriorityFeePerGas: raised('maxPriorityFeePerGas') }
      fees.maxFeePerGas = larger(fees.maxFeePerGas, fees.maxPriorityFeePerGas)
      const gas = BigInt(old.gas)
      return gas * fees.maxFeePerGas > cap ? undefined : draftOf(gas, fees, old.minedNonce)
    },

    async broadcast(raw): Promise<BroadcastAnswer> {
      try {
        const answer = bytes(await tell('eth_sendRawTransaction', raw), 32, 'transaction hash')
        if (answer !== keccak256(raw as Hex)) throw new UnsoundAnswer('the node took something else')
        return { result: 'accepted' }
      } catch (error) {
        const said = readRefusal(error)
        if (said === undefined) throw error
        return said
      }
    },

    async find(txHash) {
      const [receipt, answer] = await Promise.all([
        ask('eth_getTransactionReceipt', txHash),
        ask('eth_getTransactionByHash', txHash),
      ])
      if (receipt !== null && receipt !== undefined) return inBlock(txHash, receipt)
      if (answer === null || answer === undefined) return { at: 'nowhere' }
      const waiting = row(answer, 'transaction')
      if (bytes(waiting.hash, 32, 'transaction hash') !== txHash)
        throw new UnsoundAnswer('asked for one transaction, got another')
      if (typeof waiting.blockHash === 'string') throw new UnsoundAnswer('a transaction in a block without a receipt')
      return { at: 'pool' }
    },

    async isDead({ from, nonce, txHash }) {
      if (nonce === null) throw new Error('a transaction of an EVM network has a nonce')
      const final = await finalBlock()
      const [count, receipt] = await Promise.all([countAt(from, hex(final)), ask('eth_getTransactionReceipt', txHash)])
      return nonce < count && receipt === null
    },

    async balance(address, asset, at = 'latest') {
      return balanceAt(address, asset, at === 'latest' ? 'latest' : hex(await finalBlock()))
    },

    async finalBalances(of) {
      const block = await finalBlock()
      return {
        block,
        balances: await Promise.all(of.map(({ address, asset }) => balanceAt(address, asset, hex(block)))),
      }
    },
  }
}

function evm(draft: Draft): EvmDraft {
  if (!('gas' in draft)) throw new Error('a draft of another family')
  return draft
}

function wouldFail(why: string): WouldFail {
  return Object.assign(new Error(`the transaction would fail: ${why}`), { wouldFail: why })
}
