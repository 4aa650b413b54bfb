// Amounts: 100,000 texts and things that are no texts, each accepted exactly when the documented grammar has it, never
// rounded, and printed back digit for digit. The grammar is said a second time here, in plain steps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../src/base/errors.ts'
import {
  divCeil,
  divFloor,
  formatAmount,
  fromChainUnits,
  MAX_UNITS,
  parseAmount,
  parsePositiveAmount,
  toChainUnits,
} from '../src/base/money.ts'
import { type Draws, draws } from './harness/ledger.ts'

const TEXTS = 100_000

/** The value in 10^-scale, worked out digit by digit, or why there is none. */
function expected(text: unknown, scale: number): bigint | undefined {
  if (typeof text !== 'string') return undefined
  const digits = '0123456789'
  let whole = ''
  let decimals: string | undefined
  for (const char of text) {
    if (char === '.' && decimals === undefined) decimals = ''
    else if (!digits.includes(char)) return undefined
    else if (decimals === undefined) whole += char
    else decimals += char
  }
  if (whole === '' || decimals === '' || (whole.length > 1 && whole.startsWith('0'))) return undefined
  if (whole.length > 18 || (decimals ?? '').length > scale) return undefined
  let units = 0n
  for (const char of whole + (decimals ?? '').padEnd(scale, '0')) units = units * 10n + BigInt(digits.indexOf(char))
  return units <= 2n ** 63n - 1n ? units : undefined
}

const parsed = (text: unknown, scale: number): bigint | undefined => {
  try {
    return parseAmount(text, scale)
  } catch (error) {
    assert.ok(isRefusal(error, 'InvalidAmount'))
    return undefined
  }
}

const NASTY: unknown[] = [
  '',
  ' ',
  '0',
  '-0',
  '+0',
  '00',
  '0.0',
  '-1',
  '+1',
  '1.',
  '.5',
  '.',
  '..',
  '1..2',
  '1.2.3',
  '01',
  '1e3',
  '1E3',
  '1e-7',
  '1E400',
  'NaN',
  'Infinity',
  '-Infinity',
  '0x10',
  '0b1',
  '0o7',
  '1n',
  '1_000',
  '1,000',
  '1 000',
  ' 1',
  '1 ',
  '\t1',
  '1\n',
  '1\r\n',
  '\n',
  '1\u00a0',
  '１',
  '１.５',
  '٣',
  '١٢٣',
  '१',
  '𝟏',
  '½',
  '1٫5',
  '1。5',
  '1，5',
  '−1',
  '1\u0000',
  '\u200b1',
  '\ufeff1',
  '1\u0301',
  'null',
  'undefined',
  'true',
  '1;drop',
  "1'--",
  '20.000000000000000001',
  '0.0000001',
  '0.000000',
  '0.0000000',
  '1.000000',
  '1.0000000',
  '9223372036854.775807',
  '9223372036854.775808',
  '9223372036854775807',
  '9223372036854775808',
  '999999999999999999',
  '1000000000000000000',
  '123456789012345678.123456',
  '9'.repeat(60),
  `0.${'0'.repeat(60)}1`,
  '1'.repeat(10_000),
  '$1',
  '1$',
  '1%',
  '(1)',
  '1/2',
  '1+1',
  '#1',
  '1f',
  '1d',
  '1L',
  '0b',
  '0x',
  'e',
  'E1',
  '∞',
  0,
  1,
  -1,
  1.5,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1n,
  0n,
  true,
  false,
  null,
  undefined,
  [],
  ['1'],
  [1],
  {},
  { valueOf: () => '1' },
  new String('1'),
  Symbol('1'),
  () => '1',
]

const PIECES = [
  '0',
  '1',
  '5',
  '9',
  '00',
  '12345',
  '.',
  '.',
  '-',
  '+',
  'e',
  'E',
  ' ',
  ',',
  '_',
  'x',
  '１',
  '٣',
  '.000001',
  '.0000000',
  '9'.repeat(17),
] as const

