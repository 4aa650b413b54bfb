// A development chain that behaves like TRON: our own node, which people pay from its holder's account, mine and reorganise.
// Must stay true: a payment says that it is done only once it stands in a block.

import { keyedQueue } from '../src/base/batch.ts'
import type { Log } from '../src/base/log.ts'
import { ControlError, chainUnits, type DevelopmentChain } from './chain.ts'
import { parseAddress } from './tron/address.ts'
import type { TronChain } from './tron/chain.ts'
import { CHAIN_ID, deployedAt, holder, signed } from './tron/genesis.ts'
import { startTronNode } from './tron/node.ts'
import { Refused } from './tron/refusal.ts'
import type { Transaction } from './tron/transaction.ts'

export interface TronOptions {
  network: string
  dir: string
  /** Where clients find the node. */
  port: number
  log: Log
  /** Time between blocks in milliseconds. */
  blockTime?: number
}

const DECIMALS = 6
const MAX_COINS = 100_000n * 10n ** 6n

export async function startTronChain({ network, dir, port, log, blockTime }: TronOptions): Promise<DevelopmentChain> {
  const node = await startTronNode({ port, dir, log, ...(blockTime === undefined ? {} : { blockTime }) })
  const { chain } = node
  const contract = tokenOf(chain)
  const queue = keyedQueue<'pay'>()
  let stamp = 0

  /** Refers to a solid block, so that a reorganisation does not make it invalid; no two are alike. */
  function payment(asset: 'USDT' | 'gas', to: string, units: bigint): Transaction {
    stamp = Math.max(stamp + 1, Date.now())
    const place = { head: chain.head(), refBlock: chain.solid(), timestamp: stamp }
    const [from, receiver] = [`41${holder.address}`, `41${to}`]
    if (asset === 'gas')
      return signed({
        type: 'TransferContract',
        contract: { owner_address: from, to_address: receiver, amount: units },
        ...place,
      })
    const data = `a9059cbb${to.padStart(64, '0')}${units.toString(16).padStart(64, '0')}`
    const token = `41${parseAddress(contract)}`
    return signed({
      type: 'TriggerSmartContract',
      contract: { owner_address: from, contract_address: token, data },
      ...place,
    })
  }

  return {
    network,
    chainId: CHAIN_ID,
    contract,
    decimals: DECIMALS,
    coin: 'TRX',
    rpc: node.url,

    async pay(asset, to, amount) {
      const address = /^T/.test(to) ? parseAddress(to) : undefined
      if (address === undefined)
        throw new ControlError(`address must be a ${network} address: T and 33 more characters with a right checksum`)
      const units = chainUnits(amount, DECIMALS)
      if (asset === 'gas' && units > MAX_COINS) throw new ControlError('amount must be at most 100000 for TRX')
      const transaction = payment(asset, address, units)
      await chain.broadcast(transaction).catch((error: unknown) => {
        throw error instanceof Refused
          ? new ControlError(`the chain refused the payment: ${error.message}`, 409)
          : error
      })
      // those that want a block at once share it
      await queue('pay', async () => {
        if (!chain.mined(transaction.id)) await chain.mine(1)
      })
      const found = chain.mined(transaction.id)
      if (!found) throw new ControlError('the payment was sent but is not mined', 503)
      if (found.mined.receipt.outcome !== 'SUCCESS')
        throw new ControlError('the token refused the payment: is it paused?', 409)
      return { tx_hash: transaction.id, block_number: found.block.number }
    },

    mine: async (blocks) => (await chain.mine(blocks)).number,

    async reorganise(depth, transactions) {
      const from = chain.head().number - depth + 1
      const head = await chain.reorganise(depth, transactions)
      return { from, head: head.number, hash: head.id }
    },

    stop: node.stop,
  }
}

/** The test USDT of a chain: what its first block deployed. */
export function tokenOf(chain: TronChain): string {
  const deployment = chain.block(1)?.transactions[0]?.transaction
  if (!deployment) throw new Error('the chain has no first block')
  return deployedAt(deployment)
}
