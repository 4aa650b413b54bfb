// A client of the ramp API written from its document alone: it knows nothing of the bank's code.

import { createHmac } from 'node:crypto'

export interface RampKey {
  base: string
  apiKey: string
  secretKey: string
  source: string
}

export interface RampAnswer {
  status: number
  headers: Headers
  text: string
  code: string
  data: Record<string, unknown>
  description: string
}

let last = 0
/** Milliseconds, never the same twice: a signature counts once. */
export function freshTimestamp(now = Date.now()): string {
  last = Math.max(now, last + 1)
  return `${last}`
}

/** 按参数名 ASCII 码倒序,以 & 连接。 */
export const content = (params: Record<string, string>): string =>
  Object.keys(params)
    .sort()
    .reverse()
    .map((name) => `${name}=${params[name]}`)
    .join('&')

export const hmac = (secret: string, text: string): string => createHmac('sha512', secret).update(text).digest('hex')

export interface Sent {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
}

/** A signed request, ready to be sent once or, by an attacker, again. */
export function signedRequest(
  key: RampKey,
  method: 'GET' | 'POST',
  path: string,
  params: Record<string, string>,
  timestamp = freshTimestamp(),
): Sent {
  const { apiKey } = key
  const signed = method === 'GET' ? { apiKey, timestamp } : { ...params, apiKey, timestamp }
  const sign = hmac(key.secretKey, content(signed))
  const headers = { 'content-type': 'application/json', timestamp, apiKey, sign }
  return method === 'GET'
    ? { method, path: `${path}?${new URLSearchParams(params)}`, headers }
    : { method, path, headers, body: JSON.stringify(params) }
}

export async function send(base: string, { method, path, headers, body }: Sent): Promise<RampAnswer> {
  const response = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  const { code, data, description } = JSON.parse(text) as Pick<RampAnswer, 'code' | 'data' | 'description'>
  return { status: response.status, headers: response.headers, text, code, data, description }
}

export const get = (key: RampKey, path: string, params: Record<string, string>): Promise<RampAnswer> =>
  send(key.base, signedRequest(key, 'GET', path, { ...params, source: key.source }))
export const post = (key: RampKey, path: string, params: Record<string, string>): Promise<RampAnswer> =>
  send(key.base, signedRequest(key, 'POST', path, { ...params, source: key.source }))

export const inOrder = (orderNo: string, account: string, change: Record<string, string> = {}) => ({
  orderNo,
  account,
  legalAmount: '5720.00',
  fiatCurrency: 'php',
  countryCode: 'PH',
  firstName: 'Juan',
  middleName: '',
  lastName: 'Cruz',
  birthDate: '1990-01-31',
  noteCode: `N${orderNo}`,
  ...change,
})

export const outOrder = (orderNo: string, account: string, change: Record<string, string> = {}) => ({
  orderNo,
  account,
  currencyAmount: '50',
  fiatCurrency: 'php',
  receiveAccount: '001234567890',
  receiveName: 'Juan Cruz',
  receiveFirstName: 'Juan',
  receiveMiddleName: 'D',
  receiveLastName: 'Cruz',
  receiveBirthDate: '1990-01-31',
  receiveCountry: 'PH',
  receiveAddr: '1 Example Street',
  receiveBankName: 'Example Bank',
  receiveBankAddress: '2 Example Street',
  bankCountryCode: 'PH',
  bankProvince: 'Cebu',
  bankCity: 'Cebu City',
  branchName: 'Main',
  bankSwiftCode: 'EXAMPHMM',
  ...change,
})
