// How many requests a minute one address, and one caller, may make: counted in memory, against floods, not guesses
// (those are counted in the database; see domain/sign-in/attempt.ts). Every answer says where its caller stands.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../base/errors.ts'
import type { Bank } from '../domain/context.ts'
import { addressFactor, addressSubject } from '../domain/sign-in/attempt.ts'

const WINDOW = 60_000

/** For the routes of one API. `callerOf` says who asks, once that is known. */
export function limitRates(
  app: Pick<FastifyInstance, 'addHook'>,
  bank: Bank,
  callerOf: (request: FastifyRequest) => string | undefined,
): void {
  const perMinute = bank.config.RATE_LIMIT_PER_MINUTE
  if (perMinute === 0) return
  let window = 0
  let counts = new Map<string, number>()

  function count(subject: string, max: number, reply: FastifyReply) {
    const now = bank.clock.now().getTime()
    const current = Math.floor(now / WINDOW)
    if (current !== window) {
      window = current
      counts = new Map()
    }
    const used = (counts.get(subject) ?? 0) + 1
    counts.set(subject, used)
    const reset = Math.ceil(((current + 1) * WINDOW - now) / 1000)
    reply
      .header('ratelimit-limit', max)
      .header('ratelimit-remaining', Math.max(0, max - used))
      .header('ratelimit-reset', reset)
    if (used > max) throw new Refusal('RateLimited', { retryAfter: reset })
  }

  // by address before anything else is done, by caller once it is known who asks
  app.addHook('onRequest', async (request, reply) => {
    count(`address ${addressSubject(request.origin.ip)}`, perMinute * addressFactor(request.origin.ip), reply)
  })
  app.addHook('preParsing', async (request, reply) => {
    const caller = callerOf(request)
    if (caller !== undefined) count(caller, perMinute * addressFactor(request.origin.ip), reply)
  })
}
