// JSON as our own APIs accept it: UTF-8, one object, each field once, not deep, no NUL, no broken surrogates, no
// prototype tricks. What passes here can be stored in PostgreSQL as it is, and means the same to every reader.

import { Refusal } from '../base/errors.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

const refuse = (reason: string) => new Refusal('InvalidParams', { reason })

/** Control characters (tab and newline aside), NUL and lone surrogates have no place in any field of ours. */
export const isCleanText = (text: string): boolean => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) && text.isWellFormed()
}

const MAX_DEPTH = 32
const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * How many members the text gives to its objects; one that is nested too deep is refused, before it is parsed, as a
 * parser's work grows with the depth and not with the length alone.
 */
function countMembers(body: Buffer): number {
  let depth = 0
  let members = 0
  let inText = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inText) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) inText = true
    else if (byte === COLON) members++
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw refuse('nested too deep')
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
  }
  return members
}

/** The body's one JSON object; an empty body is an empty object. Refuses everything else with `InvalidParams`. */
export function parseStrictJson(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {}
  const written = countMembers(body)
  let read = -1 // the whole value is passed as a member of nothing
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(body), function (this: unknown, key: string, inner: unknown) {
      if (!Array.isArray(this)) read++
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
  if (read !== written) throw refuse('a field stands twice')
  return value as Record<string, unknown>
}
