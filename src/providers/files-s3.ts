// Files in a bucket of S3, or of a store that speaks like it, for FILES=s3. The bucket is part of the address.
// Must stay true: whatever is not a plain yes or a plain "not there" is thrown.

import { systemClock } from '../base/clock.ts'
import { sha256 } from '../base/crypto.ts'
import type { FileStore } from '../domain/ports.ts'
import { awsAuthorization, awsTime } from './aws-signature.ts'

export interface Bucket {
  /** `https://host/bucket` */
  url: string
  region: string
  accessKey: string
  secretKey: string
}

const PATIENCE = 20_000

export function s3Files({ url: base, ...credentials }: Bucket): FileStore {
  async function ask(method: 'GET' | 'PUT' | 'DELETE', name: string, body = new Uint8Array()): Promise<Response> {
    const url = new URL(`${base.replace(/\/$/, '')}/${name}`)
    const at = systemClock.now()
    const headers = { 'x-amz-content-sha256': sha256(body).toString('hex') }
    const authorization = awsAuthorization({ ...credentials, service: 's3' }, { method, url, headers, body, at })
    const answer = await fetch(url, {
      method,
      headers: { ...headers, 'x-amz-date': awsTime(at), authorization },
      ...(method === 'PUT' ? { body } : {}),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE),
    })
    const fine = answer.ok || (answer.status === 404 && method !== 'PUT')
    if (fine) return answer
    await answer.body?.cancel()
    throw new Error(`the file store answered ${method} with ${answer.status}`)
  }
  return {
    async put(name, bytes) {
      await (await ask('PUT', name, new Uint8Array(bytes))).body?.cancel()
    },
    async get(name) {
      const answer = await ask('GET', name)
      const bytes = new Uint8Array(await answer.arrayBuffer())
      return answer.status === 404 ? undefined : bytes
    },
    async remove(name) {
      await (await ask('DELETE', name)).body?.cancel()
    },
  }
}
