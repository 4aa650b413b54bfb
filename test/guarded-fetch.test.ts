// Addresses that strangers name: whatever notation, whatever the resolver says, however slow or long the answer.
// A name that is inside is refused before a byte is sent, which the servers here count.

import assert from 'node:assert/strict'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import {
  FetchFailed,
  type FetchFailure,
  type FetchRequest,
  type Guard,
  guardedFetch,
} from '../src/base/guarded-fetch.ts'
import { isPublicAddress } from '../src/base/public-address.ts'

const seen: string[] = []
const server = http.createServer((request, response) => {
  seen.push(`${request.method} ${request.url}`)
  const say = (status: number, headers: http.OutgoingHttpHeaders, body = '') => {
    response.writeHead(status, headers)
    response.end(body)
  }
  if (request.url === '/redirect') say(302, { location: '/secret' })
  else if (request.url === '/endless') {
    response.writeHead(200)
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    }
    response.on('drain', more)
    more()
  } else if (request.url === '/long') say(200, { 'content-length': 5_000_000 })
  else if (request.url === '/drops') {
    response.writeHead(200)
    const timer = setInterval(() => response.write('.'), 20)
    response.on('close', () => clearInterval(timer))
  } else if (request.url === '/silent') return
  else if (request.url === '/half') {
    response.writeHead(200, { 'content-length': 10 })
    response.write('half', () => request.socket.destroy())
  } else if (request.url === '/head') say(200, { 'x-long': 'x'.repeat(20_000) })
  else if (request.url === '/echo') {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => say(200, { 'x-host': request.headers.host }, `${request.method} ${Buffer.concat(parts)}`))
  } else say(200, { 'content-type': 'text/plain' }, 'hello')
})
let origin = ''
let port = 0
before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
  origin = `http://127.0.0.1:${port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

const quick: FetchRequest = { timeout: 2_000, maxBytes: 100_000 }
const guard = (parts: Partial<Guard> = {}) => guardedFetch({ httpsOnly: false, localOrigins: new Set(), ...parts })
const open = () => guard({ localOrigins: new Set([origin]) })

async function refused(what: Promise<unknown>, ...reasons: FetchFailure[]): Promise<FetchFailure> {
  const error = await what.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof FetchFailed, String(error))
  assert.ok(reasons.includes(error.reason), `${error.reason}: ${error.message}`)
  return error.reason
}

test('the inside of a network is refused in every notation, and nothing is sent', async () => {
  const sent = seen.length
  const hosts = [
    ...['127.0.0.1', '127.1', '0x7f.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.1', '127.0.0.1.'],
    ...[
      '0.0.0.0',
      '0',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.100.100.200',
    ],
    ...['168.63.129.16', '192.0.0.192', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '203.0.113.7'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:a9fe:a9fe]', '[::127.0.0.1]'],
    ...['[64:ff9b::127.0.0.1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::1]', '[fc00::1]'],
    ...['[fd00:ec2::254]', '[ff02::1]', '[2001:db8::1]', '[100::1]', '[::ffff:8.8.8.8]', '[3fff::1]', '[5f00::1]'],
    ...['localhost', '①②⑦.⓪.⓪.①', '１２７.0.0.1', '127。0。0。1'],
  ]
  for (const host of hosts) {
    await refused(guard()(`http://${host}:${port}/`, quick), 'address', 'unresolved')
    await refused(guard()(`https://${host}/`, quick), 'address', 'unresolved')
  }
  assert.equal(seen.length, sent)
})

test('of public addresses the edges are known', () => {
  const open = ['8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0']
  for (const address of [...open, '223.255.255.255', '2606:4700::1111', '2001:200::1', '2a00::1', '3ffe::1']) {
    assert.equal(isPublicAddress(address), true, address)
  }
  const closed = ['9', '', 'host', '100.64.0.0', '100.127.255.255', '192.0.2.1', '198.19.255.255', '1fff::1', '4000::1']
  for (const address of [...closed, 'fe80::1%lo', '2001:1ff::1', '2620:4f:8000::1', '::ffff:8.8.8.8']) {
    assert.equal(isPublicAddress(address), false, address)
  }
})

