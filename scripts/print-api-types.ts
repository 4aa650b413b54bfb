// Prints dist/api-types.d.ts: what the web apps may send and what they get, out of the OpenAPI document that the routes
// make of themselves. Never committed, so never stale: `npm run check` and the tests print it before they look at web/.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
  $ref?: string
}
interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

const root = path.join(import.meta.dirname, '..')
const printed = execFileSync(process.execPath, ['src/main/openapi.ts'], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
const { paths } = JSON.parse(printed.toString('utf8')) as { paths: Record<string, Record<string, Operation>> }

const lines = [
  '// Printed by scripts/print-api-types.ts. Every operation of the app API and the console by its verb and path.',
  'interface ApiOperations {',
]
for (const [address, verbs] of Object.entries(paths)) {
  if (!/^\/(?:api|console\/api)\//.test(address)) continue
  for (const [verb, operation] of Object.entries(verbs)) {
    const of = (place: string) => (operation.parameters ?? []).filter((parameter) => parameter.in === place)
    const body = operation.requestBody?.content['application/json']?.schema
    const answer = operation.responses['200']?.content?.['application/json']?.schema
    const data = answer?.properties?.data
    const input = [part('path', of('path')), part('query', of('query'))]
    if (body) input.push(`body${body.required?.length ? '' : '?'}: ${typeOf(body)}`)
    lines.push(
      `  '${verb.toUpperCase()} ${address}': {`,
      `    input: { ${input.filter(Boolean).join('; ')} }`,
      `    body: ${body ? typeOf(body) : 'Record<string, never>'}`,
      `    data: ${data ? typeOf(data) : 'undefined'}`,
      '  }',
    )
  }
}
lines.push('}', '')
fs.mkdirSync(path.join(root, 'dist'), { recursive: true })
fs.writeFileSync(path.join(root, 'dist/api-types.d.ts'), lines.join('\n'))

function part(name: string, list: { name: string; required?: boolean; schema: Schema }[]): string {
  if (list.length === 0) return ''
  const fields = list.map((each) => `${key(each.name)}${each.required ? '' : '?'}: ${typeOf(each.schema)}`)
  return `${name}${list.some(({ required }) => required) ? '' : '?'}: { ${fields.join('; ')} }`
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ') || 'never'
  const among = schema.anyOf ?? schema.oneOf
  if (among) return `(${among.map(typeOf).join(' | ')})`
  if (schema.allOf) return `(${schema.allOf.map(typeOf).join(' & ')})`
  if (Array.isArray(schema.type)) return `(${schema.type.map((type) => typeOf({ ...schema, type })).join(' | ')})`
  switch (schema.type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array':
      return `(${schema.items ? typeOf(schema.items) : 'unknown'})[]`
    case 'object':
      return objectOf(schema)
    default:
      return 'unknown'
  }
}

function objectOf({ properties = {}, required = [], additionalProperties, patternProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  const pattern = Object.values(patternProperties ?? {})[0]
  const values = pattern ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
  if (fields.length > 0) return `{ ${fields.join('; ')} }`
  if (values) return `Record<string, ${typeOf(values)}>`
  return additionalProperties === true ? 'Record<string, unknown>' : 'Record<string, never>'
}
