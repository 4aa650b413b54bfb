// Identities that a merchant submits for its customers: names, numbers and pictures, by address or inside the request; and
// what a server that fetches pictures from strangers' addresses does not do.

import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { demoMerchant } from '../src/domain/merchant/make-merchant.ts'
import { setPersonStatus } from '../src/domain/people/people.ts'
import { personOn, startWorld, type World } from './harness/customers.ts'
import { consoleCall, joinOperator, type TestOperator } from './harness/operators.ts'
import { PlatformClient, expectPlatformRefusal as refused } from './harness/platform-client.ts'
import { filesFolder, picture } from './harness/uploads.ts'

let world: World
let client: PlatformClient
let inviteCode: string
let pictures: http.Server
let origin: string
let risk: TestOperator
const served: string[] = []

before(async () => {
  const photo = await picture()
  pictures = http.createServer((request, response) => {
    served.push(request.url ?? '')
    if (request.url === '/moved') response.writeHead(302, { location: '/front.jpg' }).end()
    else if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    else if (request.url === '/gone') response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'binary/octet-stream' }).end(photo)
  })
  await new Promise<void>((done) => pictures.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`
  world = await startWorld({ LOCAL_ORIGINS: origin, DATA_DIR: filesFolder() })
  const demo = await demoMerchant(world.bank, 1)
  inviteCode = demo.inviteCode
  client = new PlatformClient(world.url, demo)
  risk = await joinOperator(world, ['risk'], 'Rita')
})
after(async () => {
  pictures?.close()
  await world?.close()
})

let serial = 0
async function register(): Promise<{ uid: number }> {
  const email = `identified${serial++}@example.com`
  const { inner, text } = await client.call('/registration', {
    email,
    password: 'TtEest19121',
    invitedCode: inviteCode,
  })
  assert.ok(inner, text)
  return inner as { uid: number }
}

const person = (uid: number) => ({
  uid: String(uid),
  countryCode: '93',
  certificateNumber: '211111111111',
  familyName: 'Smith',
  name: 'Ann',
})
interface Check {
  id: string
  uid: string
  flags: string[]
  pictures: string[]
  details: { real_name: string; id_number: string; address: string }
}
async function dossier(uid: number): Promise<Check> {
  const list = await consoleCall<{ items: Check[] }>(world, risk.token, 'GET', '/identity?status=pending&size=100')
  const check = list.data.items.find((one) => one.uid === `U${uid}`)
  assert.ok(check, list.text)
  return (await consoleCall<Check>(world, risk.token, 'GET', `/identity/${check.id}`)).data
}

test('is submitted with up to three pictures, which operators see', async () => {
  const { uid } = await register()
  const firstPhoto = [1, 2, 3].map((i) => `${origin}/${i}.jpg`).join(',')
  const answer = await client.call('/verifyUserIdentity', { ...person(uid), firstPhoto })
  assert.deepEqual(answer.body, { code: '0', msg: 'suc', data: '', sign: '' })
  const check = await dossier(uid)
  assert.deepEqual(check.pictures, ['front', 'back', 'third'])
  assert.deepEqual([check.details.real_name, check.details.address], ['Ann Smith', '+93'])
  for (const side of check.pictures) {
    const shown = await fetch(`${world.url}/console/api/identity/${check.id}/${side}`, {
      headers: { authorization: `Bearer ${risk.token}` },
    })
    assert.deepEqual([shown.status, shown.headers.get('content-type')], [200, 'image/jpeg'])
  }
  refused(await client.call('/verifyUserIdentity', person(uid)), '80005', 409)
})

test('may come without pictures, which takes two operators, or with pictures inside', async () => {
  const { uid } = await register()
  const bare = { ...person(uid), certificateNumber: 'E7654321', familyName: '张', name: '三' }
  assert.equal((await client.call('/verifyUserIdentity', bare)).body.code, '0')
  const check = await dossier(uid)
  assert.deepEqual([check.flags, check.pictures, check.details.real_name], [['no_picture'], [], '张三'])

  const other = await register()
  const inside = `data:image/jpeg;base64,${(await picture()).toString('base64')}`
  const withInside = { ...person(other.uid), certificateNumber: 'E7654322', firstPhoto: `${inside},${origin}/2.jpg` }
  assert.equal((await client.call('/verifyUserIdentity', withInside)).body.code, '0')
  assert.deepEqual((await dossier(other.uid)).pictures, ['front', 'back'])
})

test('pictures that are none, or nowhere, or inside the house are refused alike', async () => {
  const { uid } = await register()
  const words = /^A picture cannot be used \(\/firstPhoto there is no picture at this address that can be used\)$/
  const port = new URL(origin).port
  for (const firstPhoto of [
    `${origin}/page`,
    `${origin}/gone`,
    `${origin}/moved`,
    `http://localhost:${port}/1.jpg`,
    `http://[::1]:${port}/1.jpg`,
    'http://127.0.0.1:1/',
    'http://169.254.169.254/latest/meta-data/',
    `${world.url}/healthz`,
    'file:///etc/passwd',
    'https://user:pass@example.com/x.jpg',
    'nonsense',
    `${origin}/1.jpg,http://10.0.0.1/2.jpg`,
  ]) {
    const answer = await client.call('/verifyUserIdentity', {
      ...person(uid),
      certificateNumber: 'E9999999',
      firstPhoto,
    })
    if (firstPhoto !== 'nonsense') refused(answer, '80007', 400, words)
    else refused(answer, '80007', 400)
  }
  assert.ok(!served.includes('/front.jpg'), 'no redirect was followed')
  const four = Array.from({ length: 4 }, (_, i) => `${origin}/four${i}.jpg`).join()
  refused(await client.call('/verifyUserIdentity', { ...person(uid), firstPhoto: four }), '80007', 400, /at most 3/)
  assert.ok(!served.some((path) => path.startsWith('/four')))
  refused(
    await client.call('/verifyUserIdentity', { ...person(uid), firstPhoto: 'data:image/svg+xml;base64,AAAA' }),
    '80007',
    400,
  )
})

test('is not taken of a customer who is frozen, and gone with one who has left', async () => {
  const [frozen, gone] = [await register(), await register()]
  const idOf = async ({ uid }: { uid: number }) => (await personOn(world.bank, `U${uid}`)).id
  await setPersonStatus(world.bank, 1, await idOf(frozen), 'frozen')
  refused(await client.call('/verifyUserIdentity', person(frozen.uid)), '80004', 403)
  await setPersonStatus(world.bank, 1, await idOf(gone), 'deleted')
  refused(await client.call('/verifyUserIdentity', person(gone.uid)), '80004', 403)
  const { inner } = await client.call('/reg_info_list', { regStartTime: '1000000000000' })
  const row = (inner?.userInfoList as { uid: number; email: string }[] | undefined)?.find(({ uid }) => uid === gone.uid)
  assert.equal(row?.email, '', 'the merchant keeps the number and nothing else')
})

test('needs a listed country, a number, names, and a customer', async () => {
  const { uid } = await register()
  const good = person(uid)
  for (const wrong of [
    { countryCode: '999' },
    { countryCode: 'AF' },
    { certificateNumber: '1' },
    { name: ' ', familyName: ' ' },
  ])
    refused(await client.call('/verifyUserIdentity', { ...good, ...wrong }), '10020', 400)
  for (const missing of Object.keys(good)) {
    const rest = Object.fromEntries(Object.entries(good).filter(([name]) => name !== missing))
    refused(await client.call('/verifyUserIdentity', rest), '10020', 400)
  }
  refused(await client.call('/verifyUserIdentity', { ...good, uid: '99999999' }), '50007', 404)
})
