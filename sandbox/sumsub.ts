// A Sumsub on loopback: signed requests, links to a page where a tester plays the examiner, applicants, signed webhooks.
// Must stay true: a request whose signature does not cover its very bytes is refused; documents are not kept.

import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { randomToken, sameBytes, sha256 } from '../src/base/crypto.ts'
import type { Log } from '../src/base/log.ts'
import { closeServer, listen, readBody, sendJson } from './http-server.ts'
import type { RowFile } from './row-file.ts'
import { type Answer, examinerPage } from './sumsub-page.ts'
import { type Fault, spoil } from './uqpay-faults.ts'
import { startWebhooks, type WebhookSender } from './webhook-sender.ts'

export interface SumsubServerOptions {
  port: number
  rows: RowFile
  appToken: string
  secretKey: string
  webhookSecret: string
  webhookUrl: () => string
  log: Log
  now?: () => Date
  /** How webhooks are signed: HMAC_SHA256_HEX unless said. */
  algorithm?: 'HMAC_SHA1_HEX' | 'HMAC_SHA256_HEX' | 'HMAC_SHA512_HEX'
  /** Hears the answers of checks that `host` opened. */
  onHosted?: (userId: string, answer: Answer) => void
}

export interface SumsubServer {
  url: string
  faults: Fault[]
  webhooks: WebhookSender
  /** A check that another vendor opened for its own purposes: answered to it, not told by webhook. */
  host(userId: string): { url: string; expiresAt: Date }
  /** What the examiner says, by our id of the person. */
  decide(userId: string, answer: Answer): object
  newest(): string | undefined
  stop(): Promise<void>
}

interface Applicant {
  id: string
  externalUserId: string
  levelName: string
  inspectionId: string
  createdAt: string
  reviewStatus: 'init' | 'pending' | 'completed'
  result?: {
    reviewAnswer: 'GREEN' | 'RED'
    rejectLabels?: string[]
    reviewRejectType?: 'RETRY' | 'FINAL'
    moderationComment?: string
  }
  hosted: boolean
  documents: number
}

class SumsubError extends Error {
  readonly status: number
  readonly errorCode: number
  readonly errorName: string

  constructor(status: number, errorCode: number, errorName: string, description = errorName) {
    super(description)
    this.status = status
    this.errorCode = errorCode
    this.errorName = errorName
  }
}

const MAX_BODY = 12_000_000
const SKEW = 60
const HOSTED_SECONDS = 1_800

