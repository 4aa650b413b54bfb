// One call from input to answer, for the clients of all four APIs: address, query and body, time limit, tries.
// Must stay true: a call is tried again by itself only where a repeat is harmless, always with the same Idempotency-Key or
// own id, and signed anew; no number leaves that a double cannot hold, so amounts are texts.

import { randomHex } from './random.js'
import { UnipayError } from './unipay-error.js'

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 30_000

/** What makes a method of each operation. `wire` has the API's own part; see the clients. */
export function makeMethods(wire, options) {
  const settings = {
    baseUrl: readBaseUrl(options.baseUrl),
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    timeout: options.timeout ?? 20_000,
    tries: options.tries ?? 3,
  }
  const methods = {}
  for (const [name, operation] of Object.entries(wire.operations)) {
    methods[name] = (input, callOptions) => call(wire, settings, name, operation, input ?? {}, callOptions ?? {})
  }
  return methods
}

function readBaseUrl(text) {
  // in a browser an empty one means the page's own origin
  if (text === '' || text === undefined) return ''
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('baseUrl is no address of HTTP')
  return text.replace(/\/+$/, '')
}

async function call(wire, settings, name, operation, input, { idempotencyKey, signal, requestId } = {}) {
  const parts = partsOf(name, operation, input)
  const key = operation.once === 'key' ? (idempotencyKey ?? (await randomHex(16))) : undefined
  const id = requestId ?? `sdk-${await randomHex(12)}`
  const harmless = operation.once === 'reads' || key !== undefined || hasOwnId(operation, input)
  const about = { api: wire.api, operation: name, requestId: id, idempotencyKey: key, harmless }
  let recovered = false
  for (let attempt = 1; ; ) {
    const prepared = await wire.prepare(operation, parts, about)
    try {
      return await attemptOnce(wire, settings, operation, prepared, about, signal)
    } catch (error) {
      if (!(error instanceof UnipayError)) throw error
      if (!recovered && (await wire.recover?.(error, operation, prepared))) {
        recovered = true // once, and not counted: nothing was done
        continue
      }
      if (!error.retryable || attempt >= settings.tries || error.code === 'aborted') throw error
      await pause(attempt, error.retryAfter, signal)
      attempt++
    }
  }
}

const hasOwnId = ({ once }, input) => once !== undefined && typeof input[once] === 'string' && input[once] !== ''

/** Fields of the path, the query and the body, each where it belongs. */
function partsOf(name, { path, query = [], verb }, input) {
  const rest = { ...input }
  const take = (field) => {
    const value = rest[field]
    delete rest[field]
    return value
  }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, field) => {
    const value = take(field)
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name}: ${field} is missing`)
    return encodeURIComponent(value)
  })
  const search = new URLSearchParams()
  for (const field of query) {
    const value = take(field)
    if (value !== undefined && value !== null) search.append(field, textOf(name, field, value))
  }
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  if (verb === 'GET' && Object.keys(fields).length > 0) {
    throw new TypeError(`${name} takes no ${Object.keys(fields).join(', ')}`)
  }
  return { path: filled, query: String(search), fields }
}

function textOf(name, field, value) {
  if (typeof value === 'number') expectExact(name, field, value)
  return String(value)
}

function expectExact(name, field, value) {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name}: ${field} has to be text, to keep its digits`)
}

/** JSON without numbers that a double would spoil. */
export function jsonOf(name, fields) {
  return JSON.stringify(fields, (field, value) => {
    if (typeof value === 'number') expectExact(name, field, value)
    return typeof value === 'bigint' ? String(value) : value
  })
}

async function attemptOnce(wire, settings, operation, prepared, about, signal) {
  const stop = new AbortController()
  const passOn = () => stop.abort()
  if (signal?.aborted) passOn()
  signal?.addEventListener('abort', passOn, { once: true })
  let late = false
  const timer = setTimeout(() => {
    late = true
    stop.abort()
  }, settings.timeout)
  try {
    const response = await settings.fetch(settings.baseUrl + prepared.path, {
      method: operation.verb,
      headers: { accept: '*/*', 'x-request-id': about.requestId, ...prepared.headers },
      body: prepared.body,
      redirect: 'error',
      signal: stop.signal,
    })
    return await read(wire, operation, about, prepared, response)
  } catch (cause) {
    if (cause instanceof UnipayError) throw cause
    const code = late ? 'timeout' : stop.signal.aborted ? 'aborted' : 'network'
    throw unknown(about, code, `${about.operation}: no answer (${cause?.message ?? cause})`, { cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', passOn)
  }
}

async function read(wire, operation, about, prepared, response) {
  const status = response.status
  const requestId = response.headers.get('x-request-id') ?? about.requestId
  const waits = Number(response.headers.get('retry-after'))
  const facts = { ...about, requestId, status, ...(waits > 0 ? { retryAfter: waits } : {}) }
  if (operation.bytes && status === 200) return new Uint8Array(await response.arrayBuffer())
  if (operation.stream && status === 200) return response.body
  const text = await response.text()
  let envelope
  try {
    envelope = wire.parse(text)
  } catch (cause) {
    throw unknown(facts, 'answer', `${about.operation}: HTTP ${status}, and no JSON`, { cause })
  }
  const said = wire.open(envelope, prepared, facts)
  if (said?.refused === undefined) {
    if (said === undefined)
      throw unknown(facts, 'answer', `${about.operation}: HTTP ${status}, not the bank's envelope`)
    return said.data
  }
  throw refusal(facts, said.refused)
}

/** From 500 on it may have been done all the same: the answer to it was lost inside the bank. */
function refusal(facts, { code, message, reason, details, passing = false, busy = false }) {
  const { status, harmless } = facts
  const isUnknown = status >= 500
  const mayPass = passing || status === 429 || isUnknown
  return new UnipayError(`${facts.operation}: ${message} (${code})`, {
    ...facts,
    code,
    reason,
    details,
    outcome: isUnknown || busy ? 'unknown' : 'refused',
    retryable: mayPass && (harmless || (!isUnknown && !busy)),
  })
}

const unknown = (facts, code, message, more) =>
  new UnipayError(message, { ...facts, ...more, code, outcome: 'unknown', retryable: facts.harmless })

/** Longer each time, and never two clients in step. */
async function pause(attempt, retryAfter, signal) {
  const spread = Number.parseInt(await randomHex(2), 16) / 65_536
  const usual = FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + spread)
  const wanted = Math.min(Math.max(usual, (retryAfter ?? 0) * 1_000), LONGEST_PAUSE)
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, wanted)
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve(undefined)
      },
      { once: true },
    )
  })
}
