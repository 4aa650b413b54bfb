// Hundreds of hostile requests for every endpoint of the platform API, outside what is encrypted and inside: nothing answers 5xx,
// every answer has the envelope with a documented number and its status, and nothing is left behind by what was refused.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { demoMerchant } from '../src/domain/merchant/make-merchant.ts'
import { LEAK } from './harness/app-contract.ts'
import { startWorld, type World } from './harness/customers.ts'
import { bodies, contentTypes, extras, values } from './harness/hostile-values.ts'
import { type Draws, draws, inLanes } from './harness/ledger.ts'
import { type PlatformAnswer, PlatformClient } from './harness/platform-client.ts'
import { printTables } from './harness/tables.ts'
import { filesFolder } from './harness/uploads.ts'

const REQUESTS = process.env.NIGHTLY ? 10_000 : 120
const LANES = 6

let world: World
let client: PlatformClient
let draw: Draws
let documented: Map<string, number[]>

before(async () => {
  world = await startWorld({ DATA_DIR: filesFolder() })
  client = new PlatformClient(world.url, await demoMerchant(world.bank, 1))
  draw = draws((line) => console.log(line))
  const page = fs.readFileSync(path.join(import.meta.dirname, '../docs/platform-api.md'), 'utf8')
  documented = new Map(
    [...page.matchAll(/^\| (\d{5}) \| ([^|]*) \|/gm)].map(([, code = '', statuses = '']) => [
      code,
      (statuses.match(/\d+/g) ?? []).map(Number),
    ]),
  )
  assert.ok(documented.size > 15)
})
after(() => world?.close())

const endpoints: Record<string, Record<string, string>> = {
  registration: {
    email: 'x@y.example',
    mobileNumber: '',
    countryCode: '86',
    password: 'TtEest19121',
    invitedCode: 'X',
  },
  reg_info_list: { page: '1', pageSize: '10', regStartTime: '1000000000000' },
  user_superior: { openId: '', uid: '10001', emailOrPhone: 'x@example.com' },
  user_invite: { openId: '', uid: '10001', emailOrPhone: '', page: '1', pageSize: '1' },
  verifyUserIdentity: {
    uid: '10001',
    countryCode: '86',
    certificateNumber: 'E1234',
    familyName: 'a',
    name: 'b',
    firstPhoto: '',
  },
  getUserHistoryLogin: { uid: '10001', startDate: '2024-01-01 00:00:00', endDate: '2024-01-01 00:00:00' },
}

const one = <T>(list: readonly T[]): T => draw.pick(list as readonly [T, ...T[]])

/** An object's text with one or two of its members spoilt; values are raw text, which JSON.stringify could not say. */
function spoil(good: object): string {
  const members = new Map(Object.entries(good).map(([name, value]) => [name, JSON.stringify(value)]))
  const also: string[] = []
  for (let times = 1 + draw.below(2); times > 0; times--) {
    const name = one([...members.keys()])
    const way = draw.below(8)
    if (way === 0) members.delete(name)
    else if (way === 1) also.push(`${JSON.stringify(name)}:${one(values)}`)
    else if (way === 2) also.push(one(extras))
    else members.set(name, one(values))
    if (members.size === 0) break
  }
  return `{${[...[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`), ...also].join()}}`
}

function ask(endpoint: string, good: Record<string, string>): Promise<PlatformAnswer> {
  const place = `/${endpoint}`
  const isPlain = endpoint === 'getUserHistoryLogin'
  const outer = isPlain ? client.plain(good) : client.body(good)
  const way = draw.below(10)
  if (way === 0) return client.send(place, outer, { 'content-type': one(contentTypes) ?? 'text/plain' })
  if (way < 4 || isPlain) return client.send(place, spoil(outer))
  if (way === 4) return client.send(place, client.body(String(one(bodies))))
  return client.send(place, client.body(spoil(good)))
}

function faultOf({ status, text, body }: PlatformAnswer): string | undefined {
  if (typeof body !== 'object' || body === null) return 'no object'
  if (body.code === '0') return status === 200 ? undefined : `success with ${status}`
  const statuses = documented.get(body.code)
  if (!statuses) return `${body.code} is not documented`
  if (!statuses.includes(status)) return `${body.code} with ${status}`
  if (typeof body.msg !== 'string' || body.msg === '' || body.data !== '' || body.sign !== '') return 'another envelope'
  if (Object.keys(body).length !== 4) return 'more than the envelope'
  return LEAK.test(text) ? 'it tells of our insides' : undefined
}

test('every refusal that the API can say is documented, with its status', async () => {
  const { platformErrors } = await import('../src/api/platform/errors.ts')
  for (const [name, { code, status }] of Object.entries(platformErrors)) {
    const statuses = documented.get(code)
    assert.ok(statuses && (code === '10015' || statuses.includes(status)), `${name}: ${code} with ${status}`)
  }
  for (const code of documented.keys())
    assert.ok(
      Object.values(platformErrors).some((each) => each.code === code),
      code,
    )
})

for (const [endpoint, good] of Object.entries(endpoints)) {
  test(`${endpoint} is answered in its envelope, whatever is sent`, async () => {
    // what an opened request leaves behind, and identities and customers with whatever words
    const kept = ['used_requests', 'attempts', 'request_log', 'outbox', 'people', 'security_log', 'payment_factors']
    kept.push('identity_checks', 'identity_events', 'approvals', 'audit_log', 'audit_heads', 'contacts', 'directory')
    const before = await printTables(world.database.owner, kept)
    const faults: string[] = []
    const counts = new Map<string, number>()
    await inLanes(REQUESTS, LANES, async () => {
      try {
        const answer = await ask(endpoint, good)
        counts.set(answer.body.code, (counts.get(answer.body.code) ?? 0) + 1)
        const fault = faultOf(answer)
        if (fault) faults.push(`${fault}: ${answer.text.slice(0, 300)}`)
      } catch (error) {
        if (!(error instanceof TypeError)) faults.push(String(error)) // fetch itself would not send it
      }
    })
    if (process.env.SHOW) console.log(endpoint, JSON.stringify([...counts]))
    assert.deepEqual(faults, [])
    assert.ok(counts.size >= 3, 'it got to several places')
    assert.deepEqual(await printTables(world.database.owner, kept), before)
  })
}
