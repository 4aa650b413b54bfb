// Signatures of the fiat ramp: HMAC-SHA512, as lower-case hexadecimal, over `name=value` pairs joined with `&`, names in
// descending order of their ASCII codes. Values stand in it as they are, so a text that cannot be read back as the very
// same fields is none: else one field's value could carry another field along under one signature.
// Must stay true: pure functions of texts; compared in constant time.

import { createHmac } from 'node:crypto'
import { sameBytes } from '../../base/crypto.ts'

export type Fields = Readonly<Record<string, string>>

/** The text that is signed. GET signs `apiKey` and `timestamp` alone, POST these and every field of the body. */
export const rampBase = (fields: Fields): string =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

/** The fields that a reader of the text sees: pairs end at `&`, names at the first `=`. Undefined where a pair is none. */
export function readRampBase(base: string): Map<string, string> | undefined {
  const fields = new Map<string, string>()
  for (const pair of base.split('&')) {
    const end = pair.indexOf('=')
    const name = pair.slice(0, end)
    if (end < 1 || fields.has(name)) return undefined
    fields.set(name, pair.slice(end + 1))
  }
  return fields
}

/** Whether the text says these fields and nothing else. */
export function isUnambiguous(fields: Fields): boolean {
  const read = readRampBase(rampBase(fields))
  const names = Object.keys(fields)
  return read?.size === names.length && names.every((name) => read.get(name) === fields[name])
}

export const signRamp = (secret: string, base: string): string =>
  createHmac('sha512', Buffer.from(secret, 'utf8')).update(base, 'utf8').digest('hex')

/** Upper-case digits are taken as well. */
export function verifyRamp(secret: string, base: string, sign: string): boolean {
  const given = /^[0-9a-f]{128}$/i.test(sign) ? Buffer.from(sign, 'hex') : Buffer.alloc(64)
  return sameBytes(given, Buffer.from(signRamp(secret, base), 'hex')) && /^[0-9a-f]{128}$/i.test(sign)
}

/** Fields without those that are empty: some clients leave them out of what they sign. */
export const withoutEmpty = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
