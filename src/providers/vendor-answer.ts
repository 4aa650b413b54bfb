// What a vendor answered, taken apart field by field. Numbers arrive as their text (base/exact-json.ts), card numbers are
// cut out before anything else looks. Must stay true: what does not fit throws, and so is an unknown outcome, never a guess.

import { type Row, UnsoundAnswer } from './answer.ts'

/** The vendor said something that cannot be, could not be reached, or failed: nobody knows what became of it. */
export class VendorFailed extends Error {
  /** 0 where there was no answer. */
  readonly status: number

  constructor(message: string, status = 0) {
    super(message)
    this.name = 'VendorFailed'
    this.status = status
  }
}

export function text(from: Row, field: string): string {
  const value = from[field]
  if (typeof value !== 'string' || value === '' || value.length > 4_000) throw new UnsoundAnswer(`${field} is no text`)
  return value
}

/** Undefined where it is missing, null or empty. */
export function maybeText(from: Row, field: string): string | undefined {
  const value = from[field]
  return value === undefined || value === null || value === '' ? undefined : text(from, field)
}

export function oneOf<const W extends string>(from: Row, field: string, words: readonly W[]): W {
  const value = from[field]
  const found = words.find((word) => word === value)
  if (found === undefined) throw new UnsoundAnswer(`${field} is none of ${words.join(', ')}`)
  return found
}

const DECIMAL = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/

/** A decimal text, from a text or a number as it was written. */
export function decimal(from: Row, field: string): string {
  const value = from[field]
  if (typeof value !== 'string' || !DECIMAL.test(value)) throw new UnsoundAnswer(`${field} is no amount`)
  return value
}

export const maybeDecimal = (from: Row, field: string): string | undefined =>
  from[field] === undefined || from[field] === null || from[field] === '' ? undefined : decimal(from, field)

export function whole(from: Row, field: string): number {
  const value = from[field]
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw new UnsoundAnswer(`${field} is no whole number`)
  return Number.parseInt(value, 10)
}

export function instant(from: Row, field: string): Date {
  const value = text(from, field)
  const at = new Date(/^\d{10}$/.test(value) ? Number.parseInt(value, 10) * 1_000 : value)
  if (Number.isNaN(at.getTime())) throw new UnsoundAnswer(`${field} is no time`)
  return at
}

export const maybeInstant = (from: Row, field: string): Date | undefined =>
  maybeText(from, field) === undefined ? undefined : instant(from, field)

/** A page of one of our vendors in a browser: of the web, or in a sandbox of this machine. */
export function link(from: Row, field: string): string {
  const value = text(from, field)
  if (!URL.canParse(value) || !['http:', 'https:'].includes(new URL(value).protocol))
    throw new UnsoundAnswer(`${field} is no link`)
  return value
}

export const maybeLink = (from: Row, field: string): string | undefined =>
  maybeText(from, field) === undefined ? undefined : link(from, field)

/** An object without the members that are undefined, for bodies and for optional fields. */
export function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
