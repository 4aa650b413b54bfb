// A whole bank for tests about customers: the API on a port, the worker that sends messages, sinks for what it sends,
// and a clock that can be moved; with the steps that every customer goes through.

import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { Logger, run } from 'graphile-worker'
import { buildServer } from '../../src/api/server.ts'
import { type Clock, seconds } from '../../src/base/clock.ts'
import { readConfig } from '../../src/base/config.ts'
import { openDatabase } from '../../src/base/database.ts'
import type { Actor, Bank } from '../../src/domain/context.ts'
import { SEND_NOTICE } from '../../src/domain/notice/send-notice.ts'
import { personByUid } from '../../src/domain/people/people.ts'
import { authenticateToken } from '../../src/domain/sign-in/session.ts'
import { HANDLE_VENDOR_EVENT } from '../../src/domain/vendor-event/vendor-event.ts'
import { compose } from '../../src/main/compose.ts'
import { handleVendorEventTask } from '../../src/workers/handle-vendor-event.ts'
import { sendMessageTask } from '../../src/workers/send-message.ts'
import { sendNoticeTask } from '../../src/workers/send-notice.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { type Sinks, smsAccount, startSinks } from './sinks.ts'

export class MovableClock implements Clock {
  #ahead = 0

  now(): Date {
    return new Date(Date.now() + this.#ahead)
  }

  advance(milliseconds: number): void {
    this.#ahead += milliseconds
  }
}

export interface Answer<D = Record<string, unknown>> {
  status: number
  headers: Headers
  /** The whole body, as it came. */
  text: string
  code: number
  name: string
  data: D
  details: Record<string, unknown>
}

export interface Customer {
  contact: string
  password: string
  id: string
  uid: string
  no: bigint
  inviteCode: string
  access: string
  refresh: string
}

export interface World {
  url: string
  bank: Bank
  database: TestDatabase
  clock: MovableClock
  sinks: Sinks
  call<D = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object | string,
    options?: CallOptions,
  ): Promise<Answer<D>>
  /** Another process on the same database: its own caches, pool and queues. */
  anotherBank(): Bank
  close(): Promise<void>
}

export interface CallOptions {
  token?: string | undefined
  headers?: Record<string, string>
}

export async function startWorld(env: Record<string, string> = {}, parts: Partial<Bank> = {}): Promise<World> {
  const [database, sinks] = await Promise.all([createTestDatabase(), startSinks()])
  const clock = new MovableClock()
  const config = readConfig({
    MASTER_KEY: '11'.repeat(32),
    SMTP_URL: sinks.smtpUrl,
    SMS_URL: sinks.smsUrl,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'fatal',
    TRUST_PROXY: '1',
    PUBLIC_URL: 'https://wallet.example',
    ...smsAccount,
    ...env,
  })
  const { bank } = compose(config, 'test', { db: database.db, clock, ...parts })
  const server = await buildServer(bank)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  const worker = await run({
    connectionString: database.url,
    taskList: {
      'send-message': sendMessageTask(bank),
      [SEND_NOTICE]: sendNoticeTask(bank),
      [HANDLE_VENDOR_EVENT]: handleVendorEventTask(bank),
    },
    concurrency: 4,
    pollInterval: 100,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
  })
  const pools: { close(): Promise<void> }[] = []

  return {
    url,
    bank,
    database,
    clock,
    sinks,
    call: (method, path, body, options) => call(url, method, path, body, options),
    anotherBank() {
      const db = openDatabase({ url: database.url, role: 'unipay_app', max: 4 })
      pools.push(db)
      return compose(config, 'test', { db, clock }).bank
    },
    async close() {
      await server.close()
      await worker.stop()
      await sinks.close()
      for (const pool of pools) await pool.close()
      await database.drop()
    },
  }
}

export async function call<D>(
  url: string,
  method: string,
  path: string,
  body?: object | string,
  { token, headers = {} }: CallOptions = {},
): Promise<Answer<D>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      'user-agent':
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'accept-language': 'zh-CN',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = JSON.parse(text) as { code: number; name?: string; data?: D; details?: Record<string, unknown>[] }
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: json.code,
    name: json.name ?? '',
    data: json.data as D,
    details: json.details?.[0] ?? {},
  }
}

let serial = 0
export const freshEmail = () => `person${process.pid}x${serial++}@example.com`
export const freshPhone = () => `139${String(10_000_000 + serial++)}`
export const goodPassword = 'correct horse 电池 staple'

/** Asks for a code and reads it where it arrives. The pause between two codes is waited for by the clock. */
export async function askCode(world: World, contact: string, scene: string): Promise<string> {
  world.clock.advance(seconds(61))
  const before = world.sinks.codesTo(contact)
  const sent = await world.call('POST', '/api/auth/code/send', { contact, type: 'email', scene })
  assert.equal(sent.text, '{"code":0}')
  return world.sinks.codeFor(contact, before + 1)
}

interface SignedIn {
  user: { id: string; uid: string; invite_code: string }
  access_token: string
  refresh_token: string
}

export async function signUp(
  world: World,
  { inviteCode, contact = freshEmail() }: { inviteCode?: string; contact?: string } = {},
): Promise<Customer> {
  const code = await askCode(world, contact, 'register')
  const { data, text } = await world.call<SignedIn>('POST', '/api/auth/register', {
    contact,
    type: 'email',
    code,
    password: goodPassword,
    ...(inviteCode ? { invite_code: inviteCode } : {}),
  })
  assert.ok(data, text)
  return {
    contact,
    password: goodPassword,
    id: data.user.id,
    uid: data.user.uid,
    no: BigInt(data.user.uid.slice(1)),
    inviteCode: data.user.invite_code,
    access: data.access_token,
    refresh: data.refresh_token,
  }
}

export const logIn = (
  world: World,
  { contact, password }: Pick<Customer, 'contact' | 'password'>,
  headers: Record<string, string> = {},
) =>
  world.call<SignedIn & { need_2fa?: boolean; pending_id: string; channels: string[] }>(
    'POST',
    '/api/auth/login',
    { contact, type: 'email', password },
    { headers },
  )

/** The customer as the domain's verbs take it, on a given bank. */
export async function actorOn(bank: Bank, customer: Pick<Customer, 'access'>): Promise<Actor> {
  const claims = await authenticateToken(bank, customer.access)
  return { ...claims, ip: '203.0.113.7', userAgent: 'test', locale: 'zh' }
}

export async function personOn(bank: Bank, uid: string) {
  const person = await personByUid(bank, 1, uid)
  assert.ok(person)
  return person
}
