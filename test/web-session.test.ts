// Sessions of browsers: the refresh token in a cookie that no script reads, other sites kept out; and what the server says
// about the web apps' pages and files. Asked over HTTP, without a browser.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { logIn } from './harness/customers.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'

const PATH = '/api/auth/web-session'
const root = path.join(import.meta.dirname, '..')

let hosted: Hosted
let ann: Payer

before(async () => {
  execFileSync(process.execPath, ['scripts/build-web.ts'], { cwd: root, stdio: 'pipe' })
  hosted = await startHosted()
  ann = await hosted.payer()
})
after(() => hosted?.close())

const ask = (method: string, where: string, headers: Record<string, string> = {}, body?: object) =>
  hosted.client.ask({
    method,
    path: where,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    body: body && JSON.stringify(body),
  })
const refreshToken = async () => (await logIn(hosted.world, ann)).data.refresh_token
const cookieIn = (headers: Record<string, unknown>) => String(headers['set-cookie'] ?? '')
const pairOf = (cookie: string) => cookie.split(';')[0] ?? ''

test('a refresh token becomes a cookie that scripts and other sites cannot use, and is spent', async () => {
  const token = await refreshToken()
  const made = await ask('PUT', PATH, {}, { refresh_token: token })
  assert.equal(made.status, 200, made.text)
  const cookie = cookieIn(made.headers)
  assert.match(cookie, /; Path=\/api\/auth\/web-session; Max-Age=2592000; HttpOnly; SameSite=Strict$/)
  assert.equal(cookie.includes(token), false, 'another one than the script saw')
  assert.deepEqual(Object.keys((made.json as { data: object }).data), ['access_token'])

  const turned = await ask('POST', PATH, { cookie: pairOf(cookie) })
  assert.equal(turned.status, 200)
  assert.notEqual(pairOf(cookieIn(turned.headers)), pairOf(cookie))
  const access = (turned.json as { data: { access_token: string } }).data.access_token
  assert.equal((await ask('GET', '/api/user/me', { authorization: `Bearer ${access}` })).status, 200)

  const ended = await ask('DELETE', PATH, { cookie: pairOf(cookieIn(turned.headers)) })
  assert.match(cookieIn(ended.headers), /^unipay_session=; .*Max-Age=0/)
  assert.equal((await ask('POST', PATH, { cookie: pairOf(cookieIn(turned.headers)) })).status, 401)
})

test('a cookie that came by https never goes without', async () => {
  // the proxy in front is believed in this configuration
  const made = await ask('PUT', PATH, { 'x-forwarded-proto': 'https' }, { refresh_token: await refreshToken() })
  assert.match(cookieIn(made.headers), /; SameSite=Strict; Secure$/)
})

test('other sites, no cookie, a broken one, and unknown fields are refused', async () => {
  const token = await refreshToken()
  for (const site of ['cross-site', 'same-site']) {
    for (const [method, body] of [
      ['PUT', { refresh_token: token }],
      ['POST', undefined],
      ['DELETE', undefined],
    ] as const) {
      const answer = await ask(method, PATH, { 'sec-fetch-site': site, cookie: `unipay_session=${token}` }, body)
      assert.equal(answer.status, 403, `${method} ${site}`)
      assert.equal(cookieIn(answer.headers), '')
    }
  }
  assert.equal((await ask('POST', PATH)).status, 401)
  assert.equal((await ask('POST', PATH, { cookie: 'unipay_session=nonsense' })).status, 401)
  assert.equal((await ask('DELETE', PATH)).status, 200)
  assert.equal((await ask('PUT', PATH, {}, { refresh_token: token, more: 1 })).status, 400)
  assert.equal((await ask('PUT', PATH, {}, { refresh_token: token })).status, 200, 'nothing of that used the token up')
})

test('pages run under a strict policy, screens are pages, and no API path is swallowed', async () => {
  for (const where of ['/', '/app', '/app/send', '/app/withdrawals/w-1', '/console', '/console/customers/U1']) {
    const { status, headers, text } = await ask('GET', where)
    assert.equal(status, 200, where)
    assert.match(String(headers['content-type']), /^text\/html/)
    const policy = String(headers['content-security-policy'])
    for (const part of [
      "default-src 'none'",
      "script-src 'self';",
      "style-src 'self';",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ])
      assert.ok(policy.includes(part), `${where} ${part}`)
    assert.doesNotMatch(policy, /unsafe|\*|https?:\/\/(?!127\.0\.0\.1)/)
    assert.doesNotMatch(text, /<script(?![^>]*\ssrc=)|<style|\son\w+=|https?:\/\//)
    assert.equal(headers['cache-control'], 'no-cache')
    const again = await ask('GET', where, { 'if-none-match': String(headers.etag) })
    assert.equal(again.status, 304)
  }
  for (const where of [
    '/api/nothing',
    '/console/api/nothing',
    '/app2',
    '/user/x',
    '/index.html',
    '/wallet/index.html',
  ]) {
    const { status, headers } = await ask('GET', where)
    assert.equal(status, 404, where)
    assert.match(String(headers['content-type']), /json/, where)
  }
})

test('files are kept for ever by their name, and no address leaves the build', async () => {
  const { text } = await ask('GET', '/')
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(text)?.[1] ?? ''
  for (const [encoding, wanted] of [
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
    ['br;q=0, gzip', 'gzip'],
  ] as const) {
    const { status, headers } = await ask('GET', script, { 'accept-encoding': encoding })
    assert.equal(status, 200)
    assert.equal(headers['content-encoding'], wanted, encoding)
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(headers['x-content-type-options'], 'nosniff')
  }
  for (const where of [
    '/assets/../.built-from',
    '/assets/..%2f.built-from',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/',
    '/assets/nothing.js',
    `${script}.br`,
  ])
    assert.equal((await ask('GET', where)).status, 404, where)
  const worker = await ask('GET', '/service-worker.js')
  assert.match(String(worker.headers['content-security-policy']), /connect-src 'self'/)
  assert.equal(worker.headers['cache-control'], 'no-cache')
  const manifest = JSON.parse((await ask('GET', '/manifest.webmanifest')).text) as { icons: { src: string }[] }
  for (const { src } of manifest.icons) assert.equal((await ask('GET', src)).status, 200, src)
})
