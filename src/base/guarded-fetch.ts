// An HTTP client for addresses that strangers name: pictures of a merchant, a partner's webhook.
// Must stay true: the name is resolved once, every address that it has is public, and the connection goes to one of
// these and no other; no redirect is followed; what comes back is bounded in bytes and in time, from the first look-up on.

import { lookup as lookupName } from 'node:dns/promises'
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** `url` to `unresolved` are said before a byte is sent; after the others nobody knows what the other side did. */
export type FetchFailure = 'url' | 'scheme' | 'address' | 'unresolved' | 'timeout' | 'too_large' | 'connection'

export class FetchFailed extends Error {
  readonly reason: FetchFailure
  constructor(reason: FetchFailure, message: string) {
    super(message)
    this.name = 'FetchFailed'
    this.reason = reason
  }
}

export interface FetchRequest {
  method?: 'GET' | 'POST'
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** Milliseconds from the look-up of the name to the last byte. */
  timeout: number
  /** Bytes of the answer's body. */
  maxBytes: number
  /** What becomes of a longer body: `refuse` fails, `cut` gives its beginning. */
  longer?: 'refuse' | 'cut'
}

export interface FetchAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export type GuardedFetch = (url: string, request: FetchRequest) => Promise<FetchAnswer>

interface Address {
  address: string
  family: number
}
type Resolve = (name: string) => Promise<readonly Address[]>

export interface Guard {
  /** Plain HTTP is refused. */
  httpsOnly: boolean
  /** Origins such as `http://127.0.0.1:8080` that are asked wherever they are: a sandbox's own. Empty in live mode. */
  localOrigins: ReadonlySet<string>
  /** The resolver; the system's unless a test has one that lies. */
  resolve?: Resolve
  /** What counts as public; a test on a machine without a network widens it. */
  isPublic?: (address: string) => boolean
}

const systemResolve: Resolve = (name) => lookupName(name, { all: true, verbatim: true })
const MAX_URL = 2_048
const MAX_HEAD = 16 * 1024

export function guardedFetch(guard: Guard): GuardedFetch {
  const { resolve = systemResolve, isPublic = isPublicAddress } = guard

  /** Where a name leads, decided once. All of it must be public: a name with one foot inside is not served by the other. */
  async function addressesOf({ hostname }: URL, local: boolean): Promise<readonly Address[]> {
    const bare = hostname.replace(/^\[|\]$/g, '')
    const found = await resolve(bare).catch(() => [])
    if (found.length === 0) throw new FetchFailed('unresolved', 'the name has no address')
    if (!local && !found.every(({ address }) => isPublic(address))) {
      throw new FetchFailed('address', 'the name leads to an address that is not public')
    }
    return found
  }

  return async (text, request) => {
    const url = readUrl(text)
    const local = guard.localOrigins.has(url.origin)
    if (url.protocol !== 'https:' && guard.httpsOnly && !local) {
      throw new FetchFailed('scheme', 'only https addresses are asked')
    }
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), request.timeout)
    const late = new Promise<never>((_, reject) => {
      deadline.signal.addEventListener('abort', () => reject(new FetchFailed('timeout', 'no answer in time')))
    })
    late.catch(() => {})
    try {
      const addresses = await Promise.race([addressesOf(url, local), late])
      const answered = ask(url, request, addresses, deadline.signal, (address) => local || isPublic(address))
      return await Promise.race([answered, late])
    } finally {
      clearTimeout(timer)
      deadline.abort() // whatever is still open of it
    }
  }
}

/** http and https alone, without a user and a password. The URL's own parser turns 0x7f.1 and 2130706433 into 127.0.0.1. */
function readUrl(text: string): URL {
  if (text.length > MAX_URL || !URL.canParse(text)) throw new FetchFailed('url', 'not an address')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new FetchFailed('scheme', 'neither http nor https')
  // mail servers and their like read what a web client says to them line by line
  const port = Number.parseInt(url.port || '443', 10)
  if (port < 1_024 && port !== 80 && port !== 443) throw new FetchFailed('url', 'a port that is not of the web')
  if (url.username !== '' || url.password !== '') throw new FetchFailed('url', 'a user in an address')
  return url
}

function ask(
  url: URL,
  { method = 'GET', headers = {}, body, maxBytes, longer = 'refuse' }: FetchRequest,
  addresses: readonly Address[],
  signal: AbortSignal,
  allowed: (address: string) => boolean,
): Promise<FetchAnswer> {
  // Node asks for all or for one; either way these are the addresses that were looked at
  const pinned: LookupFunction = (_name, options, callback) => {
    if (options.all) return callback(null, [...addresses])
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family ?? 4)
  }
  return new Promise((done, fail) => {
    const sent = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        method,
        headers: {
          'accept-encoding': 'identity', // a small body that unpacks into a large one is not asked for
          ...headers,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
        lookup: pinned,
        agent: false, // no connection of another name, no proxy
        maxHeaderSize: MAX_HEAD,
        signal,
      },
      (answer) => {
        readBody(answer, maxBytes, longer === 'cut')
          .then((read) => done({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }))
          .catch(fail)
          .finally(() => sent.destroy())
      },
    )
    sent.on('socket', (socket) => {
      // what was resolved is what was reached; said again by the socket itself
      const look = () => {
        if (socket.remoteAddress !== undefined && allowed(socket.remoteAddress)) return
        sent.destroy(new FetchFailed('address', 'reached an address that is not public'))
      }
      if (socket.connecting) socket.once('connect', look)
      else look()
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const known = error instanceof FetchFailed
      fail(known ? error : new FetchFailed('connection', `the connection failed (${error.code ?? error.name})`))
    })
    sent.end(body)
  })
}

function readBody(answer: IncomingMessage, maxBytes: number, cut: boolean): Promise<Buffer> {
  return new Promise((done, fail) => {
    const parts: Buffer[] = []
    let size = 0
    const tooLarge = () => fail(new FetchFailed('too_large', `more than ${maxBytes} bytes`))
    if (!cut && Number.parseInt(answer.headers['content-length'] ?? '0', 10) > maxBytes) {
      answer.destroy()
      return tooLarge()
    }
    answer.on('data', (part: Buffer) => {
      parts.push(part)
      size += part.length
      if (size <= maxBytes) return
      answer.destroy()
      if (cut) done(Buffer.concat(parts).subarray(0, maxBytes))
      else tooLarge()
    })
    answer.on('end', () => done(Buffer.concat(parts)))
    answer.on('close', () => fail(new FetchFailed('connection', 'the connection ended within the answer')))
    answer.on('error', () => fail(new FetchFailed('connection', 'the connection broke within the answer')))
  })
}
