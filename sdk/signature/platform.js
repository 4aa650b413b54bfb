// The platform API's scheme: RSA-2048 in blocks of 245 bytes (PKCS#1 v1.5), signed by SHA256withRSA over the MD5 of the text
// in hex; and the plain form, an MD5 of sorted names and values with a secret behind them.
// Must stay true: pure functions; the padding is taken off by hand, for Node 20 refuses to. Vectors: sdk/vectors/platform.json.

import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
} from 'node:crypto'

const BLOCK = 256
const CHUNK = BLOCK - 11

const bare = (text) => Buffer.from(text.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
const privateOf = (key) =>
  typeof key === 'string' ? createPrivateKey({ key: bare(key), format: 'der', type: 'pkcs8' }) : key
const publicOf = (key) =>
  typeof key === 'string' ? createPublicKey({ key: bare(key), format: 'der', type: 'spki' }) : key

/** What is signed: the MD5 of the text as 32 lower-case hex digits. */
export const platformBase = (text) => createHash('md5').update(text, 'utf8').digest('hex')

export const signPlatform = (text, privateKey) =>
  sign('RSA-SHA256', Buffer.from(platformBase(text)), privateOf(privateKey)).toString('base64url')

export const verifyPlatform = (text, signature, publicKey) =>
  verify('RSA-SHA256', Buffer.from(platformBase(text)), publicOf(publicKey), Buffer.from(signature, 'base64'))

export function encryptPlatform(text, publicKey) {
  const bytes = Buffer.from(text, 'utf8')
  const key = { key: publicOf(publicKey), padding: constants.RSA_PKCS1_PADDING }
  const blocks = []
  for (let at = 0; at < bytes.length; at += CHUNK) blocks.push(publicEncrypt(key, bytes.subarray(at, at + CHUNK)))
  return Buffer.concat(blocks).toString('base64url')
}

/** Throws what is no encrypted text for the key. */
export function decryptPlatform(data, privateKey) {
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length === 0 || bytes.length % BLOCK !== 0) throw new Error('not blocks of RSA-2048')
  const key = { key: privateOf(privateKey), padding: constants.RSA_NO_PADDING }
  const texts = []
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const block = privateDecrypt(key, bytes.subarray(at, at + BLOCK))
    const end = block.indexOf(0, 2)
    if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new Error('a block with a wrong padding')
    texts.push(block.subarray(end + 1))
  }
  return Buffer.concat(texts).toString('utf8')
}

/** The text of the plain form: names and values in the order of the names, empty ones left out. */
export const plainBase = (params) =>
  Object.keys(params)
    .filter((name) => name !== 'sign' && params[name] !== '')
    .sort()
    .map((name) => `${name}${params[name]}`)
    .join('')

export const signPlain = (params, secret) =>
  createHash('md5')
    .update(plainBase(params) + secret, 'utf8')
    .digest('hex')
