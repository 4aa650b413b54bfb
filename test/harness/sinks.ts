// Where the bank's mails and text messages arrive in tests: the sandbox's own SMTP server and SMS gateway, on loopback.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../sandbox/free-port.ts'
import { startMail } from '../../sandbox/mail.ts'
import { type Message, openOutbox } from '../../sandbox/outbox.ts'
import { startSms } from '../../sandbox/sms.ts'
import { sleep } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'

export interface Sinks {
  smtpUrl: string
  smsUrl: string
  /** How many codes somebody has been sent. */
  codesTo(to: string): number
  /** The code that was somebody's number `nth`, as soon as it is there. */
  codeFor(to: string, nth?: number): Promise<string>
  /** The newest message to somebody that says this, as soon as it is there. */
  messageTo(to: string, saying: RegExp): Promise<Message>
  /** All that somebody was sent so far, newest first. */
  messages(to: string): Message[]
  close(): Promise<void>
}

export const smsAccount = { SMS_ACCOUNT: 'ACtest', SMS_TOKEN: 'sms-token', SMS_FROM: '+15005550006' }

export async function startSinks(): Promise<Sinks> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-outbox-'))
  const outbox = openOutbox(path.join(folder, 'outbox.jsonl'))
  const [mailPort, smsPort] = [await freePort(), await freePort()]
  const mail = await startMail(mailPort, outbox, createLog('fatal', 'test'))
  const sms = await startSms({ port: smsPort, account: smsAccount.SMS_ACCOUNT, token: smsAccount.SMS_TOKEN }, outbox)

  const codes = (to: string) => outbox.list(to).filter(({ code }) => code !== null)

  async function soon<T>(what: string, find: () => T | undefined): Promise<T> {
    for (let waited = 0; waited < 10_000; waited += 20) {
      const found = find()
      if (found !== undefined) return found
      await sleep(20)
    }
    throw new Error(`not received: ${what}`)
  }

  return {
    smtpUrl: `smtp://127.0.0.1:${mailPort}`,
    smsUrl: `http://127.0.0.1:${smsPort}`,
    codesTo: (to) => codes(to).length,
    codeFor: (to, nth = 1) => soon(`code ${nth} to ${to}`, () => codes(to).at(-nth)?.code ?? undefined),
    messageTo: (to, saying) =>
      soon(`${saying} to ${to}`, () => outbox.list(to).find(({ subject, text }) => saying.test(subject + text))),
    messages: (to) => outbox.list(to),
    async close() {
      await Promise.all([mail.stop(), sms.stop()])
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}
