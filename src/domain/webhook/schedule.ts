// When a delivery is tried again, and when an endpoint is left alone.
// Must stay true: the last try comes about three days after the first; an endpoint that is down is asked less and less,
// whatever waits for it, and as usual again after its first success.

import { days, hours, minutes, seconds } from '../../base/clock.ts'

/** Pauses after the first, second … failed try; after the last one it is given up. */
const PAUSES = [
  seconds(5),
  seconds(30),
  minutes(5),
  minutes(30),
  hours(2),
  hours(5),
  hours(10),
  hours(24),
  hours(24),
] as const

export const TRIES = PAUSES.length + 1

/** Milliseconds until the next try after so many; undefined when that was the last one. */
export const pauseAfter = (tries: number): number | undefined => PAUSES[tries - 1]

/** How long an endpoint may fail before it is disabled. */
export const PATIENCE = days(3)

/** Failures in a row from which on an endpoint rests between tries, also of other events. */
const RESTS_FROM = 8

/** Milliseconds for which an endpoint is left alone after so many failures in a row: 5 s, 10 s … 5 minutes. */
export const restAfter = (failures: number): number =>
  failures < RESTS_FROM ? 0 : Math.min(seconds(5) * 2 ** Math.min(failures - RESTS_FROM, 10), minutes(5))
