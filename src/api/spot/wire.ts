// Words and shapes that the spot API's sections share: the envelope, amounts and ids as JSON numbers with exact digits,
// coins and networks by the names of its document. Source: reference document "spot API"; times are Unix milliseconds.

import { type Static, Type as T, type TSchema } from 'typebox'
import { assert, Refusal } from '../../base/errors.ts'
import { exactNumber } from '../../base/exact-json.ts'
import { formatAmount } from '../../base/money.ts'
import type { Network } from '../../domain/chain/network.ts'
import { readOrderNumber } from '../../domain/order-number.ts'
import { assets } from '../../ledger/accounts.ts'

export const strict = <P extends Record<string, TSchema>>(properties: P) =>
  T.Object(properties, { additionalProperties: false })

/** `{code: "0", msg, data, success}` */
export const Ok = <S extends TSchema>(data: S) =>
  T.Object({ code: T.Literal('0'), msg: T.String(), data, success: T.Literal(true) })
export const ErrorAnswer = T.Object({ code: T.String(), msg: T.String(), data: T.Null(), success: T.Literal(false) })

/** `data` may hold exact numbers; see base/exact-json.ts. The schema describes them, JSON.stringify prints them. */
export const ok = (data: unknown) => ({ code: '0', msg: 'result.success', data, success: true })

// --- what comes in: texts, and numbers as the digits that were written ---

export const Decimal = T.Union([T.String({ minLength: 1, maxLength: 40 }), T.Number()], {
  description: 'decimal; a JSON number or a string, read to the digit',
  examples: ['20.00'],
})
export const Int = T.Union([T.String({ minLength: 1, maxLength: 20 }), T.Integer()], { examples: [10] })
export const Id = T.Union([T.String({ minLength: 1, maxLength: 64 }), T.Integer()], {
  description: 'up to 19 digits; exact as a string, and read exactly as a number',
  examples: ['1909879608889339906'],
})
/** A field that may be left out, null, or empty. */
export const Maybe = <S extends TSchema>(schema: S) => T.Optional(T.Union([schema, T.Null(), T.Literal('')]))

/** A field as text; undefined for what was left out, null or empty. Numbers have been read as their digits. */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  assert(typeof value === 'string', 'numbers were read as texts')
  return value
}

export function requiredText(value: unknown, pointer: string): string {
  const text = textOf(value)
  if (text === undefined) throw new Refusal('InvalidParams', { pointer, reason: 'must not be empty' })
  return text
}

/** The number of an order; undefined where it was left out. What is no number names no order: null. */
export function numberOf(value: unknown): bigint | null | undefined {
  const text = textOf(value)
  return text === undefined ? undefined : (readOrderNumber(text) ?? null)
}

/** A time in Unix milliseconds. */
export function timeOf(value: unknown, pointer: string): Date | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  if (!/^(0|[1-9]\d{0,13})$/.test(text))
    throw new Refusal('InvalidParams', { pointer, reason: 'Unix time in milliseconds' })
  return new Date(Number.parseInt(text, 10))
}

export const MOST = 100

/** 100 unless said; more than 100 is served as 100. */
export function limitOf(value: unknown): number {
  const text = textOf(value)
  if (text === undefined) return MOST
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Refusal('InvalidParams', { pointer: '/limit', reason: 'a number from 1 to 100' })
  return Math.min(Number.parseInt(text, 10), MOST)
}

// --- coins and networks ---

export const coins = ['USDT', 'TRX'] as const
export type Coin = (typeof coins)[number]

export function coinOf(value: unknown): Coin {
  const text = requiredText(value, '/coin')
  const coin = coins.find((one) => one === text)
  if (coin === undefined) throw new Refusal('InvalidParams', { pointer: '/coin', reason: `one of ${coins.join(', ')}` })
  return coin
}

/** What is sent within the bank. */
export function usdtOnly(value: unknown): void {
  if (coinOf(value) !== 'USDT') throw new Refusal('InvalidParams', { pointer: '/coin', reason: 'USDT only' })
}

/** As the document writes it. */
export const networkName = ({ code, name }: Network): string => (code === 'TRX' ? 'Tron (TRC-20)' : name)

/** By that name, or by its code; capitals do not matter. Refuses `NetworkUnknown`. */
export function networkByName(networks: readonly Network[], value: unknown): Network {
  const text = requiredText(value, '/network').toLowerCase()
  const found = networks.find(
    (network) => networkName(network).toLowerCase() === text || network.code.toLowerCase() === text,
  )
  if (!found) throw new Refusal('NetworkUnknown', { pointer: '/network' })
  return found
}

// --- what goes out ---

/** "10.00000000": eight decimals, as the document prints amounts that are texts. */
export function amountText(units: bigint, coin: Coin): string {
  const text = formatAmount(units, assets[coin].scale, 8)
  return units === 0n ? '0.00000000' : text
}

/** A JSON number with exactly these digits. */
export const amountNumber = (units: bigint, coin: Coin): object => exactNumber(formatAmount(units, assets[coin].scale))
export const idNumber = (no: bigint): object => exactNumber(no.toString())

export type Body<S extends TSchema> = Static<S>
