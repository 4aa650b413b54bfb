// The identity page of ramp partners over HTTP, as a browser asks for it: opened once by a link or by signed headers, taken
// through pictures and details to an operator's decision; and what shows nothing of anybody.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { minutes } from '../src/base/clock.ts'
import { askCode, signUp } from './harness/customers.ts'
import { texts, values } from './harness/hostile-values.ts'
import { check, ok } from './harness/operators.ts'
import { get, inOrder, post, type RampKey, send, signedRequest } from './harness/ramp-client.ts'
import { type Ramping, startRamping } from './harness/ramping.ts'
import { hugePng, picture } from './harness/uploads.ts'

const PAGE = '/user/userKyc.html'
let ramp: Ramping
let key: RampKey & { id: string }
let other: RampKey & { id: string }
before(async () => {
  ramp = await startRamping({ PUBLIC_URL: 'https://wallet.example' })
  key = await ramp.partner('Exchange')
  other = await ramp.partner('Other')
})
after(() => ramp?.close())

const source = 'binance'

interface Opened {
  status: number
  html: string
  headers: Headers
  /** Empty where the page knows of nobody. */
  visit: string
}

async function open(path: string, headers: Record<string, string> = {}): Promise<Opened> {
  const response = await fetch(ramp.world.url + path, { headers: { accept: 'text/html,*/*', ...headers } })
  const html = await response.text()
  const visit = /<meta name="visit" content="([^"]*)">/.exec(html)?.[1] ?? ''
  return { status: response.status, html, headers: response.headers, visit }
}

const linkFor = async (account: string, of = key): Promise<string> => {
  const { data, text } = await post(of, '/user/kycLink', { account })
  assert.ok(data, text)
  const url = new URL(String(data.url))
  assert.equal(url.origin, 'https://wallet.example')
  return url.pathname + url.search
}

interface VisitAnswer {
  status: number
  code: string
  data: { step: string; reason: string; nextStep: string; key: string }
  description: string
  text: string
}

async function ask(visit: string, method: string, path: string, body?: object): Promise<VisitAnswer> {
  const isForm = body instanceof FormData
  const response = await fetch(`${ramp.world.url}/user/kyc/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${visit}`,
      'accept-language': 'en',
      ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, text, ...(JSON.parse(text) as Pick<VisitAnswer, 'code' | 'data' | 'description'>) }
}

async function sendPicture(visit: string, bytes: Buffer, name = 'front.jpg'): Promise<VisitAnswer> {
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(bytes)]), name)
  return ask(visit, 'POST', 'file', form)
}

const details = (front: string) => ({
  realName: 'Juan Cruz',
  idType: 'PASSPORT',
  idNumber: `P${front.slice(-12, -4).toUpperCase()}`,
  front,
  address: '1 Example Street, Cebu',
  contact: '+63 917 123 4567',
})

const stepOf = async (visit: string) => (await ask(visit, 'GET', 'visit')).data?.step
const statusOf = async (account: string) => (await get(key, '/user/findUserAuthStatus', { account })).data.cardStatus

async function decide(account: string, verdict: 'approve' | 'reject', note = ''): Promise<void> {
  const { items } = await ok<{ items: { approval: string }[] }>(
    ramp.world,
    ramp.checker,
    'GET',
    '/identity?status=pending',
  )
  const answer = await check(ramp.world, ramp.checker, items.at(-1)?.approval ?? '', verdict, note ? { note } : {})
  assert.equal(answer.status, 200, `${account}: ${answer.text}`)
}

