// A proxy between a worker and its vendor that holds a call on its way there or back, so that a test knows where the worker
// is when it kills it; and a worker to be killed, with what the queue does about the dead.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { Logger, runOnce } from 'graphile-worker'
import { ADVANCE_CARD } from '../../src/domain/card/card-job.ts'
import { ADVANCE_REMITTANCE } from '../../src/domain/remittance/remittance-job.ts'
import { advanceCardTask } from '../../src/workers/advance-card.ts'
import { advanceRemittanceTask } from '../../src/workers/advance-remittance.ts'
import { freeDeadJobs } from '../../src/workers/free-jobs.ts'
import type { World } from './customers.ts'
import { eventually } from './launcher.ts'

const PATIENCE = 20_000

export interface HeldVendor {
  readonly url: string
  /** The next call of this kind goes no further than there; resolves when it has come so far. */
  hold(call: RegExp, where: 'before' | 'after'): Promise<void>
  /** The next call of this kind is answered so, and does not arrive. */
  answer(call: RegExp, status: number, body: object): void
  /** What was held is lost; from now on all passes. */
  release(): void
  close(): Promise<void>
}

/** `upstream`: the vendor's address, with its path. */
export async function holdVendor(upstream: string): Promise<HeldVendor> {
  const { origin, pathname } = new URL(upstream)
  let held: { call: RegExp; where: 'before' | 'after'; there: () => void } | undefined
  let answered: { call: RegExp; status: number; body: object } | undefined
  const lost = new Set<http.ServerResponse>()

  /** True when it goes no further. */
  function stops(call: string, where: 'before' | 'after', response: http.ServerResponse): boolean {
    if (held?.where !== where || !held.call.test(call)) return false
    lost.add(response)
    held.there()
    held = undefined
    return true
  }

  const server = http.createServer(async (request, response) => {
    try {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const call = `${request.method} ${request.url}`
      if (answered?.call.test(call)) {
        response.writeHead(answered.status, { 'content-type': 'application/json' }).end(JSON.stringify(answered.body))
        answered = undefined
        return
      }
      if (stops(call, 'before', response)) return
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers
      const body = Buffer.concat(parts)
      const answer = await fetch(`${origin}${request.url}`, {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        ...(body.length > 0 ? { body } : {}),
      })
      const text = await answer.text()
      if (stops(call, 'after', response)) return
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const vendor: HeldVendor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    hold: (call, where) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nobody came ${where} ${call}`)), PATIENCE)
        const there = () => {
          clearTimeout(timer)
          resolve()
        }
        held = { call, where, there }
      }),
    answer(call, status, body) {
      answered = { call, status, body }
    },
    release() {
      held = undefined
      for (const response of lost) response.destroy()
      lost.clear()
    },
    close: () =>
      new Promise((resolve) => {
        vendor.release()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return vendor
}

export interface MortalWorker {
  /** Starts a worker, takes it to a place, and kills it there. What a place answers is let go of afterwards. */
  killAt(place: () => Promise<(() => Promise<void>) | undefined>): Promise<void>
  /** The next worker does what there is to do, jobs of the dead one included; errors are the queue's to try again. */
  carryOn(): Promise<void>
  /** Puts whatever next touches this account into a wait; answers how to let it go, once somebody waits. */
  lockAccount(account: bigint): Promise<{ waited: Promise<unknown>; letGo: () => Promise<void> }>
}

export function mortalWorker(world: World, env: Record<string, string>): MortalWorker {
  const { bank, database } = world
  const isWaiting = async () =>
    (
      await database.owner.query(
        '',
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).length > 0

  return {
    async killAt(place) {
      const child: ChildProcess = spawn(process.execPath, [path.join(import.meta.dirname, 'vendor-process.ts')], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: {
          PATH: process.env.PATH,
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
          MASTER_KEY: '11'.repeat(32),
          LOG_LEVEL: 'fatal',
          DATABASE_URL: database.url,
          NO_LOG_NOTICES: '1',
          ...env,
        },
      })
      const gone = new Promise((resolve) => child.once('exit', resolve))
      try {
        const letGo = await place()
        child.kill('SIGKILL')
        await gone
        await letGo?.()
      } finally {
        child.kill('SIGKILL')
        await gone
      }
    },
    async carryOn() {
      // as half a minute later: nobody has heard of the dead one since
      await database.owner.query(
        '',
        `update graphile_worker._private_jobs set locked_at = locked_at - interval '1 minute', run_at = least(run_at, now())`,
      )
      await freeDeadJobs(bank.db)
      await runOnce({
        connectionString: database.url,
        taskList: { [ADVANCE_CARD]: advanceCardTask(bank), [ADVANCE_REMITTANCE]: advanceRemittanceTask(bank) },
        noHandleSignals: true,
        logger: new Logger(() => () => {}),
      })
    },
    async lockAccount(account) {
      const client = await database.owner.pool.connect()
      await client.query('begin')
      const { rowCount } = await client.query('select from accounts where id = $1 for update', [account])
      assert.equal(rowCount, 1, 'the account is there to be locked')
      return {
        waited: eventually('somebody waits for the account', isWaiting, PATIENCE),
        async letGo() {
          await client.query('rollback')
          client.release()
        },
      }
    },
  }
}