test('what is no address of the web is refused', async () => {
  for (const [url, reason] of [
    ['', 'url'],
    ['not an address', 'url'],
    ['//example.com/x', 'url'],
    ['http://', 'url'],
    ['http://1.2.3.4.5.6/', 'url'],
    [`https://example.com/${'x'.repeat(2_100)}`, 'url'],
    ['https://user:secret@example.com/', 'url'],
    ['https://user@example.com/', 'url'],
    ['http://example.com:25/', 'url'],
    ['https://example.com:22/', 'url'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://example.com/', 'scheme'],
    ['gopher://127.0.0.1:6379/_x', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['javascript:1', 'scheme'],
  ] as const) {
    await refused(guard()(url, quick), reason)
  }
  const strict = guard({ httpsOnly: true, resolve: async () => [{ address: '8.8.8.8', family: 4 }] })
  await refused(strict('http://example.com/', quick), 'scheme')
})

test('a name is looked up once: what it says later has no effect', async () => {
  // as of a server of DNS that answers with a public address first and with ours next: here "public" is our own
  let asked = 0
  const rebinding = guard({
    resolve: async () => [{ address: asked++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }],
    isPublic: (address) => address === '127.0.0.1',
  })
  const answer = await rebinding(`http://pictures.example:${port}/echo`, quick)
  assert.equal(answer.headers['x-host'], `pictures.example:${port}`)
  assert.equal(asked, 1)
  await refused(rebinding(`http://pictures.example:${port}/echo`, quick), 'address')
  assert.equal(asked, 2)
})

test('a name with one foot inside is refused whole, and so is one without an address', async () => {
  const sent = seen.length
  const mixed = [
    { address: '8.8.8.8', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  await refused(guard({ resolve: async () => mixed })(`http://a.example:${port}/`, quick), 'address')
  await refused(guard({ resolve: async () => [] })('http://a.example/', quick), 'unresolved')
  const broken = guard({ resolve: () => Promise.reject(new Error('SERVFAIL')) })
  await refused(broken('http://a.example/', quick), 'unresolved')
  assert.equal(seen.length, sent)
})

test('where the socket really leads is looked at again', async () => {
  // public when resolved and not any more when reached
  let looks = 0
  const changing = guard({ resolve: async () => [{ address: '127.0.0.1', family: 4 }], isPublic: () => looks++ === 0 })
  await refused(changing(`http://a.example:${port}/`, quick), 'address')
})

test('an allowed local origin is that origin and no other', async () => {
  assert.equal((await open()(`${origin}/`, quick)).body.toString(), 'hello')
  await refused(open()(`http://localhost:${port}/`, quick), 'address')
  await refused(open()(`https://127.0.0.1:${port}/`, quick), 'address')
  await refused(open()('http://127.0.0.1:1024/', quick), 'address')
})

test('a redirect is an answer, not a way', async () => {
  const answer = await open()(`${origin}/redirect`, quick)
  assert.equal(answer.status, 302)
  assert.ok(!seen.includes('GET /secret'))
})

test('a body is sent, and the answer is read', async () => {
  const answer = await open()(`${origin}/echo`, { ...quick, method: 'POST', body: 'é', headers: { 'x-a': 'b' } })
  assert.equal(answer.body.toString(), 'POST é')
})

test('a long body ends at its limit: refused, or cut where its beginning is enough', async () => {
  for (const path of ['/endless', '/long']) await refused(open()(origin + path, quick), 'too_large')
  const cut = await open()(`${origin}/endless`, { ...quick, maxBytes: 1_000, longer: 'cut' })
  assert.equal(cut.body.length, 1_000)
  await refused(open()(`${origin}/head`, quick), 'connection')
})

test('time ends for silence, for drops, and for a resolver that does not answer', async () => {
  const begun = performance.now()
  const hurried = { ...quick, timeout: 200 }
  await Promise.all([
    refused(open()(`${origin}/silent`, hurried), 'timeout'),
    refused(open()(`${origin}/drops`, hurried), 'timeout'),
    refused(guard({ resolve: () => new Promise(() => {}) })('http://a.example/', hurried), 'timeout'),
  ])
  assert.ok(performance.now() - begun < 1_500)
})

test('a connection that breaks is told as one', async () => {
  await refused(open()(`${origin}/half`, quick), 'connection')
  const closed = net.createServer()
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done))
  const nowhere = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
  await new Promise((done) => closed.close(done))
  await refused(guard({ localOrigins: new Set([nowhere]) })(nowhere, quick), 'connection')
})