export async function startSumsub(options: SumsubServerOptions): Promise<SumsubServer> {
  const { port, rows, appToken, secretKey, webhookSecret, log, now = () => new Date() } = options
  const algorithm = options.algorithm ?? 'HMAC_SHA256_HEX'
  const applicants = rows.table<Applicant>('applicant')
  const links = rows.table<{ token: string; userId: string; levelName: string; until: number; hosted: boolean }>('link')
  const faults: Fault[] = []
  const base = `http://127.0.0.1:${port}`

  const webhooks = startWebhooks(rows, {
    url: options.webhookUrl,
    log,
    sign: (body) => ({
      'x-payload-digest-alg': algorithm,
      'x-payload-digest': createHmac(algorithm.split('_')[1]?.toLowerCase() ?? 'sha256', webhookSecret)
        .update(body)
        .digest('hex'),
    }),
  })

  const byUser = (userId: string) => [...applicants.all()].find((one) => one.externalUserId === userId)
  const applicantOf = (key: string) => {
    const external = /^-;externalUserId=(.*)$/.exec(key)?.[1]
    const found = external === undefined ? applicants.get(key) : byUser(decodeURIComponent(external))
    if (!found) throw new SumsubError(404, 4000, 'applicant-not-found', 'Applicant not found')
    return found
  }

  function tell(type: string, one: Applicant): void {
    if (one.hosted) return
    webhooks.send(randomUUID(), {
      applicantId: one.id,
      inspectionId: one.inspectionId,
      correlationId: randomUUID(),
      levelName: one.levelName,
      externalUserId: one.externalUserId,
      type,
      sandboxMode: true,
      reviewStatus: one.reviewStatus,
      createdAtMs: now().toISOString().replace('T', ' ').replace('Z', ''),
      applicantType: 'individual',
      clientId: 'sandbox',
      ...(one.result && one.reviewStatus === 'completed' ? { reviewResult: one.result } : {}),
    })
  }

  function applicantFor(userId: string, levelName: string, hosted: boolean): Applicant {
    const before = byUser(userId)
    if (before) return before
    const made: Applicant = {
      id: randomBytes(12).toString('hex'),
      externalUserId: userId,
      levelName,
      inspectionId: randomBytes(12).toString('hex'),
      createdAt: now().toISOString().slice(0, 19).replace('T', ' '),
      reviewStatus: 'init',
      hosted,
      documents: 0,
    }
    applicants.put(made.id, made)
    tell('applicantCreated', made)
    return made
  }
  const change = (one: Applicant, fields: Partial<Applicant>) => applicants.put(one.id, { ...one, ...fields })

  function openLink(userId: string, levelName: string, seconds: number, hosted: boolean) {
    const token = randomToken(18)
    for (const old of [...links.all()]) if (old.until < now().getTime()) links.remove(old.token)
    const until = now().getTime() + seconds * 1_000
    links.put(token, { token, userId, levelName, until, hosted })
    return { url: `${base}/websdk/p/${token}`, expiresAt: new Date(until) }
  }

  function decide(userId: string, answer: Answer): object {
    const one = byUser(userId)
    if (!one) throw new SumsubError(404, 4000, 'applicant-not-found', 'Applicant not found')
    const pending = change(one, { reviewStatus: 'pending' })
    tell('applicantPending', pending)
    const done = change(pending, { reviewStatus: 'completed', result: results[answer] })
    tell('applicantReviewed', done)
    if (done.hosted) options.onHosted?.(userId, answer)
    return reviewOf(done)
  }

  function authenticate(request: IncomingMessage, raw: Buffer): void {
    const header = (name: string) => String(request.headers[name] ?? '')
    if (!sameBytes(sha256(header('x-app-token')), sha256(appToken)))
      throw new SumsubError(401, 4001, 'app-token-invalid', 'Invalid app token')
    const stamp = header('x-app-access-ts')
    if (!/^\d{10}$/.test(stamp) || Math.abs(now().getTime() / 1_000 - Number(stamp)) > SKEW)
      throw new SumsubError(401, 4002, 'app-token-timestamp invalid', 'Request timestamp is too old or in the future')
    const expected = createHmac('sha256', secretKey)
      .update(`${stamp}${request.method}${request.url}`)
      .update(raw)
      .digest('hex')
    if (!sameBytes(sha256(header('x-app-access-sig')), sha256(expected)))
      throw new SumsubError(401, 4003, 'app-token-signature mismatch', 'Request signature mismatch')
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', base)
    const raw = await readBody(request, MAX_BODY)
    const token = /^\/websdk\/p\/([\w-]+)$/.exec(url.pathname)?.[1]
    if (token) return page(token, url, request, raw, response)
    const at = faults.findIndex((one) => `${request.method} ${url.pathname}`.includes(one.on))
    const fault = faults[at]
    if (fault && --fault.times <= 0) faults.splice(at, 1)
    if (fault && (await spoil(fault, 'before', response))) return
    authenticate(request, raw)
    const body = rows.together(() => respond(`${request.method} ${url.pathname}`, url.searchParams, raw))
    if (fault && (await spoil(fault, 'after', response, body))) return
    sendJson(response, 200, body)
  }

  function page(token: string, url: URL, request: IncomingMessage, raw: Buffer, response: ServerResponse): void {
    const link = links.get(token)
    const good = link !== undefined && link.until > now().getTime()
    const one = good ? applicantFor(link.userId, link.levelName, link.hosted) : undefined
    const wanted = new URLSearchParams(raw.toString('utf8')).get('answer')
    const chosen =
      request.method === 'POST' ? (['approve', 'reject', 'retry'] as const).find((word) => word === wanted) : undefined
    if (one && chosen) rows.together(() => decide(one.externalUserId, chosen))
    examinerPage(response, {
      chinese: !(url.searchParams.get('lang') ?? 'zh').startsWith('en'),
      state: !one
        ? 'over'
        : chosen
          ? 'sent'
          : one.reviewStatus === 'completed' && one.result?.reviewRejectType !== 'RETRY'
            ? 'done'
            : 'open',
    })
  }

  function respond(request: string, query: URLSearchParams, raw: Buffer): object {
    const fields = () => fieldsIn(raw)
    if (request === 'POST /resources/sdkIntegrations/levels/-/websdkLink') {
      const { levelName, userId, ttlInSecs = 1_800 } = fields()
      if (typeof levelName !== 'string' || typeof userId !== 'string' || levelName === '' || userId === '')
        throw new SumsubError(400, 400, 'bad-request', 'levelName and userId are required')
      if (!Number.isInteger(ttlInSecs) || Number(ttlInSecs) < 1)
        throw new SumsubError(400, 400, 'bad-request', 'ttlInSecs is invalid')
      return { url: openLink(userId, levelName, Number(ttlInSecs), false).url }
    }
    if (request === 'POST /resources/applicants') {
      const { externalUserId } = fields()
      const levelName = query.get('levelName')
      if (!levelName || typeof externalUserId !== 'string')
        throw new SumsubError(400, 400, 'bad-request', 'levelName and externalUserId are required')
      if (byUser(externalUserId))
        throw new SumsubError(
          409,
          409,
          'applicant-exists',
          `Applicant with external user id '${externalUserId}' already exists`,
        )
      return shown(applicantFor(externalUserId, levelName, false))
    }
    if (/^POST \/resources\/accessTokens(?:\/sdk)?$/.test(request)) {
      const userId = query.get('userId') ?? String(fields().userId ?? '')
      if (userId === '') throw new SumsubError(400, 400, 'bad-request', 'userId is required')
      return { token: `_act-sbx-${randomToken(24)}`, userId }
    }
    const [, key = '', what = ''] = /^(?:GET|POST) \/resources\/applicants\/([^/]+)\/(.+)$/.exec(request) ?? []
    const one = applicantOf(key)
    const method = request.slice(0, request.indexOf(' '))
    if (method === 'GET' && what === 'one') return shown(one)
    if (method === 'GET' && what === 'status') return reviewOf(one)
    if (method === 'GET' && what === 'requiredIdDocsStatus')
      return {
        IDENTITY:
          one.documents > 0
            ? { reviewResult: one.result ?? {}, country: 'CHN', idDocType: 'ID_CARD', imageIds: [] }
            : null,
      }
    if (method === 'POST' && what === 'info/idDoc') {
      change(one, { documents: one.documents + 1 })
      return { idDocType: 'ID_CARD', country: 'CHN' }
    }
    if (method === 'POST' && what === 'status/pending') {
      tell('applicantPending', change(one, { reviewStatus: 'pending' }))
      return { ok: 1 }
    }
    if (method === 'POST' && what === 'status/testCompleted') {
      const { reviewAnswer, reviewRejectType } = fields()
      decide(
        one.externalUserId,
        reviewAnswer === 'GREEN' ? 'approve' : reviewRejectType === 'FINAL' ? 'reject' : 'retry',
      )
      return { ok: 1 }
    }
    if (method === 'POST' && what === 'reset') {
      const { result: _gone, ...kept } = one
      tell('applicantReset', applicants.put(one.id, { ...kept, reviewStatus: 'init' }))
      return { ok: 1 }
    }
    throw new SumsubError(404, 404, 'not-found', 'Not found')
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return
      const known = error instanceof SumsubError ? error : new SumsubError(500, 500, 'internal', 'Internal error')
      if (known.status === 500) log.warn({ err: error }, 'the sandbox could not check an identity')
      const { status, errorCode, errorName, message } = known
      sendJson(response, status, {
        description: message,
        code: status,
        correlationId: randomUUID(),
        errorCode,
        errorName,
      })
    })
  })
  await listen(server, port)
  return {
    url: base,
    faults,
    webhooks,
    host: (userId) => openLink(userId, 'enhanced-kyc-level', HOSTED_SECONDS, true),
    decide(userId, answer) {
      const link = [...links.all()].filter((one) => one.userId === userId).at(-1)
      if (!byUser(userId) && link) applicantFor(userId, link.levelName, link.hosted)
      return decide(userId, answer)
    },
    newest: () => [...links.all()].at(-1)?.userId,
    async stop() {
      await webhooks.stop()
      await closeServer(server)
    },
  }
}

