// A whole installation as a user has it: started by the launcher with its sandbox, used over HTTP alone. Mails are read
// where the sandbox's mail server put them; money comes from the faucets of the development chains.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type Client, openClient, type Reply } from './http-client.ts'
import { eventually, type Launcher, launchUp } from './launcher.ts'

const root = path.join(import.meta.dirname, '../..')

export interface Person {
  contact: string
  token: string
  id: string
  uid: string
  pin: string
}

export interface Installation {
  launcher: Launcher
  client: Client
  ask(method: string, path: string, body?: object, token?: string, headers?: Record<string, string>): Promise<Reply>
  /** The data of a success; anything else fails the test. */
  get<D>(path: string, token: string, headers?: Record<string, string>): Promise<D>
  post<D>(path: string, body: object, token?: string, headers?: Record<string, string>): Promise<D>
  /** Registers somebody with the code that was mailed, and gives them a PIN. */
  signUp(name: string): Promise<Person>
  /** Puts `amount` on the person's deposit address and mines until it is credited. */
  fund(person: Person, network: string, amount: string): Promise<void>
  sandbox<A = Record<string, unknown>>(control: string, body: object): Promise<A>
  /** Runs `npm run ledger:verify` beside it; fails when the books are not sound. */
  proveBooks(): Promise<{ journals: number; entries: number }>
  close(): Promise<void>
}

export async function install(settings: Record<string, string> = {}): Promise<Installation> {
  const launcher = await launchUp({ LOG_LEVEL: 'warn', ...settings })
  const client = openClient(launcher.base)

  const ask: Installation['ask'] = (method, address, body, token, headers = {}) =>
    client.ask({
      method,
      path: address,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  const dataOf = <D>(reply: Reply): D => {
    const { code, data } = reply.json as { code: number; data: D }
    assert.equal(code, 0, reply.text)
    return data
  }
  const installation: Installation = {
    launcher,
    client,
    ask,
    get: async (address, token, headers) => dataOf(await ask('GET', address, undefined, token, headers)),
    post: async (address, body, token, headers) => dataOf(await ask('POST', address, body, token, headers)),
    signUp: (name) => signUp(installation, name),
    fund: (person, network, amount) => fund(installation, person, network, amount),
    async sandbox<A>(control: string, body: object) {
      const reply = await ask('POST', `/sandbox/${control}`, body)
      assert.equal(reply.status, 200, reply.text)
      return reply.json as A
    },
    proveBooks: () => proveBooks(launcher.dataDir),
    async close() {
      client.close()
      await launcher.interrupt()
      fs.rmSync(launcher.dataDir, { recursive: true, force: true })
    },
  }
  return installation
}

async function signUp({ ask, post }: Installation, name: string): Promise<Person> {
  const contact = `${name}@example.com`
  const password = 'correct horse battery 9'
  const pin = '482915'
  await post('/api/auth/code/send', { contact, type: 'email', scene: 'register' })
  let code = ''
  await eventually('the code arrives', async () => {
    const { json } = await ask('GET', `/sandbox/outbox?to=${contact}`)
    code = (json as { code: string }[])[0]?.code ?? ''
    return code !== ''
  })
  const made = await post<{ user: { id: string; uid: string }; access_token: string }>('/api/auth/register', {
    contact,
    type: 'email',
    code,
    password,
  })
  await post('/api/security/payment-password', { login_password: password, new_pin: pin }, made.access_token)
  return { contact, token: made.access_token, id: made.user.id, uid: made.user.uid, pin }
}

async function fund({ get, sandbox }: Installation, { token }: Person, network: string, amount: string) {
  const { address } = await get<{ address: string }>(`/api/recharge/address?chain=${network}`, token)
  const { tx_hash } = await sandbox('faucet', { network, address, amount })
  await sandbox('mine', { network, blocks: 25 })
  await eventually('the deposit is credited', async () => {
    const { items } = await get<{ items: { tx_hash: string; status: string }[] }>('/api/recharge/orders', token)
    return items.some((order) => order.tx_hash === tx_hash && order.status === 'credited')
  })
}

async function proveBooks(dataDir: string): Promise<{ journals: number; entries: number }> {
  const child = spawn(process.execPath, ['src/main/verify.ts', '--json'], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(code, 0, output)
  const { sound, books } = JSON.parse(output.slice(output.indexOf('{'))) as {
    sound: boolean
    books: { journals: number; entries: number }[]
  }
  assert.ok(sound && books[0], output)
  return books[0]
}
