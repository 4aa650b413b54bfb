// Runs a script of the Postman collections as Postman does: in a context of its own, with `pm`, crypto-js and variables.
// Knows as much of Postman's sandbox as the scripts use.

import { createRequire } from 'node:module'
import vm from 'node:vm'

interface Item {
  name: string
  request: {
    method: string
    header: { key: string; value: string }[]
    url: { path: string[]; query: { key: string; value: string; disabled?: boolean }[] }
    body?: { raw: string }
  }
}
export interface Collection {
  event: { listen: string; script: { exec: string[] } }[]
  item: { item: Item[] }[]
}

export interface PostmanRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
}

interface Fixed {
  now?: number
  random?: string
  /** In place of the collection's. */
  body?: string
  query?: Record<string, string>
}

const cryptoJs = createRequire(import.meta.url)('crypto-js') as Record<string, unknown> & {
  lib: { WordArray: Record<string, unknown> }
}

export const itemsOf = (collection: Collection): Item[] => collection.item.flatMap(({ item }) => item)

/** The request as the script leaves it. */
export function prepared(
  collection: Collection,
  name: string,
  variables: Readonly<Record<string, string>>,
  { now = Date.now(), random, body, query }: Fixed = {},
): PostmanRequest {
  const {
    method,
    header,
    url,
    body: own,
  } = itemsOf(collection).find((item) => item.name === name)?.request ?? lost(name)
  const headers = new Map(header.map(({ key, value }) => [key.toLowerCase(), value]))
  const params: { key: string; value: string; disabled?: boolean }[] = query
    ? Object.entries(query).map(([key, value]) => ({ key, value }))
    : url.query
  let raw = body ?? own?.raw
  const fill = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => variables[key] ?? whole)
  const pm = {
    variables: { replaceIn: fill },
    request: {
      method,
      headers: { upsert: ({ key, value }: { key: string; value: string }) => headers.set(key.toLowerCase(), value) },
      url: { query: { all: () => params }, getPath: () => `/${url.path.join('/')}` },
      ...(raw === undefined
        ? {}
        : {
            body: {
              raw,
              update: (next: { raw: string }) => {
                raw = next.raw
              },
            },
          }),
    },
  }
  const library = random
    ? { ...cryptoJs, lib: { ...cryptoJs.lib, WordArray: { ...cryptoJs.lib.WordArray, random: () => random } } }
    : cryptoJs
  const [event] = collection.event
  const script = event?.script.exec.join('\n') ?? lost('script')
  // names that Postman has taken already, so that a script that takes them fails as it does there
  const taken = ['CryptoJS', '_', 'xml2Json', 'cheerio', 'tv4', 'postman', 'request', 'environment', 'globals', 'data']
  const context = vm.createContext({ pm, require: () => library, Date: { now: () => now } })
  vm.runInContext(`let ${taken.join(', ')}`, context)
  vm.runInContext(script, context)
  const search = params
    .filter(({ disabled }) => !disabled)
    .map(({ key, value }) => `${key}=${encodeURIComponent(fill(value))}`)
    .join('&')
  const path = `/${url.path.join('/')}`
  return { method, path: search === '' ? path : `${path}?${search}`, headers: Object.fromEntries(headers), body: raw }
}

function lost(name: string): never {
  throw new Error(`the collection has no ${name}`)
}
