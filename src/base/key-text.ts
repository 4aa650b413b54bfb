// Keys as programs carry them: pk_live_… names one, sk_live_… is its secret. The name says its book, so that it is found
// without asking every book; six digits at the end tell a mistyped key from an unknown one without a look.
// Must stay true: 128 random bits and more in each; a checksum proves nothing but that nobody mistyped.

import { randomToken, sha256 } from './crypto.ts'

export type KeyMode = 'test' | 'live'

const CHECK = 6
const BODY = 26
const BYTES = 20

const checksum = (text: string): string => sha256(text).toString('hex').slice(0, CHECK)

/** 26 of 36 letters and digits: 134 bits. A byte above 251 would favour some of them and is drawn anew. */
function randomBody(): string {
  let body = ''
  while (body.length < BODY) {
    for (const byte of Buffer.from(randomToken(BYTES), 'base64url')) {
      if (byte < 252 && body.length < BODY) body += (byte % 36).toString(36)
    }
  }
  return body
}

/** What a program names itself by. */
export function newKeyName(mode: KeyMode, bookId: number): string {
  const book = bookId.toString(36)
  const text = `pk_${mode}_${book.length.toString(36)}${book}${randomBody()}`
  return text + checksum(text)
}

/** What it signs with. */
export function newKeySecret(mode: KeyMode): string {
  const text = `sk_${mode}_${randomBody()}${randomBody()}`
  return text + checksum(text)
}

/** The book of a key's name; undefined for what is no name of ours. */
export function bookOfKey(name: string): number | undefined {
  const match = /^pk_(?:test|live)_([1-6])([0-9a-z]{30,60})$/.exec(name)
  if (!match || checksum(name.slice(0, -CHECK)) !== name.slice(-CHECK)) return undefined
  const book = Number.parseInt((match[2] ?? '').slice(0, Number(match[1])), 36)
  return book > 0 && book <= 2_147_483_647 ? book : undefined
}
