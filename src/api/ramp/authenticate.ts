// What of a request a ramp partner signed, and whether it did: headers, and for POST every field of the body.
// Must stay true: what is verified is what the routes read; a field that is neither text nor number is refused before.

import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { authenticatePartner, type SignedPartner } from '../../domain/ramp/authenticate-partner.ts'

export const needsSignature = (request: FastifyRequest) =>
  !request.is404 && (request.routeOptions.config.ramp ?? 'signed') === 'signed'

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Refuses as `authenticatePartner` does. */
export const signedRequest = (
  bank: Bank,
  request: FastifyRequest,
  fields: Readonly<Record<string, string>>,
): Promise<SignedPartner> =>
  authenticatePartner(bank, bank.config.DEFAULT_BOOK, {
    apiKey: headerOf(request, 'apikey'),
    timestamp: headerOf(request, 'timestamp'),
    sign: headerOf(request, 'sign'),
    fields,
  })

/** The document tables the parameters of POST as a query, and says in words that they are JSON: both are taken, not mixed. */
export function takeFieldsFromQuery(request: FastifyRequest): void {
  const query = request.query as Record<string, unknown>
  if (Object.keys(query).length === 0) return
  if (Object.keys((request.body ?? {}) as object).length > 0)
    throw new Refusal('InvalidParams', { reason: 'fields in the body or in the address, not in both' })
  request.body = query
  request.query = {}
}

/** What is signed of a body: texts, and numbers by their digits. Refuses everything else. */
export function fieldsOf(body: unknown): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (typeof value !== 'string')
      throw new Refusal('InvalidParams', { pointer: `/${name.slice(0, 40)}`, reason: 'texts and numbers only' })
    fields[name] = value
  }
  return fields
}
