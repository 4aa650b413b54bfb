// What is meant to choke a server: huge, deep and squeezed bodies, slow and broken connections, bytes that are no HTTP.
// Each is refused within a second, in the envelope where there is one to answer; others are served meanwhile.

import assert from 'node:assert/strict'
import net from 'node:net'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { sleep } from '../src/base/clock.ts'
import { faultOfRefusal } from './harness/app-contract.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'
import { exchange, openClient, percentile, type Reply, readReplies } from './harness/http-client.ts'

let hosted: Hosted
let payer: Payer

before(async () => {
  hosted = await startHosted()
  payer = await hosted.payer(1_000_000n)
})
after(() => hosted?.close())

/** Asks for /healthz every few milliseconds while the work goes on; answers with how long that took. */
async function healthDuring(work: () => Promise<unknown>): Promise<number[]> {
  const client = openClient(hosted.api.url, { connections: 1 })
  const times: number[] = []
  let going = true
  const watching = (async () => {
    while (going) {
      const { status, milliseconds } = await client.ask({ method: 'GET', path: '/healthz' })
      assert.equal(status, 200)
      times.push(milliseconds)
      await sleep(5)
    }
  })()
  try {
    await work()
  } finally {
    going = false
    await watching
    client.close()
  }
  return times
}

async function assertHealthy(work: () => Promise<unknown>): Promise<void> {
  const times = await healthDuring(work)
  const p99 = percentile(times, 0.99)
  assert.ok(p99 <= 200, `p99 of ${times.length} health checks: ${p99.toFixed(0)} ms`)
}

const signedIn = () => ({ authorization: `Bearer ${payer.access}`, 'content-type': 'application/json' })
const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
  hosted.client.ask({ method: 'POST', path: '/api/transfer', headers: { ...signedIn(), ...headers }, body })

function assertRefused(reply: Reply, ...names: string[]): void {
  assert.equal(faultOfRefusal(reply), undefined, reply.text)
  assert.ok(names.includes((reply.json as { name: string }).name), reply.text)
  assert.ok(reply.milliseconds <= 1_000, `${reply.milliseconds} ms`)
}

describe('bodies', () => {
  const small = (body: string) => `{"to_user_id":${body},"amount":"1","payment_password":"1"}`
  const bombs: [name: string, body: () => string | Buffer, headers: Record<string, string>, refusals: string[]][] = [
    ['nested 10,000 deep in arrays', () => small('['.repeat(10_000) + ']'.repeat(10_000)), {}, ['InvalidParams']],
    ['nested 10,000 deep in objects', () => small('{"a":'.repeat(10_000) + '}'.repeat(10_000)), {}, ['InvalidParams']],
    ['nested and never closed', () => '['.repeat(60_000), {}, ['InvalidParams']],
    ['of 4,000 keys', () => `{${keys(4_000)}}`, {}, ['InvalidParams']],
    ['of a number of 60,000 digits', () => small('9'.repeat(60_000)), {}, ['InvalidParams']],
    ['of backslashes', () => small(`"${'\\\\'.repeat(30_000)}"`), {}, ['InvalidParams']],
    ['of escapes', () => small(`"${'\\u0061'.repeat(10_000)}"`), {}, ['InvalidParams']],
    ['that say gzip and are not', () => small('""'), { 'content-encoding': 'gzip' }, ['InvalidParams']],
    [
      'that are a gzip bomb',
      () => gzipSync(Buffer.alloc(30_000_000, 0x20)),
      { 'content-encoding': 'gzip' },
      ['InvalidParams'],
    ],
    ['in UTF-16', () => Buffer.from(small('""'), 'utf16le'), {}, ['InvalidParams']],
    ['of broken UTF-8', () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), {}, ['InvalidParams']],
    ['of NUL bytes', () => Buffer.alloc(60_000), {}, ['InvalidParams']],
  ]
  for (const [name, body, headers, refusals] of bombs) {
    test(name, async () => assertRefused(await send(body(), headers), ...refusals))
  }

  test('too large, announced or not, are refused before they are read', async () => {
    const big: [string, string | Buffer][] = [
      ['10 MB of JSON', `{"memo":"${'x'.repeat(10_000_000)}"}`],
      ['100,000 keys', `{${keys(100_000)}}`],
      ['a large gzip bomb', gzipSync(Buffer.alloc(100_000_000, 0x20), { level: 1 })],
    ]
    await assertHealthy(async () => {
      for (const [name, body] of big) {
        const announced = `content-length: ${Buffer.byteLength(body)}\r\n\r\n`
        const chunked = `transfer-encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n`
        for (const framing of [announced, chunked]) {
          const began = performance.now()
          const head = `POST /api/transfer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${payer.access}\r\ncontent-type: application/json\r\n${framing}`
          const [reply] = readReplies(
            await exchange(hosted.api.url, Buffer.concat([Buffer.from(head), Buffer.from(body)]), { replies: 1 }),
          )
          assert.equal(reply?.status, 413, name)
          assert.equal((reply.json as { name?: string }).name, 'PayloadTooLarge', name)
          assert.ok(performance.now() - began < 1_000, `${name}: ${performance.now() - began} ms`)
        }
      }
    })
  })

  test('200 at once, next to customers', async () => {
    const body = small('['.repeat(30_000) + ']'.repeat(30_000))
    await assertHealthy(() =>
      Promise.all(Array.from({ length: 200 }, async () => assertRefused(await send(body), 'InvalidParams'))),
    )
  })
})

