// Hundreds of hostile requests for every route of the console, drawn from the OpenAPI document: nothing answers 5xx, every
// answer has the console's envelope and the documented status, none takes long, and nothing tells of our insides.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seconds } from '../src/base/clock.ts'
import { verifyAuditLog } from '../src/domain/operator/watch-audit-log.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import type { Operation } from './harness/app-contract.ts'
import { faultOfConsoleReply, readConsoleOperations } from './harness/console-contract.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { ABSENT_ID } from './harness/honest-inputs.ts'
import { drawHostile, type Known } from './harness/hostile-requests.ts'
import { GOOD_TOKEN } from './harness/hostile-values.ts'
import { type Client, openClient, percentile, type Reply } from './harness/http-client.ts'
import { type Draws, draws, fund, inLanes } from './harness/ledger.ts'
import { joinOperator, propose, signInAs, type TestOperator } from './harness/operators.ts'

const REQUESTS = process.env.NIGHTLY ? 5_000 : 50
const LANES = 8

let world: World
let client: Client
let operations: Operation[]
let draw: Draws
let customer: Customer
let approval: string
/** Operators with every role; one who is signed out is signed in again. */
let crew: TestOperator[]
const times: number[] = []

before(async () => {
  world = await startWorld({ DATA_DIR: process.env.TMPDIR ?? '/var/tmp' })
  client = openClient(world.url)
  operations = await readConsoleOperations(client)
  draw = draws((line) => console.log(line))
  customer = await signUp(world)
  await fund(world.bank.poster, customer.no, 50_000_000n)
  crew = []
  for (let i = 0; i < 3; i++) crew.push(await joinOperator(world, ['support', 'risk', 'finance', 'admin']))
  approval = await propose(world, crew[0] as TestOperator, 'reveal', { person: customer.id })
})
after(async () => {
  client?.close()
  await world?.close()
})

/** What an honest operator would send, by the name of the field or parameter. */
const known: Known = (name, { path }) =>
  ({
    q: customer.uid,
    account: `${customer.uid}:main:USDT`,
    at: world.clock.now().toISOString(),
    reason: 'incident 42',
    email: `honest${draw.below(1e9)}@bank.example`,
    network: path.includes('money-out') ? 'ETH' : 'BSC',
    hash: 'a'.repeat(64),
    status: path.includes('deposits') ? 'review' : 'open',
    payload: {},
    id: path.includes('/customers/') ? customer.id : path.includes('/approvals/') ? approval : ABSENT_ID,
    operator: crew[0]?.id,
    page: '1',
    size: '5',
  })[name]

async function attack(operation: Operation): Promise<string[]> {
  const faults: string[] = []
  await inLanes(REQUESTS, LANES, async (i) => {
    const seat = i % crew.length
    const operator = crew[seat] as TestOperator
    const { ask, what } = drawHostile(operation, known, draw)
    const headers = { ...ask.headers }
    const isGood = headers.authorization === GOOD_TOKEN
    if (typeof headers.authorization === 'string')
      headers.authorization = headers.authorization.replace('<good>', operator.token)
    // limits by address are not what is tried here
    headers['x-forwarded-for'] ??= `2001:db8:${draw.below(60_000).toString(16)}::1`
    let reply: Reply
    try {
      reply = await client.ask({ ...ask, headers })
    } catch (error) {
      faults.push(`${what}: ${error}`)
      return
    }
    times.push(reply.milliseconds)
    const same = ask.method === operation.method
    const met = same ? operation : operations.find((o) => o.path === operation.path && o.method === ask.method)
    const isHead = ask.method === 'HEAD' || (reply.status === 200 && !met)
    const fault = isHead
      ? reply.status >= 500
        ? `${reply.status}`
        : undefined
      : faultOfConsoleReply(met ?? operation, reply)
    const letIn = reply.status === 200 && same && !operation.open && !isGood
    if (fault || letIn)
      faults.push(
        `${what}: ${letIn ? 'let in' : fault}: ${ask.method} ${ask.path.slice(0, 200)} ${String(ask.body ?? '').slice(0, 200)} → ${reply.status} ${reply.text.slice(0, 300)}`,
      )
    if (reply.status === 401 && isGood) await signInAgain(seat, operator)
  })
  return faults
}

const coming = new Map<number, Promise<void>>()
async function signInAgain(seat: number, gone: TestOperator): Promise<void> {
  if (crew[seat] !== gone) return
  const again =
    coming.get(seat) ??
    (async () => {
      world.clock.advance(seconds(31))
      const { data } = await signInAs(world, gone)
      crew[seat] = data
        ? { ...gone, token: data.token }
        : await joinOperator(world, ['support', 'risk', 'finance', 'admin'])
      coming.delete(seat)
    })()
  coming.set(seat, again)
  await again
}

test('every route of the console', async (t) => {
  assert.ok(operations.length >= 40, `${operations.length} operations`)
  for (const operation of operations) {
    await t.test(operation.name, async () => {
      assert.deepEqual(await attack(operation), [], `TEST_SEED=${draw.seed}`)
    })
  }
})

test('took no longer than a second; books and audit log are whole', async () => {
  const p99 = percentile(times, 0.99)
  assert.ok(p99 <= 1_000, `p99 of ${times.length} requests: ${p99.toFixed(0)} ms`)
  assert.deepEqual((await verifyLedger(world.database.owner, { bookId: 1 })).faults, [])
  assert.deepEqual((await verifyAuditLog(world.bank, 1)).faults, [])
})
