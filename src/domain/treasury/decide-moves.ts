// What the treasury does, as pure decisions over what it sees: where a sweep goes, how much of an address is swept, how
// much coin it needs for that, and when the hot wallet holds too much or too little.
// Must stay true: only what the books have and the chain shows twice is moved; what is promised to payments counts as gone.

import { minutes } from '../../base/clock.ts'
import type { TreasurySettings } from '../setting.ts'

const least = (...values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a))

/** Tokens of a hot wallet, in ledger units. */
export interface HotTokens {
  /** On chain, by the newest block. */
  balance: bigint
  /** Promised to payments that may not have left it yet. */
  committed: bigint
  /** On the way to it, from deposit addresses. */
  arriving: bigint
}

const free = ({ balance, committed }: HotTokens): bigint => balance - committed

/** Sweeps fill the hot wallet up to its target; from there on they go to the cold one, where there is one. */
export const sweepDestination = (
  { hotTarget }: Pick<TreasurySettings, 'hotTarget'>,
  hot: HotTokens,
  hasCold: boolean,
): 'hot' | 'cold' => (hasCold && free(hot) + hot.arriving >= hotTarget ? 'cold' : 'hot')

export type HotDecision =
  | { is: 'fine' }
  /** `amount` is too much. */
  | { is: 'high'; amount: bigint }
  /** `amount` is missing to the target. */
  | { is: 'low'; amount: bigint }

export function hotDecision(
  settings: Pick<TreasurySettings, 'hotFloor' | 'hotTarget' | 'hotCeiling'>,
  hot: HotTokens,
): HotDecision {
  const has = free(hot)
  if (has > settings.hotCeiling) return { is: 'high', amount: has - settings.hotTarget }
  if (has + hot.arriving < settings.hotFloor) return { is: 'low', amount: settings.hotTarget - has - hot.arriving }
  return { is: 'fine' }
}

/** An address's tokens in ledger units, floored. */
export interface AddressTokens {
  /** What the books' custody has there. Deposits that wait or are in review are not in it. */
  booked: bigint
  /** On chain at a final block, and at the newest. */
  final: bigint
  latest: bigint
}

/** How much is swept: all that is booked and there, or nothing when that is not worth it. */
export function sweepAmount({ booked, final, latest }: AddressTokens, above: bigint): bigint {
  const amount = least(booked, final, latest)
  return amount > 0n && amount >= above ? amount : 0n
}

/** How much coin an address is still lacking to pay `fee`. */
export const coinMissing = (fee: bigint, has: bigint): bigint => (has < fee ? fee - has : 0n)

/** Coin of a hot wallet, in chain units. */
export interface HotCoin {
  balance: bigint
  /** Values and highest fees of payments that may not have left it yet. */
  committed: bigint
  /** The most that one more payment of tokens costs. */
  fee: bigint
}

/** So many payments must always be paid for; then there is time to bring coin. */
export const RESERVE = 20n

/** Coin that may be given away: top-ups never take what customers' withdrawals need. */
export const coinToSpare = ({ balance, committed, fee }: HotCoin): bigint => balance - committed - RESERVE * fee

/** What is lacking for the payments under way and the reserve. */
export const coinShort = (coin: HotCoin): bigint => {
  const spare = coinToSpare(coin)
  return spare < 0n ? -spare : 0n
}

const FIRST_PAUSE = minutes(10)
const LONGEST_PAUSE = minutes(24 * 60)

/** How long an address is left alone after its n-th failure in a row, in milliseconds. */
export const pauseAfter = (attempt: number): number =>
  Math.min(FIRST_PAUSE * 2 ** Math.min(attempt - 1, 20), LONGEST_PAUSE)

/**
 * How much of a customers' coin is swept from an address that holds `has`: what is above the `kept` part, which pays for
 * the next sweeps of tokens, less the `fee` of this one. Nothing when that is less than `above`.
 */
export function coinSweepAmount(
  has: { final: bigint; latest: bigint },
  kept: bigint,
  fee: bigint,
  above: bigint,
): bigint {
  const amount = least(has.final, has.latest) - kept - fee
  return amount > 0n && amount >= above ? amount : 0n
}
