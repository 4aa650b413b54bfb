// For those who run UniPay: /healthz (the process is up), /readyz (it can do its work), /metrics (Prometheus), /version.
// None needs a sign-in; metrics answer loopback only unless they have a port of their own.

import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { migrationFiles, pendingMigrations } from '../../base/migrate.ts'
import { lastAudits } from '../../domain/audit-book.ts'
import { countOpenPayments, type PaymentCount } from '../../domain/chain-payment/count-payments.ts'
import type { Bank } from '../../domain/context.ts'
import { countWebhooks, type WebhookCount } from '../../domain/webhook/count-webhooks.ts'

const { version } = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string
}

const isLoopback = (request: FastifyRequest) => /^(127\.|::1$|::ffff:127\.)/.test(request.ip)

declare module 'fastify' {
  interface FastifyInstance {
    /** From now on not ready: balancers should look elsewhere. What comes in all the same is served. */
    drain(): void
  }
}

export const operations = (bank: Bank) =>
  Object.assign(
    async (server: FastifyInstance) => {
      const hidden = { schema: { hide: true } } as const
      let closing = false
      server.decorate('drain', () => {
        closing = true
      })
      // clients open their next connection elsewhere
      server.addHook('onRequest', async (_request, reply) => {
        if (closing) reply.header('connection', 'close')
      })

      server.get('/healthz', hidden, async () => ({ status: 'ok' }))
      server.get('/version', hidden, async () => ({ version, schema: (await migrationFiles()).at(-1)?.name ?? null }))

      server.get('/readyz', hidden, async (_request, reply) => {
        const problems: string[] = []
        if (closing) problems.push('shutting down')
        try {
          const pending = await pendingMigrations((sql) => bank.db.query<{ name: string }>('ready-migrations', sql))
          if (pending.length > 0) problems.push(`migrations to apply: ${pending.join(', ')}`)
        } catch {
          problems.push('the database does not answer')
        }
        return reply
          .code(problems.length > 0 ? 503 : 200)
          .send({ status: problems.length > 0 ? 'not ready' : 'ready', problems })
      })

      const registry = metricsOf(server, bank)
      if (bank.config.METRICS_PORT > 0) return serveApart(server, bank, registry)
      server.get('/metrics', hidden, async (request, reply) => {
        if (!isLoopback(request)) return reply.callNotFound()
        return reply.type(registry.contentType).send(await registry.metrics())
      })
    },
    { [Symbol.for('skip-override')]: true }, // its hooks measure every API
  )

/** Metrics on a port of their own, which a firewall can keep for the monitoring system. */
function serveApart(server: FastifyInstance, { config }: Bank, registry: Registry) {
  const apart = http.createServer(async (request, response) => {
    const found = request.method === 'GET' && request.url === '/metrics'
    response.writeHead(found ? 200 : 404, { 'content-type': registry.contentType })
    response.end(found ? await registry.metrics() : 'only GET /metrics is served here\n')
  })
  server.addHook('onListen', async () => {
    await new Promise<void>((resolve, reject) =>
      apart.once('error', reject).listen(config.METRICS_PORT, config.HOST, resolve),
    )
  })
  server.addHook('onClose', async () => {
    apart.closeAllConnections()
    apart.close()
  })
}

const paymentGauges: readonly [name: string, help: string, measure: (row: PaymentCount, now: Date) => number][] = [
  ['unipay_chain_payments', 'Payments out that are neither paid nor over, by state', ({ count }) => count],
  [
    'unipay_chain_payments_oldest_seconds',
    'Age of the oldest of them, by state',
    ({ oldest }, now) => (now.getTime() - oldest.getTime()) / 1000,
  ],
]

const webhookGauges: readonly [name: string, help: string, measure: (count: WebhookCount, now: Date) => number][] = [
  ['unipay_webhook_endpoints_failing', 'Endpoints of webhooks whose last try failed', ({ failing }) => failing],
  ['unipay_webhook_endpoints_disabled', 'Endpoints that were disabled since they failed', ({ disabled }) => disabled],
  [
    'unipay_webhook_oldest_seconds',
    'For how long the oldest event has been due at an endpoint that answers',
    ({ oldest }, now) => (oldest ? Math.max(0, now.getTime() - oldest.getTime()) / 1000 : 0),
  ],
]

function metricsOf(server: FastifyInstance, bank: Bank): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'unipay_' })
  const requests = new Histogram({
    name: 'unipay_http_request_seconds',
    help: 'Time to answer, by route and status class',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  server.addHook('onResponse', async (request, reply) => {
    requests.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: `${Math.floor(reply.statusCode / 100)}xx`,
      },
      reply.elapsedTime / 1000,
    )
  })
  new Gauge({
    name: 'unipay_poster_depth',
    help: 'Postings waiting for their commit in this process',
    registers: [registry],
    collect() {
      this.set(bank.poster.depth)
    },
  })
  for (const name of ['batches', 'postings', 'retries'] as const) {
    new Counter({
      name: `unipay_poster_${name}_total`,
      help: `Group commit: ${name} so far in this process`,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(bank.poster.stats[name])
      },
    })
  }
  new Gauge({
    name: 'unipay_queue_oldest_seconds',
    help: 'Age of the oldest job that is due',
    registers: [registry],
    async collect() {
      const [row] = await bank.db
        .query<{ age: string }>(
          'metrics-queue',
          `select coalesce(extract(epoch from now() - min(run_at)), 0)::text as age from graphile_worker.jobs
           where run_at <= now() and locked_at is null and attempts < max_attempts`,
        )
        .catch(() => [])
      this.set(row ? Number.parseFloat(row.age) : Number.NaN)
    },
  })
  for (const [name, help, measure] of paymentGauges) {
    new Gauge({
      name,
      help,
      labelNames: ['network', 'state'],
      registers: [registry],
      async collect() {
        this.reset() // a state in which there is none any more
        const now = bank.clock.now()
        for (const row of await countOpenPayments(bank.db).catch(() => []))
          this.set({ network: row.network, state: row.status }, measure(row, now))
      },
    })
  }
  for (const [name, help, measure] of webhookGauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const now = bank.clock.now()
        const count = await countWebhooks(bank.db, now).catch(() => undefined)
        this.set(count ? measure(count, now) : Number.NaN)
      },
    })
  }
  new Gauge({
    name: 'unipay_ledger_faults',
    help: 'Faults that the last proof of the book found; anything but 0 is for people, at once',
    labelNames: ['book'],
    registers: [registry],
    async collect() {
      for (const audit of await lastAudits(bank.db).catch(() => [])) this.set({ book: audit.book_id }, audit.faults)
    },
  })
  new Gauge({
    name: 'unipay_ledger_proven_seconds',
    help: 'Age of the last proof of the book',
    labelNames: ['book'],
    registers: [registry],
    async collect() {
      for (const audit of await lastAudits(bank.db).catch(() => [])) {
        this.set({ book: audit.book_id }, (bank.clock.now().getTime() - audit.at.getTime()) / 1000)
      }
    },
  })
  new Gauge({
    name: 'unipay_http_connections',
    help: 'Open connections',
    registers: [registry],
    collect() {
      server.server.getConnections((_error, count) => this.set(count ?? 0))
    },
  })
  return registry
}
