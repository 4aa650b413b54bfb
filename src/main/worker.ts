// The process that does what nobody waits for: queued tasks, regular ones, watching the chains, paying out on them, the
// treasury, and comparing all of it with the books.
// Any number of them may run on one database. A kill at any moment loses nothing: work is taken up by the next one.

import { EventEmitter } from 'node:events'
import { Logger, run, type WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import { seconds, sleep } from '../base/clock.ts'
import { readConfig } from '../base/config.ts'
import type { Bank } from '../domain/context.ts'
import { noteWallets } from '../domain/treasury/note-wallets.ts'
import { bookIds } from '../ledger/books.ts'
import { sandboxFaucet } from '../providers/sandbox-faucet.ts'
import { advancePayments } from '../workers/advance-payments.ts'
import { deliverWebhooks } from '../workers/deliver-webhooks.ts'
import { keepJobsFree } from '../workers/free-jobs.ts'
import { reconcileEvery, reconcileLoops } from '../workers/reconcile.ts'
import { everyOf, runTreasuries } from '../workers/run-treasuries.ts'
import { crontab, tasksOf } from '../workers/tasks.ts'
import { watchChains } from '../workers/watch-chains.ts'
import { readerOf, secondReaderOf, senderOf } from './chain-nodes.ts'
import { onStop, progress, ready } from './child.ts'
import { compose } from './compose.ts'
import { offerDemo } from './demo-file.ts'
import { magicSenderOf } from './magic-sender.ts'
import { paymentOrders } from './payment-orders.ts'

const config = readConfig()
const { bank, close } = compose(config, 'worker')
const stopping = new AbortController()

const { runner, pool, heart } = await startJobs(bank)
const books = await bookIds(bank.db)
for (const bookId of books) await noteWallets(bank, bookId)
const watchers = watchChains(bank, books, readerOf, secondReaderOf)
const payments = advancePayments(bank, books, paymentOrders(bank), magicSenderOf(bank))
const faucet = config.UNIPAY_MODE === 'sandbox' && config.SANDBOX_URL ? sandboxFaucet(config.SANDBOX_URL) : undefined
const treasuries = runTreasuries(bank, books, { senderOf, every: everyOf(bank), faucet })
const reconciling = reconcileLoops(bank, books, { readerOf, senderOf, every: reconcileEvery(bank) })

const webhooks = deliverWebhooks(bank, books)

let asked = false
onStop(async () => {
  asked = true
  stopping.abort()
  await Promise.all([
    watchers.stop(),
    payments.stop(),
    treasuries.stop(),
    reconciling.stop(),
    webhooks.stop(),
    runner.stop(),
    heart,
  ])
  await pool.end()
  await close()
})
runner.promise.then(
  () => asked || end('the job queue stopped'),
  (error: unknown) => end(error),
)
// a chain that does not answer must not keep the others' customers waiting
await Promise.race([watchers.begun, sleep(seconds(5))])
ready()
if (faucet) {
  offerDemo(bank, progress, faucet).catch((error: unknown) => {
    if (!stopping.signal.aborted) bank.log.warn({ err: error }, 'there is no demonstration')
  })
}

/** The launcher starts us again. */
function end(reason: unknown): void {
  bank.log.fatal({ err: reason }, 'worker ends')
  process.exit(1)
}

async function startJobs({ log }: Bank) {
  // the queue reads its numbers itself, so it gets connections without our types
  const own = new pg.Pool({
    connectionString: config.DATABASE_URL,
    max: 6,
    application_name: 'unipay jobs',
    options: '-c TimeZone=UTC -c role=unipay_app',
  })
  const lost = (error: Error) => log.warn({ reason: error.message }, 'a database connection of the job queue was lost')
  own.on('error', lost)
  own.on('connect', (client) => client.on('error', lost))
  const events: WorkerEvents = new EventEmitter()
  let beating = Promise.resolve()
  events.on('pool:create', ({ workerPool }) => {
    beating = keepJobsFree(bank, workerPool.id, stopping.signal)
  })
  const jobs = await run({
    pgPool: own,
    events,
    taskList: tasksOf(bank, senderOf),
    crontab,
    concurrency: 4,
    pollInterval: 500,
    noHandleSignals: true,
    logger: new Logger(({ label }) => (level, message) => {
      // a failed task is told by its error; the queue's own chatter is for whoever looks for it
      const method = level === 'error' ? 'error' : level === 'warning' ? 'warn' : 'debug'
      log[method]({ part: label }, message)
    }),
  })
  return { runner: jobs, pool: own, heart: beating }
}
