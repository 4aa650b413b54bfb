// Postman collections of the four APIs with their environments, printed out of the OpenAPI document (`npm run sdk`).
// Must stay true: what is printed depends on that document and on the scripts in sdk/postman/ alone.

import fs from 'node:fs'
import path from 'node:path'
import { apiNames, type OpenApi, operationsOf, type Schema, type SdkApi, type SdkOperation } from './sdk-operations.ts'

const folder = path.join(import.meta.dirname, '../sdk/postman')
const FORMAT = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'

const scripts: Record<SdkApi, { listen: 'prerequest' | 'test'; file: string }> = {
  app: { listen: 'test', file: 'keep-tokens.js' },
  spot: { listen: 'prerequest', file: 'sign-spot.js' },
  ramp: { listen: 'prerequest', file: 'sign-ramp.js' },
  platform: { listen: 'prerequest', file: 'seal-platform.js' },
}

/** Fields that are left out or not, and without which a first try would not get far. */
const suggested = new Set(['email', 'uid', 'toUid', 'outBizId'])

const variables = [
  'accessToken',
  'spotApiKey',
  'spotSecret',
  'rampApiKey',
  'rampSecretKey',
  'rampSource',
  'platformAppId',
  'platformPrivateKey',
  'platformPublicKey',
  'platformSecret',
]

export function postmanFiles(document: OpenApi): Record<string, string> {
  const collections = apiNames.map((api) => [`${api}.postman_collection.json`, collection(document, api)] as const)
  const environments = [
    ['sandbox.postman_environment.json', environment('UniPay sandbox', 'http://127.0.0.1:4000')],
    ['live.postman_environment.json', environment('UniPay live', 'https://bank.example')],
  ] as const
  return Object.fromEntries(
    [...collections, ...environments].map(([name, content]) => [
      `sdk/postman/${name}`,
      `${JSON.stringify(content, null, 2)}\n`,
    ]),
  )
}

const environment = (name: string, baseUrl: string) => ({
  name,
  values: [
    { key: 'baseUrl', value: baseUrl, type: 'default', enabled: true },
    ...variables.map((key) => ({ key, value: '', type: 'secret', enabled: true })),
  ],
})

function collection(document: OpenApi, api: SdkApi) {
  const { listen, file } = scripts[api]
  const script = fs.readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n')
  const operations = operationsOf(document, api)
  const folders = [...new Set(operations.map(({ tag }) => tag))].map((tag) => ({
    name: tag,
    item: operations.filter((operation) => operation.tag === tag).map((operation) => item(api, operation)),
  }))
  return {
    info: {
      name: `UniPay ${api}`,
      description: `Printed out of the bank's routes. Choose an environment; how to get keys is in docs/api/${api}.md.`,
      schema: FORMAT,
    },
    ...(api === 'app'
      ? { auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{accessToken}}', type: 'string' }] } }
      : {}),
    event: [{ listen, script: { type: 'text/javascript', exec: script } }],
    item: folders,
  }
}

function item(api: SdkApi, operation: SdkOperation) {
  const { name, verb, path: place, summary, fields, security, once, form } = operation
  const query = fields.filter((field) => field.in === 'query')
  const body = fields.filter((field) => field.in === 'body')
  const optional = body.filter((field) => !field.required && !suggested.has(field.name)).map((field) => field.name)
  const required = Object.fromEntries(
    body
      .filter((field) => field.required || suggested.has(field.name))
      .map((field) => [field.name, sample(field.name, field.schema)]),
  )
  const parts = place.slice(1).split('/')
  const address = parts.map((part) => part.replace(/^\{(\w+)\}$/, ':$1'))
  const url = {
    raw: `{{baseUrl}}/${address.join('/')}`,
    host: ['{{baseUrl}}'],
    path: address,
    query: query.map((field) => ({
      key: field.name,
      value: String(sample(field.name, field.schema)),
      disabled: !field.required,
    })),
    variable: fields.filter((field) => field.in === 'path').map((field) => ({ key: field.name, value: '' })),
  }
  return {
    name,
    request: {
      method: verb,
      description: [summary, ...(optional.length > 0 ? [`May also have: ${optional.join(', ')}.`] : [])].join('\n\n'),
      ...(api === 'app' && !security ? { auth: { type: 'noauth' } } : {}),
      header: [
        ...(once === 'key' ? [{ key: 'Idempotency-Key', value: '{{$guid}}' }] : []),
        ...(verb === 'GET' || form ? [] : [{ key: 'Content-Type', value: 'application/json' }]),
      ],
      url,
      ...(verb === 'GET' || (body.length === 0 && api !== 'platform') ? {} : { body: bodyOf(form, required) }),
    },
  }
}

const bodyOf = (form: boolean, required: object) =>
  form
    ? { mode: 'formdata', formdata: Object.keys(required).map((key) => ({ key, type: 'file', src: [] })) }
    : { mode: 'raw', raw: JSON.stringify(required, null, 2), options: { raw: { language: 'json' } } }

/** A value to begin with: the schema's own example where it has one. */
function sample(name: string, schema: Schema): unknown {
  if (name === 'source') return '{{rampSource}}'
  if (name === 'outBizId') return 'order-{{$timestamp}}'
  if (schema.examples && schema.examples.length > 0) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const among = schema.anyOf ?? schema.oneOf
  if (among?.[0]) return sample(name, among[0])
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'array':
      return schema.items ? [sample(name, schema.items)] : []
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, each]) => [key, sample(key, each)]))
    default:
      return ''
  }
}
