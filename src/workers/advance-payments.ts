// One loop per book and network beside the watchers: takes payments out from `ready` to their end, and says so when it
// cannot. Any number of processes may run these loops on one database: a lease spares them double work, and nothing hangs
// on it.

import { seconds, sleep } from '../base/clock.ts'
import { newId } from '../base/ids.ts'
import { claimPayments, leavePayments, openChain } from '../domain/chain/chain-state.ts'
import type { Network } from '../domain/chain/network.ts'
import { createAdvancer } from '../domain/chain-payment/advance-payments.ts'
import type { OrdersByKind } from '../domain/chain-payment/payer.ts'
import type { Bank } from '../domain/context.ts'
import type { ChainSender } from '../domain/ports.ts'
import { plainError } from './plain-error.ts'

const LEASE = seconds(5)

export interface PaymentLoops {
  stop(): Promise<void>
}

/** Advances the payments of every network that has a sender, for every book. */
export function advancePayments(
  bank: Bank,
  books: readonly number[],
  orders: OrdersByKind,
  senderOf: (network: Network) => ChainSender | undefined,
): PaymentLoops {
  const stopping = new AbortController()
  const loops = bank.networks.flatMap((network) => {
    const sender = senderOf(network)
    if (!sender) return []
    return books.map((bookId) => run({ bank, bookId, network, sender, orders }, stopping.signal))
  })
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

/** Half a block's time: soon enough for customers, and for a stop that must hold within seconds. */
const pauseOf = (network: Network) => Math.min(Math.max(network.blockTime / 2, 250), 1_500)

async function run(options: Parameters<typeof createAdvancer>[0], signal: AbortSignal): Promise<void> {
  const { bank, bookId, network } = options
  const { log, db } = bank
  const name = newId()
  const advancer = createAdvancer(options)
  let failures = 0
  while (!signal.aborted) {
    let wait = pauseOf(network)
    try {
      await openChain(db, bookId, network.code)
      if ((await claimPayments(db, bookId, network.code, name, LEASE)) && (await advancer.advance())) wait = 20
      if (failures > 0) log.info({ network: network.code }, 'payments advance again')
      failures = 0
    } catch (error) {
      failures++
      wait = Math.min(250 * 2 ** failures, 5_000)
      // as with the watchers: one story, however long it lasts
      if (failures % 10 === 1)
        log.warn({ err: plainError(error), network: network.code, failures }, 'payments do not advance')
    }
    await sleep(wait, signal)
  }
  await leavePayments(db, bookId, network.code, name).catch(() => {})
}
