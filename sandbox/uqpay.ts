// A UQPAY on loopback: issuing, payouts, simulation and the card's frame in the vendor's own wire format, with its webhooks.
// Must stay true: one token is good at a time; a key used again gets the first answer again; faults come only on request.

import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { randomToken, sameBytes, sha256 } from '../src/base/crypto.ts'
import { parseExactJson } from '../src/base/exact-json.ts'
import type { Log } from '../src/base/log.ts'
import { closeServer, listen, readBody, sendJson } from './http-server.ts'
import type { RowFile } from './row-file.ts'
import { type Fault, leaking, spoil } from './uqpay-faults.ts'
import { frame } from './uqpay-frame.ts'
import { createIssuing, type Issuing, type IssuingWorld } from './uqpay-issuing.ts'
import { createPayouts, type PayoutStep } from './uqpay-payouts.ts'
import { createSpending } from './uqpay-spending.ts'
import { type Fields, id, type Routes, UqpayError } from './uqpay-wire.ts'
import { startWebhooks, type WebhookSender } from './webhook-sender.ts'

export interface UqpayServerOptions {
  port: number
  rows: RowFile
  clientId: string
  apiKey: string
  webhookSecret: string
  /** Where webhooks go; asked at each sending, empty while there is nowhere. */
  webhookUrl: () => string
  log: Log
  now?: () => Date
  /** Milliseconds until cards and recharges are carried out. */
  settleMs?: number
  /** Milliseconds until a payout completes by itself; none: it waits for `payout`. */
  payoutMs?: number
  tokenSeconds?: number
  openCheck?: IssuingWorld['openCheck']
}

export interface UqpayServer {
  /** What UQPAY_URL is set to. */
  url: string
  frameUrl: string
  faults: Fault[]
  webhooks: WebhookSender
  issuing: Issuing
  payout(payoutId: string, step: PayoutStep): object
  newestPayout(): string | undefined
  newestCard(): string | undefined
  newestTransaction(): string | undefined
  /** One of the simulation's steps, as over HTTP. */
  simulate(step: string, body: Fields): object
  /** How many tokens were given. */
  tokens(): number
  stop(): Promise<void>
}

const MAX_BODY = 12_000_000
const TICK = 20