test('from a link to a decision, and again after a rejection', async () => {
  assert.equal(await statusOf('juan'), '4')
  const { visit, status, html, headers } = await open(await linkFor('juan'))
  assert.equal(status, 200)
  assert.match(visit, /^kyc_[\w-]{43}$/)
  assert.equal(await statusOf('juan'), '0')
  assert.match(headers.get('content-type') ?? '', /^text\/html/)
  const policy = headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe|https?:/)
  assert.deepEqual([headers.get('cache-control'), headers.get('x-frame-options')], ['no-store', 'DENY'])
  assert.doesNotMatch(html, /<script(?![^>]* src=)|<style| on\w+=| style=|juan/i)
  for (const [, file = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    assert.match(file, /^\/user\/kyc\//)
    const found = await fetch(ramp.world.url + file)
    assert.equal(found.status, 200, file)
    assert.doesNotMatch(await found.text(), /https?:\/\/|innerHTML|eval\(/, 'no other origin, no markup out of texts')
  }

  assert.equal(await stepOf(visit), 'form')
  const first = await sendPicture(visit, await picture())
  assert.equal(first.code, '000000', first.text)
  assert.equal((await ask(visit, 'POST', 'submit', details(first.data.key))).data.step, 'pending')
  assert.deepEqual([await stepOf(visit), await statusOf('juan')], ['pending', '3'])
  assert.equal((await ask(visit, 'POST', 'submit', details(first.data.key))).code, '300002')

  await decide('juan', 'reject', 'photo_unreadable: glare')
  assert.equal(await statusOf('juan'), '2')
  const rejected = (await ask(visit, 'GET', 'visit')).data
  assert.equal(rejected.step, 'rejected')
  assert.match(`${rejected.reason} ${rejected.nextStep}`, /cannot be read.*new pictures/)
  assert.doesNotMatch(JSON.stringify(rejected), /glare/)

  const again = await sendPicture(visit, await picture('png'), 'front.png')
  assert.equal((await ask(visit, 'POST', 'submit', details(again.data.key))).code, '000000')
  await decide('juan', 'approve')
  assert.deepEqual([await stepOf(visit), await statusOf('juan')], ['approved', '1'])
})

test('an approved user who submits again changes nothing', async () => {
  const rows = () =>
    ramp.one<{ print: string }>(`select md5(string_agg(c::text, '' order by id)) as print from identity_checks c`)
  const before = await rows()
  const { visit } = await open(await linkFor('juan'))
  const sent = await sendPicture(visit, await picture())
  const answer = await ask(visit, 'POST', 'submit', details(sent.data.key))
  assert.deepEqual([answer.status, answer.code], [409, '300003'])
  assert.deepEqual(await rows(), before)
  const seen = await ask(visit, 'GET', 'visit')
  assert.deepEqual(seen.data, { step: 'approved', reason: '', nextStep: '' })
})

test('the address of the document opens with the partner’s signature headers, once', async () => {
  const first = signedRequest(key, 'GET', PAGE, { account: 'maria', source })
  const opened = await open(first.path, first.headers)
  assert.deepEqual([opened.status, await stepOf(opened.visit)], [200, 'form'])
  const again = await open(first.path, first.headers)
  assert.deepEqual([again.status, again.visit], [401, ''])
  const late = signedRequest(key, 'GET', PAGE, { account: 'maria', source }, `${Date.now() - minutes(6)}`)
  assert.deepEqual([(await open(late.path, late.headers)).status], [401])
})

test('without a signature, with a link that was opened, of another account, too old or made up, nothing of anybody shows', async () => {
  const link = await linkFor('juan')
  const used = await linkFor('juan')
  assert.equal((await open(used)).status, 200)
  const maria = new URLSearchParams({ account: 'maria', source })
  const blank = await open(`${PAGE}?account=nobody&source=binance`)
  assert.deepEqual([blank.status, blank.visit], [401, ''])
  const closed = [
    `${PAGE}?account=juan&source=binance`,
    used,
    `${PAGE}?${maria}&token=${new URLSearchParams(link.split('?')[1]).get('token')}`,
    link.replace('source=binance', 'source=okx'),
    `${PAGE}?account=juan&source=binance&token=kyc_${'A'.repeat(43)}`,
    `${PAGE}?account=juan&source=binance&token=x`,
  ]
  for (const path of closed) {
    const seen = await open(path)
    assert.deepEqual([seen.status, seen.html], [401, blank.html], path)
    const plain = await fetch(ramp.world.url + path)
    assert.deepEqual(await plain.json(), { code: '100001', data: null, description: expectWords(path) }, path)
  }
  const ahead = await fetch(ramp.world.url + link, { method: 'HEAD' })
  assert.equal(ahead.status, 405, 'a look ahead opens nothing')
  assert.equal((await open(link)).status, 200, 'it was good all the time')
  const stale = await linkFor('juan')
  ramp.world.clock.advance(minutes(31))
  try {
    assert.equal((await open(stale)).status, 401)
  } finally {
    ramp.world.clock.advance(-minutes(31))
  }
  for (const visit of ['', 'x', `kyc_${'A'.repeat(43)}`, new URLSearchParams(link.split('?')[1]).get('token') ?? ''])
    for (const [method, path] of [
      ['GET', 'visit'],
      ['POST', 'submit'],
      ['POST', 'code'],
      ['POST', 'file'],
    ] as const)
      assert.deepEqual((await ask(visit, method, path)).status, 401, `${path} ${visit}`)
})

const expectWords = (path: string) =>
  path.includes('token=') ? '缺少签名信息,或链接无效' : '缺少签名信息,或链接无效 (send timestamp, apiKey and sign)'

test('a visit ends, and takes nobody’s pictures but its own', async () => {
  const mine = (await open(await linkFor('pedro'))).visit
  const theirs = (await open(await linkFor('pedro', other))).visit
  const sent = await sendPicture(theirs, await picture())
  const answer = await ask(mine, 'POST', 'submit', details(sent.data.key))
  assert.deepEqual([answer.status, answer.code], [400, '300001'])
  assert.equal(await statusOf('pedro'), '0')
  ramp.world.clock.advance(minutes(61))
  try {
    assert.equal((await ask(mine, 'GET', 'visit')).status, 401)
  } finally {
    ramp.world.clock.advance(-minutes(61))
  }
})

test('what is no picture is refused and not kept', async () => {
  const { visit } = await open(await linkFor('hacker'))
  const { n: before } = await ramp.one<{ n: bigint }>('select count(*) as n from identity_files')
  const bad: [Buffer, string][] = [
    [Buffer.alloc(0), 'a.jpg'],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.svg'],
    [Buffer.from('<html><script>alert(1)</script>'), 'a.jpg'],
    [hugePng(50_000, 50_000), 'a.png'],
    [Buffer.concat([await picture(), Buffer.alloc(10 * 1024 * 1024)]), 'a.jpg'],
    [await picture(), '../../a.jpg'],
  ]
  for (const [bytes, name] of bad) {
    const answer = await sendPicture(visit, bytes, name)
    assert.deepEqual([answer.status, answer.code], [400, '300001'], `${name}: ${answer.text}`)
  }
  assert.equal((await ramp.one<{ n: bigint }>('select count(*) as n from identity_files')).n, before)
})

test('who was a customer before is asked by a code to their own address', async () => {
  const mine = await signUp(ramp.world)
  const { visit } = await open(await linkFor(mine.contact))
  assert.equal(await stepOf(visit), 'confirm')
  const refused = await sendPicture(visit, await picture())
  assert.deepEqual([refused.status, refused.code], [403, '100006'])
  assert.equal((await ask(visit, 'POST', 'submit', details('kyc/2026/06/x.jpg'))).status, 403)
  assert.equal(await statusOf(mine.contact), '4')

  const sent = ramp.world.sinks.codesTo(mine.contact)
  assert.equal((await ask(visit, 'POST', 'code', {})).code, '000000')
  const code = await ramp.world.sinks.codeFor(mine.contact, sent + 1)
  const wrong = code === '000000' ? '000001' : '000000'
  assert.equal((await ask(visit, 'POST', 'confirm', { code: wrong })).code, '100007')
  assert.equal((await ask(visit, 'POST', 'confirm', { code })).code, '000000')
  assert.deepEqual([await stepOf(visit), await statusOf(mine.contact)], ['form', '0'])
  assert.equal((await ask(visit, 'POST', 'confirm', { code })).code, '300005')
  // the code lets the partner act, and nobody sign in
  const login = await ramp.world.call('POST', '/api/auth/login', { contact: mine.contact, type: 'email', code })
  assert.equal(login.status, 400, login.text)
  await askCode(ramp.world, mine.contact, 'login')
  // and tells another partner nothing
  assert.equal((await post(other, '/transaction/addChangeApplyOrder', inOrder('K-1', mine.contact))).code, '000000')
  assert.equal((await get(other, '/user/findUserAuthStatus', { account: mine.contact })).data.cardStatus, '4')
})

test('a link is made by a signed request, for sources of one’s own', async () => {
  const mine = signedRequest(key, 'POST', '/user/kycLink', { account: 'juan', source: 'kraken' })
  assert.equal((await send(key.base, mine)).code, '100006')
  const forged = {
    ...signedRequest(key, 'POST', '/user/kycLink', { account: 'juan', source }),
    body: JSON.stringify({ account: 'maria', source }),
  }
  assert.equal((await send(key.base, forged)).code, '100003')
})

test('whatever a visit is sent, the answer has the envelope and is no 5xx', async () => {
  const { visit } = await open(await linkFor('fuzzer'))
  const honest: Record<string, unknown> = details('kyc/2026/06/00000000-0000-7000-8000-000000000000.jpg')
  const raw = async (path: string, body: string, type = 'application/json') => {
    const headers = { authorization: `Bearer ${visit}`, 'content-type': type }
    const response = await fetch(`${ramp.world.url}/user/kyc/${path}`, { method: 'POST', headers, body })
    const answer = (await response.json()) as Record<string, unknown>
    assert.ok(response.status < 500, `${path} ${body.slice(0, 100)}: ${JSON.stringify(answer)}`)
    assert.deepEqual(Object.keys(answer), ['code', 'data', 'description'])
    assert.notEqual(answer.code, '000000', body.slice(0, 100))
  }
  for (const name of Object.keys(honest))
    for (const value of [...texts.slice(0, 25), ...values])
      await raw('submit', JSON.stringify({ ...honest, [name]: value }))
  for (const value of values) await raw('confirm', JSON.stringify({ code: value }))
  for (const body of ['', '{', '[]', '{"a":1,"a":2}', 'x'.repeat(70_000)]) {
    await raw('submit', body)
    await raw('file', body)
    await raw('file', body, 'multipart/form-data; boundary=x')
  }
  assert.equal(await stepOf(visit), 'form')
})
