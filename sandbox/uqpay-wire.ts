// What the parts of the sandbox's UQPAY share: errors in its form, what its routes get, checks of fields, ids, times, pages.
// Times carry +08:00 and amounts are decimal texts, as the vendor writes them.

import { randomUUID } from 'node:crypto'
import { randomToken } from '../src/base/crypto.ts'
import { exactNumber } from '../src/base/exact-json.ts'
import { formatAmount, parseAmount } from '../src/base/money.ts'

export type Fields = Readonly<Record<string, unknown>>

export class UqpayError extends Error {
  readonly status: number
  readonly type: string
  readonly missing: readonly object[] | undefined

  constructor(status: number, type: string, message: string, missing?: readonly object[]) {
    super(message)
    this.status = status
    this.type = type
    this.missing = missing
  }
}

export const badRequest = (message: string, type = 'invalid_request_error') => new UqpayError(400, type, message)
export const notFound = (what: string) => new UqpayError(404, 'not_found', `${what} not found`)

export interface Call {
  /** What the path's pattern caught. */
  id: string
  query: URLSearchParams
  /** Numbers are their texts. */
  body: Fields
}

/** `POST /v1/issuing/cards/:id/recharge` → what answers it. */
export type Routes = Record<string, (call: Call) => object>

export const id = (): string => randomUUID()
export const shortId = (kind: string, at = new Date()) =>
  `${kind}${at.toISOString().slice(2, 10).replaceAll('-', '')}-${randomToken(12)
    .replace(/[^A-Za-z0-9]/g, 'X')
    .slice(0, 12)
    .toUpperCase()}`

export const timeText = (at: Date) =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().replace(/\.\d{3}Z$/, '+08:00')

/** All money of the sandbox's UQPAY is held in hundredths. */
export const SCALE = 2
export const printed = (units: bigint) => formatAmount(units, SCALE)
/** As a JSON number, where the vendor writes one. */
export const numeric = (units: bigint) => (units < 0n ? `-${printed(-units)}` : exactNumber(printed(units)))

export function amountIn(body: Fields, field: string): bigint {
  try {
    const units = parseAmount(body[field], SCALE)
    if (units > 0n) return units
  } catch {
    // said below
  }
  throw badRequest(`${field} must be a positive number with at most 2 decimals`)
}

export function textIn(body: Fields, field: string, pattern = /^[\s\S]{1,2000}$/): string {
  const value = body[field]
  if (value === undefined || value === null || value === '') throw badRequest(`${field} is required`)
  if (typeof value !== 'string' || !pattern.test(value)) throw badRequest(`${field} is invalid`)
  return value
}

export const maybeTextIn = (body: Fields, field: string, pattern?: RegExp): string | undefined =>
  body[field] === undefined || body[field] === null || body[field] === '' ? undefined : textIn(body, field, pattern)

export function objectIn(body: Fields, field: string): Fields {
  const value = body[field]
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest(`${field} must be an object`)
  return value as Fields
}

/** `page_size` 10 to 100 (1 to 100 outside of transactions) and `page_number` from 1. */
export function page<R>(rows: readonly R[], query: URLSearchParams, smallest = 1): object {
  const read = (name: string, from: number, to: number) => {
    const value = Number(query.get(name) ?? Number.NaN)
    if (!Number.isInteger(value) || value < from || value > to)
      throw badRequest(`${name} must be between ${from} and ${to}`)
    return value
  }
  const [size, number] = [read('page_size', smallest, 100), read('page_number', 1, 1_000_000)]
  return {
    total_pages: Math.ceil(rows.length / size),
    total_items: rows.length,
    data: rows.slice((number - 1) * size, number * size),
  }
}
