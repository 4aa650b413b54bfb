// Pictures of documents: what is taken, what is left of it, who may see it, and how it lies at rest.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { awsAuthorization } from '../src/providers/aws-signature.ts'
import { diskFiles } from '../src/providers/files-disk.ts'
import { s3Files } from '../src/providers/files-s3.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'
import { download, filesFolder, hugePng, picture, pictureWithPlace, upload } from './harness/uploads.ts'

let world: World
let anna: Customer
let boris: Customer
const folder = filesFolder()

before(async () => {
  world = await startWorld({ DATA_DIR: folder })
  anna = await signUp(world)
  boris = await signUp(world)
})
after(() => world.close())

const files = () => fs.globSync('files/**/*.jpg', { cwd: folder })
const rows = async () =>
  (await world.database.owner.query<{ n: number }>('', 'select count(*)::int as n from identity_files'))[0]?.n
const show = (key: string, customer: Customer) =>
  download(world, `/api/kyc/file?key=${encodeURIComponent(key)}`, customer.access)

test('JPEG, PNG and WebP become a JPEG of ours, under a name of ours', async () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const sent = await upload(world, anna.access, await picture(format), {
      name: `正面.${format}`,
      type: `image/${format}`,
    })
    assert.equal(sent.status, 200, sent.text)
    assert.match(sent.data.key, /^kyc\/\d{4}\/\d{2}\/[0-9a-f-]{36}\.jpg$/)
    const shown = await show(sent.data.key, anna)
    const { format: kept, width, height } = await sharp(shown.bytes).metadata()
    assert.deepEqual([kept, width, height], ['jpeg', 320, 200])
  }
})

test('where a picture was taken, and by what, is not kept', async () => {
  const bytes = await pictureWithPlace()
  assert.ok(bytes.includes('SECRETPHONE') && (await sharp(bytes).metadata()).exif, 'the test sends what it looks for')
  const { data } = await upload(world, anna.access, bytes)
  const shown = await show(data.key, anna)
  const { exif, icc, xmp, iptc } = await sharp(shown.bytes).metadata()
  assert.deepEqual([exif, icc, xmp, iptc], [undefined, undefined, undefined, undefined])
  for (const secret of ['SECRETPHONE', 'SECRETNAME', 'Exif']) assert.ok(!shown.bytes.includes(secret))
})

test('what hides behind a picture does not survive it', async () => {
  const hidden = ['<script>alert(1)</script>', 'PK\x03\x04evil.zip', '%PDF-1.7 evil', '<?php evil(); ?>']
  for (const tail of hidden) {
    const { data, text } = await upload(
      world,
      anna.access,
      Buffer.concat([await picture(), Buffer.from(tail, 'latin1')]),
    )
    assert.ok(data, text)
    const { bytes } = await show(data.key, anna)
    assert.ok(!bytes.includes(Buffer.from(tail, 'latin1')))
  }
})

