// How the app API says no: anything thrown becomes a refusal, and a refusal becomes the document's error envelope.
// Must stay true: a bug is told to the log alone; the caller reads a number, a name, a sentence and the request's id.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asRefusal } from '../../base/database.ts'
import { isRefusal, Refusal } from '../../base/errors.ts'
import type { Locale } from '../../domain/context.ts'
import { appErrors } from './errors.ts'

/** Chinese unless another language is asked for; of those we have English. */
export const localeOf = (acceptLanguage: string | undefined): Locale =>
  !acceptLanguage || /^\s*(zh\b|\*)/i.test(acceptLanguage) ? 'zh' : 'en'

/** Anything thrown, as a refusal. What is not one already is the caller's malformed request or our bug. */
export function toRefusal(error: FastifyError, request: FastifyRequest): Refusal {
  const known = asRefusal(error)
  if (isRefusal(known)) return known
  if (error.validation) {
    const first = error.validation[0]
    const missing = (first?.params as { missingProperty?: string } | undefined)?.missingProperty
    const extra = (first?.params as { additionalProperty?: string } | undefined)?.additionalProperty
    const name = (missing ?? extra)?.replaceAll('~', '~0').replaceAll('/', '~1')
    return new Refusal('InvalidParams', {
      pointer: `${first?.instancePath ?? ''}${name === undefined ? '' : `/${name}`}`,
      reason: extra === undefined ? (first?.message ?? 'does not fit the schema') : 'unknown field',
    })
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Refusal('PayloadTooLarge')
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Refusal('UnsupportedMediaType')
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') return new Refusal('NotFound') // no id of ours is that long
  if (error.code === 'FST_ERR_BAD_URL') return new Refusal('InvalidParams', { reason: 'the address is not valid' })
  if (error.statusCode === 429) return new Refusal('RateLimited')
  if (error.statusCode && error.statusCode < 500) return new Refusal('InvalidParams', { reason: error.message })
  request.log.error({ err: error, request_id: request.id }, 'unexpected error')
  return new Refusal('Internal')
}

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
