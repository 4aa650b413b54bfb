// JSON whose numbers are money: read as the digits that were written, written as the digits that are meant.
// Must stay true: no number passes through a float on its way in or out.

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown

const rawJson = (JSON as unknown as { rawJSON(text: string): object }).rawJSON

/** Like JSON.parse, but every number arrives as its text: `12.50` as "12.50". Throws where JSON.parse throws. */
export function parseExactJson(text: string): unknown {
  const reviver: Reviver = (_key, value, context) => (typeof value === 'number' ? (context?.source ?? value) : value)
  return JSON.parse(text, reviver)
}

const NUMBER = /^(0|[1-9]\d*)(\.\d+)?$/

/** A decimal text as a JSON number with exactly these digits, for use inside JSON.stringify. */
export function exactNumber(decimal: string): object {
  if (!NUMBER.test(decimal)) throw new Error('not a plain decimal number')
  return rawJson(decimal)
}
