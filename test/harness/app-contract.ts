// The app API as its own OpenAPI document tells it: every operation with its inputs, so that a new route is tested by
// being there; and what every answer must look like, whatever was asked.

import { Compile, type Validator } from 'typebox/schema'
import { appErrors } from '../../src/api/app/errors.ts'
import type { Client, Reply } from './http-client.ts'

export interface JsonSchema {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  examples?: unknown[]
  [keyword: string]: unknown
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: JsonSchema
}

export interface Operation {
  /** `POST /api/transfer` */
  name: string
  method: string
  /** With `{id}` for parameters. */
  path: string
  /** Needs no sign-in. */
  open: boolean
  parameters: Parameter[]
  body: JsonSchema | undefined
  /** The security requirement's roles, where it names any. */
  roles: string[] | undefined
  /** Answers with a stream of events. */
  stream: boolean
  ok: Validator | undefined
}

interface OpenApi {
  paths: Record<string, Record<string, OpenApiOperation>>
}
interface OpenApiOperation {
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: Parameter['in']; required?: boolean; schema: JsonSchema }[]
  requestBody?: { content: Record<string, { schema: JsonSchema }> }
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>
}

/** The other APIs stand in the same document under addresses of their own. */
const isApp = (path: string) => path.startsWith('/api/') && !path.startsWith('/api/spot/')

export const readOperations = (client: Client): Promise<Operation[]> => operationsAt(client, isApp)

/** Every operation at addresses that belong to an API. */
export async function operationsAt(client: Client, isOurs: (path: string) => boolean): Promise<Operation[]> {
  const { json } = await client.ask({ method: 'GET', path: '/openapi.json' })
  return Object.entries((json as OpenApi).paths)
    .filter(([path]) => isOurs(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([verb, { security, parameters = [], requestBody, responses }]): Operation => {
        const method = verb.toUpperCase()
        const answer = responses['200']?.content ?? {}
        const schema = answer['application/json']?.schema
        return {
          name: `${method} ${path}`,
          method,
          path,
          open: security === undefined,
          roles: Object.values(security?.[0] ?? {})[0],
          parameters: parameters.map((parameter) => ({ ...parameter, required: parameter.required ?? false })),
          body: requestBody?.content['application/json']?.schema,
          stream: 'text/event-stream' in answer,
          ok: schema && Compile(schema),
        }
      }),
    )
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A stack trace, a path of ours, or the database's own words. */
export const LEAK =
  /\n\s+at |node:internal|node_modules|\/src\/|\.ts:\d|SQLSTATE|syntax error|relation "|violates|\bFST_|\bECONN/

/** What is wrong with a refusal; nothing when it is the documented envelope with the documented status. */
export function faultOfRefusal({ status, headers, json, text }: Reply): string | undefined {
  if (!isRecord(json)) return 'the body is not a JSON object'
  const { code, name, message, request_id, details, ...more } = json
  const known = typeof name === 'string' && Object.hasOwn(appErrors, name) ? appErrors[name as 'Internal'] : undefined
  if (!known) return `${name} is no error of the document`
  if (code !== known.code) return `${name} has the number ${code}`
  const isHead = name === 'PayloadTooLarge' && status === 431 // refused before there was a request
  if (status !== known.status && !isHead) return `${name} has the status ${status}`
  if (message !== known.zh && message !== known.en) return `the message of ${name} is another one`
  if (typeof request_id !== 'string' || request_id !== headers['x-request-id']) return 'request_id is not the header'
  if (details !== undefined && !(Array.isArray(details) && details.every(isRecord))) return 'details are no objects'
  if (Object.keys(more).length > 0) return `the envelope also has ${Object.keys(more)}`
  if (LEAK.test(text)) return 'it tells of our insides'
  return undefined
}

/** What is wrong with an answer of an operation, refused or not. */
export function faultOfReply(operation: Pick<Operation, 'ok' | 'stream'>, reply: Reply): string | undefined {
  const { status, headers, json } = reply
  if (status === 304 && headers.etag !== undefined) return reply.text === '' ? undefined : '304 with a body'
  if (status !== 200) {
    const isUs = status >= 500 && !(isRecord(json) && json.name === 'NetworkUnavailable')
    return isUs ? `${status}` : faultOfRefusal(reply)
  }
  if (operation.stream) {
    return headers['content-type']?.startsWith('text/event-stream') ? undefined : 'no stream of events'
  }
  if (!headers['content-type']?.startsWith('application/json')) return `content type ${headers['content-type']}`
  if (!isRecord(json) || json.code !== 0) return 'no {code: 0}'
  if (operation.ok && !operation.ok.Check(json)) {
    return `not the documented answer: ${JSON.stringify(operation.ok.Errors(json)[1][0])}`
  }
  return undefined
}

/** A value that a schema takes, where nothing better is known. */
export function exampleOf(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.examples) return schema.examples[0]
  if (schema.anyOf?.[0]) return exampleOf(schema.anyOf[0])
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return 1
    case 'array':
      return []
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, exampleOf(schema.properties?.[name] ?? {})]),
      )
    default:
      return schema.pattern?.includes('[0-9]') ? '1' : 'x'
  }
}
