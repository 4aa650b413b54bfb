// Requests that no honest client sends, drawn from a route's own schema: an otherwise good request with one or two
// things wrong in it, so that it gets as far as it can. Bodies are raw text: what JSON.stringify cannot say is the point.

import { exampleOf, type JsonSchema, type Operation } from './app-contract.ts'
import {
  bodies,
  contentTypes,
  extras,
  GOOD_TOKEN,
  headers,
  ids,
  methods,
  queries,
  texts,
  tokens,
  values,
} from './hostile-values.ts'
import type { Ask } from './http-client.ts'
import type { Draws } from './ledger.ts'

/** Good values by the name of a field or parameter, as they would be in an honest request. */
export type Known = (name: string, operation: Operation) => unknown

export interface HostileRequest {
  ask: Ask
  /** What is wrong with it. */
  what: string
}

/** A request while it is being spoilt. Fields and parameters are raw: JSON text, or escaped for an address. */
interface Draft {
  operation: Operation
  method: string
  segments: Map<string, string>
  query: string[]
  fields: Map<string, string>
  also: string[]
  body: string | Buffer | undefined
  contentType: string | undefined
  authorization: string | undefined
  headers: Record<string, string>
}

export function drawHostile(operation: Operation, known: Known, { pick, below }: Draws): HostileRequest {
  const one = <T>(list: readonly T[]): T => pick(list as readonly [T, ...T[]])
  const draft = honest(operation, known, () => below(2) === 0)
  const ways = Object.entries(spoil).flatMap(([name, { weight, can, ...way }]) =>
    can(draft) ? Array.from({ length: weight }, () => ({ name, ...way })) : [],
  )
  const what: string[] = []
  for (let times = below(4) === 0 ? 2 : 1; times > 0; times--) {
    const way = one(ways)
    way.apply(draft, one)
    what.push(way.name)
  }
  return { ask: finish(draft), what: what.join(' and ') }
}

function honest(operation: Operation, known: Known, maybe: () => boolean): Draft {
  const good = (name: string, schema: JsonSchema) => known(name, operation) ?? exampleOf(schema)
  const fields = Object.entries(operation.body?.properties ?? {})
    .filter(([name]) => operation.body?.required?.includes(name) || maybe())
    .map(([name, schema]) => [name, JSON.stringify(good(name, schema))] as const)
  const inside = (place: string) =>
    operation.parameters
      .filter((parameter) => parameter.in === place && (parameter.required || maybe()))
      .map(({ name, schema }) => [name, encodeURIComponent(String(good(name, schema)))] as const)
  return {
    operation,
    method: operation.method,
    segments: new Map(inside('path')),
    query: inside('query').map(([name, value]) => `${name}=${value}`),
    fields: new Map(fields),
    also: [],
    body: undefined,
    contentType: operation.body && 'application/json',
    authorization: operation.open ? undefined : GOOD_TOKEN,
    headers: {},
  }
}

interface Way {
  /** How often, compared with the others. */
  weight: number
  can(draft: Draft): boolean
  apply(draft: Draft, one: <T>(list: readonly T[]) => T): void
}

const queryNames = ({ operation }: Draft) =>
  operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
const hasFields = ({ fields }: Draft) => fields.size > 0
const always = () => true

const spoil: Record<string, Way> = {
  value: {
    weight: 10,
    can: hasFields,
    apply: ({ fields }, one) => fields.set(one([...fields.keys()]), one(values)),
  },
  'missing field': {
    weight: 2,
    can: hasFields,
    apply: ({ fields }, one) => fields.delete(one([...fields.keys()])),
  },
  'field twice': {
    weight: 1,
    can: hasFields,
    apply: ({ fields, also }, one) => also.push(`${JSON.stringify(one([...fields.keys()]))}:${one(values)}`),
  },
  'unknown field': {
    weight: 2,
    can: ({ operation }) => operation.body !== undefined,
    apply: ({ also }, one) => also.push(one(extras)),
  },
  body: {
    weight: 3,
    can: always,
    apply(draft, one) {
      draft.body = one(bodies)
    },
  },
  'content type': {
    weight: 2,
    can: always,
    apply(draft, one) {
      draft.contentType = one(contentTypes)
      if (!draft.operation.body) draft.body ??= '{}'
    },
  },
  id: {
    weight: 8,
    can: ({ segments }) => segments.size > 0,
    apply: ({ segments }, one) => segments.set(one([...segments.keys()]), one(ids)),
  },
  query: {
    weight: 3,
    can: always,
    apply: ({ query }, one) => query.push(one(queries)),
  },
  parameter: {
    weight: 8,
    can: (draft) => queryNames(draft).length > 0,
    apply: (draft, one) => draft.query.push(`${one(queryNames(draft))}=${escaped(one(texts))}`),
  },
  header: {
    weight: 3,
    can: always,
    apply: (draft, one) => Object.assign(draft.headers, one(headers)),
  },
  token: {
    weight: 2,
    can: always,
    apply(draft, one) {
      draft.authorization = one(tokens)
    },
  },
  method: {
    weight: 2,
    can: always,
    apply(draft, one) {
      draft.method = one(methods)
    },
  },
}

function finish(draft: Draft): Ask {
  const { operation, segments, query, fields, also, contentType, authorization } = draft
  const members = [...[...fields].map(([name, value]) => `${JSON.stringify(name)}:${value}`), ...also]
  const address = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => segments.get(name) ?? '')
  return {
    method: draft.method,
    path: query.length > 0 ? `${address}?${query.join('&')}` : address,
    headers: {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(authorization === undefined ? {} : { authorization }),
      ...draft.headers,
    },
    body: draft.body ?? (operation.body && `{${members.join(',')}}`),
  }
}

/** encodeURIComponent has no answer to a lone surrogate; what is cut in the middle of an escape is hostile too. */
const escaped = (text: string) => encodeURIComponent(text.toWellFormed()).slice(0, 7_000)
