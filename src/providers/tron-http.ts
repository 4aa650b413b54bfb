// java-tron's HTTP API as a wire: JSON posted to a path, JSON back. Busy nodes are asked again.
// Must stay true: an answer `{"Error": …}` is an error although its status is 200; neither the address nor the key of a node
// is ever part of an error's text.

import { sleep } from '../base/clock.ts'

export interface TronNode {
  /** Base address; `/wallet/…` and, unless `solidRpc` says otherwise, `/walletsolidity/…` lie below it. */
  rpc: string
  /** Where the irreversible view is served when that is another address. */
  solidRpc?: string
  /** Sent as TRON-PRO-API-KEY when there is one. */
  apiKey?: string
  /** Milliseconds that one request may take. */
  timeout?: number
  /** Milliseconds before a node that was busy is asked again, and again. */
  pauses?: readonly number[]
}

/** The newest blocks, or only what can no longer change. */
export type View = 'wallet' | 'walletsolidity'

export interface TronHttp {
  /** Asks; what failed on its way is asked again. */
  read(view: View, method: string, body?: object): Promise<unknown>
  /** Asks once: what comes of it counts, also when that is not known. */
  once(view: View, method: string, body: object): Promise<unknown>
}

/** The node did not answer, or answered that it cannot. `again`: it may be asked once more. */
export class NodeFailed extends Error {
  readonly again: boolean
  /** Milliseconds that it asks to be left alone. */
  readonly pause: number

  constructor(message: string, again: boolean, pause = 0) {
    super(message)
    this.again = again
    this.pause = pause
  }
}

const AT_ONCE = 4
const PAUSES = [200, 500, 1_200]
const LONGEST_PAUSE = 3_000

export function createTronHttp({ rpc, solidRpc, apiKey, timeout = 10_000, pauses = PAUSES }: TronNode): TronHttp {
  const base = { wallet: trimmed(rpc), walletsolidity: trimmed(solidRpc || rpc) }
  const turn = turnstile(AT_ONCE)

  async function ask(view: View, method: string, body: object): Promise<unknown> {
    const response = await send(`${base[view]}/${view}/${method}`, body, method)
    if (!response.ok) {
      const again = response.status === 429 || response.status >= 500
      const wait = Number.parseInt(response.headers.get('retry-after') ?? '0', 10) * 1_000
      await response.body?.cancel()
      throw new NodeFailed(`${method}: the node answers ${response.status}`, again, Math.max(0, wait || 0))
    }
    const answer = await parse(response, method)
    const error = (answer as { Error?: unknown } | null)?.Error
    if (error !== undefined) throw new NodeFailed(`${method}: ${String(error).slice(0, 200)}`, true)
    return answer
  }

  async function send(url: string, body: object, method: string): Promise<Response> {
    try {
      return await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(apiKey ? { 'TRON-PRO-API-KEY': apiKey } : {}),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeout),
      })
    } catch (error) {
      throw failure(error, method)
    }
  }

  return {
    once: (view, method, body) => turn(() => ask(view, method, body)),
    async read(view, method, body = {}) {
      for (let attempt = 0; ; attempt++) {
        try {
          return await turn(() => ask(view, method, body))
        } catch (error) {
          const pause = pauses[attempt]
          if (!(error instanceof NodeFailed) || !error.again || pause === undefined) throw error
          await sleep(Math.min(Math.max(pause, error.pause), LONGEST_PAUSE))
        }
      }
    },
  }
}

const trimmed = (url: string): string => url.replace(/\/+$/, '')

async function parse(response: Response, method: string): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    throw failure(error, method)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new NodeFailed(`${method}: the answer is no JSON`, true)
  }
}

function failure(error: unknown, method: string): NodeFailed {
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  const why = name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? 'the connection broke')
  return new NodeFailed(`${method}: ${why}`, true)
}

/** Lets so many through at once; the others wait in order. Public nodes count requests. */
function turnstile(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
