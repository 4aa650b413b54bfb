// Signatures of the ramp API: the document's own examples, texts that read as more than they say, and one made by openssl.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { isUnambiguous, rampBase, readRampBase, signRamp, verifyRamp } from '../src/domain/signature/ramp.ts'
import { content, hmac } from './harness/ramp-client.ts'

interface Vectors {
  vectors: { about: string; secret: string; fields: Record<string, string>; base: string; sign: string }[]
  ambiguous: { about: string; fields: Record<string, string> }[]
}
const file = path.join(import.meta.dirname, '../sdk/vectors/ramp.json')
const { vectors, ambiguous } = JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors

test('the document’s examples, in Java and in PHP', () => {
  assert.ok(vectors.length >= 2)
  for (const { about, secret, fields, base, sign } of vectors) {
    assert.equal(rampBase(fields), base, about)
    assert.equal(signRamp(secret, base), sign, about)
    assert.ok(verifyRamp(secret, base, sign) && verifyRamp(secret, base, sign.toUpperCase()), about)
    assert.equal(content(fields), base, 'the client written from the document agrees')
    assert.equal(hmac(secret, base), sign)
    assert.ok(isUnambiguous(fields), about)
  }
})

test('what is not the signature is none, of whatever length', () => {
  const [vector] = vectors
  assert.ok(vector)
  const { secret, base, sign } = vector
  for (let i = 0; i < sign.length; i++) {
    const other = `${sign.slice(0, i)}${sign[i] === '0' ? '1' : '0'}${sign.slice(i + 1)}`
    assert.ok(!verifyRamp(secret, base, other))
  }
  for (const wrong of [
    '',
    '0'.repeat(128),
    sign.slice(1),
    `${sign}0`,
    `${sign.slice(0, -1)}g`,
    ` ${sign}`,
    'x'.repeat(1_000),
  ])
    assert.ok(!verifyRamp(secret, base, wrong), wrong)
  assert.ok(!verifyRamp(`${secret} `, base, sign))
  assert.ok(!verifyRamp(secret, `${base}&`, sign))
})

test('one text and one signature for different fields are refused on both sides', () => {
  const signed = { apiKey: 'k', timestamp: '1' }
  for (const { about, fields } of ambiguous) assert.ok(!isUnambiguous({ ...signed, ...fields }), about)
  const honest = { noteCode: 'N1', lastName: 'X', currencyAmount: '100' }
  const forged = { noteCode: 'N1&lastName=X&currencyAmount=100' }
  assert.equal(rampBase(honest), rampBase(forged), 'they do collide')
  assert.ok(isUnambiguous(honest) && !isUnambiguous(forged))
})

test('fields that pass are the only ones that give their text', () => {
  const name = fc.constantFrom('account', 'amount', 'apiKey', 'note', 'orderNo', 'timestamp', 'z')
  const value = fc.string({ unit: fc.constantFrom('a', '=', '&', '1', 'n', 'o', 't', 'e', '中', ' '), maxLength: 12 })
  const fields = fc.dictionary(name, value, { minKeys: 1 })
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      if (isUnambiguous(a)) assert.deepEqual(Object.fromEntries(readRampBase(rampBase(a)) ?? []), { ...a })
      if (isUnambiguous(a) && isUnambiguous(b) && rampBase(a) === rampBase(b)) assert.deepEqual({ ...a }, { ...b })
      assert.equal(rampBase(a), content(a))
    }),
    { numRuns: 3_000 },
  )
})

test('openssl and a shell sign alike, where there is an openssl', (t) => {
  if (spawnSync('openssl', ['version']).status !== 0) return t.diagnostic('no openssl here')
  for (const { secret, base, sign } of vectors) {
    const script = 'printf %s "$BASE" | openssl dgst -sha512 -hmac "$SECRET" | sed "s/^.* //"'
    const { stdout } = spawnSync('sh', ['-c', script], {
      env: { ...process.env, BASE: base, SECRET: secret },
      encoding: 'utf8',
    })
    assert.equal(stdout.trim(), sign)
  }
})
