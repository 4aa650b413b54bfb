// Exchange rates over HTTP: GET <url>/v1/rates/USDT-CNH answers {"base","quote","rate":"7.2000","at":"<ISO-8601>","source"}.
// Must stay true: a rate is a decimal text and never a float; what is not exactly that answer is no rate.

import type { RateSource } from '../domain/ports.ts'
import { row, UnsoundAnswer } from './answer.ts'

const LIMIT = 3_000

export function httpRates(url: string): RateSource {
  return {
    async rate(base, quote) {
      if (url === '') throw new Error('no source of exchange rates is set (RATE_URL)')
      const response = await fetch(`${url.replace(/\/+$/, '')}/v1/rates/${base}-${quote}`, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(LIMIT),
      })
      if (response.status !== 200) throw new Error(`the source of exchange rates answered ${response.status}`)
      const answer = row(await response.json(), 'the rate')
      const { rate, at, source } = answer
      if (answer.base !== base || answer.quote !== quote) throw new UnsoundAnswer('a rate of another pair')
      if (typeof rate !== 'string' || !/^(0|[1-9]\d{0,5})\.?\d{0,6}$/.test(rate))
        throw new UnsoundAnswer('rate is no decimal text')
      const time = typeof at === 'string' ? new Date(at) : new Date(Number.NaN)
      if (Number.isNaN(time.getTime())) throw new UnsoundAnswer('at is no time')
      return { rate, at: time, source: typeof source === 'string' ? source.slice(0, 60) : new URL(url).host }
    },
  }
}
