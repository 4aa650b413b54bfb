// A bank that watches a TRON development chain, its blocks made when a test mines, solid five blocks later. Proves the books
// at its end.

import assert from 'node:assert/strict'
import { CHAIN_ID } from '../../sandbox/tron/genesis.ts'
import type { Bank } from '../../src/domain/context.ts'
import { depositChecks } from '../../src/domain/deposit/deposit.ts'
import { verifyLedger } from '../../src/ledger/audit.ts'
import type { Token } from './chain.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { startTronTestChain, type TronTestChain } from './tron-chain.ts'
import { startTronProxy, type TronProxy } from './tron-proxy.ts'
import { type Watched, watched, watchedBank } from './watched.ts'

export const CONFIRMATIONS = 3
/** Blocks after which one is solid: more than the confirmations, so that it is what decides. */
export const LAG = 5
export const million = (whole: number) => BigInt(whole) * 1_000_000n

export const tronParameters = (chainId: number, contract: string) => ({
  chainId,
  contract,
  confirmations: CONFIRMATIONS,
  reviewAbove: '5000',
  reviewCoinAbove: '9000',
  blockTime: 300,
})

export interface WatchedTron {
  readonly base: TestDatabase
  readonly chain: TronTestChain
  readonly usdt: Token
  readonly bank: Bank
  readonly tron: Watched
  someone(): bigint
  /** Makes solid what is in the pool now, and settles it. */
  finalise(watch?: Watched): Promise<void>
  /** A follower of its own that reads through a proxy. */
  throughProxy(work: (proxy: TronProxy, watch: Watched) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export async function startWatchedTron(): Promise<WatchedTron> {
  const [base, chain] = await Promise.all([createTestDatabase(), startTronTestChain({ confirmations: LAG })])
  const bank = watchedBank(base, { TRX: tronParameters(CHAIN_ID, chain.usdt.address) })
  const tron = watched(bank, 'TRX', chain.url)
  await tron.catchUp()
  let nextPerson = 10_001n
  return {
    base,
    chain,
    usdt: chain.usdt,
    bank,
    tron,
    someone: () => nextPerson++,
    async finalise(watch = tron) {
      await chain.mine(LAG + 1)
      await watch.catchUp()
    },
    async throughProxy(work) {
      const proxy = await startTronProxy(chain.url)
      try {
        await work(proxy, watched(bank, 'TRX', proxy.url))
      } finally {
        await proxy.close()
      }
    },
    async close() {
      const { faults } = await verifyLedger(base.owner, { bookId: 1, orders: depositChecks })
      await chain.stop()
      await base.drop()
      assert.deepEqual(faults, [])
    },
  }
}

/** What became of a person's deposits, in a word each. */
export const statesOf = async (watch: Watched, who: bigint) =>
  (await watch.deposits(who)).map((row) => `${row.asset} ${row.class} ${row.status} ${row.amount_received}`).sort()
