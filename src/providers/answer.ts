// What a node answered, taken apart: objects, lists and numbers, or an error that says which part of it cannot be.
// Must stay true: nothing is guessed, rounded or filled in.

/** The node answered something that cannot be. Asking again may help; believing it would not. */
export class UnsoundAnswer extends Error {}

export type Row = Readonly<Record<string, unknown>>

export const row = (value: unknown, what: string): Row => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UnsoundAnswer(`${what} is no object`)
  return value as Row
}

export const list = (value: unknown, what: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new UnsoundAnswer(`${what} is no list`)
  return value
}
