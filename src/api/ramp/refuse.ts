// How the ramp API says no: {code, data: null, description}, with the status of its table.
// Must stay true: the caller reads a code and a sentence, and nothing of our insides; the request's id is in the header.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../base/errors.ts'
import type { Locale } from '../../domain/context.ts'
import { localeOf } from '../thrown.ts'
import { rampErrors } from './errors.ts'

export function rampRefusalBody({ code: name, details }: Refusal, locale: Locale) {
  const { code, ...words } = rampErrors[name]
  const { pointer, reason, minimum, maximum } = details
  const more = [pointer, reason, minimum, maximum].filter((one) => one !== undefined && one !== '')
  return { code, data: null, description: more.length > 0 ? `${words[locale]} (${more.join(' ')})` : words[locale] }
}

export function answerRampRefusal(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfter } = refusal.details
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  // closing at once, with the rest of the body unread, would cut our answer off before the client has seen it
  if (refusal.code === 'PayloadTooLarge') reply.removeHeader('connection')
  const locale = localeOf(request.headers['accept-language'])
  return reply.code(rampErrors[refusal.code].status).send(rampRefusalBody(refusal, locale))
}
