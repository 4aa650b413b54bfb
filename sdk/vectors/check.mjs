// Holds the SDK's signatures against the published vectors: `node vectors/check.mjs`, with any Node from 18 on.
// Must stay true: plain JavaScript without anything but the SDK; whoever ports the schemes can do the same.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseExactJson } from '../exact-json.js'
import {
  decryptPlatform,
  encryptPlatform,
  plainBase,
  platformBase,
  signPlain,
  signPlatform,
  verifyPlatform,
} from '../signature/platform.js'
import { rampBase, signRamp } from '../signature/ramp.js'
import { signSpot, signSpotFrame, spotBase, spotQuery } from '../signature/spot.js'
import { isSignedWebhook, signWebhook, webhookBase } from '../signature/webhook.js'

const read = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'))
let checked = 0
const same = (found, wanted, name) => {
  assert.equal(found, wanted, name)
  checked++
}

// other sources of the spot scheme write the query in other forms, which the bank takes as well; this is the official one
for (const { name, form, base, sign, secret, digest: _, params, ...request } of read('spot').vectors) {
  const { nonce, timestamp, apiKey } = request
  if (params === undefined && spotQuery(request.query) === form) {
    same(spotBase(request), base, name)
    same(signSpot(request, secret), sign, name)
  }
  if (name === 'a frame: its parameters but those of the signature')
    same(signSpotFrame({ nonce, timestamp, apiKey, ...params }, secret), sign, name)
}

const ramp = read('ramp')
for (const { about, secret, fields, base, sign } of ramp.vectors) {
  same(rampBase(fields), base, about)
  same(signRamp(fields, secret), sign, about)
}
for (const { about, fields } of ramp.ambiguous) assert.throws(() => rampBase(fields), TypeError, about)

const { merchant, platform, vectors, java, plain } = read('platform')
for (const { name, text, base, data, sign } of vectors) {
  same(platformBase(text), base, name)
  same(signPlatform(text, merchant.privateKey), sign, name)
  same(verifyPlatform(text, sign, merchant.publicKey), true, name)
  same(decryptPlatform(data, platform.privateKey), text, name)
  same(decryptPlatform(encryptPlatform(text, platform.publicKey), platform.privateKey), text, name)
}
same(verifyPlatform(java.text, java.sign, java.publicKey), true, java.name)
same(verifyPlatform(`${java.text} `, java.sign, java.publicKey), false, java.name)
for (const { name, params, secret, base, sign } of plain) {
  same(plainBase(params), base, name)
  same(signPlain(params, secret), sign, name)
}

for (const { name, scheme, key, base, signature, ...message } of read('webhook').vectors) {
  same(Buffer.from(webhookBase(message)).toString('utf8'), base, name)
  same(isSignedWebhook(message, signature, [key]), true, name)
  same(isSignedWebhook({ ...message, body: `${message.body} ` }, signature, [key]), false, name)
  if (scheme === 'hmac') same(signWebhook(message, key), signature, name)
}

const digits = '{"id":1909903708907155457,"amount":20.00,"small":1e-7,"__proto__":{"a":[true,null,"\\u4e2d\\n"]}}'
const { id, amount, small } = parseExactJson(digits)
same([id, amount, small].join(' '), '1909903708907155457 20.00 1e-7', 'numbers with their digits')
for (const text of ['', '{', '01', '{"a":1,}', '[1 2]', '"\n"', 'nul', '1.', '-', '{"a"}', '[]x', '['.repeat(500)]) {
  assert.throws(() => parseExactJson(text), SyntaxError, text)
}

process.stdout.write(`${checked} of the vectors hold with Node ${process.version}\n`)
