// Access tokens under attack, over HTTP: whatever is not letter for letter a live token that we signed is refused, and
// all of it alike.

import assert from 'node:assert/strict'
import { createHmac, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { faultOfRefusal } from './harness/app-contract.ts'
import { logIn } from './harness/customers.ts'
import { type Hosted, type Payer, startHosted } from './harness/hosted.ts'
import { draws, inLanes } from './harness/ledger.ts'

let hosted: Hosted
let me: Payer
let header: Record<string, unknown>
let claims: Record<string, unknown>
let key: Buffer

before(async () => {
  hosted = await startHosted()
  me = await hosted.payer()
  const [head = '', body = ''] = me.access.split('.')
  header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
  claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  key = hosted.behind.bank.keys.accessToken
})
after(() => hosted?.close())

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const hmac = (secret: string | Buffer, text: string, hash = 'sha256') =>
  createHmac(hash, secret).update(text).digest('base64url')

/** A token with these changes, signed as an attacker with `secret` could; by default with our own key. */
function forge(changes: {
  header?: object
  claims?: object
  secret?: string | Buffer
  hash?: string
  signature?: string
}): string {
  const text = `${encode({ ...header, ...changes.header })}.${encode({ ...claims, ...changes.claims })}`
  return `${text}.${changes.signature ?? hmac(changes.secret ?? key, text, changes.hash)}`
}

const ask = (authorization: string, headers: Record<string, string> = {}, path = '/api/user/level') =>
  hosted.client.ask({ method: 'GET', path, headers: { authorization, ...headers } })

/** Sends each as a bearer token; all must be refused, in the same words. */
async function assertRefused(tokens: readonly string[]): Promise<void> {
  await inLanes(tokens.length, 16, async (i) => {
    const token = tokens[i] ?? ''
    const reply = await ask(`Bearer ${token}`)
    assert.equal(reply.status, 401, token)
    assert.equal(faultOfRefusal(reply), undefined, reply.text)
    assert.deepEqual(Object.keys(reply.json as object).sort(), ['code', 'message', 'name', 'request_id'])
    assert.equal(reply.headers['www-authenticate'], 'Bearer')
  })
}

test('what we forge with our own key is taken, so what follows is refused for its reason', async () => {
  assert.equal((await ask(`Bearer ${me.access}`)).status, 200)
  assert.equal((await ask(`Bearer ${forge({})}`)).status, 200)
})

test('no signature, or another algorithm', async () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const withRsa = (changes: object, privateKey: KeyObject) => {
    const text = `${encode({ ...header, ...changes })}.${encode(claims)}`
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`
  }
  const real = me.access.split('.')[2] ?? ''
  await assertRefused([
    ...['none', 'None', 'NONE', 'nOnE', '', 'HS256 ', 'hs256'].flatMap((alg) => [
      forge({ header: { alg }, signature: '' }),
      forge({ header: { alg }, signature: real }),
      forge({ header: { alg } }),
    ]),
    ...[null, true, 256, ['HS256'], { name: 'HS256' }].map((alg) => forge({ header: { alg } })),
    forge({ header: { alg: 'HS384' }, hash: 'sha384' }),
    forge({ header: { alg: 'HS512' }, hash: 'sha512' }),
    forge({ hash: 'sha512' }),
    forge({ signature: '' }),
    forge({ header: { alg: undefined } }),
    withRsa({ alg: 'RS256' }, pair.privateKey),
    withRsa({ alg: 'RS256', jwk }, pair.privateKey),
    withRsa({ alg: 'RS256', jwk, kid: jwk.n?.slice(0, 8) }, pair.privateKey),
    withRsa({ alg: 'RS256', jku: 'https://evil.example/keys.json' }, pair.privateKey),
    withRsa({ alg: 'RS256', x5u: 'https://evil.example/cert.pem', x5c: ['MIIB'] }, pair.privateKey),
    withRsa({ alg: 'PS256' }, pair.privateKey),
    forge({ header: { alg: 'RS256' }, secret: pem }),
    forge({ secret: pem }),
    forge({ header: { jwk: { kty: 'oct', k: Buffer.from('x').toString('base64url') } }, secret: 'x' }),
  ])
})

test('another key, or one that the token names', async () => {
  const { keys, config } = hosted.behind.bank
  const guesses = ['', ' ', 'secret', 'unipay', 'null', 'undefined', '0', 'your-256-bit-secret', me.id, me.uid]
  const ours = [
    keys.oneTimeCode,
    keys.contactIndex,
    keys.paymentPin,
    ...[...keys.personal.keys.values()].map(Buffer.from),
    config.MASTER_KEY,
    Buffer.alloc(32),
  ]
  await assertRefused([
    ...guesses.map((secret) => forge({ secret })),
    ...ours.map((secret) => forge({ secret })),
    forge({ secret: config.MASTER_KEY.toString('hex') }),
    forge({ secret: key.toString('hex') }),
    forge({ secret: key.toString('base64') }),
    ...['../../../../dev/null', '/dev/null', "x' union select '' -- ", '| true', 'http://evil.example/k', ''].flatMap(
      (kid) => [forge({ header: { kid }, secret: '' }), forge({ header: { kid }, secret: kid })],
    ),
  ])
})

test('another issuer, audience, type or time', async () => {
  const now = Math.floor(Date.now() / 1000)
  const wrong = ['', 'other', 'unipay-console', 'UNIPAY', null, 1, [], {}, true]
  await assertRefused([
    ...wrong.map((iss) => forge({ claims: { iss } })),
    ...[...wrong, 'unipay', ['other']].map((aud) => forge({ claims: { aud } })),
    ...['JWT', 'rt+jwt', 'refresh', '', null, 1].map((typ) => forge({ header: { typ } })),
    forge({ header: { typ: undefined } }),
    ...Object.keys(claims).map((name) => forge({ claims: { [name]: undefined } })),
    ...[now, now - 1, now - 86_400, 0, -1, null, String(now + 900), '', [now + 900], {}].map((exp) =>
      forge({ claims: { exp } }),
    ),
    ...[now + 60, now + 86_400, '', null, [now]].map((iat) => forge({ claims: { iat } })),
    forge({ claims: { nbf: now + 60 } }),
    ...[null, '', 'x', me.uid, '10001', ['x'], me.id.toUpperCase()].flatMap((id) => [
      forge({ claims: { sub: id } }),
      forge({ claims: { sid: id } }),
    ]),
    ...[null, '', 'x', '-1', '01', '9999', 10_001, '1e5', '10001 ', ['10001']].map((no) => forge({ claims: { no } })),
    ...[null, '', '1', [1], true].map((book) => forge({ claims: { book } })),
  ])
})

test('numbers that the database cannot hold', async () => {
  await assertRefused([
    ...[2, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300].map((book) => forge({ claims: { book } })),
    forge({ claims: { sid: '00000000-0000-7000-8000-000000000000' } }),
    forge({ claims: { exp: 1e300, sid: '00000000-0000-7000-8000-000000000000' } }),
  ])
})

test('a refresh token, and a token that has ended', async () => {
  const { data } = await logIn(hosted.world, me)
  assert.equal((await ask(`Bearer ${data.access_token}`)).status, 200)
  await assertRefused([me.refresh, data.refresh_token, `${data.refresh_token}.${data.refresh_token}.`])
  const out = await hosted.ask('POST', '/api/auth/logout', {}, data.access_token)
  assert.equal(out.status, 200)
  await assertRefused([data.access_token])
})

test('pieces of a token, and 1,000 with something changed', async (t) => {
  const draw = draws((line) => t.diagnostic(line))
  const token = me.access
  const [head = '', body = '', signature = ''] = token.split('.')
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'] as unknown as [
    string,
    ...string[],
  ]
  const pieces = Array.from({ length: 60 }, (_, i) => token.slice(0, Math.floor((token.length * i) / 60)))
  const joined = [
    `${head}.${body}`,
    `${head}.${body}.`,
    `.${body}.${signature}`,
    `${head}..${signature}`,
    `${body}.${head}.${signature}`,
    `${token}.`,
    `${token}.${signature}`,
    `.${token}`,
    `${head}.${body}.${signature.slice(0, -1)}`,
    `${head}.${body}.${signature}A`,
    `${head}.${body}.${signature}=`,
    `${head}=.${body}.${signature}`,
    token.toUpperCase(),
    [...token].reverse().join(''),
  ]
  const changed = Array.from({ length: 1_000 }, () => {
    const at = draw.below(token.length)
    const put = draw.below(3) === 0 ? '' : draw.pick(letters)
    return token.slice(0, at) + put + token.slice(at + draw.below(2))
  })
  const noise = Array.from({ length: 50 }, () =>
    [16, 200, 32].map((n) => randomBytes(n).toString('base64url')).join('.'),
  )
  await assertRefused([...pieces, ...joined, ...changed, ...noise].filter((text) => text !== token))
})

test('in another place than the header, or dressed up', async () => {
  for (const authorization of [
    me.access,
    `Token ${me.access}`,
    `Basic ${me.access}`,
    `Bearer: ${me.access}`,
    `Bearer  ${me.access}`,
    `Bearer "${me.access}"`,
    `Bearer ${me.access}, Bearer ${me.access}`,
    `Bearer ${me.access}; x=y`,
    `Bearer ${encodeURIComponent(`${me.access} `)}`,
  ])
    assert.equal((await ask(authorization)).status, 401, authorization)
  for (const path of [
    '/api/user/level?access_token=',
    '/api/user/level?token=',
    '/api/user/level?authorization=Bearer%20',
  ])
    assert.equal((await ask('', {}, path + me.access)).status, 401, path)
  for (const name of ['cookie', 'x-access-token', 'x-authorization', 'proxy-authorization'])
    assert.equal((await ask('', { [name]: `access_token=${me.access}` })).status, 401, name)
})

test('none of it cost anything', async () => {
  assert.equal((await ask(`Bearer ${me.access}`)).status, 200)
  assert.doesNotMatch(hosted.api.output(), /unexpected error/)
})
