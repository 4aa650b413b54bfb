// JSON as the app API accepts it: UTF-8, one object, no NUL, no broken surrogates, no prototype tricks.
// What passes here can be stored in PostgreSQL as it is.

import { Refusal } from '../../base/errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

const refuse = (reason: string) => new Refusal('InvalidParams', { reason })

/** Control characters (tab and newline aside), NUL and lone surrogates have no place in any field of ours. */
export const isCleanText = (text: string): boolean => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) && text.isWellFormed()
}

const MAX_DEPTH = 32
const bytes = { quote: 0x22, backslash: 0x5c, openList: 0x5b, closeList: 0x5d, openObject: 0x7b, closeObject: 0x7d }

/** Looked at before it is parsed, as a parser's work grows with the depth and not with the length alone. */
function isShallow(body: Buffer): boolean {
  let depth = 0
  let inText = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inText) {
      if (byte === bytes.backslash) i++
      else if (byte === bytes.quote) inText = false
    } else if (byte === bytes.quote) inText = true
    else if (byte === bytes.openList || byte === bytes.openObject) {
      if (++depth > MAX_DEPTH) return false
    } else if (byte === bytes.closeList || byte === bytes.closeObject) depth--
  }
  return true
}

/** The body's one JSON object; an empty body is an empty object. Refuses everything else with `InvalidParams`. */
export function parseStrictJson(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {}
  if (!isShallow(body)) throw refuse('nested too deep')
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(body), (key, inner: unknown) => {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw refuse(`"${key}" is not a field`)
      if (typeof inner === 'string' && !isCleanText(inner)) throw refuse('control characters in a text')
      return inner
    })
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw refuse('the body is not valid JSON in UTF-8')
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refuse('the body must be one JSON object')
  return value as Record<string, unknown>
}
