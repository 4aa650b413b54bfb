// What is meant to choke the platform API: blocks without number, bodies that are bombs, floods, and a database that is gone.
// Each is refused in its envelope, in about a second, and others are served meanwhile.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { sleep } from '../src/base/clock.ts'
import { demoMerchant } from '../src/domain/merchant/make-merchant.ts'
import { startWorld, type World } from './harness/customers.ts'
import { percentile } from './harness/http-client.ts'
import {
  type PlatformAnswer,
  PlatformClient,
  expectPlatformRefusal as refused,
  USER,
} from './harness/platform-client.ts'

let world: World
let client: PlatformClient
before(async () => {
  world = await startWorld({ RATE_LIMIT_PER_MINUTE: '60' })
  client = new PlatformClient(world.url, await demoMerchant(world.bank, 1))
})
after(() => world?.close())

const list = { regStartTime: '1000000000000' }
const from = (ip: string) => ({ 'x-forwarded-for': ip })
const garbage = (blocks: number) => {
  const bytes = crypto.randomBytes(blocks * 256)
  for (let at = 0; at < bytes.length; at += 256) bytes.fill(0, at, at + 1) // below the modulus
  return bytes.toString('base64url')
}

/** Asks for /healthz while the work goes on. */
async function healthDuring(work: Promise<unknown>): Promise<number> {
  const times: number[] = []
  let going = true
  void work.finally(() => {
    going = false
  })
  while (going) {
    const began = performance.now()
    assert.equal((await fetch(`${world.url}/healthz`)).status, 200)
    times.push(performance.now() - began)
    await sleep(5)
  }
  return percentile(times, 0.99)
}

test('blocks without number are opened a few at a time, and an address that sends them is stopped', async () => {
  const send = (ip: string) =>
    client.send('/verifyUserIdentity', { ...client.body(list), data: garbage(740) }, from(ip))
  const answers: PlatformAnswer[] = []
  const took: number[] = []
  const p99 = await healthDuring(
    (async () => {
      for (let i = 0; i < 6; i++) {
        const began = performance.now()
        answers.push(await send('198.51.100.1'))
        took.push(performance.now() - began)
      }
    })(),
  )
  assert.deepEqual(
    answers.map(({ body }) => body.code),
    ['50005', '50005', '50005', '50005', '50005', '50013'],
  )
  assert.ok(Number(answers[5]?.headers.get('retry-after')) > 0)
  assert.ok(Math.max(...took) < 5_000, `${took.map(Math.round)} ms`)
  assert.ok(p99 < 200, `p99 of health ${p99} ms`)
  assert.equal((await client.call('/reg_info_list', list, from('198.51.100.2'))).body.code, '0', 'others go on')
})

test('many large ones at once: some wait, the rest are told to come again', async () => {
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, i) =>
      client.send('/reg_info_list', { ...client.body(list), data: garbage(180) }, from(`198.51.101.${i}`)),
    ),
  )
  const codes = answers.map(({ body }) => body.code)
  assert.ok(
    codes.every((code) => code === '50005' || code === '50009'),
    codes.join(),
  )
  assert.ok(codes.includes('50009'))
})

test('bodies that are bombs are refused before they are opened', async () => {
  const nested = (text: string) => `{"app_id":${text},"time":1,"data":"A","sign":"A"}`
  for (const [i, body] of [
    nested('['.repeat(10_000) + ']'.repeat(10_000)),
    nested('{"a":'.repeat(10_000) + '}'.repeat(10_000)),
    '['.repeat(60_000),
    `{${Array.from({ length: 4_000 }, (_, n) => `"k${n}":1`).join()}}`,
    nested('9'.repeat(60_000)),
    nested(`"${'\\\\'.repeat(15_000)}"`),
  ].entries()) {
    const began = performance.now()
    refused(await client.send('/reg_info_list', body, from(`198.51.102.${i}`)), '10020', 400)
    assert.ok(performance.now() - began < 1_000)
  }
  for (const body of [gzipSync(Buffer.alloc(3_000_000, 0x20)), Buffer.from([0x7b, 0xff, 0x7d]), Buffer.alloc(60_000)]) {
    const response = await fetch(`${world.url}${USER}/reg_info_list`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...from('198.51.102.99') },
      body,
    })
    assert.equal(response.status, 400)
    assert.equal(((await response.json()) as { code: string }).code, '10020')
  }
})

test('a flood is answered 429 in the envelope', async () => {
  const answers: PlatformAnswer[] = []
  for (let i = 0; i < 65; i++) answers.push(await client.send('/reg_info_list', '{}', from('198.51.100.9')))
  const last = answers.at(-1) ?? assert.fail()
  refused(last, '50013', 429)
  assert.ok(Number(last.headers.get('retry-after')) > 0)
})

test('a database that is gone is told in the envelope, with nothing of our insides', async () => {
  const { query } = world.bank.db
  const broken = world.bank.db as { query: unknown }
  broken.query = () =>
    Promise.reject(Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' }))
  try {
    const answer = await client.call('/reg_info_list', list, from('198.51.100.10'))
    assert.ok([500, 503].includes(answer.status), answer.text)
    assert.ok(['10001', '50011', '50009'].includes(answer.body.code), answer.text)
    assert.deepEqual([answer.body.data, answer.body.sign], ['', ''])
    assert.doesNotMatch(answer.text, /ECONN|10\.1\.2|5432/)
  } finally {
    broken.query = query
  }
  assert.equal((await client.call('/reg_info_list', list, from('198.51.100.10'))).body.code, '0')
})
