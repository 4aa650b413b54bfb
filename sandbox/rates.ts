// A source of exchange rates: what a USDT is worth in CNH and PHP, as JSON over HTTP, with a control that sets them or takes
// them away.
// Must stay true: a rate is as of now unless it was made old on purpose; it is a decimal text.

import { createServer } from 'node:http'
import { ControlError } from './chain.ts'
import type { Controls } from './control.ts'
import { closeServer, listen, sendJson } from './http-server.ts'

const RATE = /^[1-9]\d?(\.\d{1,6})?$/

export interface RateServer {
  /** Undefined: it does not answer. `age`: how many seconds old it says it is. */
  set(change: { rate?: string; php?: string; down?: boolean; age?: number }): object
  stop(): Promise<void>
}

export async function startRates(port: number, clock: () => Date = () => new Date()): Promise<RateServer> {
  let now = { rate: '7.2000', php: '57.2000', down: false, age: 0 }
  const server = createServer((request, response) => {
    const quote = /^\/v1\/rates\/USDT-(CNH|PHP)$/.exec(request.url ?? '')?.[1]
    if (now.down) sendJson(response, 503, { error: 'closed' })
    else if (request.method === 'GET' && quote) {
      const at = new Date(clock().getTime() - now.age * 1_000).toISOString()
      sendJson(response, 200, {
        base: 'USDT',
        quote,
        rate: quote === 'CNH' ? now.rate : now.php,
        at,
        source: 'sandbox',
      })
    } else sendJson(response, 404, { error: 'no such rate' })
  })
  await listen(server, port)
  return {
    set(change) {
      now = { ...now, ...change }
      return now
    },
    stop: () => closeServer(server),
  }
}

export const rateControls = (rates: RateServer): Controls => ({
  'POST /sandbox/rate': ({ rate, php, down, age, ...unknown }) => {
    if (Object.keys(unknown).length > 0) throw new ControlError('there is rate, php, down and age')
    if (rate !== undefined && (typeof rate !== 'string' || !RATE.test(rate)))
      throw new ControlError('rate must be a decimal text, e.g. "7.2000"')
    if (php !== undefined && (typeof php !== 'string' || !RATE.test(php)))
      throw new ControlError('php must be a decimal text, e.g. "57.2000"')
    if (down !== undefined && typeof down !== 'boolean') throw new ControlError('down must be true or false')
    if (age !== undefined && !(typeof age === 'number' && Number.isInteger(age) && age >= 0 && age <= 1_000_000))
      throw new ControlError('age must be whole seconds')
    return rates.set({
      ...(rate === undefined ? {} : { rate }),
      ...(php === undefined ? {} : { php }),
      ...(down === undefined ? {} : { down }),
      ...(age === undefined ? {} : { age }),
    })
  },
})
