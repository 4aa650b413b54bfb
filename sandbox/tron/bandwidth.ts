// Bandwidth: every transaction takes as many points as it has bytes, out of the sender's free points of the day while they
// last, and for burnt TRX after that. Used points come back evenly over 24 hours.
// Must stay true: integers as TRON rounds them, so that a client that works out a fee beforehand finds it charged.

import type { AccountRecord } from './state.ts'

export const FREE_NET_LIMIT = 600
/** A slot is 3 seconds, whatever the time between our blocks. */
export const SLOT = 3_000
const WINDOW = 28_800
const PRECISION = 1_000_000

const divideCeil = (a: number, b: number) => Math.floor(a / b) + (a % b > 0 ? 1 : 0)

/** Points that count as used at a slot, after `more` are taken. */
export function usedPoints(used: number, usedSlot: number, slot: number, more = 0): number {
  let average = divideCeil(used * PRECISION, WINDOW)
  if (usedSlot !== slot) {
    const left = WINDOW - (slot - usedSlot)
    average = left > 0 ? Math.round(average * (left / WINDOW)) : 0
  }
  average += divideCeil(more * PRECISION, WINDOW)
  return Math.floor((average * WINDOW) / PRECISION)
}

/** The account with the points taken; nothing when it has not so many. */
export function takeFreePoints(account: AccountRecord, points: number, slot: number): AccountRecord | undefined {
  const used = usedPoints(account.freeNetUsed, account.freeNetSlot, slot)
  if (points > FREE_NET_LIMIT - used) return undefined
  return { ...account, freeNetUsed: usedPoints(used, slot, slot, points), freeNetSlot: slot }
}
