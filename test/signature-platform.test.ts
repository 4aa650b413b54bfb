// The published vectors of the platform API's scheme, and the taking off of its padding, byte for byte.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  BLOCK,
  CHUNK,
  encryptText,
  type KeyPair,
  newKeyPair,
  openBlock,
  plainBase,
  plainSign,
  platformBase,
  privateKeyOf,
  publicKeyOf,
  readBase64,
  readPublicKey,
  signText,
  verifyPlain,
  verifyText,
} from '../src/domain/signature/platform.ts'
import { draws } from './harness/ledger.ts'
import { PlatformClient } from './harness/platform-client.ts'

interface Vectors {
  merchant: KeyPair
  platform: KeyPair
  vectors: { name: string; text: string; base: string; data: string; sign: string }[]
  java: { text: string; base: string; publicKey: string; sign: string }
  plain: { name: string; params: Record<string, string>; secret: string; base: string; sign: string }[]
}
const file = path.join(import.meta.dirname, '../sdk/vectors/platform.json')
const { merchant, platform, vectors, java, plain } = JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors
const own = privateKeyOf(platform.privateKey)

function open(data: string, key = own): { text: Buffer; wrong: number } {
  const bytes = readBase64(data) ?? assert.fail('no Base64')
  assert.equal(bytes.length % BLOCK, 0)
  const blocks = Array.from({ length: bytes.length / BLOCK }, (_, i) =>
    openBlock(key, bytes.subarray(i * BLOCK, (i + 1) * BLOCK)),
  )
  return {
    text: Buffer.concat(blocks.map(({ text }) => text)),
    wrong: blocks.reduce((all, { wrong }) => all | wrong, 0),
  }
}

test('every vector signs to the byte, opens to its text, and verifies', () => {
  assert.ok(vectors.length >= 5)
  for (const { name, text, base, data, sign } of vectors) {
    const bytes = Buffer.from(text)
    assert.equal(platformBase(bytes), base, name)
    assert.equal(signText(privateKeyOf(merchant.privateKey), bytes), sign, name)
    const opened = open(data)
    assert.deepEqual([opened.text.toString(), opened.wrong], [text, 0], name)
    assert.equal(Buffer.from(data, 'base64url').length, Math.ceil(bytes.length / CHUNK) * BLOCK, name)
    assert.ok(verifyText(publicKeyOf(merchant.publicKey), opened.text, Buffer.from(sign, 'base64url')), name)
    // and an integrator's own code makes the same
    const client = new PlatformClient('', {
      appId: '',
      merchantPrivateKey: merchant.privateKey,
      platformPublicKey: platform.publicKey,
      secret: '',
    })
    assert.equal(client.seal(text).sign, sign, name)
    assert.equal(open(client.seal(text).data).text.toString(), text, name)
  }
})

test('what the platform’s Java client signs is verified', () => {
  const text = Buffer.from(java.text)
  assert.equal(platformBase(text), java.base)
  const key = publicKeyOf(java.publicKey)
  assert.ok(verifyText(key, text, Buffer.from(java.sign, 'base64url')))
  assert.ok(!verifyText(key, Buffer.from(`${java.text} `), Buffer.from(java.sign, 'base64url')))
})

test('the plain form: the older scheme’s example and ours', () => {
  for (const { name, params, secret, base, sign } of plain) {
    assert.equal(plainBase(params), base, name)
    assert.equal(plainSign(base, secret), sign, name)
    assert.ok(verifyPlain({ ...params, sign }, sign, secret), name)
    for (const change of [{ uid: '1' }, { time: '1' }]) assert.ok(!verifyPlain({ ...params, ...change }, sign, secret))
    assert.ok(!verifyPlain(params, sign, `${secret}x`))
    assert.ok(!verifyPlain(params, sign.slice(1), secret))
  }
})

test('any text comes through its blocks', async () => {
  const { publicKey, privateKey } = await newKeyPair()
  const [there, here] = [publicKeyOf(publicKey), privateKeyOf(privateKey)]
  const { seed } = draws((line) => console.log(line))
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 800 }), (text) => {
      const opened = open(encryptText(there, text), here)
      assert.deepEqual([opened.text.toString('hex'), opened.wrong], [Buffer.from(text).toString('hex'), 0])
    }),
    { numRuns: 40, seed },
  )
})

/** The definition, written as one would read it: RFC 8017, 7.2.2. */
function unpadPlainly(block: Uint8Array): number | undefined {
  const end = block.indexOf(0, 2)
  return block[0] === 0 && block[1] === 2 && end >= 10 && end < BLOCK - 1 ? end + 1 : undefined
}

test('the padding comes off as its definition says, for every place of its end and every wrong byte', () => {
  const raw = (block: Buffer) =>
    crypto.publicEncrypt({ key: publicKeyOf(platform.publicKey), padding: crypto.constants.RSA_NO_PADDING }, block)
  const cases: Buffer[] = []
  const filled = (change: (block: Buffer) => void) => {
    const block = Buffer.alloc(BLOCK, 0xff)
    block.set([0, 2], 0)
    change(block)
    cases.push(block)
  }
  for (let at = 2; at < BLOCK; at++) filled((block) => block.fill(0, at, at + 1))
  for (const second of [0, 1, 3, 0x82, 0xff]) filled((block) => block.set([0, second, ...Array(100).fill(7), 0], 0))
  filled((block) => block.set([0x01, 0x02, ...Array(100).fill(7), 0], 0))
  filled((block) => block.fill(0, 2))
  filled((block) => block.fill(0, 50))
  filled(() => {})
  for (const block of cases) {
    const start = unpadPlainly(block)
    const { text, wrong } = openBlock(own, raw(block))
    assert.equal(wrong, start === undefined ? 1 : 0, block.toString('hex'))
    assert.equal(text.toString('hex'), block.subarray(start ?? BLOCK - CHUNK).toString('hex'))
  }
  assert.equal(openBlock(own, Buffer.alloc(BLOCK, 0xff)).wrong, 1)
})

test('Base64 and keys: what is one, and what is not', () => {
  for (const text of ['', 'AAAA', 'AA', 'AAA', 'AA==', '-_-_', '+/+/', 'AAA=']) assert.ok(readBase64(text), text)
  for (const text of ['A', 'AAAAA', 'AA AA', 'AA\nAA', '=AAA', 'A===', 'ÄAAA', '%41%41'])
    assert.equal(readBase64(text), undefined)
  const pem = publicKeyOf(merchant.publicKey).export({ type: 'spki', format: 'pem' }).toString()
  for (const text of [
    merchant.publicKey,
    pem,
    Buffer.from(merchant.publicKey, 'base64url').toString('base64'),
    `\n${pem}\n`,
  ])
    assert.equal(readPublicKey(text), merchant.publicKey)
  const short = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const curve = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  for (const key of [short, curve])
    assert.equal(readPublicKey(key.export({ type: 'spki', format: 'pem' }).toString()), undefined)
  for (const text of ['', 'x', merchant.privateKey, merchant.publicKey.slice(4)])
    assert.equal(readPublicKey(text), undefined)
})
