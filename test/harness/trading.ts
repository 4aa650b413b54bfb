// Customers with programs of their own: keys made in the app, a client of the spot API that was written from its document,
// and lists of addresses that may be paid. Requests come from ever new addresses, so that limits by address are met only
// where they are meant.

import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { buildServer } from '../../src/api/server.ts'
import { hours, minutes } from '../../src/base/clock.ts'
import { logIn, type World } from './customers.ts'
import type { Payer } from './hosted.ts'
import { type Sending, type SpotAnswer, type SpotClient, type SpotKey, spotClient } from './spot-client.ts'
import { freshAddress, usdt, type Withdrawing } from './withdrawing.ts'

let serial = 0
export const fromAnywhere = () => ({ 'x-forwarded-for': `198.18.${(serial >> 8) & 255}.${serial++ & 255}` })

export interface MadeKey extends SpotKey {
  expires_at: string | null
}

export async function makeKey(world: World, payer: Payer, terms: object = {}): Promise<MadeKey> {
  const body = { name: 'bot', scopes: ['read', 'transfer', 'withdraw'], payment_password: payer.pin, ...terms }
  const made = await world.call<{ id: string; secret: string; expires_at: string | null }>(
    'POST',
    '/api/api-keys',
    body,
    { token: payer.access },
  )
  assert.equal(made.status, 200, made.text)
  return { apiKey: made.data.id, secret: made.data.secret, expires_at: made.data.expires_at }
}

export interface Trader {
  payer: Payer
  key: MadeKey
  client: SpotClient
  /** Below /api/spot/v1. */
  get(path: string, sending?: Sending): Promise<SpotAnswer>
  post(path: string, body: object | string, sending?: Sending): Promise<SpotAnswer>
}

export async function makeTrader(
  bank: Withdrawing,
  { amount = usdt(1_000), terms = {} }: { amount?: bigint; terms?: object } = {},
): Promise<Trader> {
  const { world } = bank
  const payer = await bank.payer(amount)
  const key = await makeKey(world, payer, terms)
  return { payer, key, ...speaking(world, key) }
}

export function speaking(world: World, key: SpotKey, url = world.url): Omit<Trader, 'payer' | 'key'> {
  const client = spotClient(url, key, () => world.clock.now().getTime())
  const from = ({ headers = {}, ...sending }: Sending = {}): Sending => ({
    ...sending,
    headers: { ...fromAnywhere(), ...headers },
  })
  return {
    client,
    get: (path, sending) => client.get(`/api/spot/v1${path}`, from(sending)),
    post: (path, body, sending) => client.post(`/api/spot/v1${path}`, body, from(sending)),
  }
}

/** Puts addresses on a customer's list and waits until they may be paid. */
export async function listAddresses(world: World, payer: Payer, chains: readonly string[]): Promise<string[]> {
  const addresses: string[] = []
  for (const chain of chains) {
    const address = freshAddress()
    const body = { chain, address, label: 'listed', payment_password: payer.pin }
    const added = await world.call('POST', '/api/withdrawal/addresses', body, { token: payer.access })
    assert.equal(added.status, 200, added.text)
    addresses.push(address)
  }
  await pass(world, payer, hours(24) + minutes(1))
  return addresses
}

/** Access tokens are short: signs in again after time has passed. */
export async function pass(world: World, payer: Payer, milliseconds: number): Promise<void> {
  world.clock.advance(milliseconds)
  payer.access = (await logIn(world, payer)).data.access_token
}

/** Status and code of a refusal, which has the document's envelope and nothing else. */
export function refused({ text, status, code }: SpotAnswer): [number, string] {
  const body = JSON.parse(text) as Record<string, unknown>
  assert.deepEqual(Object.keys(body), ['code', 'msg', 'data', 'success'], text)
  assert.deepEqual([body.data, body.success, typeof body.code], [null, false, 'string'], text)
  return [status, code]
}

/** What was asked for, which was done. */
export function done<D = string>({ text, status, code, msg, success, data }: SpotAnswer): D {
  assert.deepEqual([status, code, msg, success], [200, '0', 'result.success', true], text)
  return data as D
}

/** The same bank served by another process' parts: own pool, own caches. */
export async function anotherServer(world: World): Promise<{ url: string; close(): Promise<void> }> {
  const server = await buildServer(world.anotherBank())
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
