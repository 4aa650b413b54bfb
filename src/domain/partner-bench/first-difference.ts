// Where two texts part, byte by byte, in a form that people can read.
// Must stay true: what is shown of a text is a few bytes around the place, with everything escaped that cannot be seen.

export interface Side {
  /** `0x2f "/"`; null where the text has ended. */
  byte: string | null
  /** The bytes around. */
  near: string
}

export interface Difference {
  /** Of the first byte that differs, from 0. */
  offset: number
  ours: Side
  theirs: Side
}

const AROUND = 16

const printable = (byte: number) =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`

const sideOf = (text: Uint8Array, offset: number): Side => {
  const byte = text[offset]
  return {
    byte: byte === undefined ? null : `0x${byte.toString(16).padStart(2, '0')} "${printable(byte)}"`,
    near: [...text.subarray(Math.max(0, offset - AROUND), offset + AROUND)].map(printable).join(''),
  }
}

/** Nothing when they are the same. */
export function firstDifference(ours: Uint8Array, theirs: Uint8Array): Difference | undefined {
  const both = Math.min(ours.length, theirs.length)
  let offset = 0
  while (offset < both && ours[offset] === theirs[offset]) offset++
  if (offset === both && ours.length === theirs.length) return undefined
  return { offset, ours: sideOf(ours, offset), theirs: sideOf(theirs, offset) }
}
