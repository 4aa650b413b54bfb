// Identity checks: our provider and Sumsub's own client against the sandbox's Sumsub, the page where a tester examines, and
// the checks that the card issuer opens there.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { createClient } from 'sumsub-node-sdk'
import { freePort } from '../sandbox/free-port.ts'
import { startVendors } from '../sandbox/vendors.ts'
import { systemClock } from '../src/base/clock.ts'
import { readConfig } from '../src/base/config.ts'
import { newId } from '../src/base/ids.ts'
import { createLog } from '../src/base/log.ts'
import { compose } from '../src/main/compose.ts'
import { sumsubCheck } from '../src/providers/sumsub.ts'
import { startWorld, type World } from './harness/customers.ts'
import { createTestDatabase } from './harness/database.ts'
import { someHolder, startTestSumsub, sumsubAccount, type TestSumsub, until } from './harness/vendors.ts'

let sumsub: TestSumsub
let world: World
before(async () => {
  sumsub = await startTestSumsub()
  world = await startWorld(sumsub.env)
  sumsub.tell(`${world.url}/webhooks/sumsub`)
})
after(async () => {
  await world.close()
  await sumsub.stop()
})

const check = (userId: string) => ({ userId, level: 'basic-kyc-level', seconds: 1_800, language: 'zh' as const })
/** Presses a button of the page. A connection from before a restart is no connection. */
async function choose(url: string, answer: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const page = await fetch(url, { method: 'POST', body: new URLSearchParams({ answer }) }).catch(() => undefined)
    if (page || attempt === 5) return page?.status ?? 0
  }
}
const told = async () =>
  (await world.bank.db.query<{ type: string }>('told', 'select type from vendor_events')).map(({ type }) => type).sort()

test('a request is signed as Sumsub signs, to the byte', () => {
  const body = '{"levelName":"basic-kyc-level","userId":"u1","ttlInSecs":1800}'
  assert.equal(
    createHmac('sha256', 'test-secret')
      .update(`1700000000POST/resources/sdkIntegrations/levels/-/websdkLink${body}`)
      .digest('hex'),
    'eb37b576a7ffc9512442205cad0f29e3aa8b7d03886c7978df151a2c8cf56ba9',
  )
})

test('a person opens the link, is told to try again, and is approved', async () => {
  const { identityCheck } = world.bank
  const userId = newId()
  assert.equal(await identityCheck.status(userId), undefined)
  const { url, expiresAt } = await identityCheck.link(check(userId))
  assert.ok(expiresAt.getTime() > Date.now())
  const page = await fetch(url)
  assert.match(await page.text(), /身份核验/)
  assert.match(await (await fetch(url.replace('lang=zh', 'lang=en'))).text(), /Identity check/)
  assert.equal((await identityCheck.status(userId))?.status, 'init')
  assert.equal(await choose(url, 'retry'), 200)
  const again = await identityCheck.status(userId)
  assert.deepEqual([again?.status, again?.labels], ['retry', ['UNSATISFACTORY_PHOTOS']])
  assert.equal(await choose(url, 'approve'), 200)
  assert.equal((await identityCheck.status(userId))?.status, 'approved')
  await until('webhooks', async () => (await told()).length === 5)
  assert.deepEqual(await told(), [
    'applicantCreated',
    'applicantPending',
    'applicantPending',
    'applicantReviewed',
    'applicantReviewed',
  ])
  assert.equal((await fetch(`${sumsub.env.SUMSUB_URL}/websdk/p/nothing`)).status, 410)
})

test('what is known outlives a restart; a rejection is final', async () => {
  const userId = newId()
  const { url } = await world.bank.identityCheck.link(check(userId))
  await fetch(url)
  await sumsub.again()
  assert.equal(await choose(url, 'reject'), 200)
  assert.equal((await world.bank.identityCheck.status(userId))?.status, 'rejected')
})

