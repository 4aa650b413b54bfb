// A merchant's client of the platform API, written from the document and its scheme alone: it knows nothing of our sources.
// Every step stands by itself, so that a test can do one of them wrongly.

import assert from 'node:assert/strict'
import crypto, { type KeyObject } from 'node:crypto'

export interface PlatformKeys {
  appId: string
  merchantPrivateKey: string
  platformPublicKey: string
  secret: string
}

export interface PlatformAnswer {
  status: number
  headers: Headers
  text: string
  body: { code: string; msg: string; data: unknown; sign: string }
  /** The text inside, once its signature was right; undefined where `data` is empty. */
  inner: Record<string, unknown> | undefined
}

export const USER = '/platformapi/chainup/open/user'
const der = (text: string) => Buffer.from(text, 'base64url')

export const md5hex = (text: crypto.BinaryLike) => crypto.createHash('md5').update(text).digest('hex')

export class PlatformClient {
  readonly url: string
  readonly keys: PlatformKeys
  readonly own: KeyObject
  readonly theirs: KeyObject

  constructor(url: string, keys: PlatformKeys) {
    this.url = url
    this.keys = keys
    this.own = crypto.createPrivateKey({ key: der(keys.merchantPrivateKey), format: 'der', type: 'pkcs8' })
    this.theirs = crypto.createPublicKey({ key: der(keys.platformPublicKey), format: 'der', type: 'spki' })
  }

  block(chunk: Uint8Array): Buffer {
    return crypto.publicEncrypt({ key: this.theirs, padding: crypto.constants.RSA_PKCS1_PADDING }, chunk)
  }

  blocks(text: Uint8Array, size = 245): Buffer[] {
    const all: Buffer[] = []
    for (let at = 0; at < text.length; at += size) all.push(this.block(text.subarray(at, at + size)))
    return all
  }

  sign(text: Uint8Array): Buffer {
    return crypto.sign('RSA-SHA256', Buffer.from(md5hex(text)), this.own)
  }

  /** `data` and `sign` of parameters. */
  seal(params: object | string): { data: string; sign: string } {
    const text = Buffer.from(typeof params === 'string' ? params : JSON.stringify(params))
    return {
      data: Buffer.concat(this.blocks(text)).toString('base64url'),
      sign: this.sign(text).toString('base64url'),
    }
  }

  body(params: object | string, time: number | string = Date.now()): Record<string, unknown> {
    return { app_id: this.keys.appId, time, ...this.seal(params) }
  }

  async send(path: string, body: object | string, headers: Record<string, string> = {}): Promise<PlatformAnswer> {
    const response = await fetch(this.url + USER + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': 'en', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    const answer = JSON.parse(text) as PlatformAnswer['body']
    const inner =
      typeof answer.data === 'string' && answer.data !== '' ? this.open(answer.data, answer.sign) : undefined
    return { status: response.status, headers: response.headers, text, body: answer, inner }
  }

  call(path: string, params: object, headers?: Record<string, string>): Promise<PlatformAnswer> {
    return this.send(path, this.body(params), headers)
  }

  /** Opens an answer, and throws unless it is signed by the platform. */
  open(data: string, sign: string): Record<string, unknown> {
    const bytes = Buffer.from(data, 'base64url')
    const parts: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 256) {
      const block = bytes.subarray(at, at + 256)
      parts.push(crypto.privateDecrypt({ key: this.own, padding: crypto.constants.RSA_PKCS1_PADDING }, block))
    }
    const text = Buffer.concat(parts)
    const isTheirs = crypto.verify('RSA-SHA256', Buffer.from(md5hex(text)), this.theirs, Buffer.from(sign, 'base64url'))
    if (!isTheirs) throw new Error('the answer is not signed by the platform')
    return JSON.parse(text.toString('utf8')) as Record<string, unknown>
  }

  /** The older way, in the clear: names and values in order, the secret behind. */
  plain(params: Record<string, string>): Record<string, string> {
    const named: Record<string, string> = { appKey: this.keys.appId, ...params }
    const text = Object.keys(named)
      .sort()
      .map((name) => (named[name] === '' ? '' : `${name}${named[name]}`))
      .join('')
    return { ...named, sign: md5hex(text + this.keys.secret) }
  }
}

/** In the envelope, with nothing encrypted and nothing signed. */
export function expectPlatformRefusal(answer: PlatformAnswer, code: string, status: number, words?: RegExp): void {
  assert.deepEqual({ ...answer.body, msg: '' }, { code, msg: '', data: '', sign: '' }, answer.text)
  assert.equal(answer.status, status, answer.text)
  assert.ok(answer.body.msg.length > 0)
  if (words) assert.match(answer.body.msg, words)
}
