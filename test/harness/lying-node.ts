// A JSON-RPC proxy that stands for a bad node: it passes requests on and, when told, answers wrongly in the ways that
// nodes have: missing, repeated and misnumbered logs, receipts of another block, other forks, silence, rubbish.

import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { sleep } from '../../src/base/clock.ts'

interface Call {
  id: number
  method: string
  params: unknown[]
}

type Json = Record<string, unknown>

/** Changes a right answer into a wrong one, or leaves it when this fault does not fit it. */
export type Fault = (method: string, result: unknown, before: unknown) => unknown

const receipts =
  (change: (list: Json[]) => Json[] | undefined): Fault =>
  (method, result) => {
    if (method !== 'eth_getBlockReceipts' || !Array.isArray(result) || result.length === 0) return result
    return change(structuredClone(result) as Json[]) ?? result
  }
const logs = (change: (log: Json[]) => Json[]): Fault =>
  receipts((list) => {
    const target = list.find((receipt) => (receipt.logs as Json[]).length > 0)
    if (!target) return undefined
    target.logs = change(target.logs as Json[])
    return list
  })
const block =
  (change: (value: Json) => Json): Fault =>
  (method, result) =>
    method.startsWith('eth_getBlockBy') && result ? change({ ...(result as Json) }) : result

export const faults: Readonly<Record<string, Fault>> = {
  'a log is missing': logs((all) => all.slice(1)),
  'all logs are missing': logs(() => []),
  'a log is repeated': logs((all) => [...all, ...all.slice(0, 1)]),
  'an amount is changed': logs((all) => all.map((log) => ({ ...log, data: `0x${'f'.repeat(24).padStart(64, '0')}` }))),
  'logs are in another order': logs((all) => all.toReversed()),
  'a log has another address': logs((all) => all.map((log) => ({ ...log, address: `0x${'12'.repeat(20)}` }))),
  'a topic is cut': logs((all) => all.map((log) => ({ ...log, topics: ['0x1234'] }))),
  'a failed transaction succeeds, and the other way round': receipts((list) =>
    list.map((receipt) => ({ ...receipt, status: receipt.status === '0x1' ? '0x0' : '0x1' })),
  ),
  'a receipt is missing': receipts((list) => list.slice(1)),
  'no receipts': receipts(() => []),
  'receipts of another block': receipts((list) =>
    list.map((receipt) => ({ ...receipt, blockHash: `0x${'ab'.repeat(32)}` })),
  ),
  'the bloom is empty': block((value) => ({ ...value, logsBloom: `0x${'0'.repeat(512)}` })),
  'a block of another fork': block((value) => ({ ...value, hash: `0x${'cd'.repeat(32)}` })),
  'another parent': block((value) => ({ ...value, parentHash: `0x${'ef'.repeat(32)}` })),
  'another block than asked for': block((value) => ({ ...value, number: '0x1' })),
  'no block': (method, result) => (method.startsWith('eth_getBlockBy') ? null : result),
  'the head of yesterday': (method, result) =>
    method === 'eth_blockNumber' ? `0x${Math.max(0, Number(result) - 7).toString(16)}` : result,
  'the head of tomorrow': (method, result) =>
    method === 'eth_blockNumber' ? `0x${(Number(result) + 9).toString(16)}` : result,
  'the block of a branch that was left': (method, result, before) =>
    method === 'eth_getBlockByNumber' && before !== undefined ? before : result,
  rubbish: () => ({ unexpected: true }),
}

export interface LyingNode {
  readonly url: string
  /** Chance of a wrong answer, in thousandths. */
  rate: number
  /** Chance that a request is not answered properly at all, in thousandths. */
  breaks: number
  /** When set, every answer goes through this one fault and no other. */
  special: Fault | undefined
  /** Which faults may happen; their counts are kept. */
  only: string[]
  readonly told: Record<string, number>
  close(): Promise<void>
}

/** `below` draws a whole number below its argument: from a seed, so that a bad day can be had again. */
export async function startLyingNode(upstream: string, below: (count: number) => number): Promise<LyingNode> {
  const tally: Record<string, number> = {}
  const count = (name: string) => {
    tally[name] = (tally[name] ?? 0) + 1
  }
  const server = http.createServer(async (request, response) => {
    try {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[]
      const calls = Array.isArray(body) ? body : [body]
      if (below(1000) < node.breaks) {
        const way = ['status 500', 'silence', 'no JSON', 'cut off'][below(4)] ?? ''
        count(way)
        if (way === 'status 500') return void response.writeHead(500).end('{}')
        if (way === 'no JSON') return void response.writeHead(200).end('<html>busy</html>')
        if (way === 'cut off') return void response.destroy()
        await sleep(400)
        return void response.destroy()
      }
      const answers = await Promise.all(calls.map((call) => answer(call)))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
    } catch {
      response.destroy()
    }
  })

  // what was answered before to the same question, where the answer has changed: a node that lags behind says it still
  const last = new Map<string, unknown>()
  const before = new Map<string, unknown>()

  async function answer(call: Call): Promise<Json> {
    const upstreamAnswer = await fetch(upstream, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...call, jsonrpc: '2.0' }),
    })
    const right = (await upstreamAnswer.json()) as Json
    const question = JSON.stringify([call.method, call.params])
    if (JSON.stringify(last.get(question)) !== JSON.stringify(right.result)) before.set(question, last.get(question))
    last.set(question, right.result)
    const told = before.get(question)
    if (node.special && 'result' in right) return { ...right, result: node.special(call.method, right.result, told) }
    // what is asked for seldom is lied about more often, so that every kind of lie is told
    const rate = call.method === 'eth_getBlockReceipts' ? node.rate * 6 : node.rate
    if (below(1000) >= rate || !('result' in right)) return right
    const fitting = node.only.filter(
      (name) => JSON.stringify(faults[name]?.(call.method, right.result, told)) !== JSON.stringify(right.result),
    )
    const special = fitting.filter((name) => name !== 'rubbish')
    const choice = special.length > 0 && below(8) > 0 ? special : fitting
    const name = choice[below(choice.length || 1)]
    const fault = name === undefined ? undefined : faults[name]
    if (!fault || name === undefined) return right
    count(name)
    return { ...right, result: fault(call.method, right.result, told) }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const node: LyingNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rate: 0,
    breaks: 0,
    special: undefined,
    only: Object.keys(faults),
    told: tally,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return node
}
