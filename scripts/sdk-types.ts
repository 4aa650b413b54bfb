// JSON schemas as types of TypeScript, as the SDK's clients take and answer them.
// Must stay true: amounts are texts on both sides. A number of the spot API may have more digits than a double holds, so all
// of its answers' numbers are texts; what takes a number or a text of digits is given text, or a whole number.

import type { Schema, SdkApi } from './sdk-operations.ts'

export interface Side {
  api: SdkApi
  /** An answer, in place of an input. */
  out: boolean
}

const pad = (by: number) => ' '.repeat(by)
const key = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`)

/** `indent` is that of the line that the type begins on. */
export function typeText(schema: Schema, side: Side, indent: number): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return union(schema.enum.map((value) => literal(value)))
  const among = schema.anyOf ?? schema.oneOf
  if (among) return union(alternatives(among, side, indent))
  if (schema.allOf) return schema.allOf.map((each) => typeText(each, side, indent)).join(' & ')
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeText({ ...schema, type }, side, indent)))
  switch (schema.type) {
    case 'string':
      return schema.format === 'binary' ? 'Blob' : 'string'
    case 'integer':
    case 'number':
      return side.out && side.api === 'spot' ? 'string' : 'number'
    case 'boolean':
      return 'boolean'
    case 'null':
      return 'null'
    case 'array': {
      const items = schema.items ? typeText(schema.items, side, indent) : 'unknown'
      return / [|&] /.test(items) && !items.startsWith('{') ? `(${items})[]` : `${items}[]`
    }
    case 'object':
      return objectText(schema, side, indent)
    default:
      return 'unknown'
  }
}

const literal = (value: unknown) => (typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value))
const union = (texts: readonly string[]) => [...new Set(texts)].join(' | ') || 'never'

/** Of an input, null and an empty text mean that nothing is said, which is said by leaving it out. */
function alternatives(among: readonly Schema[], side: Side, indent: number): string[] {
  const nothing = ({ type, enum: values }: Schema) => type === 'null' || (values?.length === 1 && values[0] === '')
  const left = side.out ? among : among.filter((each) => !nothing(each))
  const decimal = !side.out && left.length === 2 && left.some(({ type }) => type === 'number')
  if (decimal && left.some(({ type }) => type === 'string')) return ['string']
  return left.map((each) => typeText(each, side, indent))
}

function objectText(schema: Schema, side: Side, indent: number): string {
  const { properties = {}, required = [], additionalProperties, patternProperties } = schema
  const fields = Object.entries(properties).flatMap(([name, each]) => {
    const about = describe(each)
    return [
      ...(about ? [`${pad(indent + 2)}/** ${about} */`] : []),
      `${pad(indent + 2)}${key(name)}${required.includes(name) ? '' : '?'}: ${typeText(each, side, indent + 2)}`,
    ]
  })
  if (fields.length > 0) return `{\n${fields.join('\n')}\n${pad(indent)}}`
  const pattern = Object.values(patternProperties ?? {})[0]
  const values = pattern ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
  if (values) return `Record<string, ${typeText(values, side, indent)}>`
  return additionalProperties === true ? 'Record<string, unknown>' : 'Record<string, never>'
}

function describe({ description, anyOf }: Schema): string | undefined {
  const said = description ?? anyOf?.find((each) => each.description)?.description
  return said?.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ').trim()
}
