// Reads TRON over java-tron's HTTP API. Blocks come from the newest view, so that a payment is seen at once, and once more
// from the irreversible one before anything is credited. Of a block its id is recomputed from its header, its root from
// the transactions with their results; receipts must be those of exactly these transactions and agree with the results.
// Must stay true: logs count only in the standard's exact shape, coin only as the signed bytes say; the rest is thrown.

import { tronAddress, tronAddressHex } from '../base/tron-address.ts'
import type { BlockHeader, BlockTransfers, ChainReader, TokenTransfer } from '../domain/ports.ts'
import { list, type Row, row, UnsoundAnswer } from './answer.ts'
import {
  isEmpty,
  type Proof,
  readTronBlock,
  readTronHeader,
  succeeded,
  TRANSFER,
  type TronBlock,
} from './tron-block.ts'
import { createTronHttp, type TronNode, type View } from './tron-http.ts'
import { hex, natural, readTransfer, type TronTransaction } from './tron-proof.ts'

/** Blocks that are asked for together, whole, when there are many to read. */
const RUN = 10
/** Ordinals of what a contract paid in coin: beyond those of any log. */
const INSIDE = 100_000

export interface TronOptions extends TronNode {
  chainId: number
  /** Base58, as everywhere. */
  contract: string
  decimals: number
  /** What a transfer of the network's coin is called instead of a contract. */
  coin: string
  proof: Proof
}

export function createTronReader(options: TronOptions): ChainReader {
  const { chainId, contract, decimals, coin, proof } = options
  const http = createTronHttp(options)
  const pinned = tronAddressHex(contract)
  if (!pinned) throw new Error(`${contract} is no TRON address`)

  const readBlock = (value: unknown) => readTronBlock(value, proof)
  const newest = async (view: View) => readTronHeader(await http.read(view, 'getblock', { detail: false }))

  /** What a node said of blocks whole; asked for again only when it is no longer here. */
  const whole = new WeakMap<BlockHeader, TronBlock>()

  async function headerAt(number: number): Promise<BlockHeader | undefined> {
    const answer = await http.read('wallet', 'getblock', { id_or_num: `${number}`, detail: false })
    return isEmpty(answer) ? undefined : expectNumber(readTronHeader(answer), number)
  }

  async function blocksFrom(first: number, count: number): Promise<(BlockHeader | undefined)[]> {
    const answer = row(
      await http.read('wallet', 'getblockbylimitnext', { startNum: first, endNum: first + count }),
      'blocks',
    )
    const blocks = new Map(
      list(answer.block ?? [], 'blocks').map((value) => {
        const block = readBlock(value)
        return [block.number, block]
      }),
    )
    return Array.from({ length: count }, (_, i) => {
      const block = blocks.get(first + i)
      if (block) whole.set(block, block)
      return block
    })
  }

  async function receiptsOf(view: View, block: TronBlock): Promise<Map<string, Row>> {
    if (block.transactions.length === 0) return new Map()
    const answer = await http.read(view, 'gettransactioninfobyblocknum', { num: block.number })
    const receipts = list(answer, 'receipts').map((value) => row(value, 'receipt'))
    const byId = new Map<string, Row>()
    for (const receipt of receipts) {
      byId.set(hex(receipt.id, 'receipt id', 32), receipt)
      const here = natural(receipt.blockNumber, 'block number') === block.number
      if (!here || natural(receipt.blockTimeStamp, 'block time') !== block.minedAt.getTime())
        throw new UnsoundAnswer('a receipt of another block')
    }
    const same = receipts.length === block.transactions.length && block.transactions.every(({ id }) => byId.has(id))
    if (!same || byId.size !== receipts.length)
      throw new UnsoundAnswer(`the receipts of block ${block.number} are not one for each of its transactions`)
    return byId
  }

  async function transfersIn(view: View, block: TronBlock): Promise<BlockTransfers> {
    const receipts = await receiptsOf(view, block)
    return decodeTronTransfers(
      block.transactions.map((transaction) => ({ transaction, receipt: receipts.get(transaction.id) ?? {} })),
      { contract: pinned ?? '', coin },
    )
  }

  return {
    async check() {
      const genesis = readTronHeader(await http.read('wallet', 'getblock', { id_or_num: '0', detail: false }))
      const id = Number.parseInt(genesis.hash.slice(-8), 16)
      if (id !== chainId) return `the node is of chain ${id}, not ${chainId}`
      const solid = readTronHeader(await http.read('walletsolidity', 'getblock', { id_or_num: '0', detail: false }))
      if (solid.hash !== genesis.hash) return 'the irreversible view is of another chain'
      const answer = row(
        await http.read('wallet', 'triggerconstantcontract', {
          owner_address: `41${pinned}`,
          contract_address: `41${pinned}`,
          function_selector: 'decimals()',
          parameter: '',
        }),
        'answer',
      )
      const [found] = list(answer.constant_result ?? [], 'result')
      if (typeof found !== 'string' || found === '') return `there is no token contract at ${contract}`
      const told = BigInt(`0x${hex(found, 'decimals', 32)}`)
      return told === BigInt(decimals) ? undefined : `the token has ${told} decimals, not ${decimals}`
    },

    head: async () => (await newest('wallet')).number,
    final: async () => (await newest('walletsolidity')).number,

    async headers(numbers) {
      const found = new Map<number, BlockHeader | undefined>()
      const runs = runsOf(numbers)
      await Promise.all(
        runs.map(async (run) => {
          const [first = 0] = run
          const blocks = run.length > 2 ? await blocksFrom(first, run.length) : await Promise.all(run.map(headerAt))
          for (const [i, number] of run.entries()) found.set(number, blocks[i])
        }),
      )
      return numbers.map((number) => found.get(number))
    },

    async transfers(block) {
      const known = whole.get(block)
      if (known) return transfersIn('wallet', known)
      const answer = readBlock(await http.read('wallet', 'getblockbyid', { value: block.hash }))
      if (answer.hash !== block.hash) throw new UnsoundAnswer('asked for one block, got another')
      return transfersIn('wallet', answer)
    },

    async finalTransfers(block) {
      const told = await http.read('walletsolidity', 'getblockbynum', { num: block.number })
      if (isEmpty(told)) throw new UnsoundAnswer(`the irreversible view has no block ${block.number} yet`)
      const answer = readBlock(told)
      if (answer.hash !== block.hash)
        throw new UnsoundAnswer(`the irreversible view has another block ${block.number} than the one that was read`)
      return { block: answer, ...(await transfersIn('walletsolidity', answer)) }
    },

    // nodes answer for balances of now only; the second reading and the pinned contract stand in for this check
    received: async () => undefined,
  }
}

