// A JSON-RPC proxy that stands for a bad node between a payer and its chain. What is sent may be taken and not answered,
// answered and not taken, or refused in words that are not true; what is asked may be answered late, wrongly or not at all.
// A call can also be held, so that a test knows where its process is when it kills it.

import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Hex, keccak256 } from 'viem'

interface Call {
  id: number
  method: string
  params: unknown[]
}

type Json = Record<string, unknown>

/** What becomes of bytes that are sent: whether the chain gets them, and what the payer is told. */
export const sendFaults = {
  'taken, and the line breaks': { taken: true, told: 'cut' },
  'taken, and an error 502': { taken: true, told: 'status' },
  'taken, and rubbish': { taken: true, told: 'rubbish' },
  'taken, and "already known"': { taken: true, told: 'already known' },
  'taken, and "nonce too low"': { taken: true, told: 'nonce too low: next nonce 7, tx nonce 3' },
  'taken, and "insufficient funds"': { taken: true, told: 'insufficient funds for gas * price + value' },
  'taken, and words that nobody knows': { taken: true, told: 'Zażółć gęślą jaźń' },
  'not taken, and the line breaks': { taken: false, told: 'cut' },
  'not taken, and an error 502': { taken: false, told: 'status' },
  'not taken, and "already known"': { taken: false, told: 'already known' },
  'not taken, and "nonce too low"': { taken: false, told: 'nonce too low: next nonce 7, tx nonce 3' },
  'not taken, and a hash as if it were': { taken: false, told: 'hash' },
} as const satisfies Record<string, { taken: boolean; told: string }>

/** A test that waits longer for a call waits for one that never comes. */
const PATIENCE = 15_000

type Answered = { result?: unknown; error?: unknown } | 'cut' | 'status' | 'rubbish'

/** What becomes of a question, by the right answer and the one before it. */
export const askFaults: Readonly<
  Record<string, (method: string, right: unknown, before: unknown) => Answered | undefined>
> = {
  'an unknown hash': (method) => (/^eth_getTransaction(Receipt|ByHash)$/.test(method) ? { result: null } : undefined),
  'the answer of before': (method, _right, before) =>
    before !== undefined && !method.startsWith('eth_chainId') ? { result: before } : undefined,
  'a receipt that says the contrary': (method, right) =>
    method === 'eth_getTransactionReceipt' && right
      ? { result: { ...(right as Json), status: (right as Json).status === '0x1' ? '0x0' : '0x1' } }
      : undefined,
  'receipts that say the contrary': (method, right) =>
    method === 'eth_getBlockReceipts' && Array.isArray(right)
      ? { result: right.map((one: Json) => ({ ...one, status: one.status === '0x1' ? '0x0' : '0x1' })) }
      : undefined,
  'a receipt of another block': (method, right) =>
    method === 'eth_getTransactionReceipt' && right
      ? { result: { ...(right as Json), blockHash: `0x${'ab'.repeat(32)}` } }
      : undefined,
  'a count from tomorrow': (method, right) =>
    method === 'eth_getTransactionCount' ? { result: `0x${(Number(right) + 40).toString(16)}` } : undefined,
  'the line breaks': () => 'cut',
  'an error 502': () => 'status',
  rubbish: () => 'rubbish',
}

export interface FaultyNode {
  readonly url: string
  /** Chances in thousandths. */
  sends: number
  asks: number
  /** Which faults may happen. */
  only: string[]
  /** How often each happened. */
  readonly told: Record<string, number>
  /**
   * The next call of this method, on its way to the chain (`before`) or back (`after`), goes no further: resolves when it
   * is there. From then on nothing is passed on, until the node is released: what waited goes on, or is lost.
   */
  hold(method: string, where: 'before' | 'after'): Promise<void>
  release(then: 'pass' | 'lose'): void
  close(): Promise<void>
}