test("Sumsub's own client does not notice the difference", async () => {
  const client = createClient({
    baseURL: sumsub.env.SUMSUB_URL ?? '',
    appToken: sumsubAccount.SUMSUB_APP_TOKEN,
    secretKey: sumsubAccount.SUMSUB_SECRET_KEY,
  })
  const userId = newId()
  const made = await client.createApplicant(userId, 'basic-kyc-level', { email: 'a@example.com' })
  assert.equal(made.data.externalUserId, userId)
  const found = await client.getApplicantByExternalUserId(userId)
  assert.equal(found.data.id, made.data.id)
  assert.equal((await client.getReviewStatus(made.data.id)).data.reviewStatus, 'init')
  await client.requestApplicantCheck(made.data.id, 'a test & more')
  assert.equal((await client.getReviewStatus(made.data.id)).data.reviewStatus, 'pending')
  assert.equal((await world.bank.identityCheck.status(userId))?.status, 'pending')
  assert.match((await client.generateAccessToken(userId, 'basic-kyc-level')).data.token, /^_act-sbx-/)
  const stranger = createClient({
    baseURL: sumsub.env.SUMSUB_URL ?? '',
    appToken: sumsubAccount.SUMSUB_APP_TOKEN,
    secretKey: 'another',
  })
  await assert.rejects(
    stranger.getReviewStatus(made.data.id),
    (error: { response: { status: number; data: object } }) => {
      assert.equal(error.response.status, 401)
      const { correlationId: _any, ...said } = error.response.data as Record<string, unknown>
      assert.deepEqual(said, {
        description: 'Request signature mismatch',
        code: 401,
        errorCode: 4003,
        errorName: 'app-token-signature mismatch',
      })
      return true
    },
  )
})

test('what fails on its way is asked again; a broken answer is no answer', async () => {
  const { SUMSUB_URL: url = '' } = sumsub.env
  const port = sumsubCheck({
    url,
    appToken: sumsubAccount.SUMSUB_APP_TOKEN,
    secretKey: sumsubAccount.SUMSUB_SECRET_KEY,
    clock: systemClock,
    timeout: 300,
    pauses: [10, 10],
  })
  for (const kind of ['timeout', 'error', 'error-after', 'busy'] as const) {
    sumsub.server.faults.push({ kind, on: 'websdkLink', times: 2 })
    assert.match((await port.link(check(newId()))).url, /websdk\/p\//, kind)
  }
  for (const kind of ['malformed', 'contradictory'] as const) {
    sumsub.server.faults.push({ kind, on: 'websdkLink', times: 1 })
    await assert.rejects(port.link(check(newId())), /no JSON object|url is no text/, kind)
  }
})

test("the issuer's own check is made on Sumsub's page, and makes the cardholder", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-vendors-'))
  const database = await createTestDatabase()
  const env = { MASTER_KEY: '11'.repeat(32), LOG_LEVEL: 'fatal' }
  const ports = { uqpay: await freePort(), sumsub: await freePort() }
  const vendors = await startVendors({ config: readConfig(env), ports, folder, log: createLog('fatal', 'test') })
  const { bank } = compose(readConfig({ ...env, ...vendors.env }), 'test', { db: database.db })
  try {
    for (const [answer, status] of [
      ['approve', 'SUCCESS'],
      ['reject', 'FAILED'],
    ] as const) {
      const key = { orderId: newId(), step: 'holder' }
      const made = await bank.cardIssuer.createCardholder(key, someHolder({ kyc: { method: 'redirect' } }))
      assert.equal(made.result, 'ok')
      const holder = made.result === 'ok' ? made.value : undefined
      assert.equal(holder?.status, 'INCOMPLETE')
      assert.ok((holder?.idvExpiresAt?.getTime() ?? 0) > Date.now())
      assert.equal(await choose(holder?.idvUrl ?? '', 'retry'), 200)
      const id = holder?.cardholderId ?? ''
      assert.equal((await bank.cardIssuer.cardholder(id))?.status, 'INCOMPLETE')
      assert.equal(await choose(holder?.idvUrl ?? '', answer), 200)
      assert.equal((await bank.cardIssuer.cardholder(id))?.status, status)
    }
  } finally {
    await vendors.stop()
    await database.drop()
    fs.rmSync(folder, { recursive: true, force: true })
  }
})
