// The published vectors of webhook signatures, and what a verifier must not let pass.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { signWebhook, TOLERANCE, verifyWebhook, webhookBase } from '../src/domain/signature/webhook.ts'
import { isGenuine } from './harness/webhook-receiver.ts'

interface Vector {
  name: string
  scheme: 'hmac' | 'ed25519'
  secret: string
  key: string
  id: string
  timestamp: number
  body: string
  base: string
  signature: string
}

const file = path.join(import.meta.dirname, '../sdk/vectors/webhook.json')
const { vectors } = JSON.parse(fs.readFileSync(file, 'utf8')) as { vectors: Vector[] }

test('every vector signs to the byte, and verifies here and with an integrator’s own code', () => {
  assert.ok(vectors.length >= 4)
  for (const { name, scheme, secret, key, base, signature, ...message } of vectors) {
    assert.equal(webhookBase(message).toString(), base, name)
    assert.equal(signWebhook(scheme, Buffer.from(secret, 'base64'), message), signature, name)
    assert.equal(verifyWebhook([key], message, signature, message.timestamp), 'ok', name)
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestamp),
      'webhook-signature': signature,
    }
    assert.ok(isGenuine({ headers, raw: message.body }, key, message.timestamp), name)
  }
})

test('another body, id, time or key, an old message, and no signature at all are told apart', () => {
  const [vector] = vectors
  assert.ok(vector)
  const { key, id, timestamp, body, signature } = vector
  const verify = (change: Partial<typeof vector>, header = signature, now = timestamp) =>
    verifyWebhook([change.key ?? key], { id, timestamp, body, ...change }, header, now)
  assert.equal(verify({ body: `${body} ` }), 'wrong')
  assert.equal(verify({ id: `${id}x` }), 'wrong')
  assert.equal(verify({ timestamp: timestamp + 1 }), 'wrong')
  assert.equal(verify({ key: `whsec_${Buffer.alloc(32).toString('base64')}` }), 'wrong')
  assert.equal(verify({}, signature, timestamp + TOLERANCE), 'ok')
  assert.equal(verify({}, signature, timestamp + TOLERANCE + 1), 'stale')
  assert.equal(verify({}, signature, timestamp - TOLERANCE - 1), 'stale')
  assert.equal(verify({}, ''), 'no-signature')
  assert.equal(verify({}, signature.replace('v1,', 'v2,')), 'no-signature')
  assert.equal(verify({}, `v1,AAAA ${signature}`), 'ok', 'one of several is enough')
  assert.equal(verify({}, signature.slice(0, -4)), 'wrong')
})
