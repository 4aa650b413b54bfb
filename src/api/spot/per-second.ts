// Ten requests a second for each address and endpoint, as the document says: counted in memory, over any second and not
// by the clock's. Must stay true: this machine's own address is counted as any other; what was refused is not counted.

import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { perBank } from '../../domain/per-bank.ts'
import { addressSubject } from '../../domain/sign-in/attempt.ts'

export const PER_SECOND = 10
const WINDOW = 1_000
const SWEPT_EVERY = 5_000

interface Counts {
  /** When the last requests came, oldest first. */
  times: Map<string, number[]>
  sweptAt: number
}

const counts = perBank((): Counts => ({ times: new Map(), sweptAt: 0 }))

/** Counts a request; answers how many more may come now. Refuses `RateLimited`. Off where requests are not limited at all. */
export function countThisSecond(bank: Bank, ip: string, endpoint: string): number {
  if (bank.config.RATE_LIMIT_PER_MINUTE === 0) return PER_SECOND
  const known = counts(bank)
  const now = performance.now()
  if (now - known.sweptAt > SWEPT_EVERY) {
    for (const [key, times] of known.times) if (now - (times.at(-1) ?? 0) >= WINDOW) known.times.delete(key)
    known.sweptAt = now
  }
  const key = `${addressSubject(ip)} ${endpoint}`
  const recent = (known.times.get(key) ?? []).filter((at) => now - at < WINDOW)
  if (recent.length >= PER_SECOND) throw new Refusal('RateLimited', { retryAfter: 1 })
  recent.push(now)
  known.times.set(key, recent)
  return PER_SECOND - recent.length
}
