// Webhooks that go out, when workers die in the middle of it: with a kill -9 while a receiver has the request, and by chance
// under load with several workers. Nothing is lost, and what comes twice has the same id.

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { outboxRow } from '../src/domain/notice/outbox.ts'
import { addEndpoint, type WebhookOwner } from '../src/domain/webhook/endpoint.ts'
import { pastEvents } from '../src/domain/webhook/past-events.ts'
import { startWorld, type World } from './harness/customers.ts'
import { type Receiver, startReceiver } from './harness/webhook-receiver.ts'

let receiver: Receiver
let world: World
const children = new Set<ChildProcess>()

before(async () => {
  receiver = await startReceiver()
  world = await startWorld({ LOCAL_ORIGINS: receiver.origin })
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await world?.close()
  await receiver?.close()
})

async function startWorker(): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, 'harness/webhook-process.ts'), {
    env: {
      PATH: process.env.PATH,
      MASTER_KEY: '11'.repeat(32),
      DATABASE_URL: world.database.url,
      LOCAL_ORIGINS: receiver.origin,
      LOG_LEVEL: 'silent',
    },
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  await once(child, 'message')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

let nextNo = 20_000n
async function endpointAt(place: string) {
  const no = nextNo++
  const owner: WebhookOwner = `person:${no}`
  await addEndpoint(world.bank, world.bank.db, 1, { owner, url: receiver.origin + place })
  return { no, owner }
}

/** As a posting writes them: in one transaction, also when it is only these. */
const happen = (no: bigint, from: number, count: number) =>
  world.bank.poster.submit({
    bookId: 1,
    rows: Array.from({ length: count }, (_, i) =>
      outboxRow(1, no, 'transfer.completed', { n: from + i }, world.clock.now()),
    ),
  })

async function until(what: string, look: () => boolean, most: number) {
  const end = Date.now() + most
  while (!look()) {
    assert.ok(Date.now() < end, `not within ${most} ms: ${what}`)
    await sleep(25)
  }
}

test('workers killed while a receiver has the request, and under load: all comes, in order, twice only under its id', async () => {
  const { no } = await endpointAt('/held')
  receiver.answer('/held', 'silent')
  const first = await startWorker()
  await happen(no, 1, 2)
  await until('the first request', () => receiver.at('/held').length === 1, 5_000)
  await kill(first)
  receiver.answer('/held', { status: 200 })

  // meanwhile others under load, and one of them is killed
  const places = ['/a', '/b', '/c', '/d']
  const owners = await Promise.all(places.map(endpointAt))
  const count = 60
  const [victim] = await Promise.all([startWorker(), startWorker()])
  for (let i = 0; i < count; i += 10) {
    for (const { no: owner } of owners) await happen(owner, i, 10)
    if (i === 20) await kill(victim)
  }
  const told = (place: string) => new Map(receiver.at(place).map((one) => [one.id, one.body.data.n as number]))
  // what the dead ones had claimed has to be let go of first
  await until('every event', () => places.every((place) => told(place).size === count), 40_000)
  for (const [i, place] of places.entries()) {
    assert.deepEqual(
      [...told(place).values()],
      Array.from({ length: count }, (_, n) => n),
      place,
    )
    const { owner } = owners[i] ?? { owner: 'person:1' as const }
    const past = await pastEvents(world.bank.db, 1, owner, { limit: 100 })
    assert.deepEqual(
      [...told(place).keys()],
      past.events.map(({ id }) => id),
    )
  }

  await until('both', () => receiver.at('/held').length === 3, 30_000)
  const [lost, again, next] = receiver.at('/held')
  assert.equal(again?.id, lost?.id)
  assert.equal(again?.raw, lost?.raw)
  assert.equal(again?.body.data.n, 1)
  assert.equal(next?.body.data.n, 2)
})
