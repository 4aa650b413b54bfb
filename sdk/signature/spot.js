// The spot API's signature: hex(SHA-256(hex(SHA-256(nonce + timestamp + apiKey + query + body)) + secret)).
// Must stay true: pure functions; what is signed of a body is its very text, never a parsed and printed one. Vectors:
// sdk/vectors/spot.json.

import { createHash } from 'node:crypto'

const hash = (text) => createHash('sha256').update(text, 'utf8').digest('hex')

/** Parameters sorted by name, each name followed by its value, nothing between them. */
export const spotQuery = (query) =>
  [...new URLSearchParams(query)]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .flat()
    .join('')

/** The text that is hashed first. */
export const spotBase = ({ nonce, timestamp, apiKey, query = '', body = '' }) =>
  `${nonce}${timestamp}${apiKey}${spotQuery(query)}${body}`

export const signSpot = (request, secret) => hash(hash(spotBase(request)) + secret)

/** A frame of the WebSocket: its parameters but those of the signature stand in the place of the query. */
export function signSpotFrame(params, secret) {
  const { nonce, timestamp, apiKey, sign: _, ...rest } = params
  const joined = Object.keys(rest)
    .sort()
    .map((name) => `${name}${rest[name]}`)
    .join('')
  return hash(hash(`${nonce}${timestamp}${apiKey}${joined}`) + secret)
}
