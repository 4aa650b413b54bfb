// One payment that somebody means to make, and its idempotency key. The key is kept until the server has given a definite
// answer, over reloads and the way back: the same payment tried again is the same payment.
// Must stay true: after a definite answer the next one, even of the same sum to the same person, is a new one.

import { ApiError } from '../../kit/api/http.ts'

const KEY = 'unipay.intents'

function read(): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Record<string, string>
  } catch {
    return {}
  }
}

function write(intents: Record<string, string>): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(intents))
  } catch {
    // no storage: the key then lives as long as the page
  }
}

const inMemory = new Map<string, string>()

/** Runs `pay` with the key of this intent. What is meant is told by `scope` and `body`, without its proofs. */
export async function payOnce<R>(scope: string, body: object, pay: (key: string) => Promise<R>): Promise<R> {
  const meant = `${scope} ${JSON.stringify(body)}`
  const intents = read()
  const key = intents[meant] ?? inMemory.get(meant) ?? crypto.randomUUID()
  inMemory.set(meant, key)
  write({ ...intents, [meant]: key })
  try {
    const answer = await pay(key)
    forget(meant)
    return answer
  } catch (error) {
    if (isDefinite(error)) forget(meant)
    throw error
  }
}

/** Whether the server has decided; silence, trouble of its own and "still at it" decide nothing. */
const isDefinite = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429 && !error.isPassing

function forget(meant: string): void {
  inMemory.delete(meant)
  const { [meant]: _, ...rest } = read()
  write(rest)
}
