// The spot API's signature: two rounds of SHA-256, over nonce, timestamp, key, query and the body's very bytes.
// Pure functions of bytes. Must stay true: the body is never parsed and printed again before it is hashed; the sources of
// this scheme write the query in three ways, and each of them is accepted.

import { sameBytes, sha256 } from '../../base/crypto.ts'

export interface SpotRequest {
  nonce: string
  timestamp: string
  apiKey: string
  /** As it stands in the address behind the question mark; empty for none. */
  query: string
  body: Uint8Array
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]) => (a < b ? -1 : a > b ? 1 : 0)

/** The parameters, names ascending: `id1uid200`, `id=1uid=200` and `id=1&uid=200`, decoded and as they stand. */
export function queryForms(query: string): string[] {
  if (query === '') return ['']
  const raw = query.split('&').map((part) => {
    const at = part.indexOf('=')
    return at < 0 ? ([part, ''] as const) : ([part.slice(0, at), part.slice(at + 1)] as const)
  })
  const decoded = [...new URLSearchParams(query)].map(([name, value]) => [name, value] as const)
  const forms = [decoded, raw].flatMap((pairs) => {
    const sorted = pairs.toSorted(byName)
    const joined = sorted.map(([name, value]) => `${name}=${value}`)
    return [sorted.flat().join(''), joined.join(''), joined.join('&')]
  })
  return [...new Set(forms)]
}

/** What is hashed first, with the query in one of its forms. */
export const spotBase = ({ nonce, timestamp, apiKey, body }: Omit<SpotRequest, 'query'>, query: string): Buffer =>
  Buffer.concat([Buffer.from(nonce + timestamp + apiKey + query, 'utf8'), body])

export const spotDigest = (base: Uint8Array): string => sha256(base).toString('hex')

/** 64 lower-case hex digits. */
export const spotSign = (base: Uint8Array, secret: string): string => sha256(spotDigest(base) + secret).toString('hex')

const isOneOf = (sign: string, bases: readonly Uint8Array[], secret: string): boolean =>
  // every form is looked at, whichever fits
  bases.map((base) => sameBytes(Buffer.from(sign), Buffer.from(spotSign(base, secret)))).includes(true)

export const verifySpot = (request: SpotRequest, sign: string, secret: string): boolean =>
  isOneOf(
    sign,
    queryForms(request.query).map((query) => spotBase(request, query)),
    secret,
  )

// --- frames of the WebSocket ---

/** A frame's parameters by name, each as text: numbers as they were written. */
export type SpotParams = Readonly<Record<string, string>>

/**
 * What is signed of a frame in place of the query: its parameters but those of the signature (as the document has it now),
 * all but `sign` (as it was before).
 */
export function frameForms(params: SpotParams): string[] {
  const joined = (but: readonly string[]) =>
    Object.entries(params)
      .filter(([name]) => !but.includes(name))
      .sort(byName)
      .flat()
      .join('')
  return [joined(['sign', 'apiKey', 'timestamp', 'nonce']), joined(['sign'])]
}

export function verifySpotFrame(params: SpotParams, sign: string, secret: string): boolean {
  const { nonce = '', timestamp = '', apiKey = '' } = params
  const request = { nonce, timestamp, apiKey, body: Buffer.alloc(0) }
  return isOneOf(
    sign,
    frameForms(params).map((form) => spotBase(request, form)),
    secret,
  )
}
