// The ramp API's signature: HMAC-SHA512, in hex, over name=value pairs joined with &, names in descending ASCII order.
// Must stay true: pure functions; GET signs apiKey and timestamp alone, POST every field of the body as well. Vectors:
// sdk/vectors/ramp.json.

import { createHmac } from 'node:crypto'

/** The text that is signed. Throws where a value could be read as other fields: the bank refuses it. */
export function rampBase(fields) {
  for (const [name, value] of Object.entries(fields)) {
    if (`${name}=${value}`.includes('&')) throw new TypeError(`${name}: & cannot be signed`)
  }
  return Object.keys(fields)
    .sort()
    .reverse()
    .map((name) => `${name}=${fields[name]}`)
    .join('&')
}

export const signRamp = (fields, secret) => createHmac('sha512', secret).update(rampBase(fields), 'utf8').digest('hex')