const keys = (count: number) => Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')

describe('connections', () => {
  test('200 slow ones keep nobody waiting, and are let go', async () => {
    const { port } = new URL(hosted.api.url)
    const partial = [
      'GET /api/user/me HTTP/1.1\r\nhost: x\r\nx-slow: ',
      `POST /api/transfer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${payer.access}\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{`,
      '',
    ]
    const closed: Promise<string>[] = []
    const sockets = Array.from({ length: 200 }, (_, i) => {
      const socket = net.connect({ host: '127.0.0.1', port: Number(port) })
      let text = ''
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
      })
      socket.on('error', () => {})
      closed.push(new Promise((resolve) => socket.once('close', () => resolve(text))))
      socket.write(partial[i % 3] ?? '')
      return socket
    })
    const drip = setInterval(() => {
      sockets.forEach((socket, i) => {
        if (i % 3 < 2 && socket.writable) socket.write('a')
      })
    }, 250)
    try {
      await assertHealthy(async () => {
        await sleep(1_500)
        const me = await hosted.ask('GET', '/api/user/me', undefined, payer.access)
        assert.equal(me.status, 200)
        assert.ok(me.milliseconds <= 1_000)
      })
      // a request that does not come to its end is given up, whatever it still sends
      const cut = await Promise.race([Promise.all(closed.filter((_, i) => i % 3 < 2)), sleep(20_000)])
      assert.ok(cut, 'slow requests are ended')
      for (const text of cut) {
        const [reply] = readReplies(text)
        if (reply) assert.equal((reply.json as { name?: string } | undefined)?.name, 'InvalidParams', text)
      }
    } finally {
      clearInterval(drip)
      for (const socket of sockets) socket.destroy()
    }
  })

  test('500 that say nothing', async () => {
    const { port } = new URL(hosted.api.url)
    const sockets = Array.from({ length: 500 }, () =>
      net.connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => {}),
    )
    await assertHealthy(() => sleep(1_000))
    for (const socket of sockets) socket.destroy()
  })
})

