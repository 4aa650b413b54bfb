// One loop per book and network: reads the chain, credits what is final, and says so when it cannot.
// Any number of processes may run these loops on one database: a lease spares them double work, and nothing hangs on it.

import { type Clock, seconds, sleep } from '../base/clock.ts'
import { newId } from '../base/ids.ts'
import { closeAlert, raiseAlert } from '../domain/alert.ts'
import { chainStateOf, claimChain, leaveChain, openChain, setPhase } from '../domain/chain/chain-state.ts'
import type { Network } from '../domain/chain/network.ts'
import type { Bank } from '../domain/context.ts'
import { createFollower, type Follower } from '../domain/deposit/follow-chain.ts'
import type { ChainReader } from '../domain/ports.ts'
import { plainError } from './plain-error.ts'

const LEASE = seconds(5)
const CHECK_EVERY = seconds(60)
const SILENCE = seconds(60)

export interface Watchers {
  /** Settles when every network was asked once, reachable or not. */
  readonly begun: Promise<void>
  stop(): Promise<void>
}

/** Watches every network that has a reader, for every book. */
export function watchChains(
  bank: Bank,
  books: readonly number[],
  readerOf: (network: Network) => ChainReader | undefined,
  secondReaderOf: (network: Network) => ChainReader | undefined = () => undefined,
): Watchers {
  const stopping = new AbortController()
  const loops = bank.networks.flatMap((network) => {
    const reader = readerOf(network)
    return reader
      ? books.map((bookId) =>
          watch({ bank, bookId, network, reader, second: secondReaderOf(network), signal: stopping.signal }),
        )
      : []
  })
  return {
    begun: Promise.all(loops.map((loop) => loop.begun)).then(() => {}),
    async stop() {
      stopping.abort()
      await Promise.all(loops.map((loop) => loop.ended))
    },
  }
}

interface Watch {
  bank: Bank
  bookId: number
  network: Network
  reader: ChainReader
  second: ChainReader | undefined
  signal: AbortSignal
}

function watch(given: Watch): { begun: Promise<void>; ended: Promise<void> } {
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  return { begun, ended: run(given, begin) }
}

/** Half a block's time, so that a new block is seen soon; within bounds that a node stands. */
const pauseOf = (network: Network) => Math.min(Math.max(network.blockTime / 2, 300), 2_000)

async function run({ bank, bookId, network, reader, second, signal }: Watch, begin: () => void): Promise<void> {
  const { log, clock } = bank
  const watcher = newId()
  const follower = createFollower(bank, bookId, network, reader, second)
  const node = nodeCheck(bank, bookId, network, reader)
  let heard = clock.now()
  let failures = 0

  while (!signal.aborted) {
    let wait = pauseOf(network)
    try {
      await openChain(bank.db, bookId, network.code)
      if (await claimChain(bank.db, bookId, network.code, watcher, LEASE)) {
        if (await node.isRight()) {
          const state = await chainStateOf(bank.db, bookId, network.code)
          if (state?.phase === 'following' && (await step(follower))) wait = 0
        }
      }
      if (failures > 0) log.info({ network: network.code }, 'chain answers again')
      failures = 0
      heard = clock.now()
    } catch (error) {
      failures++
      node.forget()
      wait = Math.min(250 * 2 ** failures, 5_000)
      // the first failure is told, then every tenth: a node that is down for an hour is one story
      if (failures % 10 === 1)
        log.warn({ err: plainError(error), network: network.code, failures }, 'chain cannot be read')
      await tellSilence(bank, bookId, network, clock, heard).catch(() => {})
    }
    begin()
    if (wait > 0) await sleep(wait, signal)
  }
  await leaveChain(bank.db, bookId, network.code, watcher).catch(() => {})
}

async function step(follower: Follower): Promise<boolean> {
  const more = await follower.advance()
  const settled = await follower.settle()
  return more || settled > 0
}

/** Asks now and then whether the node is of this network at all. A wrong one takes the network off until it is cured. */
function nodeCheck(bank: Bank, bookId: number, network: Network, reader: ChainReader) {
  let checkedAt = 0
  return {
    forget() {
      checkedAt = 0
    },
    async isRight(): Promise<boolean> {
      const now = bank.clock.now().getTime()
      if (checkedAt > 0 && now - checkedAt < CHECK_EVERY) return true
      const wrong = await reader.check()
      const key = `chain_off:${network.code}`
      if (wrong !== undefined) {
        await setPhase(bank.db, bookId, network.code, 'off', wrong)
        await raiseAlert(bank.db, bookId, {
          key,
          kind: 'chain_off',
          severity: 'critical',
          data: { network: network.code, reason: wrong },
        })
        throw new Error(wrong)
      }
      await setPhase(bank.db, bookId, network.code, 'following', '')
      await closeAlert(bank.db, bookId, key)
      await closeAlert(bank.db, bookId, `chain_unreachable:${network.code}`)
      checkedAt = now
      return true
    },
  }
}

async function tellSilence(bank: Bank, bookId: number, network: Network, clock: Clock, heard: Date) {
  const silent = clock.now().getTime() - heard.getTime()
  if (silent < SILENCE) return
  await raiseAlert(bank.db, bookId, {
    key: `chain_unreachable:${network.code}`,
    kind: 'chain_unreachable',
    severity: 'critical',
    data: { network: network.code, seconds: Math.round(silent / 1000) },
  })
}
