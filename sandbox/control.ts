// The sandbox's controls over HTTP: read what was sent, pay test USDT, mine, reorganise. The API passes /sandbox/* on to
// here, in sandbox mode only. A control that is asked for something that cannot be says what and why, with a 4xx.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Log } from '../src/base/log.ts'
import { ControlError, type DevelopmentChain } from './chain.ts'
import { MAX_BLOCKS, MAX_REORG } from './evm.ts'
import { closeServer, listen, readBody, sendJson } from './http-server.ts'
import type { Server } from './mail.ts'
import type { Outbox } from './outbox.ts'

export type Input = Readonly<Record<string, unknown>>
/** Gets the query of a GET or the JSON body of a POST. What it returns is the answer. */
export type Control = (input: Input) => unknown

/** `POST /sandbox/mine` → control. Each part of the sandbox brings its own. */
export type Controls = Record<`${'GET' | 'POST'} /sandbox/${string}`, Control>

export const messageControls = (outbox: Outbox): Controls => ({
  'GET /sandbox/outbox': (input) => {
    only(input, ['to', 'limit'])
    const { to, limit } = input
    if (to !== undefined && (typeof to !== 'string' || to === ''))
      throw new ControlError('to must be an address or a phone number')
    return outbox.list(to, limit === undefined ? 100 : integer(limit, 'limit', 1, 1_000))
  },
})

export function chainControls(chains: readonly DevelopmentChain[]): Controls {
  const chainOf = (network: unknown) => {
    const chain = chains.find((one) => one.network === network)
    const known = chains.map((one) => one.network).join(', ') || 'none'
    if (!chain) throw new ControlError(`network must be one of those that the sandbox runs: ${known}`, 404)
    return chain
  }
  return {
    'GET /sandbox/networks': (input) => {
      only(input, [])
      return chains.map(({ network, chainId, contract, decimals, coin, rpc }) => ({
        network,
        chain_id: chainId,
        contract,
        decimals,
        coin,
        rpc,
      }))
    },
    'POST /sandbox/faucet': async (input) => {
      only(input, ['network', 'address', 'amount', 'asset'])
      const { address, amount, asset = 'USDT' } = input
      const chain = chainOf(input.network)
      if (asset !== 'USDT' && asset !== 'gas' && asset !== chain.coin)
        throw new ControlError(`asset must be "USDT", or "${chain.coin}" (also "gas") for the coin that pays fees`)
      if (typeof address !== 'string') throw new ControlError('address must be a text')
      if (typeof amount !== 'string') throw new ControlError('amount must be a decimal text, e.g. "100.5"')
      const paid = await chain.pay(asset === 'USDT' ? 'USDT' : 'gas', address, amount)
      return { ...paid, network: chain.network, address, amount, asset }
    },
    'POST /sandbox/mine': async (input) => {
      only(input, ['network', 'blocks'])
      const chain = chainOf(input.network)
      const blocks = integer(input.blocks ?? 1, 'blocks', 1, MAX_BLOCKS)
      return { network: chain.network, blocks, head: await chain.mine(blocks) }
    },
    'POST /sandbox/reorg': async (input) => {
      only(input, ['network', 'depth', 'transactions'])
      const { transactions = 'keep' } = input
      const chain = chainOf(input.network)
      const depth = integer(input.depth, 'depth', 1, MAX_REORG)
      if (transactions !== 'keep' && transactions !== 'drop')
        throw new ControlError('transactions must be "keep" or "drop"')
      return { network: chain.network, depth, ...(await chain.reorganise(depth, transactions)) }
    },
  }
}

export function integer(value: unknown, name: string, from: number, to: number): number {
  const n = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof n !== 'number' || !Number.isInteger(n) || n < from || n > to) {
    throw new ControlError(`${name} must be a whole number from ${from} to ${to}`)
  }
  return n
}

export function only(input: Input, names: readonly string[]): void {
  const unknown = Object.keys(input).filter((name) => !names.includes(name))
  if (unknown.length > 0)
    throw new ControlError(`unknown: ${unknown.join(', ')}; there is ${names.join(', ') || 'nothing to give'}`)
}

const MAX_BODY = 64_000

export async function startControl(port: number, controls: Controls, log: Log): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof ControlError ? error.status : 503
      if (!(error instanceof ControlError)) log.warn({ err: error, url: request.url }, 'a control failed')
      const message = error instanceof ControlError ? error.message : 'the sandbox could not do it just now; try again'
      if (!response.headersSent) sendJson(response, status, { error: message })
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox')
    const control = (controls as Record<string, Control>)[`${request.method} ${url.pathname}`]
    if (!control) {
      const allowed = Object.keys(controls).filter((key) => key.endsWith(` ${url.pathname}`))
      if (allowed.length > 0) throw new ControlError(`use ${allowed.join(' or ')}`, 405)
      throw new ControlError(`there is no such control; there are ${Object.keys(controls).join(', ')}`, 404)
    }
    const input = request.method === 'GET' ? Object.fromEntries(url.searchParams) : await readInput(request)
    sendJson(response, 200, await control(input))
  }

  await listen(server, port)
  return { stop: () => closeServer(server) }
}

async function readInput(request: IncomingMessage): Promise<Input> {
  const text = (await readBody(request, MAX_BODY)).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text || '{}')
  } catch {
    throw new ControlError('the body must be JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError('the body must be a JSON object')
  return value as Input
}
