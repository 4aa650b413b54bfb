// What a USDT is worth in another currency: the newest rate that the source gave, kept in the database so that a source which is away
// for a while stops nobody. Must stay true: a rate older than the limit is no rate; a rate is a positive bigint, in
// millionths; the source is asked with no transaction open.

import { after, days, seconds } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { parsePositiveAmount } from '../../base/money.ts'
import type { Bank } from '../context.ts'
import { settingsOf } from '../setting.ts'

export const RATE_SCALE = 6
export type Quote = 'CNH' | 'PHP'
const pairOf = (quote: Quote) => `USDT/${quote}`
/** A rate that is younger is not asked for again. */
const FRESH = seconds(30)
const KEPT = days(90)

export interface Rate {
  /** For one USDT, in millionths. */
  rate: bigint
  at: Date
}

async function newestRate(q: Queries, quote: Quote): Promise<Rate | undefined> {
  const [row] = await q.query<Rate>(
    'rate-newest',
    'select rate, at from exchange_rates where pair = $1 order by at desc limit 1',
    [pairOf(quote)],
  )
  return row
}

/** Asks the source. A source that does not answer, or answers nonsense, changes nothing and is told in the log. */
export async function fetchRate(bank: Bank, quote: Quote = 'CNH'): Promise<void> {
  try {
    const { rate, at, source } = await bank.rates.rate('USDT', quote)
    const units = parsePositiveAmount(rate, RATE_SCALE)
    const now = bank.clock.now()
    if (at > after(now, seconds(60))) throw new Error('the rate is of the future')
    await bank.db.query(
      'rate-store',
      `insert into exchange_rates (pair, at, rate, source, fetched_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [pairOf(quote), at, units, source, now],
    )
  } catch (error) {
    bank.log.warn({ err: error }, 'the exchange rate cannot be read')
  }
}

/** The rate that holds now, for a book. Refuses `RateUnavailable` when the last one is too old. */
export async function rateNow(bank: Bank, bookId: number, quote: Quote = 'CNH'): Promise<Rate> {
  const longest = (await settingsOf(bank, bookId)).units('remittance.rateMaxAge')
  const limit = seconds(Number(longest))
  const isYounger = (rate: Rate | undefined, than: number): rate is Rate =>
    rate !== undefined && rate.at >= after(bank.clock.now(), -than)
  const known = await newestRate(bank.db, quote)
  if (isYounger(known, Math.min(FRESH, limit))) return known
  await fetchRate(bank, quote)
  const now = await newestRate(bank.db, quote)
  if (!isYounger(now, limit)) throw new Refusal('RateUnavailable', { retryAfter: 30 })
  return now
}

export const forgetRates = (bank: Bank): Promise<unknown> =>
  bank.db.query('rate-forget', 'delete from exchange_rates where fetched_at < $1', [after(bank.clock.now(), -KEPT)])
