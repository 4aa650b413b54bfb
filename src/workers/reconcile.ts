// One loop per book and network beside the watchers and payments, and one per book: compares books and chain each minute, and
// at once when an operator asks. Any number of processes may run these loops on one database: a lease spares them double
// work, and nothing hangs on it.

import { minutes, seconds, sleep } from '../base/clock.ts'
import { newId } from '../base/ids.ts'
import type { Network } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import type { ChainReader, ChainSender } from '../domain/ports.ts'
import { type Reconciled, reconcileBook, reconcileNetwork, tellStuck } from '../domain/reconciliation/reconcile.ts'
import {
  claimReconciliation,
  leaveReconciliation,
  noteReconciliation,
} from '../domain/reconciliation/reconciliation-state.ts'
import { plainError } from './plain-error.ts'

const LEASE = seconds(30)
const LOOK = seconds(1)
/** A comparison has at most this share of the time. */
const SHARE = 20

export interface ReconcileLoops {
  stop(): Promise<void>
}

export interface ReconcileOptions {
  readerOf(network: Network): ChainReader | undefined
  senderOf(network: Network): ChainSender | undefined
  /** Milliseconds between two comparisons. */
  every: number
}

export const reconcileEvery = ({ config }: Pick<Bank, 'config'>): number =>
  config.UNIPAY_MODE === 'sandbox' ? seconds(15) : minutes(1)

/** Compares every network that has a node, and every book. */
export function reconcileLoops(bank: Bank, books: readonly number[], options: ReconcileOptions): ReconcileLoops {
  const stopping = new AbortController()
  const { signal } = stopping
  const loops = books.flatMap((bookId) => [
    loop(bank, bookId, '', () => reconcileBook(bank, bookId), options.every, signal),
    ...bank.networks.flatMap((network) => {
      const [reader, sender] = [options.readerOf(network), options.senderOf(network)]
      if (!reader || !sender) return []
      const compare = () => reconcileNetwork({ bank, bookId, network, reader, sender })
      return [loop(bank, bookId, network.code, compare, options.every, signal)]
    }),
  ])
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function loop(
  bank: Bank,
  bookId: number,
  network: string,
  compare: () => Promise<Reconciled>,
  every: number,
  signal: AbortSignal,
): Promise<void> {
  const { db, log } = bank
  const runner = newId()
  let comparedAt = performance.now()
  let rest = 0
  let failures = 0
  while (!signal.aborted) {
    try {
      const { mine, asked, idle } = await claimReconciliation(db, bookId, network, runner, LEASE)
      if (mine && (asked !== null || idle === null || idle >= Math.max(every, rest))) {
        const began = performance.now()
        const { block, addresses, differences, note } = await compare()
        const milliseconds = Math.round(performance.now() - began)
        rest = milliseconds * SHARE
        const breaks = differences.length
        await noteReconciliation(db, bookId, network, { asked, block, addresses, milliseconds, breaks, note })
        if (note === '') comparedAt = performance.now()
        const silent = Math.round((performance.now() - comparedAt) / minutes(1))
        if (network !== '') await tellStuck(db, bookId, network, note, silent)
      }
      failures = 0
    } catch (error) {
      failures++
      if (failures % 10 === 1) log.warn({ err: plainError(error), bookId, network, failures }, 'no reconciliation')
      const silent = Math.round((performance.now() - comparedAt) / minutes(1))
      if (network !== '') await tellStuck(db, bookId, network, 'the node or the database fails', silent).catch(() => {})
    }
    await sleep(Math.min(LOOK * 2 ** Math.min(failures, 5), seconds(30)), signal)
  }
  await leaveReconciliation(db, bookId, network, runner).catch(() => {})
}
