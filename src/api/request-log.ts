// The hook by which a partner API's plugin has its requests noted (domain/request-log.ts): gathered in memory, written
// together every half second and when the server closes.
// Must stay true: no request waits for it and none fails by it; what is too much to keep is counted and let go; of an
// answer it reads the envelope's code and nothing else.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Bank } from '../domain/context.ts'
import { perBank } from '../domain/per-bank.ts'
import { type LoggedRequest, type PartnerApi, writeRequests } from '../domain/request-log.ts'

const EVERY = 500
const BATCH = 500
const MOST = 10_000
/** Of requests that nobody proved to have made, in one such time: a flood of them shall not fill the table. */
const STRANGERS = 50
const CODE = /^\s*\{\s*"code"\s*:\s*"?(-?\w{1,20})/

declare module 'fastify' {
  interface FastifyRequest {
    envelopeCode?: string
    /** Whose signature was right, where nothing else of the request says so. */
    provedCaller?: ProvedCaller
  }
}

export interface ProvedCaller {
  bookId: number
  keyId: string
}

export interface Callers {
  /** Whose signature was right. */
  proved(request: FastifyRequest): ProvedCaller | undefined
  /** The key that a request names, whoever it is from. */
  named(request: FastifyRequest): unknown
  /** Requests that are no partner's. */
  others?(request: FastifyRequest): boolean
}

const writers = perBank((bank) => {
  const waiting: LoggedRequest[] = []
  let lost = 0
  let strangers = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    timer = undefined
    strangers = 0
    try {
      while (waiting.length > 0) await writeRequests(bank.db, waiting.splice(0, BATCH))
    } catch (error) {
      bank.log.warn({ err: error }, 'requests were not noted')
    }
    if (lost > 0) bank.log.warn({ lost }, 'more requests came than are noted')
    lost = 0
  }
  const begin = () => {
    writing = write().finally(() => {
      writing = undefined
      if (waiting.length > 0) schedule()
    })
  }
  const schedule = () => {
    if (timer !== undefined || writing) return
    timer = setTimeout(begin, EVERY)
    timer.unref()
  }
  return {
    add(request: LoggedRequest) {
      if (waiting.length >= MOST || (!request.proved && ++strangers > STRANGERS)) lost++
      else waiting.push(request)
      schedule()
    },
    async flush() {
      await writing
      clearTimeout(timer)
      await write()
    },
  }
})

/** Register it in the plugin, before its routes; it is asked when the answer has gone out. */
export function logRequests(
  app: Pick<FastifyInstance, 'addHook'>,
  bank: Bank,
  api: PartnerApi,
  { proved, named, others }: Callers,
): void {
  const writer = writers(bank)
  app.addHook('onSend', async (request, _reply, payload) => {
    const code = typeof payload === 'string' ? CODE.exec(payload.slice(0, 64))?.[1] : undefined
    if (code !== undefined) request.envelopeCode = code
  })
  app.addHook('onResponse', async (request, reply) => {
    if (others?.(request)) return
    const caller = proved(request)
    const keyId = caller?.keyId ?? named(request)
    writer.add({
      bookId: caller?.bookId ?? bank.config.DEFAULT_BOOK,
      api,
      keyId: typeof keyId === 'string' ? keyId : '',
      proved: caller !== undefined,
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '',
      status: reply.statusCode,
      code: request.envelopeCode ?? '',
      requestId: request.id,
      ms: Math.round(reply.elapsedTime),
      ip: request.ip ?? '',
      at: bank.clock.now(),
    })
  })
  app.addHook('onClose', () => writer.flush())
}
