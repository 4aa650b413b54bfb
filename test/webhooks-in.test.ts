// What vendors tell us: whose word counts, that it counts once, and what becomes of it.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import { leakedCode, leakedNumber } from '../sandbox/uqpay-faults.ts'
import { isFromSumsub, isFromUqpay } from '../src/api/webhooks/signature.ts'
import { minutes } from '../src/base/clock.ts'
import { readConfig } from '../src/base/config.ts'
import { unseal } from '../src/base/crypto.ts'
import { newId } from '../src/base/ids.ts'
import type { VendorEvent, VendorHandler, VendorPoll } from '../src/domain/vendor-event/handler.ts'
import { configurationRefusals } from '../src/main/live-checks.ts'
import { askVendors } from '../src/workers/ask-vendors.ts'
import { startWorld, type World } from './harness/customers.ts'
import { until } from './harness/vendors.ts'

const secret = 'whsec_uqpay'
const sumsubSecret = 'whsec_sumsub'
const heard: VendorEvent[] = []
/** Every line of the bank's log, at its most talkative. */
const logged: string[] = []
/** Events that have failed once. */
const failed = new Set<string>()
let asked: string[] = []
let open: string[] = []

const handlers: VendorHandler[] = [
  {
    vendor: 'uqpay',
    type: 'card.recharge.*',
    async handle(_bank, _bookId, event) {
      if (event.body.fail === true && !failed.has(event.eventId)) {
        failed.add(event.eventId)
        throw new Error('not now')
      }
      if ((event.body.data as { card_id?: string } | undefined)?.card_id === 'unknown')
        return { ignored: 'no such card' }
      heard.push(event)
      return undefined
    },
  },
  {
    vendor: 'sumsub',
    type: 'applicantReviewed',
    async handle(_bank, _bookId, event) {
      heard.push(event)
      return undefined
    },
  },
]
const polls: VendorPoll[] = [
  {
    name: 'test',
    open: async () => open,
    async ask(_bank, _bookId, id) {
      if (id === 'broken') throw new Error('no answer')
      asked.push(id)
    },
  },
]

let world: World
before(async () => {
  world = await startWorld(
    {
      UQPAY_URL: 'http://127.0.0.1:9/api',
      UQPAY_WEBHOOK_SECRET: secret,
      SUMSUB_URL: 'http://127.0.0.1:9',
      SUMSUB_WEBHOOK_SECRET: sumsubSecret,
    },
    {
      vendorHandlers: handlers,
      vendorPolls: polls,
      log: pino({ level: 'trace' }, { write: (line) => logged.push(line) }),
    },
  )
})
after(() => world.close())

const eventOf = (change: object = {}) => ({
  version: 'V1.6.0',
  event_name: 'ISSUING',
  event_type: 'card.recharge.succeeded',
  event_id: newId(),
  source_id: newId(),
  data: { card_id: 'c1', amount: '200' },
  ...change,
})
const sign = (body: string, stamp: string, key = secret) =>
  createHmac('sha512', key).update(body).update(stamp).digest('hex')

async function tell(body: string, change: { stamp?: string; signature?: string; path?: string; type?: string } = {}) {
  const { stamp = String(Date.now()), path = '/webhooks/uqpay', type = 'application/json' } = change
  const started = performance.now()
  const answer = await fetch(world.url + path, {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-wk-timestamp': stamp,
      'x-wk-signature': change.signature ?? sign(body, stamp),
    },
    body,
  })
  assert.ok(performance.now() - started < 2_000)
  return answer.status
}

interface Row {
  type: string
  status: string
  copies: number
  attempts: number
  reason: string
  body_sealed: Buffer
}
const rowOf = async (eventId: string): Promise<Row | undefined> =>
  (await world.bank.db.query<Row>('row', 'select * from vendor_events where event_id = $1', [eventId]))[0]
const settled = (eventId: string, status: string) =>
  until(`${eventId} ${status}`, async () => {
    const row = await rowOf(eventId)
    return row?.status === status && row
  })

