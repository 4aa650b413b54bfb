// How the sandbox's vendors fail on request: after they did what was asked, or before; with every kind of broken answer.
// Must stay true: a fault is used up by as many requests as it was made for.

import type { ServerResponse } from 'node:http'
import { sendJson } from './http-server.ts'

export const faultKinds = [
  'timeout', // does it, never answers
  'error', // does not do it, 500
  'error-after', // does it, 500
  'busy', // does not do it, 429 with Retry-After
  'malformed', // does it, answers half of it
  'contradictory', // does it, answers with success and an error's body
  'card-data', // does it, answers with a card's number and code where nobody expects them
  'card-data-refusal', // does not do it, refuses with them in its words
] as const

export interface Fault {
  kind: (typeof faultKinds)[number]
  /** Part of `METHOD /v1/…`. */
  on: string
  times: number
}

/** True when the request has had its answer, or will never have one. */
export async function spoil(
  { kind }: Fault,
  when: 'before' | 'after',
  response: ServerResponse,
  body: object = {},
): Promise<boolean> {
  if (when === 'before') {
    if (kind === 'error') sendJson(response, 500, { type: 'api_error', code: 'internal', message: 'internal error' })
    else if (kind === 'busy') {
      response.setHeader('retry-after', '1')
      sendJson(response, 429, { type: 'rate_limit_error', code: 'too_many_requests', message: 'too many requests' })
    } else if (kind === 'card-data-refusal')
      sendJson(
        response,
        400,
        leaking({ type: 'card_error', code: leakedNumber, message: `no: ${leakedNumber}, CVV ${leakedCode}` }),
      )
    else return false
    return true
  }
  if (kind === 'timeout') return true
  if (kind === 'error-after') sendJson(response, 502, { code: 502, message: 'bad gateway' })
  else if (kind === 'malformed') {
    const text = JSON.stringify(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end(text.slice(0, Math.ceil(text.length / 2)))
  } else if (kind === 'contradictory') sendJson(response, 200, { code: 200, message: 'card not found' })
  else sendJson(response, 200, leaking(body))
  return true
}

/** Numbers of the simulator's BIN: no real card's. */
export const leakedNumber = '4096360812345676'
export const leakedCode = '739'

/** The same with a card's number and code in fields that have no business with them. */
export const leaking = (body: object) => ({
  ...body,
  card_number: leakedNumber,
  cvv: leakedCode,
  remark: `card ${leakedNumber} CVV: ${leakedCode}`,
  description: `paid with 4096 3608 1234 5676, security code ${leakedCode}`,
  nested: [{ note: leakedNumber, [leakedNumber]: true, security_code: leakedCode }],
})
