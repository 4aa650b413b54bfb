// One way to ask the server: typed by the operation's name, with what went wrong as a value that screens can explain.
// Must stay true: a request whose answer never came is never taken for one that did nothing; secrets are not kept here.

import { currentLanguage } from '../language.ts'

export type OperationName = keyof ApiOperations
export type DataOf<N extends OperationName> = ApiOperations[N]['data']
export type BodyOf<N extends OperationName> = ApiOperations[N]['body']

/** What an operation takes, as the server's own schemas say. */
export type Input<N extends OperationName> = ApiOperations[N]['input'] & Extras
export interface Extras {
  /** For what moves money: the same key is one effect, however often it is sent. */
  idempotencyKey?: string
  signal?: AbortSignal
}
/** The argument may be left out where nothing in it is needed. */
export type Given<N extends OperationName> =
  Record<never, never> extends ApiOperations[N]['input'] ? [input?: Input<N>] : [input: Input<N>]

/** What the server said no with, or that it could not be heard. */
export class ApiError extends Error {
  readonly code: number
  readonly refusal: string
  readonly status: number
  readonly requestId: string
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfter: number | undefined

  constructor(said: {
    code: number
    refusal: string
    message: string
    status: number
    requestId: string
    details?: Record<string, unknown>
    retryAfter?: number
  }) {
    super(said.message)
    this.name = 'ApiError'
    this.code = said.code
    this.refusal = said.refusal
    this.status = said.status
    this.requestId = said.requestId
    this.details = said.details ?? {}
    this.retryAfter = said.retryAfter
  }

  /** No answer at all: nobody knows yet whether it had an effect. */
  get isUnheard(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504
  }
  /** The server is not well; what was asked may be asked again with the same key. */
  get isPassing(): boolean {
    return this.isUnheard || this.status === 503 || this.status === 429 || this.refusal === 'IdempotencyInProgress'
  }
}

export const isRefusal = (error: unknown, ...refusals: string[]): error is ApiError =>
  error instanceof ApiError && (refusals.length === 0 || refusals.includes(error.refusal))

const PATIENCE = 30_000

/** Sends one request and gives its raw answer. `token` is put in by the session; see session.ts. */
export async function send(
  verb: string,
  address: string,
  options: {
    body?: unknown
    token?: string | undefined
    headers?: Record<string, string>
    signal?: AbortSignal | undefined
    keepalive?: boolean | undefined
    raw?: BodyInit
    /** Milliseconds until it is given up; null for what stays open. */
    patience?: number | null
  } = {},
): Promise<Response> {
  const { body, token, headers = {}, signal, keepalive, raw, patience = PATIENCE } = options
  const limits = [signal, patience === null ? undefined : AbortSignal.timeout(patience)].filter(
    (limit) => limit !== undefined,
  )
  try {
    return await fetch(address, {
      method: verb,
      headers: {
        accept: 'application/json',
        'accept-language': currentLanguage(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw }),
      signal: AbortSignal.any(limits),
      credentials: 'same-origin',
      cache: 'no-store',
      ...(keepalive ? { keepalive } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError({ code: -1, refusal: 'Unheard', message: '', status: 0, requestId: '' })
  }
}

interface Envelope {
  code?: number
  data?: unknown
  name?: string
  message?: string
  request_id?: string
  details?: Record<string, unknown>[]
  /** The console's form. */
  error?: { code: string; message: string; request_id: string; details?: Record<string, unknown>[] }
}

/** The data of a success; anything else is thrown as an ApiError. */
export async function read(response: Response): Promise<unknown> {
  const requestId = response.headers.get('x-request-id') ?? ''
  const said = (await response.json().catch(() => undefined)) as Envelope | undefined
  if (response.ok && said !== undefined && (said.code === 0 || 'data' in said)) return said.data
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  throw new ApiError({
    code: said?.code ?? -1,
    refusal: said?.name ?? said?.error?.code ?? 'Unheard',
    message: said?.message ?? said?.error?.message ?? '',
    status: said === undefined && response.ok ? 0 : response.status,
    requestId: said?.request_id ?? said?.error?.request_id ?? requestId,
    details: Object.assign({}, ...(said?.details ?? said?.error?.details ?? [])),
    ...(Number.isNaN(retryAfter) ? {} : { retryAfter }),
  })
}

/** `GET /api/recharge/orders/{id}` with its path and query filled in. */
export function addressOf(
  name: string,
  input: { path?: object | undefined; query?: object | undefined },
): [string, string] {
  const [verb = 'GET', template = ''] = name.split(' ')
  const values = { ...input.path } as Record<string, string>
  const address = template.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''))
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(input.query ?? {})) if (value !== undefined) query.set(key, String(value))
  const text = query.toString()
  return [verb, text === '' ? address : `${address}?${text}`]
}
