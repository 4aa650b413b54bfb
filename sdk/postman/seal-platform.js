// Postman, before each request of the platform API: encrypts and signs the parameters that stand in the body.
// Must stay true: for trying things out only, RSA by big integers is not safe from who can measure it; the SDK is.

const hashes = require('crypto-js')
const fill = (text) => pm.variables.replaceIn(text || '')
const { Base64, Hex, Utf8 } = hashes.enc

const hexOf = (base64) => {
  const bare = base64
    .replace(/-----[A-Z ]+-----|\s/g, '')
    .replace(/-/g, '+')
    .replace(/_/g, '/')
  return Base64.parse(bare.padEnd(Math.ceil(bare.length / 4) * 4, '=')).toString()
}
const base64Of = (hex) => Base64.stringify(Hex.parse(hex)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')

// the integers of a key in DER: of a public one n and e, of a private one 0, 0, n, e, d …
const integersOf = (der) => {
  const found = []
  for (let at = 0; at < der.length; ) {
    const tag = der.slice(at, at + 2)
    const first = Number.parseInt(der.slice(at + 2, at + 4), 16)
    const more = first < 128 ? 0 : (first - 128) * 2
    const size = more === 0 ? first : Number.parseInt(der.slice(at + 4, at + 4 + more), 16)
    const from = at + 4 + more
    const content = der.slice(from, from + size * 2)
    if (tag === '02') found.push(BigInt(`0x${content}`))
    else if (tag === '30' || tag === '04') found.push(...integersOf(content))
    else if (tag === '03') found.push(...integersOf(content.slice(2)))
    at = from + size * 2
  }
  return found
}
const power = (base, exponent, modulus) => {
  let result = 1n
  for (let square = base % modulus, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
const asBlock = (number) => number.toString(16).padStart(512, '0')

const [modulus, exponent] = integersOf(hexOf(fill('{{platformPublicKey}}')))
const [, , ownModulus, , ownExponent] = integersOf(hexOf(fill('{{platformPrivateKey}}')))

const encrypt = (text) => {
  const hex = Utf8.parse(text).toString()
  let blocks = ''
  for (let at = 0; at < hex.length; at += 490) {
    const chunk = hex.slice(at, at + 490)
    const size = 506 - chunk.length
    const random = hashes.lib.WordArray.random(1024)
      .toString()
      .replace(/../g, (byte) => (byte === '00' ? '' : byte))
    blocks += asBlock(power(BigInt(`0x0002${random.slice(0, size)}00${chunk}`), exponent, modulus))
  }
  return base64Of(blocks)
}
const padded = (text) => {
  const digest = hashes.SHA256(hashes.MD5(text).toString()).toString()
  return `0001${'ff'.repeat(202)}003031300d060960864801650304020105000420${digest}`
}
const signed = (text) => base64Of(asBlock(power(BigInt(`0x${padded(text)}`), ownExponent, ownModulus)))

const appId = fill('{{platformAppId}}')
const time = String(Date.now())
const text = fill(pm.request.body.raw)
const plain = () => {
  const params = { ...JSON.parse(text), appKey: appId, time }
  const base = Object.keys(params)
    .filter((name) => params[name] !== '')
    .sort()
    .map((name) => name + params[name])
    .join('')
  return { ...params, sign: hashes.MD5(base + fill('{{platformSecret}}')).toString() }
}
const sealed = () => ({ app_id: appId, time, data: encrypt(text), sign: signed(text) })
const body = pm.request.url.getPath().endsWith('/getUserHistoryLogin') ? plain() : sealed()
pm.request.body.update({ mode: 'raw', raw: JSON.stringify(body), options: { raw: { language: 'json' } } })
