// The spot API as its own OpenAPI document tells it, and what every answer of it must look like, whatever was asked.

import { missingParameter, type SpotError, spotErrors } from '../../src/api/spot/errors.ts'
import { isRecord, LEAK, type Operation, operationsAt } from './app-contract.ts'
import type { Client, Reply } from './http-client.ts'

export const readSpotOperations = (client: Client): Promise<Operation[]> =>
  operationsAt(client, (path) => path.startsWith('/api/spot/'))

const known: readonly SpotError[] = [...Object.values(spotErrors), missingParameter]

/** What is wrong with a refusal; nothing when it is the document's envelope with a code and status of the table. */
export function faultOfSpotRefusal({ status, json, text, headers }: Reply): string | undefined {
  if (!headers['content-type']?.startsWith('application/json')) return `content type ${headers['content-type']}`
  if (!isRecord(json) || Object.keys(json).join() !== 'code,msg,data,success') return 'another envelope'
  const { code, msg, data, success } = json
  if (data !== null || success !== false || typeof msg !== 'string') return 'no refusal'
  const said = known.filter((one) => one.code === code)
  if (said.length === 0) return `${code} is no code of the table`
  const isHead = code === '413' && status === 431
  if (!said.some((one) => one.status === status) && !isHead) return `${code} has the status ${status}`
  if (!said.some((one) => msg.startsWith(one.zh) || msg.startsWith(one.en)))
    return `the message of ${code} is another one`
  if (LEAK.test(text)) return 'it tells of our insides'
  return undefined
}

/** What every answer carries. */
const guards = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
}

export function faultOfGuards({ headers }: Reply): string | undefined {
  for (const [name, value] of Object.entries(guards)) if (headers[name] !== value) return `${name} is ${headers[name]}`
  if (!/^[\w-]{8,64}$/.test(String(headers['x-request-id']))) return 'no request id'
  for (const name of Object.keys(headers))
    if (/^(access-control-.*|x-powered-by|server|set-cookie)$/.test(name)) return `it says ${name}`
  return undefined
}

/** Of the refusals of the table, those that say that something outside does not answer. */
const outside = ['110112', '110119']

/** What is wrong with an answer of an operation, refused or not. */
export function faultOfSpotReply(operation: Pick<Operation, 'ok'>, reply: Reply): string | undefined {
  const { status, json } = reply
  const guarded = faultOfGuards(reply)
  if (guarded) return guarded
  if (status !== 200) {
    const isUs = status >= 500 && !(isRecord(json) && outside.includes(String(json.code)))
    return isUs ? `${status}` : faultOfSpotRefusal(reply)
  }
  if (!isRecord(json) || json.code !== '0' || json.success !== true) return 'no {code: "0"}'
  if (operation.ok && !operation.ok.Check(json)) {
    return `not the documented answer: ${JSON.stringify(operation.ok.Errors(json)[1][0])}`
  }
  return undefined
}
