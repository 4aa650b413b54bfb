// A client of the spot API: a customer's programs, by an API key.
// Must stay true: what is signed is the body that is sent; each try has a nonce of its own; numbers of answers are texts, for
// ids have nineteen digits and amounts may have more than a double holds.

import { jsonOf, makeMethods } from './call.js'
import { parseExactJson } from './exact-json.js'
import { operations } from './operations/spot.js'
import { randomHex } from './random.js'
import { signSpot } from './signature/spot.js'

const REPEATED = '100009'
const IN_PROGRESS = '110109'

export * from './signature/spot.js'
export { UnipayError } from './unipay-error.js'

export function createSpotClient(options) {
  const now = options.now ?? Date.now
  const wire = {
    api: 'spot',
    operations,
    parse: parseExactJson,
    async prepare(operation, { path, query, fields }, { operation: name }) {
      const body = operation.verb === 'GET' ? undefined : jsonOf(name, fields)
      const headers = { language: options.language ?? 'en-US', ...(body && { 'content-type': 'application/json' }) }
      if (!operation.open) {
        const request = { nonce: await randomHex(16), timestamp: String(now()), apiKey: options.apiKey, query, body }
        headers['api-key'] = request.apiKey
        headers.nonce = request.nonce
        headers.timestamp = request.timestamp
        headers.sign = signSpot(request, options.secret)
      }
      return { path: query === '' ? path : `${path}?${query}`, headers, body }
    },
    open(envelope, _prepared, { status }) {
      const { code, msg, data, success } = envelope ?? {}
      if (code === '0' && success === true && status < 300) return { data }
      if (typeof code !== 'string' || typeof msg !== 'string' || success === true) return undefined
      const busy = code === IN_PROGRESS
      return { refused: { code, message: msg, passing: busy || code === REPEATED, busy } }
    },
  }
  return makeMethods(wire, options)
}
