// A UQPAY for tests: the sandbox's own server on a port, with everything that a test turns and looks at.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../sandbox/free-port.ts'
import { openRows } from '../../sandbox/row-file.ts'
import { type SumsubServer, type SumsubServerOptions, startSumsub } from '../../sandbox/sumsub.ts'
import { startUqpay, type UqpayServer, type UqpayServerOptions } from '../../sandbox/uqpay.ts'
import { sleep } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import type { NewBeneficiary, NewCardholder } from '../../src/domain/ports.ts'

export const uqpayAccount = {
  UQPAY_CLIENT_ID: 'test-client',
  UQPAY_API_KEY: 'test-key',
  UQPAY_WEBHOOK_SECRET: 'test-webhooks',
}

export interface TestUqpay {
  server: UqpayServer
  /** What a bank's configuration is given to reach it. */
  env: Record<string, string>
  /** Where webhooks go from now on. */
  tell(url: string): void
  /** As after a kill: the same port and file, another process's memory. */
  again(change?: Partial<UqpayServerOptions>): Promise<UqpayServer>
  stop(): Promise<void>
}

export async function startTestUqpay(change: Partial<UqpayServerOptions> = {}): Promise<TestUqpay> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-uqpay-'))
  const file = path.join(folder, 'uqpay.jsonl')
  let webhookUrl = ''
  const port = await freePort()
  const start = (more: Partial<UqpayServerOptions> = {}) =>
    startUqpay({
      port,
      rows: openRows(file),
      clientId: uqpayAccount.UQPAY_CLIENT_ID,
      apiKey: uqpayAccount.UQPAY_API_KEY,
      webhookSecret: uqpayAccount.UQPAY_WEBHOOK_SECRET,
      webhookUrl: () => webhookUrl,
      log: createLog('fatal', 'test'),
      settleMs: 30,
      ...change,
      ...more,
    })
  const test: TestUqpay = {
    server: await start(),
    env: { UQPAY_URL: `http://127.0.0.1:${port}/api`, UQPAY_FRAME_URL: `http://127.0.0.1:${port}`, ...uqpayAccount },
    tell(url) {
      webhookUrl = url
    },
    async again(more) {
      await test.server.stop()
      test.server = await start(more)
      return test.server
    },
    async stop() {
      await test.server.stop()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
  return test
}

export const sumsubAccount = {
  SUMSUB_APP_TOKEN: 'test-app-token',
  SUMSUB_SECRET_KEY: 'test-secret',
  SUMSUB_WEBHOOK_SECRET: 'test-sumsub-webhooks',
}

export interface TestSumsub {
  server: SumsubServer
  env: Record<string, string>
  tell(url: string): void
  /** As after a kill. */
  again(): Promise<SumsubServer>
  stop(): Promise<void>
}

export async function startTestSumsub(change: Partial<SumsubServerOptions> = {}): Promise<TestSumsub> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-sumsub-'))
  const port = await freePort()
  let webhookUrl = ''
  const start = () =>
    startSumsub({
      port,
      rows: openRows(path.join(folder, 'sumsub.jsonl')),
      appToken: sumsubAccount.SUMSUB_APP_TOKEN,
      secretKey: sumsubAccount.SUMSUB_SECRET_KEY,
      webhookSecret: sumsubAccount.SUMSUB_WEBHOOK_SECRET,
      webhookUrl: () => webhookUrl,
      log: createLog('fatal', 'test'),
      ...change,
    })
  const test: TestSumsub = {
    server: await start(),
    env: { SUMSUB_URL: `http://127.0.0.1:${port}`, ...sumsubAccount },
    tell(url) {
      webhookUrl = url
    },
    async again() {
      await test.server.stop()
      test.server = await start()
      return test.server
    },
    async stop() {
      await test.server.stop()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
  return test
}

/** Looks until it is so, or says what was never so. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (let waited = 0; waited < 8_000; waited += 20) {
    const found = await look()
    if (found) return found
    await sleep(20)
  }
  throw new Error(`never: ${what}`)
}

let people = 0
export const someHolder = (change: Partial<NewCardholder> = {}): NewCardholder => ({
  email: `holder${++people}@example.com`,
  firstName: 'San',
  lastName: 'Zhang',
  countryCode: 'CN',
  phone: '13800000000',
  dateOfBirth: '1990-01-02',
  gender: 'MALE',
  nationality: 'CN',
  address: { country: 'CN', city: 'Shenzhen', line1: 'Road 1', postalCode: '518000' },
  identity: { type: 'ID_CARD', number: 'E12345678', front: Buffer.from('front').toString('base64') },
  ...change,
})

export const someBeneficiary = (): NewBeneficiary => ({
  firstName: 'SAN',
  lastName: 'ZHANG',
  method: 'LOCAL',
  bank: {
    name: 'ICBC',
    address: 'Beijing',
    country: 'CN',
    holder: 'ZHANG SAN',
    currency: 'CNH',
    accountNumber: '6222021234567890123',
  },
  address: { country: 'CN', state: 'Guangdong', city: 'Shenzhen', street: 'Road 1', postalCode: '518000' },
})
