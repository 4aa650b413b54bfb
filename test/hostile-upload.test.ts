// Uploads that no honest client sends: boundaries, names, heads and parts that are wrong in every way, cut anywhere, changed
// anywhere. Each is refused in the app API's words or is a picture; nothing of what is refused is kept, none takes long, and
// the server lives on.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { after, before, test } from 'node:test'
import { faultOfRefusal } from './harness/app-contract.ts'
import { signUp, startWorld, type World } from './harness/customers.ts'
import { type Client, exchange, openClient, percentile, type Reply, readReplies } from './harness/http-client.ts'
import { type Draws, draws, inLanes } from './harness/ledger.ts'
import { filesFolder, picture } from './harness/uploads.ts'

const ROUNDS = process.env.NIGHTLY ? 20_000 : 400
const folder = filesFolder()

let world: World
let client: Client
let token: string
let good: Buffer
let draw: Draws
const times: number[] = []

before(async () => {
  world = await startWorld({ DATA_DIR: folder, RATE_LIMIT_PER_MINUTE: '0' })
  client = openClient(world.url)
  token = (await signUp(world)).access
  good = await picture('jpeg', 40, 30)
  draw = draws((line) => console.log(line))
})
after(async () => {
  client?.close()
  await world?.close()
})

const files = () => fs.globSync('files/**/*.jpg', { cwd: folder }).length
const rows = async () =>
  (await world.database.owner.query<{ n: number }>('', 'select count(*)::int as n from identity_files'))[0]?.n

const LINE = 'xxxxxxxx7MA4YWxk'
const TYPE = `multipart/form-data; boundary=${LINE}`

interface Part {
  disposition?: string
  heads?: readonly string[]
  body?: Buffer | string
}
const honest: Part = {
  disposition: 'form-data; name="file"; filename="front.jpg"',
  heads: ['content-type: image/jpeg'],
}

/** A body out of parts, as they are. */
function bodyOf(parts: readonly Part[], { line = LINE, eol = '\r\n', end = `--${LINE}--` } = {}): Buffer {
  const all = parts.flatMap(({ disposition, heads = [], body = good }) => [
    `--${line}${eol}`,
    ...(disposition === undefined ? [] : [`content-disposition: ${disposition}${eol}`]),
    ...heads.map((head) => `${head}${eol}`),
    eol,
    body,
    eol,
  ])
  return Buffer.concat([...all, `${end}${eol}`].map((one) => Buffer.from(one as string)))
}

async function send(body: Buffer | string, type = TYPE): Promise<Reply> {
  const reply = await client.ask({
    method: 'POST',
    path: '/api/kyc/upload',
    headers: { 'content-type': type, authorization: `Bearer ${token}` },
    body,
  })
  if (reply.status !== 200) times.push(reply.milliseconds) // a picture that is taken is drawn anew, which is work
  if (reply.status !== 429) return reply
  // a customer sends so many pictures an hour: what is counted here is something else
  await world.database.owner.query('', `delete from attempts where scope = 'identity-file'`)
  return send(body, type)
}

