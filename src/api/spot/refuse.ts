// How the spot API says no: {code, msg, data: null, success: false}, with the status of its table.
// Must stay true: the same refusal has the same words over HTTP and over the WebSocket, and nothing of our insides.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../base/errors.ts'
import type { Locale } from '../../domain/context.ts'
import { localeOf } from '../thrown.ts'
import { missingParameter, spotErrors } from './errors.ts'

/** Programs of this API say their language in a header of its own. */
export const languageOf = ({ headers }: Pick<FastifyRequest, 'headers'>): Locale =>
  localeOf(typeof headers.language === 'string' ? headers.language : headers['accept-language'])

const isMissing = ({ code, details }: Refusal) =>
  code === 'InvalidParams' && details.reason?.startsWith('must have required property') === true

export function refusalOf(refusal: Refusal, locale: Locale) {
  const { code, zh, en } = isMissing(refusal) ? missingParameter : spotErrors[refusal.code]
  const { pointer, reason } = refusal.details
  const more = [pointer, reason].filter((part) => part !== undefined && part !== '').join(': ')
  const words = locale === 'zh' ? zh : en
  return { code, msg: more === '' ? words : `${words} (${more})`, data: null, success: false as const }
}

export function answerSpotRefusal(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfter } = refusal.details
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  // closing at once, with the rest of the body unread, would cut our answer off before the client has seen it
  if (refusal.code === 'PayloadTooLarge') reply.removeHeader('connection')
  const text = JSON.stringify(refusalOf(refusal, languageOf(request)))
  return reply
    .code(spotErrors[refusal.code].status)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => body as string)
    .send(text)
}