test('signatures are those of the vendors, to the byte', () => {
  const body = Buffer.from('{"event_type":"card.create.succeeded","event_id":"abc123","data":{}}')
  const good =
    'df33299259a31384515cba402bfc133f791c2c1c3ea4637c7cf33f9eac0c0f61036b38d092988b0f7d27ae18dd018e20608675b6412a04c0af5fe049af71ca56'
  const at = (ms: number) => new Date(1_700_000_000_000 + ms)
  const check = (ms: number) => isFromUqpay('whsec_test_secret', body, '1700000000000', good, at(ms))
  assert.deepEqual([0, 300_000, -300_000, 300_001, 301_000, -301_000].map(check), [
    true,
    true,
    true,
    false,
    false,
    false,
  ])
  const inSeconds = createHmac('sha512', 's').update(body).update('1700000000').digest('hex')
  assert.ok(isFromUqpay('s', body, '1700000000', inSeconds, at(1_000)))
  assert.ok(
    !isFromUqpay(
      '',
      body,
      '1700000000',
      createHmac('sha512', '').update(body).update('1700000000').digest('hex'),
      at(0),
    ),
  )
  for (const [name, hash] of [
    ['HMAC_SHA1_HEX', 'sha1'],
    ['HMAC_SHA256_HEX', 'sha256'],
    ['HMAC_SHA512_HEX', 'sha512'],
    [undefined, 'sha256'],
  ] as const) {
    assert.ok(isFromSumsub('s', body, name, createHmac(hash, 's').update(body).digest('hex')))
  }
  assert.ok(!isFromSumsub('s', body, 'constructor', createHmac('sha256', 's').update(body).digest('hex')))
})

test('only what the vendor signed, and lately, is kept', async () => {
  const event = eventOf()
  const body = JSON.stringify(event)
  const now = Date.now()
  const old = String(now - 301_000)
  assert.deepEqual(
    [
      await tell(body, { signature: sign(body, String(now), 'other'), stamp: String(now) }),
      await tell(body, { signature: '' }),
      await tell(body, { signature: 'zz' }),
      await tell(body, { stamp: old }),
      await tell(body, { stamp: String(now + 301_000) }),
      await tell(body, { stamp: 'now' }),
      // the same content, written again by somebody in between
      await tell(JSON.stringify(event, null, 1), { signature: sign(body, String(now)), stamp: String(now) }),
      await tell(body.replace('200', '900'), { signature: sign(body, String(now)), stamp: String(now) }),
      await tell(body, { stamp: String(now), signature: sign(body, old) }),
    ],
    Array.from({ length: 9 }, () => 401),
  )
  assert.equal(await rowOf(event.event_id), undefined)
  assert.equal(await tell(body, { stamp: String(Math.trunc(now / 1_000)) }), 200)
  assert.equal(await tell(JSON.stringify(eventOf()), { type: 'text/plain' }), 200)
  for (const wrong of [
    '[]',
    '"x"',
    '{',
    '{}',
    JSON.stringify(eventOf({ event_id: '' })),
    JSON.stringify(eventOf({ event_type: 'a b' })),
  ])
    assert.equal(await tell(wrong), 400, wrong)
  assert.equal(await tell(JSON.stringify(eventOf({ data: 'x'.repeat(300_000) }))), 413)
  assert.equal(await tell(body, { path: '/webhooks/nobody' }), 404)
})

test('fifty copies at once are one event, and its work is done once', async () => {
  const event = eventOf()
  const body = JSON.stringify(event)
  const statuses = await Promise.all(Array.from({ length: 50 }, () => tell(body)))
  assert.ok(statuses.every((status) => status === 200))
  const row = await settled(event.event_id, 'done')
  assert.deepEqual([row.copies, row.attempts], [49, 1])
  assert.equal(heard.filter((one) => one.eventId === event.event_id).length, 1)
  // the same number with other words: the first count
  assert.equal(await tell(JSON.stringify({ ...event, data: { card_id: 'c1', amount: '900' } })), 200)
  assert.equal((await rowOf(event.event_id))?.copies, 50)
  const first = heard.find((one) => one.eventId === event.event_id)
  assert.deepEqual(first?.body.data, { card_id: 'c1', amount: '200' })
})

test('numbers arrive as they were written, and card data not at all', async () => {
  const event = eventOf({ data: { card_id: 'c2', amount: 12.5, remark: leakedNumber, cvv: leakedCode } })
  const body = JSON.stringify(event).replace('12.5', '12.50000000000000001')
  assert.equal(await tell(body), 200)
  const row = await settled(event.event_id, 'done')
  const data = heard.find((one) => one.eventId === event.event_id)?.body.data as Record<string, string>
  assert.equal(data.amount, '12.50000000000000001')
  const kept = unseal(world.bank.keys.vendor, row.body_sealed, `vendor-event/1/uqpay/${event.event_id}`)
  assert.ok(!kept.includes(leakedNumber) && !kept.includes(leakedCode), kept)
  const jobs = await world.database.owner.query('jobs', 'select payload::text from graphile_worker._private_jobs')
  assert.ok(!JSON.stringify(jobs).includes(leakedNumber))
  const leak = { remark: leakedNumber, cvv: leakedCode }
  await tell(JSON.stringify(eventOf({ data: leak })), { signature: 'no' })
  await tell(`{"event_id": "${leakedNumber}", "event_type": ${leakedNumber}`)
  const failing = eventOf({ fail: true, data: leak })
  await tell(JSON.stringify(failing))
  await until('it failed', () => failed.has(failing.event_id))
  assert.ok(logged.length > 0)
  assert.ok(!logged.some((line) => line.includes(leakedNumber) || line.includes(`"${leakedCode}"`)))
})

