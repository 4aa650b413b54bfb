// What vendors tell us: POST /webhooks/uqpay and /webhooks/sumsub. Checked, kept, answered; the work is a job's.
// Must stay true: nothing is read of a body before its signature is right; 2xx means that it is kept.

import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { sha256 } from '../../base/crypto.ts'
import { parseExactJson } from '../../base/exact-json.ts'
import type { Bank } from '../../domain/context.ts'
import { type ReceivedEvent, receiveVendorEvent } from '../../domain/vendor-event/vendor-event.ts'
import { isFromSumsub, isFromUqpay } from './signature.ts'

const MAX_BODY = 256 * 1024
const TYPE = /^[\w.-]{1,100}$/
const EVENT_ID = /^[\w.:-]{1,100}$/

type Fields = Record<string, unknown>

export const vendorWebhooks =
  (bank: Bank): FastifyPluginAsync =>
  async (server: FastifyInstance) => {
    const { config } = bank
    server.removeAllContentTypeParsers()
    // also what calls itself something else: the signature says whose it is
    server.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: MAX_BODY },
      async (_request: unknown, body: Buffer) => body,
    )
    const refuse = (reply: FastifyReply, status: number, error: string) => reply.code(status).send({ error })

    const nobody = (reply: FastifyReply) => refuse(reply, 404, 'nobody is told here')

    async function receive(reply: FastifyReply, event: ReceivedEvent | undefined) {
      if (!event) return refuse(reply, 400, 'not an event')
      await receiveVendorEvent(bank, config.DEFAULT_BOOK, event)
      return reply.code(200).send({ received: true })
    }

    server.post('/uqpay', { schema: { hide: true } }, (request, reply) => {
      if (config.UQPAY_URL === '') return nobody(reply)
      const raw = rawOf(request)
      const { 'x-wk-timestamp': timestamp, 'x-wk-signature': signature } = request.headers
      if (!isFromUqpay(config.UQPAY_WEBHOOK_SECRET, raw, timestamp, signature, bank.clock.now()))
        return refuse(reply, 401, 'bad signature')
      return receive(reply, uqpayEvent(raw))
    })

    server.post('/sumsub', { schema: { hide: true } }, (request, reply) => {
      if (config.SUMSUB_URL === '') return nobody(reply)
      const raw = rawOf(request)
      const { 'x-payload-digest-alg': algorithm, 'x-payload-digest': digest } = request.headers
      if (!isFromSumsub(config.SUMSUB_WEBHOOK_SECRET, raw, algorithm, digest))
        return refuse(reply, 401, 'bad signature')
      return receive(reply, sumsubEvent(raw))
    })

    server.setNotFoundHandler((_request, reply) => nobody(reply))
    server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
      if (error.statusCode && error.statusCode < 500) return refuse(reply, error.statusCode, 'not acceptable')
      request.log.error({ err: error, request_id: request.id }, 'a webhook could not be kept')
      return refuse(reply, 503, 'not kept; tell again')
    })
  }

const rawOf = (request: FastifyRequest): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))

function objectIn(raw: Buffer): Fields | undefined {
  try {
    const value = parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(raw))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

const word = (value: unknown, pattern: RegExp) => (typeof value === 'string' && pattern.test(value) ? value : undefined)

function uqpayEvent(raw: Buffer): ReceivedEvent | undefined {
  const body = objectIn(raw)
  const type = word(body?.event_type, TYPE)
  const eventId = word(body?.event_id, EVENT_ID)
  return body && type && eventId ? { vendor: 'uqpay', eventId, type, raw, body } : undefined
}

/** Sumsub numbers no events: what happened to whom at which millisecond is one, however often it is told. */
function sumsubEvent(raw: Buffer): ReceivedEvent | undefined {
  const body = objectIn(raw)
  const type = word(body?.type, TYPE)
  const applicant = word(body?.applicantId, EVENT_ID)
  if (!body || !type || !applicant) return undefined
  const at = typeof body.createdAtMs === 'string' ? body.createdAtMs : raw.toString('base64')
  const eventId = sha256(JSON.stringify([type, applicant, at])).toString('hex')
  return { vendor: 'sumsub', eventId, type, raw, body }
}
