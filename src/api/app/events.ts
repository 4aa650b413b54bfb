// GET /api/events: what happens to the signed-in customer, as server-sent events. Beyond the document.
// A stream ends with its session. `Last-Event-ID` resumes where the last one ended; the ids are opaque.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { minutes, seconds } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../../domain/context.ts'
import { withWireIds } from '../../domain/notice/event-ids.ts'
import { type LiveEvent, listen } from '../../domain/notice/live-events.ts'
import { isSessionAlive } from '../../domain/sign-in/session-life.ts'
import { assets } from '../../ledger/accounts.ts'
import { type AppServer, actorOf, amountText, strict, wireId } from './wire.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers for as long as the client stays; that is not slowness. */
    stream?: true
  }
}

const HEARTBEAT = seconds(15)
const SESSION_CHECK = seconds(2)
const STREAMS_PER_PERSON = 8
/** A client that reads nothing is let go of when this much waits for it. */
const UNREAD_BYTES = 256 * 1024

const description = `Events: \`ready\`, \`deposit.detected\`, \`deposit.confirming\` (each new count), \`deposit.credited\`,
\`deposit.orphaned\`, \`deposit.reversed\`, \`transfer.completed\`, \`transfer.internal\`, \`withdrawal.submitted\`, \`withdrawal.verification\`,
\`withdrawal.review\`, \`withdrawal.approved\`, \`withdrawal.broadcast\`, \`withdrawal.confirming\`, \`withdrawal.confirmed\`,
\`withdrawal.failed\`, \`withdrawal.rejected\`, \`withdrawal.cancelled\`, \`node.bought\`, \`cashback.paid\`,
\`commission.paid\`, \`commission.reversed\`, \`yield.paid\`, \`level.changed\`, \`kyc.updated\`, \`card.account\`, \`card.status\`, \`card.topup\`, \`card.transaction\`, \`recipient.approved\`, \`recipient.rejected\`,
\`remittance.submitted\`, \`remittance.review\`, \`remittance.processing\`, \`remittance.completed\`, \`remittance.failed\`,
\`remittance.rejected\`, \`remittance.returned\`, \`inbox\` (unread count), \`reset\` (read anew what is
shown), \`end\` (the session ended). A comment every 15 seconds keeps the connection. Read it with fetch, as
EventSource cannot send the Authorization header.`

export function eventRoutes(app: AppServer, bank: Bank) {
  const streams = new Map<string, Set<Stream>>()
  app.addHook('preClose', async () => {
    for (const open of streams.values()) for (const stream of open) stream.end()
  })

  app.get(
    '/api/events',
    {
      config: { stream: true },
      exposeHeadRoute: false, // a head alone would wait for the end of the stream
      schema: {
        tags: ['实时'],
        operationId: 'streamEvents',
        summary: '实时事件流 / Live events (server-sent events)',
        description,
        headers: T.Object({ 'last-event-id': T.Optional(T.String({ maxLength: 2_000 })) }),
        querystring: strict({ last_event_id: T.Optional(T.String({ maxLength: 2_000 })) }),
        response: { 200: { description: 'the stream', content: { 'text/event-stream': { schema: T.String() } } } },
      },
    },
    async (request, reply) => {
      const actor = actorOf(request)
      const mine = streams.get(actor.personId) ?? new Set()
      if (mine.size >= STREAMS_PER_PERSON) {
        throw new Refusal('RateLimited', { reason: `at most ${STREAMS_PER_PERSON} streams at once`, retryAfter: 5 })
      }
      streams.set(actor.personId, mine)
      const from = request.headers['last-event-id'] ?? request.query.last_event_id
      await stream(bank, actor, request, reply, mine, typeof from === 'string' ? from : undefined)
      if (mine.size === 0) streams.delete(actor.personId)
    },
  )
}

interface Stream {
  end(): void
}

async function stream(
  bank: Bank,
  actor: Actor,
  request: FastifyRequest,
  reply: FastifyReply,
  mine: Set<Stream>,
  from: string | undefined,
): Promise<void> {
  const { raw } = reply
  const waiting: string[] = []
  let open = false
  const write = (text: string) => {
    if (!open) waiting.push(text)
    else if (!raw.destroyed) {
      raw.write(text)
      if (raw.writableLength > UNREAD_BYTES) raw.destroy()
    }
  }
  const me: Stream = { end: () => raw.end() }
  mine.add(me)
  let leave = () => {}
  try {
    const tell = (event: LiveEvent, place: string) => write(eventText(event, place))
    leave = await listen(bank, { bookId: actor.bookId, personNo: actor.personNo, tell }, from)
    if (request.raw.destroyed) return
    reply.hijack()
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no', // proxies that would collect before they pass on
    })
    open = true
    write(`retry: 2000\n${frame('ready', { uid: `U${actor.personNo}` })}`)
    for (const text of waiting) write(text)
    await untilEnd(bank, actor, raw, write)
  } finally {
    leave()
    mine.delete(me)
  }
}

/** Keeps the connection until the client, the session or the server ends it. */
async function untilEnd(
  bank: Bank,
  actor: Actor,
  raw: FastifyReply['raw'],
  write: (text: string) => void,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const beat = setInterval(() => write(': still here\n\n'), HEARTBEAT)
    const check = setInterval(async () => {
      try {
        if (await isSessionAlive(bank, actor.bookId, actor.sessionId)) return
      } catch {
        return // the database is away; asked again in a moment
      }
      write(frame('end', { reason: 'the session has ended' }))
      raw.end()
    }, SESSION_CHECK)
    raw.once('close', () => {
      clearInterval(beat)
      clearInterval(check)
      resolve()
    })
    raw.socket?.setTimeout(minutes(2))
  })
}

function eventText(event: LiveEvent, place: string): string {
  switch (event.kind) {
    case 'happened': {
      const { id, type, data, created_at } = event.event
      return frame(type, { event_id: id, ...withWireIds(type, data), at: created_at.toISOString() }, place)
    }
    case 'confirming': {
      const { id, network, asset, amount_received, confirmations, confirmations_required, tx_hash } = event.deposit
      const data = {
        chain: network,
        asset,
        amount: amountText(amount_received, assets[asset].scale),
        confirmations,
        confirmations_required,
        tx_hash,
      }
      return frame('deposit.confirming', { id: wireId('r', id), ...data }, place)
    }
    case 'inbox':
      return frame('inbox', { unread: event.mark.unread }, place)
    case 'reset':
      return frame('reset', { reason: 'more happened than is kept; read again what you show' }, place)
  }
}

const frame = (type: string, data: object, place?: string) =>
  `${place === undefined ? '' : `id: ${place}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
