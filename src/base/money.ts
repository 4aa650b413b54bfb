// Amounts: integers of an asset's smallest unit, always bigint. Text is parsed and printed here and nowhere else.
// Must stay true: no float ever touches money; nothing is rounded silently; every rounding says its direction by name.

import { Refusal } from './errors.ts'

/** Longest amount text accepted anywhere: 18 integer digits, a dot, 18 decimals. */
const AMOUNT = /^(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,18}))?$/

/** PostgreSQL's bigint, and so the largest amount a ledger entry can hold. */
export const MAX_UNITS = 9_223_372_036_854_775_807n

/**
 * "12.5" with scale 6 gives 12500000n. Refuses (`InvalidAmount`) signs, exponents, blanks, leading zeros, other
 * scripts' digits, and decimals beyond the scale even when they are zeros: precision we cannot keep is not accepted.
 */
export function parseAmount(text: unknown, scale: number, pointer = '/amount'): bigint {
  const match = typeof text === 'string' ? AMOUNT.exec(text) : null
  const decimals = match?.[2] ?? ''
  if (!match || decimals.length > scale) {
    throw new Refusal('InvalidAmount', { pointer, reason: `expected a decimal string with at most ${scale} decimals` })
  }
  const units = BigInt(match[1] + decimals.padEnd(scale, '0'))
  if (units > MAX_UNITS) throw new Refusal('InvalidAmount', { pointer, reason: 'too large' })
  return units
}

/** Like parseAmount, and refuses zero. */
export function parsePositiveAmount(text: unknown, scale: number, pointer = '/amount'): bigint {
  const units = parseAmount(text, scale, pointer)
  if (units === 0n) throw new Refusal('InvalidAmount', { pointer, reason: 'must be greater than zero' })
  return units
}

/** 12500000n with scale 6 gives "12.5"; `minDecimals` pads ("12.50"); zero is always "0", as the documents print it. */
export function formatAmount(units: bigint, scale: number, minDecimals = 0): string {
  if (units === 0n) return '0'
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const decimals = digits
    .slice(digits.length - scale)
    .replace(/0+$/, '')
    .padEnd(minDecimals, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${units < 0n ? '-' : ''}${whole}${decimals && scale > 0 ? `.${decimals}` : ''}`
}

/** Quotient rounded towards negative infinity. */
export function divFloor(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  return numerator % denominator !== 0n && numerator < 0n !== denominator < 0n ? quotient - 1n : quotient
}

/** Quotient rounded towards positive infinity. */
export function divCeil(numerator: bigint, denominator: bigint): bigint {
  return -divFloor(-numerator, denominator)
}

/**
 * A chain's integer (say 18 decimals) in the ledger's scale (6), floored, and what the floor left over in chain units:
 * value = units × 10^(decimals − scale) + dust.
 */
export function fromChainUnits(value: bigint, decimals: number, scale: number): { units: bigint; dust: bigint } {
  if (decimals <= scale) return { units: value * 10n ** BigInt(scale - decimals), dust: 0n }
  const factor = 10n ** BigInt(decimals - scale)
  const units = divFloor(value, factor)
  return { units, dust: value - units * factor }
}

/** The ledger's integer in a chain's decimals. Exact or refused: a payment is never rounded. */
export function toChainUnits(units: bigint, decimals: number, scale: number): bigint {
  if (decimals >= scale) return units * 10n ** BigInt(decimals - scale)
  const factor = 10n ** BigInt(scale - decimals)
  if (units % factor !== 0n) throw new Refusal('InvalidAmount', { reason: 'finer than the network can carry' })
  return units / factor
}
