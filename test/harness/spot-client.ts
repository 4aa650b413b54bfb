// A client of the spot API as a stranger would write it from its document: signs, sends, reads. Knows nothing of src/.
// Bodies are texts, so that a test says to the byte what is signed and sent; answers are read with the digits they have.

import { createHash, randomBytes } from 'node:crypto'

export interface SpotKey {
  apiKey: string
  secret: string
}

export interface SpotAnswer {
  status: number
  headers: Headers
  text: string
  code: string
  msg: string
  success: boolean
  /** Numbers as the digits that came. */
  data: unknown
}

const hex = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

export function sign(key: SpotKey, nonce: string, timestamp: string, query: string, body: string): string {
  const digest = hex(nonce + timestamp + key.apiKey + query + body)
  return hex(digest + key.secret)
}

export interface Sending {
  nonce?: string
  timestamp?: number
  /** In place of the right one. */
  signature?: string
  /** What is signed in place of the query that is sent. */
  signedQuery?: string
  signedBody?: string
  headers?: Record<string, string>
  apiKey?: string
}

export interface SpotClient {
  /** A whole request as it would be sent, to be sent as often as one likes. */
  prepare(method: string, path: string, body?: string | object, sending?: Sending): SpotRequest
  send(request: SpotRequest): Promise<SpotAnswer>
  get(path: string, sending?: Sending): Promise<SpotAnswer>
  post(path: string, body: string | object, sending?: Sending): Promise<SpotAnswer>
}

export interface SpotRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
}

export function spotClient(base: string, key: SpotKey, now: () => number = Date.now): SpotClient {
  const prepare: SpotClient['prepare'] = (method, path, body, sending = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const nonce = sending.nonce ?? randomBytes(16).toString('hex')
    const timestamp = String(sending.timestamp ?? now())
    const query = sending.signedQuery ?? path.split('?')[1]?.replaceAll(/[=&]/g, '') ?? ''
    const headers: Record<string, string> = {
      'api-key': sending.apiKey ?? key.apiKey,
      nonce,
      timestamp,
      sign: sending.signature ?? sign(key, nonce, timestamp, query, sending.signedBody ?? text ?? ''),
      language: 'en-US',
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...sending.headers,
    }
    return { method, path, headers, body: text }
  }
  const send = async ({ method, path, headers, body }: SpotRequest): Promise<SpotAnswer> => {
    const response = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) })
    const text = await response.text()
    const json = readDigits(text) as Record<string, unknown>
    return {
      status: response.status,
      headers: response.headers,
      text,
      code: String(json.code),
      msg: String(json.msg),
      success: json.success === true,
      data: json.data,
    }
  }
  return {
    prepare,
    send,
    get: (path, sending) => send(prepare('GET', path, undefined, sending)),
    post: (path, body, sending) => send(prepare('POST', path, body, sending)),
  }
}

/** JSON with each number as its digits: they may be more than a double holds. */
export const readDigits = (text: string): unknown =>
  JSON.parse(text, ((_name: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? (context?.source ?? value) : value) as (name: string, value: unknown) => unknown)
