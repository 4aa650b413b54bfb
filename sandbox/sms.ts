// An SMS gateway that speaks Twilio's Programmable Messaging and delivers to the outbox: Basic authentication, a form,
// Twilio's answer and Twilio's errors, so that going live is another address and another token.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { randomToken, sameBytes, sha256 } from '../src/base/crypto.ts'
import { closeServer, listen, readBody, sendJson } from './http-server.ts'
import type { Server } from './mail.ts'
import type { Outbox } from './outbox.ts'

export interface SmsOptions {
  port: number
  account: string
  token: string
}

const E164 = /^\+[1-9]\d{6,14}$/
const MAX_TEXT = 1_600

export async function startSms({ port, account, token }: SmsOptions, outbox: Outbox): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, 500, 20500, String(error)))
  })

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://sms')
    const sid = /^\/2010-04-01\/Accounts\/([^/]+)\/Messages\.json$/.exec(url.pathname)?.[1]
    if (!sid) return refuse(response, 404, 20404, `The requested resource ${url.pathname} was not found`)
    if (!isAuthentic(request.headers.authorization) || sid !== account)
      return refuse(response, 401, 20003, 'Authenticate')
    if (request.method !== 'POST') return refuse(response, 405, 20004, 'Method not allowed')

    const form = new URLSearchParams((await readBody(request, 64_000)).toString('utf8'))
    const [to, from, body] = [
      form.get('To') ?? '',
      form.get('From') ?? form.get('MessagingServiceSid') ?? '',
      form.get('Body') ?? '',
    ]
    if (to === '') return refuse(response, 400, 21604, "A 'To' phone number is required.")
    if (from === '') return refuse(response, 400, 21603, "A 'From' phone number is required.")
    if (body === '') return refuse(response, 400, 21602, 'Message body is required.')
    if (body.length > MAX_TEXT)
      return refuse(response, 400, 21617, 'The concatenated message body exceeds the 1600 character limit.')
    if (!E164.test(to)) return refuse(response, 400, 21211, `The 'To' number ${to} is not a valid phone number.`)

    const message = outbox.add({ to, channel: 'sms', subject: '', text: body })
    const id = `SM${sha256(randomToken()).toString('hex').slice(0, 32)}`
    const created = new Date(message.at).toUTCString().replace('GMT', '+0000')
    sendJson(response, 201, {
      account_sid: account,
      api_version: '2010-04-01',
      body,
      date_created: created,
      date_sent: null,
      date_updated: created,
      direction: 'outbound-api',
      error_code: null,
      error_message: null,
      from,
      messaging_service_sid: null,
      num_media: '0',
      num_segments: String(Math.ceil(body.length / 67)),
      price: null,
      price_unit: 'USD',
      sid: id,
      status: 'queued',
      subresource_uris: { media: `/2010-04-01/Accounts/${account}/Messages/${id}/Media.json` },
      to,
      uri: `/2010-04-01/Accounts/${account}/Messages/${id}.json`,
    })
  }

  const expected = sha256(`Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`)
  const isAuthentic = (header: string | undefined) => sameBytes(sha256(header ?? ''), expected)

  await listen(server, port)
  return { stop: () => closeServer(server) }
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  sendJson(response, status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}
