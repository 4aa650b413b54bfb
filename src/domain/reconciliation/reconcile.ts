// One run over the networks of a book: compares, remembers what came of it, opens breaks and closes those that are gone.
// Must stay true: a difference is compared a second time, at a later moment, before it counts; a network that cannot be
// compared says what it waits for and changes no break.

import { seconds, sleep } from '../../base/clock.ts'
import type { Network } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import type { SenderOf } from '../reserves/holdings.ts'
import { type Break, closeOthers, type LastReconciliation, noteReconciliation, openBreak } from './break.ts'
import { type Compared, compareChain, MustWait } from './compare-chain.ts'
import { orderFaults } from './order-faults.ts'

const AGAIN = seconds(2)
const TRIES = 5

export interface Reconciled extends LastReconciliation {
  breaks: Break[]
}

/** Every network that has a node. `now` hears what is being done. */
export async function reconcile(
  bank: Bank,
  bookId: number,
  senderOf: SenderOf,
  now: (what: string) => void = () => {},
): Promise<Reconciled[]> {
  const done: Reconciled[] = []
  now('comparing orders and payments')
  const faults = await orderFaults(bank, bookId)
  for (const network of bank.networks) {
    const sender = senderOf(network)
    if (!sender) continue
    now(`comparing ${network.code}`)
    const started = performance.now()
    const last = (outcome: Reconciled['outcome'], block: number | null, note: string, breaks: Break[]): Reconciled => ({
      network: network.code,
      at: bank.clock.now(),
      block,
      outcome,
      note,
      milliseconds: Math.round(performance.now() - started),
      breaks,
    })
    let result: Reconciled
    try {
      const { block, breaks } = await compareTwice(bank, bookId, network, senderOf)
      const all = [...breaks, ...faults]
      result = last(all.length > 0 ? 'breaks' : 'agrees', block, '', all)
      await remember(bank, bookId, result)
    } catch (error) {
      const note = error instanceof MustWait ? error.message : 'the node does not answer'
      if (!(error instanceof MustWait))
        bank.log.warn({ network: network.code, reason: reasonOf(error) }, 'not compared')
      result = last('waits', null, note, [])
      await noteReconciliation(bank.db, bookId, result)
    }
    done.push(result)
  }
  return done
}

/** A client's error carries the node's address, which may carry a key. */
const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/https?:\/\/\S+/g, '[node]').slice(0, 200)

/** What differs must differ twice in the same way; whatever moves is waited for. */
async function compareTwice(bank: Bank, bookId: number, network: Network, senderOf: SenderOf): Promise<Compared> {
  const sender = senderOf(network)
  if (!sender) throw new MustWait('there is no node')
  let before: Compared | undefined
  for (let tried = 1; ; tried++) {
    try {
      const found = await compareChain(bank, bookId, network, sender)
      if (found.breaks.length === 0) return found
      if (before && sameBreaks(before.breaks, found.breaks)) return found
      before = found
    } catch (error) {
      if (!(error instanceof MustWait) || tried === TRIES) throw error
    }
    if (tried >= TRIES * 2) throw new MustWait('it differs in another way each time')
    await sleep(AGAIN)
  }
}

const sameBreaks = (a: readonly Break[], b: readonly Break[]): boolean => {
  const text = (breaks: readonly Break[]) =>
    breaks
      .map(({ kind, subject, expected, found }) => `${kind} ${subject} ${found - expected}`)
      .sort()
      .join('\n')
  return text(a) === text(b)
}

async function remember(bank: Bank, bookId: number, result: Reconciled): Promise<void> {
  await bank.db.transaction(async (tx) => {
    await noteReconciliation(tx, bookId, result)
    for (const found of result.breaks) await openBreak(tx, bookId, result.network, found, result.at)
    await closeOthers(tx, bookId, result.network, ['total', 'address', 'coin', 'order'], result.breaks, result.at)
  })
  if (result.breaks.length > 0) {
    bank.log.error(
      { network: result.network, breaks: result.breaks.length, first: result.breaks[0]?.detail },
      'a break',
    )
  }
}