test('what is no picture is refused with 300001, and nothing of it is kept', async () => {
  const [before, count] = [files().length, await rows()]
  const jpeg = await picture()
  const png = await picture('png')
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
  const gif = Buffer.from(
    'GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;',
    'latin1',
  )
  const cases: [string, Uint8Array, { name?: string; type?: string; field?: string; more?: boolean }][] = [
    ['0 bytes', Buffer.alloc(0), {}],
    ['10 MB + 1', Buffer.concat([jpeg, Buffer.alloc(10 * 1024 * 1024 + 1 - jpeg.length)]), {}],
    ['SVG', svg, { name: 'a.svg', type: 'image/svg+xml' }],
    ['SVG called JPEG', svg, {}],
    ['HTML', Buffer.from('<!doctype html><script>1</script>'), { name: 'a.html', type: 'text/html' }],
    ['HTML called JPEG', Buffer.from('<!doctype html><script>1</script>'), {}],
    ['GIF', gif, { name: 'a.gif', type: 'image/gif' }],
    ['PDF', Buffer.from('%PDF-1.7\n1 0 obj'), { name: 'a.pdf', type: 'application/pdf' }],
    ['ZIP', Buffer.from('PK\x03\x04'), {}],
    ['a JPEG called HTML', jpeg, { name: 'a.html', type: 'text/html' }],
    ['a PNG called JPEG', png, {}],
    ['a JPEG named .php', jpeg, { name: 'a.php' }],
    ['a JPEG named .svg', jpeg, { name: 'a.svg' }],
    ['a head alone', jpeg.subarray(0, 200), {}],
    ['half a JPEG', jpeg.subarray(0, jpeg.length / 2), {}],
    ['half a PNG', png.subarray(0, png.length / 2), { name: 'a.png', type: 'image/png' }],
    ['magic and noise', Buffer.concat([jpeg.subarray(0, 4), Buffer.alloc(500, 7)]), {}],
    ['50,000 x 50,000', hugePng(50_000, 50_000), { name: 'a.png', type: 'image/png' }],
    ['50,000 x 1', hugePng(50_000, 1), { name: 'a.png', type: 'image/png' }],
    ['1 x 2,000,000,000', hugePng(1, 2_000_000_000), { name: 'a.png', type: 'image/png' }],
    ['../../etc/passwd', jpeg, { name: '../../etc/passwd' }],
    ['..\\..\\boot.ini', jpeg, { name: '..\\..\\boot.ini' }],
    ['/etc/cron.d/x.jpg', jpeg, { name: '/etc/cron.d/x.jpg' }],
    ['another field', jpeg, { field: 'avatar' }],
  ]
  for (const [what, bytes, sent] of cases) {
    const began = performance.now()
    const answer = await upload(world, anna.access, bytes, sent)
    assert.deepEqual([what, answer.status, answer.code], [what, 400, 300001], answer.text)
    assert.ok(performance.now() - began < 3_000, `${what} took long`)
  }
  assert.deepEqual([files().length, await rows()], [before, count])
})

test('two files at once, JSON and nobody at all are refused', async () => {
  const jpeg = await picture()
  assert.equal((await upload(world, undefined, jpeg)).code, 100008)
  const json = await world.call('POST', '/api/kyc/upload', { file: 'x' }, { token: anna.access })
  assert.ok([900005, 900003].includes(json.code), json.text)
  const other = await world.call('POST', '/api/transfer', '--x\r\n', {
    token: anna.access,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  })
  assert.equal(other.code, 900005, 'only uploads take multipart')
})

