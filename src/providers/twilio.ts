// Text messages over Twilio's Programmable Messaging API, or any gateway that speaks it.
// Resolves when the gateway has accepted the message; everything else is thrown, with the gateway's number for it.

import type { SmsPort } from '../domain/ports.ts'

export interface TwilioOptions {
  /** Address before `/2010-04-01`. */
  url: string
  /** Account SID, `AC…`. */
  account: string
  token: string
  /** Sender in E.164, or the SID of a messaging service (`MG…`). */
  from: string
}

const LIMIT = 10_000

export class SmsRefused extends Error {
  /** The gateway's error number, e.g. 21211 for a number that does not exist. */
  readonly gatewayCode: number

  constructor(status: number, gatewayCode: number, text: string) {
    super(`the SMS gateway answered ${status} (${gatewayCode}): ${text}`)
    this.gatewayCode = gatewayCode
  }
}

export function twilioSms({ url, account, token, from }: TwilioOptions): SmsPort {
  const address = `${url.replace(/\/+$/, '')}/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`
  const authorization = `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`
  const sender = from.startsWith('MG') ? 'MessagingServiceSid' : 'From'
  return {
    async send({ to, text }) {
      const response = await fetch(address, {
        method: 'POST',
        headers: { authorization, accept: 'application/json' },
        body: new URLSearchParams({ To: to, [sender]: from, Body: text }),
        redirect: 'error', // the message and the credentials are for this host alone
        signal: AbortSignal.timeout(LIMIT),
      })
      const answer = (await response.json().catch(() => ({}))) as { sid?: unknown; code?: unknown; message?: unknown }
      if (response.status !== 201 || typeof answer.sid !== 'string') {
        const code = typeof answer.code === 'number' ? answer.code : 0
        throw new SmsRefused(response.status, code, String(answer.message ?? 'no reason given').slice(0, 200))
      }
    },
  }
}
