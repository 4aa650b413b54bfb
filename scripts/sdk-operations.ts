// The operations of the public APIs, out of the OpenAPI document, as the SDK's clients see them: a name, an address, and one
// list of fields whether they go into the path, the query or the body.
// Must stay true: a name is one operation's; what has two verbs is there once, by the verb of its document.

import { apiOfAddress, type PublicApi as SdkApi } from '../src/api/docs/public-apis.ts'

export type { PublicApi as SdkApi } from '../src/api/docs/public-apis.ts'
export { publicApis as apiNames } from '../src/api/docs/public-apis.ts'

export interface Schema {
  type?: string | string[]
  format?: string
  pattern?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  examples?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
}
interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  example?: unknown
  schema: Schema
}
type Content = Record<string, { schema: Schema }>
export interface Operation {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
  security?: Record<string, string[]>[]
  'x-inner-request'?: Schema
  'x-inner-response'?: Schema
}
export interface OpenApi {
  openapi: string
  info: Record<string, unknown>
  components: { securitySchemes: Record<string, unknown> }
  paths: Record<string, Record<string, Operation>>
}

export interface Field {
  name: string
  in: 'path' | 'query' | 'body'
  required: boolean
  schema: Schema
}

export interface SdkOperation {
  name: string
  verb: string
  path: string
  summary: string
  tag: string
  fields: Field[]
  query: string[]
  security: boolean
  /**
   * What makes a repeat harmless: it reads (`reads`), the header Idempotency-Key (`key`), a field with an id of the
   * caller's own (its name), or nothing (`never`).
   */
  once: string
  form: boolean
  bytes: boolean
  /** Of the platform API: sent in the clear. */
  plain: boolean
  /** What `data` is; undefined for nothing. */
  answer: Schema | undefined
}

/** POSTs that change nothing, or nothing that a second time would change again. */
const reads = new Set([
  'spotDepositAddress',
  'spotRecordsOut',
  'spotRecordsIn',
  'rampIdentityLink',
  'platformListCustomers',
  'platformShowSuperiors',
  'platformShowInvited',
  'platformLoginHistory',
  'makeDepositAddress',
  'previewRemittance',
  'quoteNodesByPost',
])
/** Fields that hold an id of the caller's own, which names one order for ever. */
const ownIds = ['outBizId', 'orderNo']

/** What a client of the API adds by itself: fields of the envelope and of signatures. */
const enveloped = new Set(['app_id', 'appKey', 'sign', 'time', 'data'])

export function operationsOf(document: OpenApi, api: SdkApi): SdkOperation[] {
  const found = new Map<string, SdkOperation>()
  for (const [place, verbs] of Object.entries(document.paths)) {
    if (apiOfAddress(place) !== api) continue
    for (const [verb, operation] of Object.entries(verbs)) {
      if (!isFor(api, operation)) continue
      const made = sdkOperation(api, verb.toUpperCase(), place, operation)
      if (!found.has(made.name) && !isAlias(made.name, found)) found.set(made.name, made)
    }
  }
  return [...found.values()]
}

/** `markReadByPut` is `markRead` by another verb. */
const isAlias = (name: string, found: ReadonlyMap<string, unknown>) =>
  /By(?:Post|Put|Delete|Patch)$/.test(name) && found.has(name.replace(/By(?:Post|Put|Delete|Patch)$/, ''))

/** Pages for browsers, streams, and what the ramp's identity page says to the bank are no operations of a client. */
function isFor(api: SdkApi, { responses, security = [], operationId }: Operation): boolean {
  const types = Object.keys(responses['200']?.content ?? {})
  if (types.includes('text/html') || types.includes('text/event-stream')) return false
  if (/WebSession$/.test(operationId)) return false // a browser's cookie
  return api !== 'ramp' || security.some((each) => 'partner' in each)
}

function sdkOperation(api: SdkApi, verb: string, place: string, operation: Operation): SdkOperation {
  const { operationId, summary = '', tags = [], security, responses } = operation
  const fields = fieldsOf(operation)
  const names = fields.map(({ name }) => name)
  if (new Set(names).size !== names.length) throw new Error(`${operationId}: a field twice`)
  const answer = responses['200']?.content ?? {}
  const sealed = operation['x-inner-request'] !== undefined
  return {
    name: nameOf(api, operationId),
    verb,
    path: place,
    summary,
    tag: tags[0] ?? '',
    fields,
    query: fields.filter((field) => field.in === 'query').map(({ name }) => name),
    security: security !== undefined || api === 'platform',
    once: onceOf(verb, operation, names),
    form: operation.requestBody?.content['multipart/form-data'] !== undefined,
    bytes: Object.keys(answer).some((type) => type !== 'application/json'),
    plain: api === 'platform' && !sealed,
    answer: sealed ? operation['x-inner-response'] : answer['application/json']?.schema.properties?.data,
  }
}

/** `spotWithdraw` is `withdraw` of the spot client. */
function nameOf(api: SdkApi, operationId: string): string {
  if (!operationId.startsWith(api) || api === 'app') return operationId
  const bare = operationId.slice(api.length)
  return `${bare[0]?.toLowerCase()}${bare.slice(1)}`
}

function onceOf(verb: string, { operationId, parameters = [] }: Operation, names: readonly string[]): string {
  if (verb === 'GET' || reads.has(operationId)) return 'reads'
  if (parameters.some(({ name }) => name === 'idempotency-key')) return 'key'
  return ownIds.find((name) => names.includes(name)) ?? 'never'
}

function fieldsOf(operation: Operation): Field[] {
  const inner = operation['x-inner-request']
  const content = operation.requestBody?.content ?? {}
  const body = inner ?? (content['application/json'] ?? content['multipart/form-data'])?.schema ?? {}
  const plain = inner === undefined && 'appKey' in (body.properties ?? {})
  const parameters = (operation.parameters ?? []).flatMap((parameter): Field[] =>
    parameter.in === 'path' || parameter.in === 'query'
      ? [
          {
            name: parameter.name,
            in: parameter.in,
            required: parameter.required ?? false,
            schema: {
              ...(parameter.description ? { description: parameter.description } : {}),
              ...(parameter.example === undefined ? {} : { examples: [parameter.example] }),
              ...parameter.schema,
            },
          },
        ]
      : [],
  )
  const properties = Object.entries(body.properties ?? {}).filter(([name]) => !plain || !enveloped.has(name))
  return [
    ...parameters,
    ...properties.map(
      ([name, schema]): Field => ({ name, in: 'body', required: body.required?.includes(name) ?? false, schema }),
    ),
  ]
}