export async function startUqpay(options: UqpayServerOptions): Promise<UqpayServer> {
  const { port, rows, clientId, apiKey, webhookSecret, log, now = () => new Date() } = options
  const access = rows.table<{ token: string; until: number; given: number }>('token')
  const answers = rows.table<{ at: number; request: string; status: number; body: string }>('answer')
  const faults: Fault[] = []

  const webhooks = startWebhooks(rows, {
    url: options.webhookUrl,
    log,
    sign(body) {
      const timestamp = String(now().getTime())
      const signature = createHmac('sha512', webhookSecret).update(body).update(timestamp).digest('hex')
      return { 'x-wk-timestamp': timestamp, 'x-wk-signature': signature }
    },
  })
  const world: IssuingWorld = {
    rows,
    now,
    settleMs: options.settleMs ?? 300,
    tell(type, sourceId, data, name = 'ISSUING') {
      const eventId = id()
      webhooks.send(eventId, {
        version: 'V1.6.0',
        event_name: name,
        event_type: type,
        event_id: eventId,
        source_id: sourceId,
        data: webhooks.weather.leaking ? leaking(data) : data,
      })
    },
    ...(options.openCheck ? { openCheck: options.openCheck } : {}),
  }
  const issuing = createIssuing(world)
  const spending = createSpending(world, issuing)
  const payouts = createPayouts(world, options.payoutMs)
  const routes: Routes = { ...issuing.routes, ...spending.routes, ...payouts.routes }
  const patterns = Object.entries(routes).map(([route, act]) => {
    const [method = '', path = ''] = route.split(' ')
    return { method, path: new RegExp(`^${path.replace(':id', '([^/]+)')}$`), act, fixed: !path.includes(':id') }
  })
  patterns.sort((a, b) => Number(b.fixed) - Number(a.fixed))

  const timer = setInterval(() => {
    try {
      rows.together(() => {
        issuing.tick()
        payouts.tick()
      })
    } catch (error) {
      log.error({ err: error }, 'the sandbox issuer failed')
    }
  }, TICK)
  timer.unref()

  function giveToken(request: IncomingMessage): object {
    const same = (name: string, expected: string) =>
      sameBytes(sha256(String(request.headers[name] ?? '')), sha256(expected))
    if (!same('x-client-id', clientId) || !same('x-api-key', apiKey))
      throw new UqpayError(401, 'unauthorized_error', 'invalid client id or api key')
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const until = Math.floor(now().getTime() / 1_000) + (options.tokenSeconds ?? 1_800)
    const claims = {
      entity_id: 'b1d0c8f6-0a57-4d2e-9d8e-1f6c1b2a3c4d',
      short_entity_id: 'SANDBOX01',
      parent_entity_id: '',
      client_id: clientId,
      api_version: 'v1.6',
      bus_type: 'ISSUING',
      exp: until,
      jti: randomToken(9),
    }
    const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${randomToken(24)}`
    access.put('current', { token, until, given: (access.get('current')?.given ?? 0) + 1 })
    return { auth_token: token, expired_at: until }
  }

  function authenticate(request: IncomingMessage): void {
    const current = access.get('current')
    const header = String(request.headers['x-auth-token'] ?? '')
    if (header === '') throw new UqpayError(401, 'unauthorized_error', 'missing auth token')
    const good = current !== undefined && sameBytes(sha256(header), sha256(`Bearer ${current.token}`))
    if (!good || current.until <= now().getTime() / 1_000)
      throw new UqpayError(
        401,
        'unauthorized_error',
        /^Bearer [^.]+\.[^.]+\.[^.]+$/.test(header) ? 'token has expired' : 'invalid token',
      )
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://uqpay')
    if (request.method === 'GET' && url.pathname === '/iframe/card') return frame(url.searchParams, issuing, response)
    if (!url.pathname.startsWith('/api/')) throw new UqpayError(404, 'not_found', 'no such path')
    const path = url.pathname.slice('/api'.length)
    const fault = takeFault(faults, `${request.method} ${path}`)
    const raw = await readBody(request, MAX_BODY)
    if (fault && (await spoil(fault, 'before', response))) return
    const { status, body } = rows.together(() => respond(request, path, url.searchParams, raw))
    if (fault && (await spoil(fault, 'after', response, body))) return
    sendJson(response, status, body)
  }

  function respond(request: IncomingMessage, path: string, query: URLSearchParams, raw: Buffer) {
    if (path === '/v1/connect/token' && request.method === 'POST') return { status: 200, body: giveToken(request) }
    authenticate(request)
    const key = String(request.headers['x-idempotency-key'] ?? '')
    if (key === '' || key.length > 64)
      throw new UqpayError(400, 'idempotency_error', 'x-idempotency-key is required, at most 64 characters')
    for (const { method, path: pattern, act } of patterns) {
      const caught = pattern.exec(path)
      if (!caught || method !== request.method) continue
      if (method === 'GET')
        return { status: 200, body: act({ id: decodeURIComponent(caught[1] ?? ''), query, body: {} }) }
      const asked = sha256(`${path}\n${raw.toString('utf8')}`).toString('hex')
      const before = answers.get(key)
      if (before && before.request !== asked)
        throw new UqpayError(400, 'idempotency_error', 'x-idempotency-key was used for another request')
      if (before) return { status: before.status, body: JSON.parse(before.body) as object }
      const body = inText(() => act({ id: decodeURIComponent(caught[1] ?? ''), query, body: fieldsIn(raw) }))
      answers.put(key, { at: now().getTime(), request: asked, ...body })
      return { status: body.status, body: JSON.parse(body.body) as object, text: body.body }
    }
    throw new UqpayError(404, 'not_found', 'no such path')
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof UqpayError)) log.warn({ err: error }, 'the sandbox issuer could not answer')
      if (response.headersSent) return
      const { status, body } = errorBody(error)
      sendJson(response, status, body)
    })
  })
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${port}/api`,
    frameUrl: `http://127.0.0.1:${port}`,
    faults,
    webhooks,
    issuing,
    payout: (payoutId, step) => rows.together(() => payouts.step(payoutId, step)),
    newestPayout: payouts.newest,
    newestCard: () => [...issuing.cards.all()].at(-1)?.card_id,
    newestTransaction: () => [...spending.transactions.all()].at(-1)?.transaction_id,
    simulate(step, body) {
      const act = routes[`POST /v1/simulation/issuing/${step}`]
      if (!act) throw new UqpayError(404, 'not_found', 'no such step')
      return rows.together(() => act({ id: '', query: new URLSearchParams(), body }))
    },
    tokens: () => access.get('current')?.given ?? 0,
    async stop() {
      clearInterval(timer)
      await webhooks.stop()
      await closeServer(server)
    },
  }
}

function takeFault(faults: Fault[], request: string): Fault | undefined {
  const at = faults.findIndex((one) => request.includes(one.on))
  const fault = faults[at]
  if (!fault) return undefined
  fault.times--
  if (fault.times <= 0) faults.splice(at, 1)
  return fault
}

/** What came of it, refusals too: whoever asks again with the key hears it again. Server errors are not kept. */
function inText(act: () => object): { status: number; body: string } {
  try {
    return { status: 200, body: JSON.stringify(act()) }
  } catch (error) {
    if (!(error instanceof UqpayError) || error.status >= 500) throw error
    const { status, body } = errorBody(error)
    return { status, body: JSON.stringify(body) }
  }
}

function errorBody(error: unknown): { status: number; body: object } {
  if (!(error instanceof UqpayError))
    return { status: 500, body: { type: 'api_error', code: 'internal', message: 'internal error' } }
  // the gateway that checks tokens has an error form of its own
  if (error.status === 401) return { status: 401, body: { error: error.message } }
  const missing = error.missing ? { missing_fields: error.missing } : {}
  return { status: error.status, body: { type: error.type, code: error.type, message: error.message, ...missing } }
}

function fieldsIn(raw: Buffer): Fields {
  let value: unknown
  try {
    value = parseExactJson(raw.toString('utf8') || '{}')
  } catch {
    throw new UqpayError(400, 'invalid_request_error', 'the body is not valid JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UqpayError(400, 'invalid_request_error', 'the body must be an object')
  return value as Fields
}