describe('what is no HTTP', () => {
  const host = 'host: x\r\n'
  const malformed: [name: string, bytes: string | Buffer, status: number][] = [
    ['noise', 'GARBAGE\r\n\r\n', 400],
    ['binary', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03]), 400],
    ['an unknown method', `FOO /api/user/me HTTP/1.1\r\n${host}\r\n`, 400],
    ['another version', `GET /api/user/me HTTP/9.9\r\n${host}\r\n`, 400],
    ['no host', 'GET /api/user/me HTTP/1.1\r\n\r\n', 400],
    ['a NUL in a header', `GET /api/user/me HTTP/1.1\r\n${host}a: b\u0000c\r\n\r\n`, 400],
    ['a NUL in a header name', `GET /api/user/me HTTP/1.1\r\n${host}a\u0000b: c\r\n\r\n`, 400],
    ['a space before the colon', `GET /api/user/me HTTP/1.1\r\n${host}a : c\r\n\r\n`, 400],
    ['a folded header', `GET /api/user/me HTTP/1.1\r\n${host}a: b\r\n c\r\n\r\n`, 400],
    ['bare line feeds', 'GET /api/user/me HTTP/1.1\nhost: x\n\n', 400],
    ['two lengths', `POST /api/transfer HTTP/1.1\r\n${host}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400],
    [
      'length and chunks',
      `POST /api/transfer HTTP/1.1\r\n${host}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [
      'an unknown transfer coding',
      `POST /api/transfer HTTP/1.1\r\n${host}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a length that is none', `POST /api/transfer HTTP/1.1\r\n${host}content-length: -1\r\n\r\n`, 400],
    [
      'a length beyond numbers',
      `POST /api/transfer HTTP/1.1\r\n${host}content-length: 99999999999999999999\r\n\r\n`,
      400,
    ],
    [
      'a broken chunk',
      `POST /api/auth/refresh HTTP/1.1\r\n${host}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
      400,
    ],
    ['a header of 64 KB', `GET /healthz HTTP/1.1\r\n${host}a: ${'b'.repeat(65_536)}\r\n\r\n`, 431],
    ['5,000 headers', `GET /healthz HTTP/1.1\r\n${host}${'a: b\r\n'.repeat(5_000)}\r\n`, 431],
    ['an address of 64 KB', `GET /${'a'.repeat(65_536)} HTTP/1.1\r\n${host}\r\n`, 431],
    ['an address that cannot be decoded', `GET /api/inbox/%zz/read HTTP/1.1\r\n${host}\r\n`, 400],
    ['bytes in the address', Buffer.from(`GET /api/\xff\xfe HTTP/1.1\r\n${host}\r\n`, 'latin1'), 400],
  ]
  for (const [name, bytes, status] of malformed) {
    test(name, async () => {
      const text = await exchange(hosted.api.url, bytes, { silence: 500, replies: 1 })
      const replies = readReplies(text)
      assert.equal(replies.length, 1, text)
      const [reply] = replies
      assert.equal(reply?.status, status, text)
      const body = reply.json as { code?: number; name?: string; request_id?: string } | undefined
      assert.ok(body?.code && body.name && body.request_id, text)
      assert.match(reply.head, new RegExp(`x-request-id: ${body.request_id}`))
      assert.match(reply.head, /x-content-type-options: nosniff/)
    })
  }

  test('a path of 10,000 characters is not found', async () => {
    for (const path of [
      `/${'a'.repeat(10_000)}`,
      `/api/${'a/'.repeat(5_000)}`,
      `/api/recharge/orders/${'r'.repeat(10_000)}`,
    ]) {
      assertRefused(await hosted.ask('GET', path, undefined, payer.access), 'NotFound')
    }
  })

  test('a request behind a good one on the same connection takes no answer away from it', async () => {
    const me = `GET /api/user/me HTTP/1.1\r\n${host}authorization: Bearer ${payer.access}\r\n\r\n`
    for (const rest of ['GARBAGE\r\n\r\n', '\u0000\u0001\u0002', `GET / HTTP/1.1\r\n${host}a\u0000: b\r\n\r\n`]) {
      const replies = readReplies(await exchange(hosted.api.url, me + rest, { silence: 500 }))
      // either its own answer or none; never the refusal of what came after
      assert.ok(replies.length === 0 || replies[0]?.status === 200, JSON.stringify(replies))
    }
    const both = readReplies(await exchange(hosted.api.url, me + me, { silence: 500 }))
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    )
  })

  test('a body that is shorter than said smuggles no second request', async () => {
    const inner = `POST /api/auth/logout HTTP/1.1\r\n${host}authorization: Bearer ${payer.access}\r\ncontent-length: 0\r\n\r\n`
    const outer = `GET /healthz HTTP/1.1\r\n${host}content-length: ${inner.length}\r\n\r\n${inner}`
    const replies = readReplies(await exchange(hosted.api.url, outer, { silence: 500 }))
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200],
    )
    assert.equal((await hosted.ask('GET', '/api/user/me', undefined, payer.access)).status, 200, 'still signed in')
  })
})

test('the process lived through all of it', () => {
  assert.equal(hosted.api.process.exitCode, null)
  assert.equal(hosted.api.process.signalCode, null)
  assert.doesNotMatch(hosted.api.output(), /unexpected error/)
})