test('a vendor that is not configured is not heard; live mode refuses one with the secrets of the sandbox', () => {
  const refusals = (env: Record<string, string>) =>
    configurationRefusals(readConfig({ UNIPAY_MODE: 'live', MASTER_KEY: '11'.repeat(32), ...env })).filter((line) =>
      /UQPAY|SUMSUB/.test(line),
    )
  assert.deepEqual(refusals({}), [])
  assert.equal(refusals({ UQPAY_URL: 'https://issuer.example/api' }).length, 4)
  assert.equal(refusals({ SUMSUB_URL: 'https://checks.example' }).length, 3)
  assert.deepEqual(
    refusals({
      UQPAY_URL: 'https://issuer.example/api',
      UQPAY_FRAME_URL: 'https://frame.example',
      UQPAY_CLIENT_ID: 'c',
      UQPAY_API_KEY: 'k',
      UQPAY_WEBHOOK_SECRET: 's',
    }),
    [],
  )
})

test('what nobody hears is kept and ignored; what fails is tried again', async () => {
  const [strange, unknown, failing] = [
    eventOf({ event_type: 'something.new' }),
    eventOf({ data: { card_id: 'unknown' } }),
    eventOf({ fail: true }),
  ]
  for (const event of [strange, unknown, failing]) assert.equal(await tell(JSON.stringify(event)), 200)
  assert.equal((await settled(strange.event_id, 'ignored')).reason, 'nobody hears this type')
  assert.equal((await settled(unknown.event_id, 'ignored')).reason, 'no such card')
  assert.ok((await settled(failing.event_id, 'done')).attempts >= 2)
})

test('a lost job is found again, and what is open is asked about though another cannot be', async () => {
  const event = eventOf()
  await world.bank.db.query(
    'lost',
    `insert into vendor_events (book_id, vendor, event_id, type, body_sealed, body_mac, received_at)
     select book_id, vendor, $1, type, body_sealed, body_mac, received_at from vendor_events limit 1`,
    [event.event_id],
  )
  open = ['a', 'broken', 'b']
  asked = []
  world.clock.advance(minutes(20))
  await askVendors(world.bank, 1)
  assert.deepEqual(asked, ['a', 'b'])
  // its seal is another event's: it can be found, not read
  assert.equal((await settled(event.event_id, 'failed')).reason, 'Error')
  world.clock.advance(-minutes(20))
})

test('the database lets no event go back, change, or be told otherwise', async () => {
  const event = eventOf()
  await tell(JSON.stringify(event))
  await settled(event.event_id, 'done')
  const run = (sql: string) => world.database.owner.query('by hand', sql)
  await assert.rejects(
    run(`update vendor_events set status = 'received', settled_at = null where event_id = '${event.event_id}'`),
    /no step/,
  )
  await assert.rejects(run(`update vendor_events set type = 'x' where event_id = '${event.event_id}'`), /not changed/)
})

test('Sumsub is heard with each of its digests; the same review is one event', async () => {
  const body = JSON.stringify({
    applicantId: newId(),
    type: 'applicantReviewed',
    externalUserId: 'k1',
    createdAtMs: '2026-11-22 03:00:00.123',
    reviewResult: { reviewAnswer: 'GREEN' },
  })
  const post = async (text: string, digest: string, algorithm?: string) =>
    (
      await fetch(`${world.url}/webhooks/sumsub`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-payload-digest': digest,
          ...(algorithm ? { 'x-payload-digest-alg': algorithm } : {}),
        },
        body: text,
      })
    ).status
  const hmac = (hash: string, text = body) => createHmac(hash, sumsubSecret).update(text).digest('hex')
  assert.deepEqual(
    [
      await post(body, hmac('sha256')),
      await post(body, hmac('sha512'), 'HMAC_SHA512_HEX'),
      await post(body, hmac('sha1'), 'HMAC_SHA1_HEX'),
      await post(body, hmac('sha1')),
      await post(body.replace('GREEN', 'RED'), hmac('sha256')),
      await post('{}', hmac('sha256', '{}')),
    ],
    [200, 200, 200, 401, 401, 400],
  )
  await until('reviewed', () => heard.some((one) => one.vendor === 'sumsub'))
  assert.equal(heard.filter((one) => one.vendor === 'sumsub').length, 1)
})
