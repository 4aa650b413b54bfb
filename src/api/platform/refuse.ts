// How the platform API says no: a number and a sentence in the envelope, with nothing encrypted and nothing signed.
// Must stay true: the caller reads a number, a sentence and the request's id (a header), and nothing of our insides.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../base/errors.ts'
import type { Locale } from '../../domain/context.ts'
import { localeOf } from '../thrown.ts'
import { platformErrors } from './errors.ts'

/** Refusals of which the reason helps whoever writes the client, and tells nobody else anything. */
const explained: readonly string[] = ['InvalidParams', 'RequestExpired', 'PasswordWeak', 'KYCInvalidFile']

/** Fields that the bank calls otherwise than the document. */
const fields: Readonly<Record<string, string>> = {
  '/contact': '/email or /mobileNumber',
  '/mobile_prefix': '/countryCode',
  '/id_number': '/certificateNumber',
}

export function platformRefusalBody({ code: name, details: { pointer = '', reason } }: Refusal, locale: Locale) {
  const { code, zh, en } = platformErrors[name]
  const more = explained.includes(name) ? [fields[pointer] ?? pointer, reason].filter(Boolean).join(' ') : ''
  const msg = locale === 'zh' ? zh : en
  return { code, msg: more === '' ? msg : `${msg} (${more})`, data: '', sign: '' }
}

export function answerPlatformRefusal(refusal: Refusal, request: FastifyRequest, reply: FastifyReply) {
  const { retryAfter } = refusal.details
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  // closing at once, with the rest of the body unread, would cut our answer off before the client has seen it
  if (refusal.code === 'PayloadTooLarge') reply.removeHeader('connection')
  const body = platformRefusalBody(refusal, localeOf(request.headers['accept-language']))
  return reply.code(platformErrors[refusal.code].status).send(body)
}
