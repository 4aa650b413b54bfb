// A bank under attack: the API in a process of its own, mails and a development chain behind it, and customers who have
// a PIN, money and a deposit. All that a test does to it goes through HTTP.

import assert from 'node:assert/strict'
import { accountPath } from '../../src/signer/wallet-address.ts'
import { type ApiProcess, startApi } from './api-process.ts'
import { type Chain, startChain } from './chain.ts'
import { type Customer, call, MovableClock, signUp, startWorld, type World } from './customers.ts'
import { type Client, openClient, type Reply } from './http-client.ts'
import { fund } from './ledger.ts'
import { signerKeystore } from './signer-process.ts'
import { smsAccount } from './sinks.ts'
import { testXpub, type Watched, watched } from './watched.ts'

const CHAIN_ID = 31_010

export interface Payer extends Customer {
  pin: string
}

export interface Hosted {
  /** Its calls reach the API process; `bank` and `database` are for looking and planting. */
  world: World
  api: ApiProcess
  client: Client
  /** The same bank served by the test's own process, whose clock can be moved. */
  behind: World
  /** Configuration of the API process, for another one beside it. */
  env: Record<string, string>
  /** Signs somebody up, gives them a PIN and this much USDT (units). */
  payer(amount?: bigint): Promise<Payer>
  /** A deposit order of the customer's, credited; answers its id on the wire. */
  deposit(customer: Customer): Promise<string>
  ask(method: string, path: string, body?: object | string, token?: string): Promise<Reply>
  close(): Promise<void>
}

export const PIN = '482915'

export async function startHosted(settings: Record<string, string> = {}): Promise<Hosted> {
  const chain = await startChain(CHAIN_ID)
  const usdt = await chain.deploy('BscUsdt', 10n ** 27n)
  const shared = {
    DEPOSIT_XPUB_EVM: testXpub,
    HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot),
    NETWORKS: JSON.stringify({ BSC: { chainId: CHAIN_ID, contract: usdt.address, confirmations: 2 } }),
    ...settings,
  }
  const behind = await startWorld(shared)
  const watch = watched(behind.bank, 'BSC', chain.url)
  await watch.catchUp()
  const env = {
    MASTER_KEY: '11'.repeat(32),
    DATABASE_URL: behind.database.url,
    SMTP_URL: behind.sinks.smtpUrl,
    SMS_URL: behind.sinks.smsUrl,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
    TRUST_PROXY: '1',
    ...smsAccount,
    ...shared,
  }
  const api = await startApi(env)
  const client = openClient(api.url)
  const world: World = {
    ...behind,
    url: api.url,
    clock: new MovableClock(), // the process has the system's; a code is asked for once a customer, so nobody waits
    call: (method, path, body, options) => call(api.url, method, path, body, options),
  }
  return {
    world,
    api,
    client,
    behind,
    env,
    payer: (amount) => makePayer(world, amount),
    deposit: (customer) => makeDeposit(world, customer, chain, usdt, watch),
    ask: (method, path, body, token) => client.ask(request(method, path, body, token)),
    async close() {
      client.close()
      await api.stop()
      await behind.close()
      chain.stop()
    },
  }
}

/** As an ordinary client sends it. */
export const request = (method: string, path: string, body?: object | string, token?: string) => ({
  method,
  path,
  headers: {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  },
  body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
})

export async function makePayer(world: World, amount = 0n): Promise<Payer> {
  const customer = await signUp(world)
  const pin = { login_password: customer.password, new_pin: PIN }
  const set = await world.call('POST', '/api/security/payment-password', pin, { token: customer.access })
  assert.equal(set.text, '{"code":0}')
  if (amount > 0n) await fund(world.bank.poster, customer.no, amount)
  return { ...customer, pin: PIN }
}

async function makeDeposit(
  world: World,
  customer: Customer,
  chain: Chain,
  usdt: { name: string; address: string },
  watch: Watched,
): Promise<string> {
  const token = customer.access
  const shown = await world.call<{ address: string }>('GET', '/api/recharge/address?chain=BSC', undefined, { token })
  assert.equal(shown.status, 200, shown.text)
  await chain.send(usdt, 'transfer', [shown.data.address, 5n * 10n ** 18n])
  await chain.mine(4)
  await watch.catchUp()
  const path = '/api/recharge/orders'
  const orders = await world.call<{ items: { id: string }[] }>('GET', path, undefined, { token })
  const id = orders.data.items[0]?.id
  assert.ok(id, orders.text)
  return id
}
