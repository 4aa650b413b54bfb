// One attempt to deliver: the request that is signed and sent, and what follows from the answer.
// Must stay true: asked with no transaction open; every attempt of an event has the same id and body; whatever is no 2xx
// within ten seconds is a failure, a redirect too; an owner whose endpoint is disabled hears of it.

import { after, days, seconds } from '../../base/clock.ts'
import { assert } from '../../base/errors.ts'
import { FetchFailed } from '../../base/guarded-fetch.ts'
import { raiseAlert } from '../alert.ts'
import type { Bank } from '../context.ts'
import { news, queueMessage } from '../notice/message.ts'
import { tellPerson } from '../notice/security-log.ts'
import { personByNo } from '../people/people.ts'
import { signWebhook } from '../signature/webhook.ts'
import { type Attempt, type DeliveryRow, disableFailing, dropDelivery, noteAttempt } from './delivery.ts'
import { type EndpointRow, mailOf, secretsOf } from './endpoint.ts'
import { isWanted, payloadOf } from './event-types.ts'
import { PATIENCE, pauseAfter, restAfter } from './schedule.ts'

const TIMEOUT = seconds(10)
const SNIPPET = 500

export interface WebhookRequest {
  headers: Readonly<Record<string, string>>
  body: string
}

/** `ev-…`, the same for every attempt and in the list of events. */
export const eventWireId = (eventId: string): string => `ev-${eventId}`

export function requestOf(bank: Bank, bookId: number, endpoint: EndpointRow, delivery: DeliveryRow): WebhookRequest {
  const body = JSON.stringify(payloadOf(delivery.type, delivery.data, delivery.happened_at))
  const id = eventWireId(delivery.event_id)
  const timestamp = Math.floor(bank.clock.now().getTime() / 1000)
  const signatures = secretsOf(bank, bookId, endpoint).map((secret) =>
    signWebhook(endpoint.scheme, secret, { id, timestamp, body }),
  )
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'UniPay-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
    },
    body,
  }
}

/** Tries once. Answers whether the endpoint took it; nothing when there was nothing to send. */
export async function deliver(
  bank: Bank,
  bookId: number,
  endpoint: EndpointRow,
  delivery: DeliveryRow,
): Promise<boolean | undefined> {
  if (!isWanted(endpoint.types, payloadOf(delivery.type, delivery.data, delivery.happened_at).type)) {
    await dropDelivery(bank.db, bookId, endpoint.id, delivery.event_id)
    return undefined
  }
  const attempt = await send(bank, endpoint.url, requestOf(bank, bookId, endpoint, delivery))
  const delivered = attempt.outcome === 'ok'
  const now = bank.clock.now()
  const pause = delivered ? undefined : pauseAfter(delivery.tries + 1)
  const rest = delivered ? 0 : restAfter(endpoint.failures + 1)
  const failingSince = await noteAttempt(bank.db, bookId, endpoint.id, delivery.event_id, attempt, {
    status: delivered ? 'delivered' : pause === undefined ? 'failed' : 'waiting',
    nextAt: after(now, pause ?? 0),
    settledAt: pause === undefined ? now : null,
    restUntil: rest === 0 ? null : after(now, rest),
  })
  if (!delivered && isHopeless(failingSince, now, pause)) await disable(bank, bookId, endpoint, failingSince ?? now)
  return delivered
}

/** Three days of failures; or the last try of an event failed, and nothing succeeded since its first. */
function isHopeless(failingSince: Date | null, now: Date, pause: number | undefined): boolean {
  if (!failingSince) return false
  const span = now.getTime() - failingSince.getTime()
  return span >= PATIENCE || (pause === undefined && span >= PATIENCE - days(0.5))
}

async function send(bank: Bank, url: string, request: WebhookRequest): Promise<Attempt> {
  const at = bank.clock.now()
  const start = performance.now()
  const took = () => Math.round(performance.now() - start)
  try {
    const answer = await bank.fetchGuarded(url, {
      method: 'POST',
      ...request,
      timeout: TIMEOUT,
      maxBytes: 4 * SNIPPET,
      longer: 'cut',
    })
    const ok = answer.status >= 200 && answer.status < 300
    return { at, ms: took(), outcome: ok ? 'ok' : 'status', status: answer.status, snippet: snippetOf(answer.body) }
  } catch (error) {
    if (!(error instanceof FetchFailed)) throw error
    return { at, ms: took(), outcome: error.reason, status: null, snippet: '' }
  }
}

/** The beginning of an answer as plain text: what strangers send is shown to people. */
function snippetOf(body: Buffer): string {
  const text = body.toString('utf8').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]+/gu, ' ')
  return [...text].slice(0, SNIPPET / 2).join('')
}

async function disable(bank: Bank, bookId: number, endpoint: EndpointRow, since: Date): Promise<void> {
  const { id, owner, url } = endpoint
  const { origin, pathname } = new URL(url)
  const params = { url: `${origin}${pathname}`.slice(0, 120) }
  const [kind, key = ''] = owner.split(':')
  const person = kind === 'person' ? await personByNo(bank, bookId, BigInt(key)) : undefined
  const mail = mailOf(bank, bookId, endpoint)
  await bank.db.transaction(async (tx) => {
    if (!(await disableFailing(tx, bookId, id))) return
    if (person) return tellPerson(bank, tx, person, 'webhook_disabled', params)
    assert(kind !== 'person', 'an owner of webhooks exists')
    await raiseAlert(tx, bookId, {
      key: `webhook_disabled:${id}`,
      kind: 'webhook_disabled',
      severity: 'warning',
      data: { endpoint: id, owner, failing_since: since.toISOString() },
    })
    if (!mail) return
    const until = after(bank.clock.now(), days(1)).getTime()
    await queueMessage(bank, tx, {
      kind: 'email',
      to: mail,
      locale: 'en',
      until,
      body: news('webhook_disabled', params),
    })
  })
}