const results: Record<Answer, NonNullable<Applicant['result']>> = {
  approve: { reviewAnswer: 'GREEN' },
  reject: {
    reviewAnswer: 'RED',
    rejectLabels: ['FORGERY'],
    reviewRejectType: 'FINAL',
    moderationComment: 'The document could not be accepted.',
  },
  retry: {
    reviewAnswer: 'RED',
    rejectLabels: ['UNSATISFACTORY_PHOTOS'],
    reviewRejectType: 'RETRY',
    moderationComment: 'Please take the photos again.',
  },
}

const shown = (one: Applicant) => ({
  id: one.id,
  createdAt: one.createdAt,
  clientId: 'sandbox',
  inspectionId: one.inspectionId,
  externalUserId: one.externalUserId,
  type: 'individual',
  review: {
    levelName: one.levelName,
    reviewStatus: one.reviewStatus,
    ...(one.result ? { reviewResult: one.result } : {}),
  },
})

const reviewOf = (one: Applicant) => ({
  createDate: one.createdAt,
  reviewStatus: one.reviewStatus,
  levelName: one.levelName,
  ...(one.result ? { reviewResult: one.result } : {}),
})

function fieldsIn(raw: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(raw.toString('utf8') || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // said below
  }
  throw new SumsubError(400, 400, 'bad-request', 'the body must be a JSON object')
}