function expectNumber<H extends BlockHeader>(header: H, number: number): H {
  if (header.number !== number) throw new UnsoundAnswer(`asked for block ${number}, got ${header.number}`)
  return header
}

/** Numbers that follow one another, in runs of at most `RUN`. */
function runsOf(numbers: readonly number[]): number[][] {
  const runs: number[][] = []
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run && run.length < RUN && run.at(-1) === number - 1) run.push(number)
    else runs.push([number])
  }
  return runs
}

/** What these transactions moved. `contract`: the network's token, as hex of 20 bytes. */
export function decodeTronTransfers(
  all: readonly { transaction: TronTransaction; receipt: Row }[],
  { contract, coin }: { contract: string; coin: string },
): BlockTransfers {
  const transfers: TokenTransfer[] = []
  const malformed = new Set<string>()
  for (const { transaction, receipt } of all) {
    if (!succeeded(transaction, receipt)) continue // it moved nothing, whatever it says
    const txHash = transaction.id
    const moved = readTransfer(transaction)
    if (moved) {
      const { asset, from, to, value } = moved
      const of = asset === undefined ? coin : `TRC10:${/^\w{1,40}$/.test(asset) ? asset : 'unnamed'}`
      transfers.push({ txHash, ordinal: 0, contract: of, from: tronAddress(from), to: tronAddress(to), value })
    }
    for (const [ordinal, entry] of list(receipt.log ?? [], 'logs').entries()) {
      const log = row(entry, 'log')
      const address = hex(log.address, 'log address', 20)
      const [kind, from, to, ...more] = list(log.topics ?? [], 'topics').map((topic) => hex(topic, 'topic', 32))
      const data = hex(log.data ?? '', 'log data')
      if (kind !== TRANSFER) continue
      const sound = from && to && more.length === 0 && data.length === 64 && isAddress(from) && isAddress(to)
      if (sound) {
        const [sender, receiver] = [tronAddress(from.slice(24)), tronAddress(to.slice(24))]
        const value = BigInt(`0x${data}`)
        transfers.push({ txHash, ordinal, contract: tronAddress(address), from: sender, to: receiver, value })
      } else if (address === contract) malformed.add(txHash)
    }
    transfers.push(...paidInside(txHash, receipt, coin))
  }
  return { transfers, malformed: [...malformed] }
}

/** A word that holds an address has nothing in its upper 12 bytes. */
const isAddress = (topic: string) => topic.startsWith('0'.repeat(24))

/**
 * Coin that contracts paid while they ran. Nodes tell of it only when they are set to, and no hash covers it: shown to
 * operators, under a name that is not the coin's, and never credited.
 */
function paidInside(txHash: string, receipt: Row, coin: string): TokenTransfer[] {
  return list(receipt.internal_transactions ?? [], 'internal transactions').flatMap((entry, i) => {
    const inner = row(entry, 'internal transaction')
    if (inner.rejected === true) return []
    const from = /^41([0-9a-f]{40})$/.exec(String(inner.caller_address))?.[1]
    const to = /^41([0-9a-f]{40})$/.exec(String(inner.transferTo_address))?.[1]
    const value = list(inner.callValueInfo ?? [], 'call values').reduce<bigint>((sum, each) => {
      const { callValue, tokenId } = row(each, 'call value')
      return tokenId === undefined && Number.isSafeInteger(callValue) ? sum + BigInt(callValue as number) : sum
    }, 0n)
    if (!from || !to || value <= 0n) return []
    const ends = { from: tronAddress(from), to: tronAddress(to) }
    return [{ txHash, ordinal: INSIDE + i, contract: `${coin}:inside`, ...ends, value }]
  })
}