/** What is wrong with an answer: neither a picture that was taken nor a refusal in this API's words. */
function faultOf(reply: Reply): string | undefined {
  if (reply.status === 200) return /^\{"code":0,"data":\{"key":"kyc\//.test(reply.text) ? undefined : 'no key'
  return reply.status >= 500 ? `${reply.status}` : faultOfRefusal(reply)
}

const long = (n: number) => 'x'.repeat(n)
const dispositions = [
  'form-data',
  'form-data; name=""; filename="a.jpg"',
  'form-data; name="file"',
  'form-data; name="file"; filename=""',
  'form-data; name=file; filename=a.jpg; filename=b.jpg',
  'form-data; name="file"; name="other"; filename="a.jpg"',
  'form-data; name="__proto__"; filename="a.jpg"',
  'form-data; name="constructor"; filename="a.jpg"',
  'form-data; name="toString"',
  'form-data; name="file[]"; filename="a.jpg"',
  'form-data; name="file"; filename="../../../../etc/passwd"',
  'form-data; name="file"; filename="C:\\\\boot.ini"',
  'form-data; name="file"; filename="a\\"b.jpg"',
  'form-data; name="file"; filename="a.jpg\u0000.exe"',
  'form-data; name="file"; filename="\u202egpj.exe"',
  'form-data; name="file"; filename="%00%0d%0aX-Evil: 1"',
  `form-data; name="file"; filename="${long(20_000)}.jpg"`,
  `form-data; name="${long(5_000)}"; filename="a.jpg"`,
  'form-data; name="file"; filename*=utf-8\'\'%e2%82%ac%zz.jpg',
  'form-data; name="file"; filename*=unknown-charset\'\'a.jpg',
  'form-data; name="file"; filename*=utf-7\'\'+AGE-.jpg',
  'form-data; name="file"; filename="<script>alert(1)</script>.jpg"',
  'attachment; name="file"; filename="a.jpg"',
  '; name="file"; filename="a.jpg"',
  'form-data; name="file"; filename="a.jpg',
  'form-data;;;;;name="file";;filename="a.jpg"',
]
const heads: readonly (readonly string[])[] = [
  [],
  ['content-type: text/html'],
  ['content-type: image/svg+xml'],
  ['content-type: multipart/mixed; boundary=inner'],
  [`content-type: ${long(9_000)}`],
  ['content-type: '],
  ['content-type: image/jpeg; charset=\u0000'],
  ['content-transfer-encoding: base64'],
  ['content-transfer-encoding: quoted-printable'],
  ['content-transfer-encoding: gzip'],
  ['content-encoding: gzip', 'content-type: image/jpeg'],
  ['content-length: 999999999', 'content-type: image/jpeg'],
  Array.from({ length: 300 }, (_, i) => `x-${i}: ${i}`),
  ['no colon in this line'],
  [': without a name'],
  ['x-folded: a\r\n b\r\n c'],
]
const types = [
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary=""',
  'multipart/form-data; boundary="a b"',
  `multipart/form-data; boundary=${long(71)}`,
  `multipart/form-data; boundary=${long(6_000)}`,
  `multipart/form-data; boundary=other`,
  `multipart/form-data; boundary=${LINE}; boundary=other`,
  `multipart/form-data; boundary="${LINE}\\"`,
  `multipart/mixed; boundary=${LINE}`,
  `multipart/related; boundary=${LINE}`,
  `MULTIPART/FORM-DATA; BOUNDARY=${LINE}`,
  `multipart/form-data; charset=utf-7; boundary=${LINE}`,
  `multipart/form-data boundary=${LINE}`,
  'application/x-www-form-urlencoded',
  'application/json',
  'image/jpeg',
  'text/plain',
]
const manyParts = (n: number): Part[] => Array.from({ length: n }, () => ({ ...honest, body: 'x' }))
const bodies = (): readonly (Buffer | string)[] => [
  '',
  '\r\n',
  `--${LINE}`,
  `--${LINE}--`,
  `--${LINE}--\r\n`,
  `--${LINE}\r\n\r\n`,
  `--${LINE}\r\n`.repeat(5_000),
  `${'\r\n'.repeat(20_000)}--${LINE}--`,
  long(200_000),
  bodyOf([]),
  bodyOf(manyParts(2)),
  bodyOf(manyParts(1_000)),
  bodyOf([{ ...honest, body: '' }]),
  bodyOf([honest], { eol: '\n' }),
  bodyOf([honest], { eol: '\r' }),
  bodyOf([honest], { end: '' }),
  bodyOf([honest], { end: `--${LINE}` }),
  bodyOf([honest], { line: 'other' }),
  bodyOf([{ ...honest, body: bodyOf([honest]) }]),
  bodyOf([{ ...honest, body: `--${LINE.slice(0, 8)}\r\n`.repeat(3_000) }]),
]

test('boundaries, names, heads and parts, each wrong by itself', async () => {
  const faults: string[] = []
  const ask = async (what: string, body: Buffer | string, type?: string) => {
    const fault = faultOf(await send(body, type))
    if (fault) faults.push(`${what}: ${fault}`)
  }
  for (const disposition of dispositions) await ask(disposition.slice(0, 90), bodyOf([{ ...honest, disposition }]))
  for (const head of heads) await ask(`${head}`.slice(0, 90), bodyOf([{ ...honest, heads: head }]))
  for (const type of types) await ask(type.slice(0, 90), bodyOf([honest]), type)
  for (const [i, body] of bodies().entries()) await ask(`body ${i}`, body)
  await ask('two files', bodyOf([honest, honest]))
  await ask('a field first', bodyOf([{ disposition: 'form-data; name="key"', body: 'kyc/1' }, honest]))
  await ask('no disposition', bodyOf([{ heads: ['content-type: image/jpeg'] }]))
  assert.deepEqual(faults, [])
})

test('drawn at random: mixed, cut anywhere, changed anywhere', async () => {
  const { pick, below } = draw
  const one = <T>(list: readonly T[]): T => pick(list as readonly [T, ...T[]])
  const faults: string[] = []
  const draftOf = (): { body: Buffer; type: string } => {
    const parts = Array.from({ length: 1 + below(3) }, (): Part => {
      const body = below(3) === 0 ? randomBytes(below(3_000)) : good
      return {
        disposition: below(2) === 0 ? one(dispositions) : (honest.disposition ?? ''),
        heads: below(2) === 0 ? one(heads) : (honest.heads ?? []),
        body,
      }
    })
    const whole = bodyOf(parts, { eol: below(8) === 0 ? '\n' : '\r\n' })
    const body = below(3) === 0 ? whole.subarray(0, below(whole.length + 1)) : Buffer.from(whole)
    for (let changes = below(4) === 0 ? 1 + below(20) : 0; changes > 0 && body.length > 0; changes--)
      body[below(body.length)] = below(256)
    return { body, type: below(6) === 0 ? one(types) : TYPE }
  }
  await inLanes(ROUNDS, 4, async (i) => {
    const { body, type } = draftOf()
    const fault = faultOf(await send(body, type))
    if (fault) faults.push(`${i}: ${fault}: ${type.slice(0, 80)} ${body.subarray(0, 200).toString('latin1')}`)
  })
  assert.deepEqual(faults, [], `TEST_SEED=${draw.seed}`)
})

test('a length that is not true, and a body that stops halfway, end with the connection', async () => {
  const whole = bodyOf([honest])
  const head = (length: number | string) =>
    `POST /api/kyc/upload HTTP/1.1\r\nhost: bank\r\nauthorization: Bearer ${token}\r\ncontent-type: ${TYPE}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`
  for (const length of [whole.length - 100, 0, 5, '-1', '1e3', `${whole.length}, ${whole.length}`]) {
    const text = await exchange(world.url, Buffer.concat([Buffer.from(head(length)), whole]), {
      silence: 1_000,
      replies: 1,
    })
    const [reply] = readReplies(text)
    assert.ok(reply === undefined || reply.status < 500, `${length}: ${text.slice(0, 200)}`)
  }
  const half = await exchange(world.url, Buffer.concat([Buffer.from(head(whole.length)), whole.subarray(0, 300)]), {
    silence: 500,
  })
  assert.ok(!half.includes('"code":0'), half)
})

test('what was refused left nothing, what was taken is there once; none took long', async () => {
  assert.equal(files(), await rows())
  const before = files()
  for (const body of bodies().slice(0, 8)) assert.notEqual((await send(body)).status, 200)
  assert.equal(files(), before)
  const taken = await send(bodyOf([honest]))
  assert.equal(taken.status, 200, taken.text)
  assert.equal(files(), before + 1)
  const p99 = percentile(times, 0.99)
  assert.ok(p99 <= 1_000, `p99 of ${times.length} uploads: ${p99.toFixed(0)} ms`)
  const health = await client.ask({ method: 'GET', path: '/healthz' })
  assert.equal(health.text, '{"status":"ok"}')
})
