// The operators' API as its own OpenAPI document tells it, and what every answer of it must look like.

import { consoleErrors } from '../../src/api/console/errors.ts'
import { isRecord, LEAK, type Operation, operationsAt } from './app-contract.ts'
import type { Client, Reply } from './http-client.ts'

export const readConsoleOperations = (client: Client): Promise<Operation[]> =>
  operationsAt(client, (path) => path.startsWith('/console/api/'))

/** What is wrong with a refusal; nothing when it is the console's envelope with the code's own status. */
export function faultOfConsoleRefusal({ status, headers, json, text }: Reply): string | undefined {
  if (!isRecord(json) || Object.keys(json).join() !== 'error' || !isRecord(json.error)) return 'no {error}'
  const { code, message, request_id, details, ...more } = json.error
  const known =
    typeof code === 'string' && Object.hasOwn(consoleErrors, code) ? consoleErrors[code as 'Internal'] : undefined
  if (!known) return `${code} is no error of ours`
  if (status !== known.status) return `${code} has the status ${status}`
  if (message !== known.zh && message !== known.en) return `the message of ${code} is another one`
  if (typeof request_id !== 'string' || request_id !== headers['x-request-id']) return 'request_id is not the header'
  if (!isRecord(details)) return 'details are no object'
  if (Object.keys(more).length > 0) return `the envelope also has ${Object.keys(more)}`
  if (LEAK.test(text)) return 'it tells of our insides'
  return undefined
}

/** What every answer carries. */
const guards = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' }

/** What is wrong with an answer of an operation, refused or not. */
export function faultOfConsoleReply(operation: Pick<Operation, 'ok'>, reply: Reply): string | undefined {
  const { status, headers, json } = reply
  if (status >= 500) return `${status}`
  for (const [name, value] of Object.entries(guards)) if (headers[name] !== value) return `${name} is ${headers[name]}`
  if (status !== 200) return faultOfConsoleRefusal(reply)
  if (!headers['content-type']?.startsWith('application/json')) return `content type ${headers['content-type']}`
  if (!isRecord(json) || Object.keys(json).join() !== 'data') return 'no {data}'
  if (operation.ok && !operation.ok.Check(json)) {
    return `not the documented answer: ${JSON.stringify(operation.ok.Errors(json)[1][0])}`
  }
  return undefined
}
