// How the operators' API says no: {error: {code, message, request_id, details}}, with the status of its table.
// Must stay true: the caller reads a code, a sentence and the request's id, and nothing of our insides.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../base/errors.ts'
import { localeOf } from '../thrown.ts'
import { consoleErrors } from './errors.ts'

export function answerConsoleRefusal(
  { code, details: all }: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { retryAfter, ...details } = all
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (code === 'Unauthorized') reply.header('www-authenticate', 'Bearer')
  // closing at once, with the rest of the body unread, would cut our answer off before the client has seen it
  if (code === 'PayloadTooLarge') reply.removeHeader('connection')
  const { status, ...words } = consoleErrors[code]
  const message = words[localeOf(request.headers['accept-language'])]
  return reply.code(status).send({ error: { code, message, request_id: request.id, details } })
}
