// PostgreSQL: one pool a process, SQL in named prepared statements, transactions that are run again where that is safe.
// Must stay true: bigint columns arrive as bigint, never as float; retries happen only where nothing was acknowledged.

import pg from 'pg'
import { sleep } from './clock.ts'
import { Refusal } from './errors.ts'

const INT8 = 20
const BIGINT_ARRAY = 1016
const types = {
  getTypeParser(oid: number, format?: string) {
    if (oid === INT8) return BigInt
    if (oid === BIGINT_ARRAY) return (text: string) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(BigInt))
    return pg.types.getTypeParser(oid, format as 'text')
  },
} as pg.CustomTypesConfig

/** What both the database and an open transaction can do. */
export interface Queries {
  /** Runs raw SQL. `name` prepares it once per connection: use it for statements that run often. */
  query<R extends pg.QueryResultRow>(name: string, sql: string, values?: unknown[]): Promise<R[]>
}

/** An open transaction. A verb that takes one runs in its caller's; it commits or rolls back as a whole. */
export interface Tx extends Queries {
  readonly inTransaction: true
}

export interface Database extends Queries {
  /** One transaction (READ COMMITTED unless said). Deadlocks and serialisation failures are run again, at most 5 times. */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: { mode?: string }): Promise<T>
  readonly pool: pg.Pool
  close(): Promise<void>
}

export interface DatabaseOptions {
  url: string
  max?: number
  /** Role that the connections take on: `unipay_app` cannot change ledger rows. */
  role?: string
  onError?: (error: Error) => void
}

const queriesOf = (run: pg.Pool | pg.PoolClient) => ({
  query: async <R extends pg.QueryResultRow>(name: string, sql: string, values: unknown[] = []) =>
    (await run.query<R>({ name, text: sql, values })).rows,
})

export function openDatabase({ url, max = 10, role, onError }: DatabaseOptions): Database {
  // enable_seqscan=off: plans of prepared statements are kept, often from when a table was new and small; every query of
  // ours is meant to be served by an index, and the audit, which reads whole tables, turns it on again for itself
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types,
    connectionTimeoutMillis: 4_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'unipay',
    options: `-c TimeZone=UTC -c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s -c enable_seqscan=off${role ? ` -c role=${role}` : ''}`,
  })
  pool.on('error', (error) => onError?.(error)) // an idle connection that the server closed; the pool opens another
  // one in use fails its queries, which is enough; without a listener the event would end the process
  pool.on('connect', (client) => client.on('error', () => {}))

  const database: Database = {
    pool,
    ...queriesOf(pool),
    close: () => pool.end(),
    async transaction(work, { mode = '' } = {}) {
      for (let attempt = 1; ; attempt++) {
        const client = await pool.connect()
        let broken: Error | undefined
        try {
          await client.query(`begin ${mode}`)
          const result = await work(transactionOn(client))
          await client.query('commit')
          return result
        } catch (error) {
          await client.query('rollback').catch((failure: Error) => {
            broken = failure
          })
          if (attempt >= 5 || !isTransient(error)) throw error
        } finally {
          client.release(broken)
        }
        await sleep(attempt * 10 * Math.random())
      }
    },
  }
  return database
}

/** A transaction's queries on a client that has begun one. */
export const transactionOn = (client: pg.PoolClient): Tx => ({ inTransaction: true, ...queriesOf(client) })

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** Deadlock or serialisation failure: the transaction did nothing and may simply be run again. */
export const isTransient = (error: unknown): boolean => ['40001', '40P01', '55P03'].includes(codeOf(error))

/** The connection went away: whether a commit under way happened is unknown until it is looked up by key. */
export function isDisconnected(error: unknown): boolean {
  const code = codeOf(error)
  return (
    /^(080..|57P0.|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) ||
    (error instanceof Error &&
      /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message))
  )
}

/** The constraint that was broken, when the error is a unique violation. */
export const brokenKey = (error: unknown): string | undefined =>
  codeOf(error) === '23505' ? ((error as { constraint?: string }).constraint ?? '') : undefined

/** An error of the database as the caller should see it: gone means `Unavailable`, everything else stays as it is. */
export const asRefusal = (error: unknown): unknown =>
  isDisconnected(error) ? new Refusal('Unavailable', { retryAfter: 2, reason: 'the database does not answer' }) : error
