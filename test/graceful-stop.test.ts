// SIGTERM under load, as a rolling deployment does it: the server says first that it is not ready, answers all that it
// was asked, and ends; clients behind a balancer that heeds readiness notice nothing.

import assert from 'node:assert/strict'
import net from 'node:net'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { type ApiProcess, startApi } from './harness/api-process.ts'
import { openStream } from './harness/event-stream.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'
import { type Client, openClient } from './harness/http-client.ts'
import { startLoad } from './harness/transfer-load.ts'

const ROUNDS = process.env.NIGHTLY ? 20 : 4

let hosted: Hosted
let payers: Payer[]

before(async () => {
  hosted = await startHosted()
  payers = []
  for (let i = 0; i < 6; i++) payers.push(await hosted.payer(100_000_000n))
})
after(() => hosted?.close())

interface Instance {
  api: ApiProcess
  client: Client
  ready: boolean
  /** What /readyz answered, in order, each once. */
  said: (number | 'gone')[]
  watching: Promise<void>
}

/** Asks for readiness as a balancer does, on connections of their own, until nobody is there. */
async function watch(instance: Instance): Promise<void> {
  const { hostname, port } = new URL(instance.api.url)
  const probe = openClient(instance.api.url, { connections: 1 })
  for (;;) {
    const status = await probe.ask({ method: 'GET', path: '/readyz', headers: { connection: 'close' } }).then(
      (reply) => reply.status,
      // a connection that it had not read from yet may be cut as it ends; gone is who does not listen any more
      async () => ((await listens(hostname, Number(port))) ? undefined : ('gone' as const)),
    )
    instance.ready = status === 200
    if (status !== undefined && instance.said.at(-1) !== status) instance.said.push(status)
    if (status === 'gone') break
    await sleep(20)
  }
  probe.close()
}

const listens = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const knock = net.connect({ host, port })
    knock.once('connect', () => {
      knock.destroy()
      resolve(true)
    })
    knock.once('error', () => resolve(false))
  })

async function start(): Promise<Instance> {
  const api = await startApi(hosted.env)
  const instance: Instance = { api, client: openClient(api.url), ready: true, said: [], watching: Promise.resolve() }
  instance.watching = watch(instance)
  return instance
}

test(`${ROUNDS} times under load: readiness off first, no reply cut, gone within 10 seconds`, async (t) => {
  const instances = [await start(), await start()]
  let turn = 0
  const load = startLoad(
    payers.map(({ id, access, pin }) => ({ id, pin, token: access })),
    () => {
      const ready = instances.filter((instance) => instance.ready)
      assert.ok(ready.length > 0, 'one of them is always ready')
      return (ready[turn++ % ready.length] ?? ready[0])?.client as Client
    },
  )
  const took: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const had = load.acknowledged.length
      while (load.acknowledged.length < had + 100) await sleep(20)
      const leaving = instances[round % 2] as Instance
      const asked = performance.now()
      assert.equal(await leaving.api.stop('SIGTERM'), 0, leaving.api.output())
      took.push(performance.now() - asked)
      await leaving.watching
      assert.deepEqual(leaving.said, [200, 503, 'gone'], 'not ready before it is gone')
      leaving.client.close()
      instances[round % 2] = await start()
    }
  } finally {
    await load.stop()
    for (const { api, client, watching } of instances) {
      await api.stop()
      await watching
      client.close()
    }
  }
  t.diagnostic(`${load.acknowledged.length} payments; stopped within ${took.map(Math.round)} ms`)
  assert.deepEqual([load.faults, load.cut, load.unavailable], [[], [], []])
  assert.ok(Math.max(...took) < 10_000)
  const [{ count } = { count: '' }] = await hosted.world.database.owner.query<{ count: string }>(
    '',
    'select count(*)::text as count from transfers',
  )
  assert.equal(count, String(load.acknowledged.length))
  assert.deepEqual((await verifyLedger(hosted.world.database.owner, { bookId: 1 })).faults, [])
})

test('neither a stream nor a client that hangs keeps it from ending', async () => {
  const [payer] = payers
  assert.ok(payer)
  const api = await startApi(hosted.env)
  const { hostname, port } = new URL(api.url)
  const stream = await openStream(api.url, payer.access)
  await stream.until('the stream to begin', () => stream.of('ready').length > 0)
  const half = net.connect({ host: hostname, port: Number(port) }).on('error', () => {})
  half.write(
    `POST /api/transfer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${payer.access}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  )
  const idle = net.connect({ host: hostname, port: Number(port) }).on('error', () => {})
  await sleep(200)
  const asked = performance.now()
  assert.equal(await api.stop('SIGTERM'), 0, api.output())
  assert.ok(performance.now() - asked < 10_000)
  assert.ok(stream.ended, 'the stream was ended, not cut')
  half.destroy()
  idle.destroy()
})
