// AWS Signature Version 4 for requests with all of their meaning in method, address, headers and body: what S3 and the
// stores that speak like it (MinIO, R2, OSS) ask for. Must stay true: the published test vectors (test/kyc-files.test.ts).

import { hmacSha256, sha256 } from '../base/crypto.ts'

export interface AwsCredentials {
  accessKey: string
  secretKey: string
  region: string
  service: string
}

export interface AwsRequest {
  method: string
  url: URL
  /** Without `host`, which is the address's. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  at: Date
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const canonicalQuery = (url: URL) =>
  [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')

/** The value of the `authorization` header. The headers given are signed, and those alone besides `host` and the date. */
export function awsAuthorization(
  { accessKey, secretKey, region, service }: AwsCredentials,
  { method, url, headers, body, at }: AwsRequest,
): string {
  const time = awsTime(at)
  const day = time.slice(0, 8)
  const all = { ...headers, host: url.host, 'x-amz-date': time }
  const signed = Object.entries(all)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(body).toString('hex'),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical).toString('hex')].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<Uint8Array>(
    (secret, part) => hmacSha256(secret, part),
    Buffer.from(`AWS4${secretKey}`),
  )
  const signature = hmacSha256(key, text).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`
}

/** `20150830T123600Z` */
export const awsTime = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, '')
