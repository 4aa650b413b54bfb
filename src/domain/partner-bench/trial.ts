// What the debugger of signatures is told, tries and answers, whatever the scheme.
// Must stay true: a trial says whether a signature was made in a certain wrong way; it never says what a right one would be.

import type { Words } from '../operator/approval-kind.ts'

/** A request as its sender says it was sent. */
export interface SentRequest {
  method: string
  /** With the query. */
  path: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string
}

/** A way to get it wrong: whether this is what was signed, and how. */
export interface Trial {
  about: Words
  /** What is then signed; undefined where it is the same, and the error is in how. */
  base?: Uint8Array
  fits(): boolean
}

export interface Finding {
  /** Whether there is such a key, in use. */
  known: boolean
  fits: boolean
  /** What the bank computed; the first of several forms that it takes. */
  base: Buffer
  /** The other forms. */
  forms: Buffer[]
  trials: Trial[]
  notes: Words[]
}

/** JSON as other programs would print it; nothing for what is no JSON. */
export function reprinted(body: string): { about: Words; body: string }[] {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return []
  }
  const spaced = JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/([{[]) /g, '$1')
    .replace(/ ([}\]])/g, '$1')
  const about = {
    zh: '签名的是重新序列化的 JSON,而非发送的原始字节',
    en: 'JSON that was printed anew was signed, not the bytes that were sent',
  }
  return [...new Set([JSON.stringify(value), spaced])]
    .filter((text) => text !== body)
    .map((text) => ({ about, body: text }))
}

export const windowNote = (late: number, most: number): Words[] =>
  Math.abs(late) <= most
    ? []
    : [
        {
          zh: `时间与服务器相差 ${Math.round(late / 1000)} 秒,超过允许的 ${most / 1000} 秒`,
          en: `its time is ${Math.round(late / 1000)} s from the bank's, more than the ${most / 1000} s allowed`,
        },
      ]
