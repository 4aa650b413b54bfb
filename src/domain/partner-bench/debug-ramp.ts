// The debugger for the ramp API's signature: the fields in descending order, and the ways in which programs get it wrong.
// Must stay true: the secret is in none of what it answers.

import { createHmac } from 'node:crypto'
import { parseExactJson } from '../../base/exact-json.ts'
import type { Bank } from '../context.ts'
import { WINDOW } from '../ramp/authenticate-partner.ts'
import { keyInUse } from '../ramp/partner-key.ts'
import { type Fields, isUnambiguous, rampBase, signRamp, verifyRamp, withoutEmpty } from '../signature/ramp.ts'
import { type Finding, type SentRequest, type Trial, windowNote } from './trial.ts'

export async function debugRamp(
  bank: Bank,
  bookId: number,
  keyId: string,
  { method, path, headers, body }: SentRequest,
): Promise<Finding> {
  const key = await keyInUse(bank, bank.db, bookId, keyId)
  const { timestamp = '', sign = '' } = headers
  const apiKey = headers.apikey ?? keyId
  const isGet = method.toUpperCase() === 'GET'
  const sent = isGet ? {} : fieldsOf(path, body)
  const signed: Fields = { ...sent, apiKey, timestamp }
  const bases = [...new Set([rampBase(signed), rampBase(withoutEmpty(signed))])]
  const [base = '', ...forms] = bases
  const signs = (text: string) => key !== undefined && verifyRamp(key.secret, text, sign)

  const wrongly = (zh: string, en: string, text: string): Trial => ({
    about: { zh, en },
    base: Buffer.from(text),
    fits: () => signs(text),
  })
  const pairs = Object.entries(signed)
  const joined = (list: readonly (readonly [string, string])[]) =>
    list.map(([name, value]) => `${name}=${value}`).join('&')
  const ascending = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const query = [...new URLSearchParams(path.split('?')[1] ?? '')]
  const trials = [
    wrongly('参数按升序排列,应为降序', 'names were sorted ascending; descending is wanted', joined(ascending)),
    wrongly('参数未排序', 'names were not sorted', joined(pairs)),
    wrongly(
      '值经过了 URL 编码',
      'values were URL-encoded',
      joined(ascending.toReversed().map(([name, value]) => [name, encodeURIComponent(value)])),
    ),
    wrongly('未包含 apiKey', 'apiKey was left out', rampBase({ ...sent, timestamp })),
    wrongly('未包含 timestamp', 'timestamp was left out', rampBase({ ...sent, apiKey })),
    wrongly('未包含请求参数', 'the fields of the body were left out', rampBase({ apiKey, timestamp })),
    wrongly(
      'GET 请求不对查询参数签名',
      'the query was signed; of GET only apiKey and timestamp are',
      rampBase({ ...Object.fromEntries(query), apiKey, timestamp }),
    ),
    wrongly('签名的是原始请求体', 'the body as it stands was signed, not its fields', body),
    {
      about: { zh: '使用了 HMAC-SHA256,应为 HMAC-SHA512', en: 'HMAC-SHA256 was used; HMAC-SHA512 is wanted' },
      fits: () =>
        key !== undefined && createHmac('sha256', key.secret).update(base).digest('hex') === sign.toLowerCase(),
    },
    {
      about: { zh: '签名为 Base64,应为十六进制', en: 'the signature is Base64; hexadecimal is wanted' },
      fits: () => key !== undefined && Buffer.from(signRamp(key.secret, base), 'hex').toString('base64') === sign,
    },
  ]
  const sentAt = /^[1-9]\d{12}$/.test(timestamp) ? Number.parseInt(timestamp, 10) : Number.NaN
  return {
    known: key !== undefined,
    fits: bases.some(signs),
    base: Buffer.from(base),
    forms: forms.map((form) => Buffer.from(form)),
    trials,
    notes: [
      ...(Number.isNaN(sentAt)
        ? [{ zh: 'timestamp 应为毫秒', en: 'timestamp is in milliseconds since 1970' }]
        : windowNote(bank.clock.now().getTime() - sentAt, WINDOW)),
      ...(isUnambiguous(signed)
        ? []
        : [{ zh: '值中含有 &,无法与其他参数区分', en: 'a value has & in it and cannot be told from more fields' }]),
    ],
  }
}

/** Texts, and numbers by their digits; what is neither is left out here and refused by the API. */
function fieldsOf(path: string, body: string): Record<string, string> {
  if (body === '') return Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? ''))
  try {
    const value = parseExactJson(body)
    const entries = Object.entries((value ?? {}) as Record<string, unknown>)
    return Object.fromEntries(entries.flatMap(([name, each]) => (typeof each === 'string' ? [[name, each]] : [])))
  } catch {
    return {}
  }
}
