// `unipay sign` against the published vectors, and `unipay webhook` against a real server: endpoints from a shell, a test
// event, and sending again what a receiver did not take.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { makePartner, usualTerms } from '../src/domain/ramp/make-partner.ts'
import { deliverWebhooks, type WebhookLoops } from '../src/workers/deliver-webhooks.ts'
import { runCli } from './harness/cli.ts'
import { startWorld, type World } from './harness/customers.ts'
import { isGenuine, type Receiver, startReceiver } from './harness/webhook-receiver.ts'

let receiver: Receiver
let world: World
let loops: WebhookLoops
let dir: string
let env: Record<string, string>

before(async () => {
  receiver = await startReceiver()
  world = await startWorld({ LOCAL_ORIGINS: receiver.origin })
  loops = deliverWebhooks(world.bank, [1])
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-bench-'))
  env = { DATABASE_URL: world.database.url, DATA_DIR: dir, MASTER_KEY: '11'.repeat(32), LOCAL_ORIGINS: receiver.origin }
})
after(async () => {
  await loops?.stop()
  await world?.close()
  await receiver?.close()
  fs.rmSync(dir, { recursive: true, force: true })
})

const unipay = (args: string[], input?: string) =>
  runCli([...args, '--json'], env, input === undefined ? {} : { input })
const vectorsOf = <V>(name: string): V => {
  const file = path.join(import.meta.dirname, `../sdk/vectors/${name}.json`)
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { vectors: V }).vectors
}

test('sign says what the vectors say', async () => {
  type Spot = {
    nonce: string
    timestamp: string
    apiKey: string
    secret: string
    query: string
    body: string
    sign: string
  }
  const spot = vectorsOf<Spot[]>('spot').find(({ timestamp, query }) => /^\d{13}$/.test(timestamp) && query !== '')
  assert.ok(spot)
  const args = ['sign', 'spot', '--key', spot.apiKey, '--nonce', spot.nonce, '--timestamp', spot.timestamp]
  const signed = await unipay([...args, '--path', `/x?${spot.query}`, '--body', spot.body], `${spot.secret}\n`)
  assert.equal(signed.json.signature, spot.sign, signed.said)
  assert.ok(!signed.out.includes(spot.secret) || spot.apiKey.includes(spot.secret))

  type Ramp = { secret: string; fields: Record<string, string>; base: string; sign: string }
  const [ramp] = vectorsOf<Ramp[]>('ramp')
  assert.ok(ramp)
  const { apiKey = '', timestamp = '', ...fields } = ramp.fields
  const posted = await unipay(
    ['sign', 'ramp', '--key', apiKey, '--method', 'POST', '--timestamp', timestamp, '--body', JSON.stringify(fields)],
    `${ramp.secret}\n`,
  )
  assert.deepEqual([posted.json.base, posted.json.signature], [ramp.base, ramp.sign])

  type Hook = { scheme: string; key: string; id: string; timestamp: number; body: string; signature: string }
  const hook = vectorsOf<Hook[]>('webhook').find(({ scheme }) => scheme === 'hmac')
  assert.ok(hook)
  const told = await unipay(
    [
      'sign',
      'webhook',
      '--id',
      hook.id,
      '--timestamp',
      `${hook.timestamp}`,
      '--body',
      hook.body,
      '--url',
      'http://x.example',
    ],
    `${hook.key}\n`,
  )
  assert.equal(told.json.signature, hook.signature)
})

test('an endpoint from a shell: its key once, a ping, what failed again', async () => {
  const { partner } = await makePartner(
    world.bank,
    1,
    { ...usualTerms, name: 'Shell', sources: ['shell'], release: 'manual' },
    'test',
  )
  const made = await unipay([
    'webhook',
    'create',
    '--owner',
    `partner:${partner.id}`,
    '--url',
    `${receiver.origin}/shell`,
  ])
  assert.equal(made.code, 0, made.said)
  const key = String(made.json.key)
  const id = `wh-${(made.json.endpoint as { id: string }).id}`
  const listed = await runCli(['webhook', 'list'], env)
  assert.ok(listed.out.includes(id) && listed.out.includes('active') && !listed.out.includes(key))

  receiver.answer('/shell', { status: 500 })
  const ping = await unipay(['webhook', 'ping', id])
  const came = async (count: number) => {
    for (let i = 0; i < 300 && receiver.at('/shell').length < count; i++) await sleep(25)
    assert.equal(receiver.at('/shell').length, count)
    return receiver.at('/shell')
  }
  const [first] = await came(1)
  assert.ok(first && isGenuine(first, key, world.clock.now().getTime() / 1000))
  assert.equal(first.id, ping.json.event)
  receiver.answer('/shell', { status: 200 })
  const again = await unipay(['webhook', 'resend', id, first.id])
  assert.equal(again.code, 0, again.said)
  const [, second] = await came(2)
  assert.equal(second?.id, first.id)
  const shown = await runCli(['webhook', 'deliveries', id], env)
  assert.match(shown.out, /ping +delivered +2 attempts/)

  for (const [args, code, words] of [
    [['webhook', 'resend', id], 2, /--failed-since/],
    [['webhook', 'ping', 'wh-x'], 2, /looks like/],
    [['webhook', 'create', '--owner', `partner:${partner.id}`, '--url', 'http://10.0.0.1/'], 1, /InvalidParams/],
  ] as const) {
    const { code: ended, said } = await runCli([...args], env)
    assert.equal(ended, code, said)
    assert.match(said, words)
  }
})