function text({ below, pick }: Draws): string {
  const digits = (most: number) => Array.from({ length: below(most + 1) }, () => `${below(10)}`).join('')
  const shape = below(5)
  if (shape === 0) return Array.from({ length: 1 + below(5) }, () => pick(PIECES)).join('')
  if (shape === 1) return `${digits(20)}.${digits(20)}`
  if (shape === 2) return `${1 + below(9)}${digits(17)}`
  if (shape === 3) return `${below(10)}.${digits(8)}`
  const good = `${1 + below(9)}${digits(11)}.${below(10)}${digits(5)}`
  const at = below(good.length + 1)
  return below(2) === 0 ? good : good.slice(0, at) + pick(PIECES) + good.slice(at)
}

test(`${TEXTS} texts: accepted only as documented, and given back digit for digit`, (t) => {
  const random = draws((line) => t.diagnostic(line))
  let accepted = 0
  for (let i = 0; i < TEXTS; i++) {
    const scale = random.pick([6, 6, 6, 0, 2, 8, 18])
    const given = i < NASTY.length * 7 ? NASTY[i % NASTY.length] : text(random)
    const units = parsed(given, scale)
    const said = typeof given === 'string' ? JSON.stringify(given.slice(0, 80)) : typeof given
    assert.equal(units, expected(given, scale), `${said} with scale ${scale}`)
    if (units === undefined || typeof given !== 'string') continue
    accepted++
    const printed = formatAmount(units, scale)
    assert.equal(parseAmount(printed, scale), units)
    const plain = given.includes('.') ? given.replace(/0+$/, '').replace(/\.$/, '') : given
    assert.equal(printed, plain)
    assert.equal(printed.includes('e'), false)
  }
  t.diagnostic(`${accepted} accepted`)
  assert.ok(accepted > TEXTS / 5 && accepted < (TEXTS * 4) / 5)
})

test('zero is an amount, and no payment', () => {
  assert.equal(parseAmount('0.00', 6), 0n)
  assert.throws(() => parsePositiveAmount('0.00', 6), /InvalidAmount/)
  assert.equal(parsePositiveAmount('0.000001', 6), 1n)
})

test('printing pads, signs and keeps every digit', () => {
  const cases: [bigint, number, number, string][] = [
    [0n, 6, 0, '0'],
    [0n, 6, 2, '0'],
    [1n, 6, 0, '0.000001'],
    [12_500_000n, 6, 2, '12.50'],
    [12_000_000n, 6, 2, '12.00'],
    [12_000_000n, 6, 0, '12'],
    [-1n, 6, 0, '-0.000001'],
    [-12_345_678n, 6, 2, '-12.345678'],
    [MAX_UNITS, 6, 0, '9223372036854.775807'],
    [7n, 0, 0, '7'],
    [10n ** 18n, 18, 0, '1'],
  ]
  for (const [units, scale, least, text] of cases) assert.equal(formatAmount(units, scale, least), text)
})

test('division says its direction, and chain units lose nothing', (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const signed = (most: number) => BigInt(below(most)) * (below(2) === 0 ? 1n : -1n)
  for (let i = 0; i < 10_000; i++) {
    const a = signed(1_000_000)
    const b = signed(999) || 7n
    const [floor, ceil] = [divFloor(a, b), divCeil(a, b)]
    const over = a - floor * b
    assert.ok(b > 0n ? over >= 0n && over < b : over <= 0n && over > b, `${a} / ${b}`)
    assert.equal(ceil - floor, over === 0n ? 0n : 1n)

    const value = BigInt(below(2 ** 31)) * BigInt(below(2 ** 31)) * 1_000n + BigInt(below(1_000))
    const decimals = below(19)
    const { units, dust } = fromChainUnits(value, decimals, 6)
    if (decimals >= 6) {
      assert.equal(units * 10n ** BigInt(decimals - 6) + dust, value)
      assert.ok(dust >= 0n && dust < 10n ** BigInt(decimals - 6))
    } else assert.deepEqual([units, dust], [value * 10n ** BigInt(6 - decimals), 0n])
    assert.equal(toChainUnits(units, decimals < 6 ? 6 : decimals, 6) + dust, decimals < 6 ? units : value)
  }
  assert.throws(() => toChainUnits(1n, 2, 6), /finer than the network/)
  assert.equal(toChainUnits(10_000n, 2, 6), 1n)
})
