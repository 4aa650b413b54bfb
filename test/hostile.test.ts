// Hundreds of hostile requests for every route of the app API, drawn from the OpenAPI document: the process lives on,
// nothing answers 5xx, every answer has the documented envelope and status, and none takes long.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, before, test } from 'node:test'
import { verifyLedger } from '../src/ledger/audit.ts'
import { faultOfReply, type Operation, readOperations } from './harness/app-contract.ts'
import { logIn } from './harness/customers.ts'
import { honestInputs } from './harness/honest-inputs.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'
import { drawHostile, type HostileRequest, type Known } from './harness/hostile-requests.ts'
import { GOOD_TOKEN } from './harness/hostile-values.ts'
import { percentile, type Reply } from './harness/http-client.ts'
import { type Draws, draws, inLanes } from './harness/ledger.ts'

const REQUESTS = process.env.NIGHTLY ? 10_000 : 200
const LANES = 12
/** Routes after which everything has been used once: the first ones are those that hash passwords. */
const WARM = 12

let hosted: Hosted
let operations: Operation[]
let draw: Draws
let other: Payer
/** Customers whom requests speak for; one who is signed out or locked is replaced. */
let crew: Payer[]
let known: Known
const times: number[] = []
const sizes: number[] = []

before(async () => {
  // a heap of little more than what it needs, so that what is not let go of shows in the process's size
  hosted = await startHosted({ NODE_OPTIONS: '--max-old-space-size=384' })
  operations = await readOperations(hosted.client)
  other = await hosted.payer()
  crew = await Promise.all(Array.from({ length: 4 }, () => hosted.payer(50_000_000_000n)))
  known = honestInputs(other, await hosted.deposit(crew[0] ?? other))
  draw = draws((line) => console.log(line))
})
after(() => hosted?.close())

const withToken = ({ ask }: HostileRequest, token: string) => {
  const { authorization } = ask.headers ?? {}
  if (typeof authorization !== 'string' || !authorization.includes('<good>')) return ask
  return { ...ask, headers: { ...ask.headers, authorization: authorization.replace('<good>', token) } }
}

/** Fires them all; answers with what was wrong with the answers. */
async function attack(operation: Operation): Promise<string[]> {
  const faults: string[] = []
  const told = { statuses: new Map<number, number>() }
  await inLanes(REQUESTS, LANES, async (i) => {
    const seat = i % crew.length
    const customer = crew[seat] ?? other
    const hostile = drawHostile(operation, known, draw)
    let reply: Reply
    try {
      reply = await hosted.client.ask(withToken(hostile, customer.access))
    } catch (error) {
      faults.push(`${hostile.what}: ${error}`)
      return
    }
    times.push(reply.milliseconds)
    told.statuses.set(reply.status, (told.statuses.get(reply.status) ?? 0) + 1)
    const { ask } = hostile
    const same = ask.method === operation.method
    // the method may have led to another operation of this address
    const met = same ? operation : operations.find((o) => o.path === operation.path && o.method === ask.method)
    const isWeb = ask.method === 'HEAD' || (reply.status === 200 && !met)
    const fault = isWeb
      ? reply.status >= 500 && reply.status !== 503
        ? `${reply.status}`
        : undefined
      : faultOfReply(met ?? operation, reply)
    const open = reply.status === 200 && same && !operation.open && ask.headers?.authorization !== GOOD_TOKEN
    if (fault || open) faults.push(`${hostile.what}: ${open ? 'let in' : fault}: ${showAsk(ask)} → ${showReply(reply)}`)
    const { name } = (reply.json ?? {}) as { name?: string }
    const lost = name === 'Unauthorized' && ask.headers?.authorization === GOOD_TOKEN
    if (lost || name === 'PaymentPasswordLocked' || name === 'PersonFrozen') await replace(seat, customer)
  })
  if (process.env.SHOW) console.log(operation.name, JSON.stringify([...told.statuses]))
  return faults
}

const showAsk = ({ method, path, headers, body }: HostileRequest['ask']) =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${String(body ?? '').slice(0, 300)}`
const showReply = ({ status, text }: Reply) => `${status} ${text.slice(0, 300)}`

const coming = new Map<number, Promise<void>>()
/** Signs in again, or brings somebody new. */
async function replace(seat: number, gone: Payer): Promise<void> {
  if (crew[seat] !== gone) return
  const replacing =
    coming.get(seat) ??
    (async () => {
      const entered = gone.access === '' ? undefined : await logIn(hosted.world, gone)
      const again = entered?.status === 200 && !entered.data.need_2fa
      crew[seat] = again ? { ...gone, access: entered.data.access_token } : await hosted.payer(50_000_000_000n)
      coming.delete(seat)
    })()
  coming.set(seat, replacing)
  await replacing
}

test('every route of the app API', async (t) => {
  assert.ok(operations.length >= 49, `${operations.length} operations`)
  for (const operation of operations) {
    await t.test(operation.name, async () => {
      assert.deepEqual(await attack(operation), [], `TEST_SEED=${draw.seed}`)
    })
    sizes.push(sizeOf(hosted.api.pid))
  }
})

/** Kilobytes in memory. */
const sizeOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

test('took no longer than a second, and cost the process nothing', async () => {
  const p99 = percentile(times, 0.99)
  assert.ok(p99 <= 1_000, `p99 of ${times.length} requests: ${p99.toFixed(0)} ms`)
  const [warm = 0] = sizes.slice(WARM)
  const last = sizes.at(-1) ?? 0
  assert.ok(last <= warm * 1.2, `grew from ${warm} to ${last} kB`)
  assert.equal(hosted.api.process.exitCode, null)
  assert.doesNotMatch(hosted.api.output(), /unexpected error/)
  const health = await hosted.ask('GET', '/healthz')
  assert.equal(health.text, '{"status":"ok"}')
})

test('the books are whole', async () => {
  assert.deepEqual((await verifyLedger(hosted.world.database.owner, { bookId: 1 })).faults, [])
})