test('a picture comes back to its sender alone, as an attachment that nobody sniffs or stores', async () => {
  const { data } = await upload(world, anna.access, await picture())
  const own = await show(data.key, anna)
  assert.equal(own.status, 200)
  assert.equal(own.headers.get('content-type'), 'image/jpeg')
  assert.match(own.headers.get('content-disposition') ?? '', /^attachment/)
  assert.equal(own.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(own.headers.get('cache-control'), 'no-store')
  const absent = data.key.replace(/[0-9a-f]{12}\.jpg/, '000000000000.jpg')
  const answers = await Promise.all([show(data.key, boris), show(absent, boris), show('../../etc/passwd', anna)])
  const said = answers.map(({ status, bytes }) => {
    const { request_id: _, ...body } = JSON.parse(bytes.toString()) as Record<string, unknown>
    return [status, JSON.stringify(body)]
  })
  assert.deepEqual(said[0], said[1])
  assert.deepEqual(said[1], said[2])
  assert.equal(said[0]?.[0], 404)
})

test('at rest a file tells nothing, and opens in its own place only', async () => {
  const one = await upload(world, anna.access, await picture())
  const two = await upload(world, anna.access, await picture())
  const place = (key: string) => path.join(folder, 'files', key)
  const [a, b] = [fs.readFileSync(place(one.data.key)), fs.readFileSync(place(two.data.key))]
  for (const bytes of [a, b]) assert.ok(!bytes.includes(Buffer.from('ffd8ff', 'hex')) || bytes[0] !== 0xff)
  await assert.rejects(sharp(a).metadata())
  assert.equal(fs.statSync(place(one.data.key)).mode & 0o077, 0, 'nobody else reads it')
  fs.writeFileSync(place(one.data.key), b)
  fs.writeFileSync(place(two.data.key), a)
  for (const key of [one.data.key, two.data.key]) assert.equal((await show(key, anna)).status, 500)
  // nor with the other's key
  await world.database.owner.query(
    '',
    `update identity_files f set key_sealed = o.key_sealed from identity_files o
     where f.name in ($1, $2) and o.name in ($1, $2) and o.name <> f.name`,
    [one.data.key, two.data.key],
  )
  for (const key of [one.data.key, two.data.key]) assert.equal((await show(key, anna)).status, 500)
})

test('many pictures at once are drawn a few at a time, and all of them', async () => {
  const bytes = await picture('jpeg', 900, 700)
  const answers = await Promise.all(Array.from({ length: 12 }, () => upload(world, boris.access, bytes)))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
})

test('names lead nowhere else, and a folder keeps and loses files', async () => {
  const store = diskFiles(path.join(folder, 'store'))
  const name = 'kyc/2026/06/a-b.jpg'
  await store.put(name, Buffer.from('one'))
  await store.put(name, Buffer.from('two'))
  assert.equal(Buffer.from((await store.get(name)) ?? []).toString(), 'two')
  await store.remove(name)
  await store.remove(name)
  assert.equal(await store.get(name), undefined)
  for (const bad of ['../x', '/etc/passwd', 'a/../b', 'a//b', 'A.jpg', '', '.', 'a\0b']) {
    await assert.rejects(async () => store.get(bad), /not a name/)
  }
})

test('requests to a bucket are signed as AWS publishes it', () => {
  const credentials = {
    accessKey: 'AKIDEXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
    service: 'service',
  }
  const at = new Date('2015-08-30T12:36:00Z')
  const sign = (method: string, url: string) =>
    /Signature=(\w+)/.exec(
      awsAuthorization(credentials, { method, url: new URL(url), headers: {}, body: Buffer.alloc(0), at }),
    )?.[1]
  // get-vanilla, post-vanilla, get-vanilla-query-order-key-case of the test suite
  assert.equal(
    sign('GET', 'https://example.amazonaws.com/'),
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  )
  assert.equal(
    sign('POST', 'https://example.amazonaws.com/'),
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  )
  assert.equal(
    sign('GET', 'https://example.amazonaws.com/?Param2=value2&Param1=value1'),
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  )
})

test('a bucket keeps files, and whatever it does not say plainly is an error', async () => {
  const kept = new Map<string, Buffer>()
  let broken = false
  const bucket = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const signed = /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-1\/s3\/aws4_request/.test(
        request.headers.authorization ?? '',
      )
      const name = request.url ?? ''
      if (broken || !signed) return response.writeHead(503).end()
      if (request.method === 'PUT') kept.set(name, Buffer.concat(parts))
      if (request.method === 'DELETE') return response.writeHead(kept.delete(name) ? 204 : 404).end()
      const found = kept.get(name)
      return response.writeHead(found ? 200 : 404).end(request.method === 'GET' ? found : undefined)
    })
  })
  await new Promise<void>((resolve) => bucket.listen(0, '127.0.0.1', resolve))
  const { port } = bucket.address() as AddressInfo
  const store = s3Files({
    url: `http://127.0.0.1:${port}/papers`,
    region: 'eu-1',
    accessKey: 'key',
    secretKey: 'secret',
  })
  await store.put('kyc/a.jpg', Buffer.from('bytes'))
  assert.deepEqual([...kept.keys()], ['/papers/kyc/a.jpg'])
  assert.equal(Buffer.from((await store.get('kyc/a.jpg')) ?? []).toString(), 'bytes')
  await store.remove('kyc/a.jpg')
  await store.remove('kyc/a.jpg')
  assert.equal(await store.get('kyc/a.jpg'), undefined)
  broken = true
  for (const ask of [
    () => store.get('kyc/a.jpg'),
    () => store.put('kyc/a.jpg', Buffer.of(1)),
    () => store.remove('kyc/a.jpg'),
  ]) {
    await assert.rejects(ask, /answered/)
  }
  bucket.closeAllConnections()
  await new Promise((resolve) => bucket.close(resolve))
})
