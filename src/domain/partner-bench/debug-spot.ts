// The debugger for the spot API's signature: the text of two rounds of SHA-256, and the ways in which programs get it wrong.
// Must stay true: the secret is in none of what it answers.

import { createHmac } from 'node:crypto'
import { sha256 } from '../../base/crypto.ts'
import { keyWithSecrets } from '../api-key/api-key.ts'
import { WINDOW } from '../api-key/authenticate-key.ts'
import type { Bank } from '../context.ts'
import { queryForms, spotBase, spotDigest, spotSign } from '../signature/spot.ts'
import { type Finding, reprinted, type SentRequest, type Trial, windowNote } from './trial.ts'

export async function debugSpot(
  bank: Bank,
  bookId: number,
  keyId: string,
  { path, headers, body }: SentRequest,
): Promise<Finding> {
  const now = bank.clock.now()
  const found = await keyWithSecrets(bank, bookId, keyId, now)
  const secrets = found && !found.key.revokedAt ? found.secrets : []
  const { nonce = '', timestamp = '', sign = '' } = headers
  const at = path.indexOf('?')
  const query = at < 0 ? '' : path.slice(at + 1)
  const apiKey = headers['api-key'] ?? keyId
  const request = { nonce, timestamp, apiKey, body: Buffer.from(body) }
  const [base = Buffer.alloc(0), ...forms] = queryForms(query).map((form) => spotBase(request, form))
  const signs = (bytes: Uint8Array) => secrets.some((secret) => spotSign(bytes, secret) === sign)

  const wrongly = (about: Trial['about'], bytes: Buffer): Trial => ({ about, base: bytes, fits: () => signs(bytes) })
  const text = (...parts: string[]) => Buffer.from(parts.join(''))
  const unsorted = query.replaceAll(/[=&]/g, '')
  const trials: Trial[] = [
    ...reprinted(body).map(({ about, body: other }) =>
      wrongly(about, spotBase({ ...request, body: Buffer.from(other) }, queryForms(query)[0] ?? '')),
    ),
    wrongly(
      { zh: '未包含请求体', en: 'the body was left out' },
      text(nonce, timestamp, apiKey, queryForms(query)[0] ?? ''),
    ),
    wrongly({ zh: '未包含查询参数', en: 'the query was left out' }, text(nonce, timestamp, apiKey, body)),
    wrongly(
      { zh: '查询参数未按名称排序', en: 'the query was not sorted by name' },
      text(nonce, timestamp, apiKey, unsorted, body),
    ),
    wrongly(
      { zh: 'timestamp 与 nonce 顺序颠倒', en: 'timestamp came before nonce' },
      text(timestamp, nonce, apiKey, query, body),
    ),
    wrongly({ zh: '未包含 api-key', en: 'the api-key was left out' }, text(nonce, timestamp, query, body)),
    {
      about: { zh: '签名应为小写十六进制', en: 'the signature is in upper case; lower case is wanted' },
      fits: () =>
        sign !== sign.toLowerCase() && secrets.some((secret) => spotSign(base, secret) === sign.toLowerCase()),
    },
    {
      about: {
        zh: '只哈希了一次',
        en: 'hashed once; the digest in hexadecimal, with the secret behind it, is hashed again',
      },
      fits: () =>
        sign === spotDigest(base) ||
        secrets.some((secret) => sha256(Buffer.concat([base, Buffer.from(secret)])).toString('hex') === sign),
    },
    {
      about: { zh: '使用了 HMAC,应为两次普通 SHA-256', en: 'HMAC was used; two plain rounds of SHA-256 are wanted' },
      fits: () =>
        secrets.some((secret) =>
          [base, Buffer.from(spotDigest(base))].some(
            (bytes) => createHmac('sha256', secret).update(bytes).digest('hex') === sign,
          ),
        ),
    },
  ]
  const sentAt = /^\d{10,15}$/.test(timestamp) ? Number.parseInt(timestamp, 10) : Number.NaN
  const seconds = timestamp.length === 10
  return {
    known: secrets.length > 0,
    fits: [base, ...forms].some(signs),
    base,
    forms,
    trials,
    notes: [
      ...(Number.isNaN(sentAt) || seconds
        ? [{ zh: 'timestamp 应为毫秒', en: 'timestamp is in milliseconds since 1970' }]
        : windowNote(now.getTime() - sentAt, WINDOW)),
      ...(headers['api-key'] === undefined || headers['api-key'] === keyId
        ? []
        : [{ zh: '请求头中的 api-key 是另一个', en: 'the api-key header names another key' }]),
      ...(nonce === '' ? [{ zh: '缺少 nonce', en: 'nonce is missing' }] : []),
    ],
  }
}
