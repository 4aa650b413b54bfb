// Amounts as people read and type them. They come and go as decimal strings; sums are made in whole units, never floats.
// Must stay true: what is shown is what the server said, digit for digit, but for trailing zeros.

const SCALE = 6
const GRAMMAR = /^(\d{1,15})(?:\.(\d{0,6}))?$/

/** Units of 0.000001, or null for what is no amount. */
export function parseUnits(text: string): bigint | null {
  const [, whole, part = ''] = GRAMMAR.exec(text.trim()) ?? []
  return whole === undefined ? null : BigInt(whole + part.padEnd(SCALE, '0'))
}

/** "1234.5" → "1234.50": two decimals or as many as it takes. */
export function unitsText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0')
  const part = digits.slice(-SCALE).replace(/0+$/, '').padEnd(2, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -SCALE)}.${part}`
}

/** "1234567.500000" → "1,234,567.50" */
export function grouped(text: string): string {
  const [, sign = '', whole = '0', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [undefined, '', text, '']
  const decimals = part.replace(/0+$/, '').padEnd(2, '0')
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${decimals}`
}

/** What was typed or pasted, as far as it can be an amount: "1,234.5 USDT" → "1234.5", "。5" → "0.5". */
export function cleanAmount(text: string, decimals = SCALE): string {
  const plain = text
    .replace(/[\u3002\uff0e]/g, '.')
    .replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
  const kept = plain.replace(/[^\d.]/g, '')
  const [whole = '', ...rest] = kept.split('.')
  const head = whole.replace(/^0+(?=\d)/, '').slice(0, 12)
  if (rest.length === 0) return head
  return `${head === '' ? '0' : head}.${rest.join('').slice(0, decimals)}`
}

export const isPositive = (text: string): boolean => (parseUnits(text) ?? 0n) > 0n
