// A client of the ramp API: partners that move fiat in and out.
// Must stay true: no two requests of a client have one timestamp, for GET signs nothing else and a signature counts once.

import { jsonOf, makeMethods } from './call.js'
import { operations } from './operations/ramp.js'
import { signRamp } from './signature/ramp.js'

const REPEATED = '100005'
const IN_PROGRESS = '200009'

export * from './signature/ramp.js'
export { UnipayError } from './unipay-error.js'

export function createRampClient(options) {
  const now = options.now ?? Date.now
  let last = 0
  const wire = {
    api: 'ramp',
    operations,
    parse: JSON.parse,
    async prepare(operation, { path, query, fields }, { operation: name }) {
      last = now() > last ? now() : last + 1
      const { apiKey } = options
      const timestamp = String(last)
      const isPost = operation.verb !== 'GET'
      for (const [field, value] of Object.entries(fields)) {
        if (typeof value !== 'string') throw new TypeError(`${name}: ${field} has to be text`)
      }
      const sign = signRamp({ ...(isPost ? fields : {}), apiKey, timestamp }, options.secretKey)
      const headers = {
        'content-type': 'application/json',
        'accept-language': options.language ?? 'en',
        apiKey,
        timestamp,
        sign,
      }
      const body = isPost ? jsonOf(name, fields) : undefined
      return { path: query === '' ? path : `${path}?${query}`, headers, body }
    },
    open(envelope, _prepared, { status }) {
      const { code, data, description } = envelope ?? {}
      if (code === '000000' && status < 300) return { data }
      if (typeof code !== 'string' || typeof description !== 'string' || code === '000000') return undefined
      const busy = code === IN_PROGRESS
      return { refused: { code, message: description, passing: busy || code === REPEATED, busy } }
    },
  }
  return makeMethods(wire, options)
}
