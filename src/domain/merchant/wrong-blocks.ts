// How much work one address may make by sending what cannot be opened: blocks a minute, counted in memory. Opening a block
// takes half a millisecond, and whoever knows an app_id can send any number of them.
// Must stay true: what was opened rightly counts nothing; nothing but work depends on it, so each process has its own.

import { minutes } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { perBank } from '../per-bank.ts'
import { addressFactor, addressSubject } from '../sign-in/attempt.ts'

const MOST = 3_000
const WINDOW = minutes(1)

const counters = perBank(() => ({ window: 0, blocks: new Map<string, number>() }))

function current(bank: Bank) {
  const counter = counters(bank)
  const window = Math.floor(bank.clock.now().getTime() / WINDOW)
  if (counter.window !== window) {
    counter.window = window
    counter.blocks.clear()
  }
  return counter.blocks
}

/** Refuses `RateLimited` an address that has sent too many. */
export function refuseBusybody(bank: Bank, ip: string): void {
  if ((current(bank).get(addressSubject(ip)) ?? 0) <= MOST * addressFactor(ip)) return
  const left = WINDOW - (bank.clock.now().getTime() % WINDOW)
  throw new Refusal('RateLimited', { retryAfter: Math.ceil(left / 1_000) })
}

export function countWrongBlocks(bank: Bank, ip: string, count: number): void {
  const blocks = current(bank)
  const subject = addressSubject(ip)
  blocks.set(subject, (blocks.get(subject) ?? 0) + count)
}