/** `below` draws a whole number below its argument: from a seed, so that a bad day can be had again. */
export async function startFaultyNode(upstream: string, below: (count: number) => number): Promise<FaultyNode> {
  const told: Record<string, number> = {}
  const last = new Map<string, unknown>()
  const before = new Map<string, unknown>()
  let held: { method: string; where: 'before' | 'after'; there: () => void } | undefined
  let gate: Promise<'pass' | 'lose'> | undefined
  let open = (_then: 'pass' | 'lose') => {}

  async function pass(method: string, where: 'before' | 'after'): Promise<void> {
    if (held?.method === method && held.where === where) {
      const { there } = held
      held = undefined
      gate = new Promise((resolve) => {
        open = resolve
      })
      there()
    } else if (!(gate && where === 'before')) return
    if ((await gate) === 'lose') throw new Error('lost on its way')
  }

  async function ask({ method, params }: Call): Promise<{ result?: unknown; error?: unknown }> {
    const response = await fetch(upstream, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return (await response.json()) as { result?: unknown; error?: unknown }
  }

  async function answer(call: Call): Promise<Answered> {
    await pass(call.method, 'before')
    const answered = call.method === 'eth_sendRawTransaction' ? await sent(call) : await asked(call)
    await pass(call.method, 'after')
    return answered
  }

  async function sent(call: Call): Promise<Answered> {
    if (below(1000) >= node.sends) return ask(call)
    const names = (Object.keys(sendFaults) as (keyof typeof sendFaults)[]).filter((name) => node.only.includes(name))
    const name = names[below(names.length || 1)]
    if (!name) return ask(call)
    told[name] = (told[name] ?? 0) + 1
    const { taken, told: words } = sendFaults[name]
    if (taken) await ask(call)
    if (words === 'cut' || words === 'status' || words === 'rubbish') return words
    if (words === 'hash') return { result: keccak256(call.params[0] as Hex) }
    return { error: { code: -32000, message: words } }
  }

  async function asked(call: Call): Promise<Answered> {
    const right = await ask(call)
    const question = JSON.stringify([call.method, call.params])
    if (JSON.stringify(last.get(question)) !== JSON.stringify(right.result)) before.set(question, last.get(question))
    last.set(question, right.result)
    if (below(1000) >= node.asks || right.error) return right
    const fitting = Object.entries(askFaults).flatMap(([name, fault]) => {
      const wrong = node.only.includes(name) ? fault(call.method, right.result, before.get(question)) : undefined
      return wrong === undefined || JSON.stringify(wrong) === JSON.stringify({ result: right.result })
        ? []
        : [{ name, wrong }]
    })
    const chosen = fitting[below(fitting.length || 1)]
    if (!chosen) return right
    told[chosen.name] = (told[chosen.name] ?? 0) + 1
    return chosen.wrong
  }

  const server = http.createServer(async (request, response) => {
    try {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = JSON.parse(Buffer.concat(parts).toString()) as Call | Call[]
      const calls = Array.isArray(body) ? body : [body]
      const answers = await Promise.all(calls.map(answer))
      if (answers.includes('cut')) return void response.destroy()
      if (answers.includes('status')) return void response.writeHead(502).end('<html>bad gateway</html>')
      if (answers.includes('rubbish')) return void response.writeHead(200).end('{"jsonrpc":"2.0","oops":')
      const whole = answers.map((one, i) => ({ jsonrpc: '2.0', id: calls[i]?.id, ...(one as Json) }))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(Array.isArray(body) ? whole : whole[0]))
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const node: FaultyNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sends: 0,
    asks: 0,
    only: [...Object.keys(sendFaults), ...Object.keys(askFaults)],
    told,
    hold: (method, where) =>
      new Promise((there, fail) => {
        const timer = setTimeout(() => fail(new Error(`nobody asked ${method}`)), PATIENCE)
        held = {
          method,
          where,
          there: () => {
            clearTimeout(timer)
            there()
          },
        }
      }),
    release(then) {
      held = undefined
      open(then)
      gate = undefined
    },
    close: () =>
      new Promise((resolve) => {
        node.release('lose')
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return node
}
