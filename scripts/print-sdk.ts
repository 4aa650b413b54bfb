// Prints what of the SDK follows from the routes (`npm run sdk`): the operations of each API as a table for the clients
// (sdk/operations/), their inputs and answers as types (sdk/types/), and Postman collections (sdk/postman/).
// Must stay true: what is printed depends on the OpenAPI document alone, so test/sdk.test.ts can tell stale from fresh.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { postmanFiles } from './print-postman.ts'
import {
  apiNames,
  type OpenApi,
  type Operation,
  operationsOf,
  type SdkApi,
  type SdkOperation,
} from './sdk-operations.ts'
import { typeText } from './sdk-types.ts'

const root = path.join(import.meta.dirname, '..')

/** The printed files by their path from the top of the project. */
export function printedSdk(document: OpenApi): Record<string, string> {
  const files: Record<string, string> = { ...postmanFiles(document) }
  for (const api of apiNames) {
    const operations = operationsOf(document, api)
    files[`sdk/operations/${api}.js`] = table(api, operations)
    files[`sdk/operations/${api}.d.ts`] = tableTypes(api)
    files[`sdk/types/${api}.d.ts`] = types(api, operations)
  }
  return files
}

const note = '// Printed by npm run sdk out of the routes of the bank. Change those, not this file.'

function table(api: SdkApi, operations: readonly SdkOperation[]): string {
  const lines = operations.map(({ name, verb, path: place, query, security, once, form, bytes, plain }) => {
    const facts = [
      `verb: '${verb}'`,
      `path: '${place}'`,
      ...(query.length > 0 ? [`query: [${query.map((each) => `'${each}'`).join(', ')}]`] : []),
      ...(security ? [] : ['open: true']),
      ...(once === 'never' ? [] : [`once: '${once}'`]),
      ...(form ? ['form: true'] : []),
      ...(bytes ? ['bytes: true'] : []),
      ...(plain ? ['plain: true'] : []),
    ]
    return `  ${name}: { ${facts.join(', ')} },`
  })
  return `// The operations of the ${api} API: where each is, which fields go into the query, what makes a repeat harmless (\`once\`).
${note}

export const operations = {
${lines.join('\n')}
}
`
}

const callImport = `import type { Operation } from '../call.js'`
const tableTypes = (api: SdkApi) => `// Types of sdk/operations/${api}.js.
${note}

${callImport}

export const operations: Record<string, Operation>
`

const interfaceName = (api: SdkApi) => `${api[0]?.toUpperCase()}${api.slice(1)}Operations`

function types(api: SdkApi, operations: readonly SdkOperation[]): string {
  const each = operations.map((operation) => {
    const { name, verb, path: place, summary } = operation
    const input = inputType(api, operation.fields)
    return `  /** ${comment(summary)}. \`${verb} ${place}\` */
  ${name}: {
    input: ${input}
    answer: ${operation.bytes ? 'Uint8Array' : operation.answer ? typeText(operation.answer, { api, out: true }, 4) : 'undefined'}
  }`
  })
  return `// What the operations of the ${api} API take and answer.
${note}

export interface ${interfaceName(api)} {
${each.join('\n')}
}
`
}

const comment = (text: string) => text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ').trim()

function inputType(api: SdkApi, fields: SdkOperation['fields']): string {
  if (fields.length === 0) return 'Record<string, never>'
  // in an address a number is text anyway
  const digits = ({ in: place, schema }: SdkOperation['fields'][number]) =>
    place === 'query' && /^\^\[1-9\]\[0-9\]/.test(schema.pattern ?? '')
  const properties = Object.fromEntries(
    fields.map((field) => [
      field.name,
      digits(field) ? { ...field.schema, type: ['string', 'integer'] } : field.schema,
    ]),
  )
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  return typeText({ type: 'object', properties, required }, { api, out: false }, 4)
}

/** The document, as the bank's own program prints it. */
export function readDocument(): OpenApi {
  const printed = execFileSync(process.execPath, ['src/main/openapi.ts'], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(printed.toString('utf8')) as OpenApi
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(printedSdk(readDocument()))) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    fs.writeFileSync(path.join(root, file), text)
  }
}

export type { Operation }
