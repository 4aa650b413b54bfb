// The program of a signed request. In a file of its own, as every section asks for it.
// Must stay true: a route without a signature has no program.

import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../base/errors.ts'
import type { Program } from '../../domain/api-key/authenticate-key.ts'

export function programOf({ program }: Pick<FastifyRequest, 'program'>): Program {
  if (!program) throw new Refusal('Unauthorized')
  return program
}
