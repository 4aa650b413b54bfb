// Anything thrown while a request is served, as a refusal; which language it is told in. Each API then has its own words.
// Must stay true: a bug is told to the log alone.

import type { FastifyError, FastifyRequest } from 'fastify'
import { asRefusal } from '../base/database.ts'
import { isRefusal, Refusal } from '../base/errors.ts'
import type { Locale } from '../domain/context.ts'

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
