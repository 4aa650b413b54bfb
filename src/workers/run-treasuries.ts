// One loop per book and network beside the watchers and the payments: runs the treasury now and then, and at once when an
// operator asks. Any number of processes may run these loops on one database: a lease spares them double work, and nothing
// hangs on it.

import { minutes, seconds, sleep } from '../base/clock.ts'
import { newId } from '../base/ids.ts'
import type { Network } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import type { ChainSender, FaucetPort } from '../domain/ports.ts'
import { fundHotWallet } from '../domain/treasury/fund-sandbox.ts'
import { runTreasury } from '../domain/treasury/run-treasury.ts'
import type { Treasury } from '../domain/treasury/treasury-run.ts'
import { claimTreasury, leaveTreasury, noteRun } from '../domain/treasury/treasury-state.ts'
import { plainError } from './plain-error.ts'

const LEASE = seconds(15)
const LOOK = seconds(1)

export interface TreasuryLoops {
  stop(): Promise<void>
}

export interface TreasuryOptions {
  senderOf(network: Network): ChainSender | undefined
  /** Milliseconds between two runs. */
  every: number
  /** In sandbox mode. */
  faucet?: FaucetPort | undefined
}

/** A laptop's visitor wants to see it; a bank wants few and full sweeps. */
export const everyOf = ({ config }: Pick<Bank, 'config'>): number =>
  config.UNIPAY_MODE === 'sandbox' ? seconds(3) : minutes(1)

/** Runs the treasury of every network that has a sender, for every book. */
export function runTreasuries(bank: Bank, books: readonly number[], options: TreasuryOptions): TreasuryLoops {
  const stopping = new AbortController()
  const loops = bank.networks.flatMap((network) => {
    const sender = options.senderOf(network)
    if (!sender) return []
    return books.map((bookId) => loop({ bank, bookId, network, sender }, options, stopping.signal))
  })
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function loop(treasury: Treasury, { every, faucet }: TreasuryOptions, signal: AbortSignal): Promise<void> {
  const { bank, bookId, network } = treasury
  const { db, log } = bank
  const runner = newId()
  let ranAt = Number.NEGATIVE_INFINITY
  let failures = 0
  while (!signal.aborted) {
    try {
      const { mine, asked } = await claimTreasury(db, bookId, network.code, runner, LEASE)
      if (mine && (asked !== null || performance.now() - ranAt >= every)) {
        if (faucet) await fundHotWallet(treasury, faucet)
        const { note, planned, begun } = await runTreasury(treasury)
        await noteRun(db, bookId, network.code, { asked, note, at: bank.clock.now() })
        if (planned + begun > 0) log.info({ network: network.code, planned, begun }, 'the treasury moved')
        ranAt = performance.now()
      }
      if (failures > 0) log.info({ network: network.code }, 'the treasury runs again')
      failures = 0
    } catch (error) {
      failures++
      ranAt = performance.now()
      // a chain that just begins has no final block with the token yet: what lasts is told, and then every tenth time
      if (failures % 10 === 3)
        log.warn({ err: plainError(error), network: network.code, failures }, 'the treasury cannot run')
    }
    await sleep(LOOK, signal)
  }
  await leaveTreasury(db, bookId, network.code, runner).catch(() => {})
}
