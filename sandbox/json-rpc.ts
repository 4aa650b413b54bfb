// A JSON-RPC client for our own nodes on loopback: one call, or many in one request. Answers come as they are.
// An error of the node is thrown with its message; nothing is tried again here.

export type Hex = `0x${string}`

export class RpcError extends Error {}

export interface JsonRpc {
  call<T>(method: string, ...params: unknown[]): Promise<T>
  /** The same method for every list of parameters, in one request; answers in that order. */
  calls<T>(method: string, params: unknown[][]): Promise<T[]>
}

interface Answer {
  id: number
  result?: unknown
  error?: { message: string }
}

const BATCH = 500

export function jsonRpc(url: string): JsonRpc {
  async function post(body: unknown): Promise<unknown> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    })
    return response.json()
  }
  const resultOf = (method: string, answer: Answer | undefined) => {
    if (answer?.error || answer?.result === undefined)
      throw new RpcError(`${method}: ${answer?.error?.message ?? 'no answer'}`)
    return answer.result
  }
  return {
    async call<T>(method: string, ...params: unknown[]) {
      return resultOf(method, (await post({ jsonrpc: '2.0', id: 1, method, params })) as Answer) as T
    },
    async calls<T>(method: string, params: unknown[][]) {
      const results: T[] = []
      for (let from = 0; from < params.length; from += BATCH) {
        const part = params.slice(from, from + BATCH)
        const answers = (await post(part.map((p, id) => ({ jsonrpc: '2.0', id, method, params: p })))) as Answer[]
        const byId = new Map(answers.map((answer) => [answer.id, answer]))
        results.push(...part.map((_, id) => resultOf(method, byId.get(id)) as T))
      }
      return results
    },
  }
}

export const toHex = (n: number | bigint): Hex => `0x${n.toString(16)}`
