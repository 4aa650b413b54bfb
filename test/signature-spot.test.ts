// The published vectors of the spot API's signature, over HTTP and in frames, and what a verifier must not let pass.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { bookOfKey, newKeyName, newKeySecret } from '../src/base/key-text.ts'
import {
  frameForms,
  queryForms,
  spotBase,
  spotDigest,
  spotSign,
  verifySpot,
  verifySpotFrame,
} from '../src/domain/signature/spot.ts'

interface Vector {
  name: string
  nonce: string
  timestamp: string
  apiKey: string
  secret: string
  query?: string
  params?: Record<string, string>
  form: string
  body: string
  base?: string
  digest?: string
  sign: string
}

const file = path.join(import.meta.dirname, '../sdk/vectors/spot.json')
const { vectors } = JSON.parse(fs.readFileSync(file, 'utf8')) as { vectors: Vector[] }

test('every vector signs to the byte and verifies', () => {
  assert.equal(vectors.length, 8)
  for (const { name, form, secret, sign, base, digest, params, query = '', ...vector } of vectors) {
    const { nonce, timestamp, apiKey } = vector
    const request = { nonce, timestamp, apiKey, body: Buffer.from(vector.body) }
    const bytes = spotBase(request, form)
    if (base !== undefined) assert.equal(bytes.toString(), base, name)
    if (digest !== undefined) assert.equal(spotDigest(bytes), digest, name)
    assert.equal(spotSign(bytes, secret), sign, name)
    if (params) {
      const all = { ...params, nonce, timestamp, apiKey, sign }
      assert.ok(frameForms(all).includes(form), name)
      assert.ok(verifySpotFrame(all, sign, secret), name)
      assert.ok(!verifySpotFrame({ ...all, symbol: 'ETH' }, sign, secret), name)
      assert.ok(!verifySpotFrame({ ...all, more: '1' }, sign, secret), name)
    } else {
      assert.ok(queryForms(query).includes(form), name)
      assert.ok(verifySpot({ ...request, query }, sign, secret), name)
    }
  }
})

test('another byte of anything is another signature', () => {
  const [, vector] = vectors
  assert.ok(vector)
  const { nonce, timestamp, apiKey, secret, query = '', sign } = vector
  const good = { nonce, timestamp, apiKey, query, body: Buffer.from(vector.body) }
  assert.ok(verifySpot(good, sign, secret))
  for (const change of [
    { nonce: `${nonce}0` },
    { timestamp: '20241120123046' },
    { apiKey: 'yourApikey' },
    { query: 'id=1&uid=201' },
    { query: `${query}&more=1` },
    { query: '' },
    { body: Buffer.from(vector.body.replace('2899', '2898')) },
    { body: Buffer.from(`${vector.body} `) },
    { body: Buffer.from(JSON.stringify(JSON.parse(vector.body), undefined, 1)) },
  ])
    assert.ok(!verifySpot({ ...good, ...change }, sign, secret), JSON.stringify(change))
  assert.ok(!verifySpot(good, sign, `${secret}x`))
  for (const wrong of ['', sign.slice(1), `${sign}0`, sign.toUpperCase(), '0'.repeat(64)])
    assert.ok(!verifySpot(good, wrong, secret), wrong)
})

test('the forms of a query: sorted by name, decoded and as it stands', () => {
  assert.deepEqual(queryForms(''), [''])
  assert.deepEqual(queryForms('b=2&a=1'), ['a1b2', 'a=1b=2', 'a=1&b=2'])
  assert.ok(queryForms('q=%E4%BD%A0').includes('q你'))
  assert.ok(queryForms('q=%E4%BD%A0').includes('q=%E4%BD%A0'))
})

test('keys tell their book, and a mistyped one is told from an unknown one', () => {
  for (const book of [1, 35, 36, 46_655, 2_147_483_647]) {
    const name = newKeyName('test', book)
    assert.match(name, /^pk_test_[0-9a-z]{33,40}$/)
    assert.equal(bookOfKey(name), book)
    for (const wrong of [
      name.slice(1),
      `${name}0`,
      name.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      name.toUpperCase(),
    ])
      assert.equal(bookOfKey(wrong), undefined, wrong)
  }
  assert.match(newKeySecret('live'), /^sk_live_[0-9a-z]{58}$/)
  assert.equal(new Set(Array.from({ length: 100 }, () => newKeyName('live', 1))).size, 100)
  for (const nonsense of ['', 'pk_test_', 'pk_test_0', `pk_test_9${'0'.repeat(40)}`, 'x'.repeat(500)])
    assert.equal(bookOfKey(nonsense), undefined)
})
