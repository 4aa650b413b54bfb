// UQPAY's HTTP API as a wire: the shared token, idempotency keys, retries, errors.
// Must stay true: an order is asked for again with the same key only; a refusal is what the vendor says is one (4xx), all
// else throws; no secret, no address and no card data is ever part of an error's text.

import { withoutCardData, withoutCardNumbers } from '../base/card-data.ts'
import { sleep } from '../base/clock.ts'
import { sha256 } from '../base/crypto.ts'
import { parseExactJson } from '../base/exact-json.ts'
import { newId } from '../base/ids.ts'
import type { OrderKey, SharedToken, VendorAnswer } from '../domain/ports.ts'
import { type Row, row } from './answer.ts'
import { instant, text, VendorFailed } from './vendor-answer.ts'

export interface UqpayOptions {
  /** Address up to and including `/api`. */
  url: string
  clientId: string
  apiKey: string
  token: SharedToken
  /** Milliseconds that one request may take. */
  timeout?: number
  /** Milliseconds before what failed on its way is asked again, and again. */
  pauses?: readonly number[]
}

export interface Uqpay {
  /** Undefined for 404. */
  read(path: string): Promise<Row | undefined>
  /** Carries an order out once, however often it is asked. */
  order(key: OrderKey, path: string, body: object): Promise<VendorAnswer<Row>>
}

const LONGEST_PAUSE = 5_000
const MAX_ANSWER = 2_000_000
const EXPIRED = /token has expired|login expired|token expired|jwt expired/i

/** A UUID in version 4's form, as the gateway and its clients ask for: of one order's step always the same. */
export function idempotencyKey({ orderId, step }: OrderKey): string {
  const hash = sha256(`uqpay/${step}/${orderId}`).subarray(0, 16)
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x40
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

interface Answer {
  status: number
  body: Row
  /** Milliseconds that it asks to be left alone. */
  pause: number
}

export function createUqpay(options: UqpayOptions): Uqpay {
  const { clientId, apiKey, token: shared, timeout = 15_000, pauses = [300, 1_000] } = options
  const base = options.url.replace(/\/+$/, '')

  async function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    let response: Response
    let said: string
    try {
      response = await fetch(`${base}${path}`, {
        method,
        headers: { accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body ? { body } : {}),
        redirect: 'error', // the token is for this host alone
        signal: AbortSignal.timeout(timeout),
      })
      said = await response.text()
    } catch (error) {
      throw new VendorFailed(`UQPAY does not answer ${placeOf(path)} (${reasonOf(error)})`)
    }
    const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10) * 1_000
    const pause = Number.isFinite(wait) && wait > 0 ? Math.min(wait, LONGEST_PAUSE) : 0
    return { status: response.status, body: parse(said, response.status, path), pause }
  }

  async function fetchToken(): Promise<{ token: string; expiresAt: Date }> {
    const { status, body } = await send('POST', '/v1/connect/token', { 'x-client-id': clientId, 'x-api-key': apiKey })
    if (status !== 200) throw new VendorFailed(`UQPAY gives no token: ${refusalIn(body, status).reason}`, status)
    return { token: text(body, 'auth_token'), expiresAt: instant(body, 'expired_at') }
  }

  /** One call, and once more with a new token when the old one is over. */
  async function call(method: string, path: string, key: string, body?: string): Promise<Answer> {
    const token = await shared.get(fetchToken)
    const headers = (of: string) => ({ 'x-auth-token': `Bearer ${of}`, 'x-idempotency-key': key })
    const answer = await send(method, path, headers(token), body)
    if (answer.status !== 401 || !EXPIRED.test(refusalIn(answer.body, 401).reason)) return answer
    return send(method, path, headers(await shared.get(fetchToken, token)), body)
  }

  /** Asks until there is an answer that counts, or nobody knows. */
  async function persist(method: string, path: string, key: string, body?: string): Promise<Answer> {
    let last: VendorFailed | undefined
    for (const pause of [...pauses, undefined]) {
      let wait = pause ?? 0
      try {
        const answer = await call(method, path, key, body)
        if (!isPassing(answer)) return answer
        last = new VendorFailed(
          `UQPAY answers ${answer.status} to ${placeOf(path)}: ${refusalIn(answer.body, answer.status).reason}`,
          answer.status,
        )
        wait = Math.max(wait, answer.pause)
      } catch (error) {
        if (!(error instanceof VendorFailed)) throw error
        last = error
      }
      if (pause !== undefined) await sleep(wait)
    }
    throw last ?? new VendorFailed(`UQPAY was not asked ${placeOf(path)}`)
  }

  return {
    async read(path) {
      // a new key each time: an old answer to a question is worth nothing
      const { status, body } = await persist('GET', path, idempotencyKey({ orderId: newId(), step: 'read' }))
      if (status === 404) return undefined
      if (status !== 200) throw failure(status, body, path)
      return body
    },
    async order(key, path, body) {
      const { status, body: said } = await persist('POST', path, idempotencyKey(key), JSON.stringify(body))
      if (status === 200 || status === 201) return { result: 'ok', value: said }
      const refusal = refusalIn(said, status)
      // who we are, and keys used twice, are ours to put right: they say nothing about the order
      const isOurs = status === 401 || status === 403 || status === 409 || refusal.code === 'idempotency_error'
      if (status < 400 || status >= 500 || isOurs) throw failure(status, said, path)
      return { result: 'refused', refusal }
    },
  }
}

const failure = (status: number, body: Row, path: string) =>
  new VendorFailed(`UQPAY answers ${status} to ${placeOf(path)}: ${refusalIn(body, status).reason}`, status)

/** Answers that another try may change. */
const isPassing = ({ status, body }: Answer) =>
  status === 408 ||
  status === 429 ||
  status >= 500 ||
  (status >= 400 && /request is (?:being )?process/i.test(refusalIn(body, status).reason))

/** Without ids and queries: what the log may say of a path. */
const placeOf = (path: string) =>
  path.replace(/\?.*$/, '').replace(/\/[^/]*\d[^/]*(?=\/|$)/g, (part) => (part === '/v1' ? part : '/…'))

function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'time is over'
  const code = ((error as Error).cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : 'no connection'
}

/** The body as an object, card data cut out. What is no JSON object is an unknown outcome, but for errors' plain texts. */
function parse(said: string, status: number, path: string): Row {
  if (said.length > MAX_ANSWER) throw new VendorFailed(`UQPAY answers too much to ${placeOf(path)}`, status)
  try {
    return row(withoutCardData(parseExactJson(said)), 'the answer')
  } catch {
    if (status >= 400) return { message: withoutCardNumbers(said).slice(0, 200) }
    throw new VendorFailed(`UQPAY's answer to ${placeOf(path)} is no JSON object`, status)
  }
}

/** Errors come in three forms: {type, code, message}, {error}, and the old {code, message}; the HTTP status counts. */
function refusalIn(body: Row, status: number): { code: string; reason: string; missing: string[] } {
  const word = (value: unknown) => (typeof value === 'string' ? value.slice(0, 200) : '')
  const missing = Array.isArray(body.missing_fields) ? body.missing_fields : []
  return {
    code: word(body.type) || word(body.code) || String(status),
    reason: word(body.message) || word(body.error) || 'no reason given',
    missing: missing.flatMap((one) => word((one as { name?: unknown } | null)?.name) || []).slice(0, 50),
  }
}
