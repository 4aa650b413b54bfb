// One loop per book that delivers webhooks: takes endpoints for which something is due and works off the queue of each.
// Must stay true: any number of workers may run it, and any may die at any moment; an endpoint that is slow or dead uses
// one place of its own and never those that are kept for endpoints that answer.

import { seconds, sleep } from '../base/clock.ts'
import { newId } from '../base/ids.ts'
import type { Bank } from '../domain/context.ts'
import { deliver } from '../domain/webhook/deliver.ts'
import { claimEndpoints, dueDeliveries, leaveClaim, renewClaim } from '../domain/webhook/delivery.ts'
import type { EndpointRow } from '../domain/webhook/endpoint.ts'

const PERIOD = 250
/** Endpoints that are asked at the same time, and how many of them may be failing ones. */
const SLOTS = 64
const SLOW = 24
/** Events that are read at once; the claim is renewed before each. */
const BATCH = 20
/** What is under way when the process ends is waited for so long; the rest another worker sends again. */
const PATIENCE = seconds(2)

export interface WebhookLoops {
  stop(): Promise<void>
}

export function deliverWebhooks(bank: Bank, books: readonly number[]): WebhookLoops {
  const stopping = new AbortController()
  const loops = books.map((bookId) => run(bank, bookId, stopping.signal))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function run(bank: Bank, bookId: number, signal: AbortSignal): Promise<void> {
  const worker = newId()
  const healthy = new Set<Promise<void>>()
  const failing = new Set<Promise<void>>()
  let failures = 0
  while (!signal.aborted) {
    let wait = PERIOD
    try {
      const slow = SLOW - failing.size
      const slots = SLOTS - SLOW - healthy.size
      const claimed =
        slots + slow > 0 ? await claimEndpoints(bank.db, bookId, worker, bank.clock.now(), { slots, slow }) : []
      for (const endpoint of claimed) {
        const lane = endpoint.failing ? failing : healthy
        const work = workOff(bank, bookId, worker, endpoint, signal).finally(() => lane.delete(work))
        lane.add(work)
      }
      failures = 0
    } catch (error) {
      failures++
      wait = Math.min(PERIOD * 2 ** failures, 5_000)
      if (failures % 10 === 1) bank.log.warn({ err: error, failures }, 'webhooks are not delivered')
    }
    await sleep(wait, signal)
  }
  await Promise.race([Promise.all([...healthy, ...failing]), sleep(PATIENCE)])
}

/** Until nothing is due, the endpoint fails, or it is another's. */
async function workOff(
  bank: Bank,
  bookId: number,
  worker: string,
  claimed: EndpointRow,
  signal: AbortSignal,
): Promise<void> {
  const { id } = claimed
  try {
    for (;;) {
      const due = await dueDeliveries(bank.db, bookId, id, bank.clock.now(), BATCH)
      if (due.length === 0) break
      for (const delivery of due) {
        const endpoint = signal.aborted ? undefined : await renewClaim(bank.db, bookId, worker, id, bank.clock.now())
        // one that begins to fail leaves its place at once, for a place among those that fail
        if (!endpoint || (await deliver(bank, bookId, endpoint, delivery)) === false) {
          await leaveClaim(bank.db, bookId, worker, id)
          return
        }
      }
    }
    await leaveClaim(bank.db, bookId, worker, id)
  } catch (error) {
    bank.log.warn({ err: error, bookId, endpoint: id }, 'the queue of a webhook endpoint stopped; it is taken up again')
  }
}
