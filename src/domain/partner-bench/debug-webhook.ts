// The debugger for webhooks: a receiver's headers and body against what was sent. Most often a framework has parsed the
// body and printed it anew, so the bytes that were sent are compared with those that are said to have come.
// Must stay true: the secret is in none of what it answers.

import { hmacSha256 } from '../../base/crypto.ts'
import { isRefusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { shownKey, TOLERANCE, verifyWebhook, webhookBase } from '../signature/webhook.ts'
import { deliveryById } from '../webhook/delivery.ts'
import { endpointById, secretsOf } from '../webhook/endpoint.ts'
import { payloadOf } from '../webhook/event-types.ts'
import { type Finding, type SentRequest, windowNote } from './trial.ts'

export async function debugWebhook(
  bank: Bank,
  bookId: number,
  keyId: string,
  { headers, body }: SentRequest,
): Promise<Finding> {
  const endpoint = await endpointById(bank.db, bookId, undefined, keyId)
  const secrets = secretsOf(bank, bookId, endpoint)
  const keys = secrets.map((secret) => shownKey(endpoint.scheme, secret))
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  const header = headers['webhook-signature'] ?? ''
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number.parseInt(timestamp, 10) : 0
  const sent = await sentBody(bank, bookId, endpoint.id, id)
  const signs = (text: string) => verifyWebhook(keys, { id, timestamp, body: text }, header, seconds) === 'ok'
  const receivedBase = webhookBase({ id, timestamp, body })
  return {
    known: true,
    fits: signs(body),
    base: webhookBase({ id, timestamp, body: sent ?? body }),
    forms: [],
    trials: [
      {
        about: {
          zh: '收到的请求体与发出的不同:请用原始字节验签,不要解析后再序列化',
          en: 'the body is not the one that was sent: verify the raw bytes, before they are parsed',
        },
        base: receivedBase,
        fits: () => sent !== undefined && sent !== body && signs(sent),
      },
      {
        about: { zh: 'whsec_ 之后的部分需先做 Base64 解码', en: 'what follows whsec_ is Base64 and is decoded first' },
        fits: () =>
          keys.some((key) =>
            [key, key.slice(6)].some((text) =>
              header.includes(hmacSha256(Buffer.from(text), receivedBase).toString('base64')),
            ),
          ),
      },
    ],
    notes: [
      ...windowNote(bank.clock.now().getTime() - seconds * 1000, TOLERANCE * 1000),
      ...(sent === undefined
        ? [{ zh: '没有这个 webhook-id 的投递', en: 'nothing with this webhook-id was sent there' }]
        : []),
    ],
  }
}

async function sentBody(bank: Bank, bookId: number, endpointId: string, id: string): Promise<string | undefined> {
  const eventId = id.replace(/^ev-/, '')
  if (!isId(eventId)) return undefined
  try {
    const { type, data, happened_at } = await deliveryById(bank.db, bookId, endpointId, eventId)
    return JSON.stringify(payloadOf(type, data, happened_at))
  } catch (error) {
    if (isRefusal(error, 'NotFound')) return undefined
    throw error
  }
}
