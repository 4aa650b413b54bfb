// How the app API says no: a refusal becomes the document's error envelope.
// Must stay true: the caller reads a number, a name, a sentence and the request's id, and nothing of our insides.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../base/errors.ts'
import type { Locale } from '../../domain/context.ts'
import { localeOf } from '../thrown.ts'
import { appErrors } from './errors.ts'

export function refusalBody({ code: name, details: all }: Refusal, requestId: string, locale: Locale) {
  const { code, zh, en } = appErrors[name]
  const { pointer, reason, retryAfter: _, ...details } = all
  return {
    code,
    name,
    message: locale === 'zh' ? zh : en,
    request_id: requestId,
    ...(pointer !== undefined || reason !== undefined || Object.keys(details).length > 0
      ? {
          details: [
            { ...(pointer !== undefined ? { pointer } : {}), ...(reason !== undefined ? { reason } : {}), ...details },
          ],
        }
      : {}),
  }
}

export function answerRefusal(refusal: Refusal, request: FastifyRequest, reply: FastifyReply) {
  const { retryAfter } = refusal.details
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (refusal.code === 'Unauthorized') reply.header('www-authenticate', 'Bearer')
  // closing at once, with the rest of the body unread, would cut our answer off before the client has seen it
  if (refusal.code === 'PayloadTooLarge') reply.removeHeader('connection')
  const body = refusalBody(refusal, request.id, localeOf(request.headers['accept-language']))
  return reply.code(appErrors[refusal.code].status).send(body)
}
