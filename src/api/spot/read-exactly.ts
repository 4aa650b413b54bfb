// Bodies of the spot API: kept as the bytes that were signed, then read as strict JSON whose numbers are their digits.
// Must stay true: nothing of a body is parsed before its signature is right; no amount or id passes through a float.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../../base/errors.ts'
import { parseExactJson } from '../../base/exact-json.ts'
import { parseStrictJson } from '../strict-json.ts'

const LARGEST = 64 * 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

export const rawBody = ({ body }: Pick<FastifyRequest, 'body'>): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.alloc(0)

/** Parsers that parse nothing. */
export function keepBodies(api: FastifyInstance): void {
  api.removeAllContentTypeParsers()
  api.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: LARGEST },
    async (_request: FastifyRequest, body: Buffer) => body,
  )
  api.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: LARGEST },
    async (_request: FastifyRequest, body: Buffer) => {
      if (body.length > 0) throw new Refusal('UnsupportedMediaType', { reason: 'send application/json' })
      return body
    },
  )
}

/**
 * The body twice: as its schema is checked on, where numbers are numbers, and as handlers get it, where they are the
 * digits that were written. Refuses `InvalidParams`.
 */
export function readBody(raw: Buffer): { checked: Record<string, unknown>; exact: unknown } {
  const checked = parseStrictJson(raw)
  return { checked, exact: raw.length === 0 ? {} : parseExactJson(utf8.decode(raw)) }
}
