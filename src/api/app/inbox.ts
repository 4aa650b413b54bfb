// 站内信 / Inbox: what happened to the customer's account and money, in the reader's language. Wire ↔ domain only.
// Somebody else's message is as absent as one that does not exist.

import type { FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import type { Actor, Bank, Locale } from '../../domain/context.ts'
import { markAllRead, markRead, readInbox, unreadCount } from '../../domain/notice/inbox.ts'
import { ownPerson } from '../../domain/people/people.ts'
import { type AppServer, actorOf, Done, done, Instant, instantText, Ok, ok, pageOf, pageQuery, strict } from './wire.ts'

/** The language that the request asks for, or else the customer's own. */
async function readerLocale(bank: Bank, request: FastifyRequest, actor: Actor): Promise<Locale> {
  const asked = request.headers['accept-language']?.trim() ?? ''
  if (asked !== '' && asked !== '*') return actor.locale
  return (await ownPerson(bank, actor)).locale
}

export function inboxRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'GET',
    url: '/api/inbox',
    schema: {
      tags: ['站内信'],
      operationId: 'listInbox',
      summary: '站内信列表 / Messages, newest first',
      querystring: strict(pageQuery),
      response: {
        200: Ok(
          T.Array(
            T.Object({
              id: T.Integer(),
              type: T.String(),
              title: T.String(),
              body: T.String(),
              read: T.Boolean(),
              created_at: Instant,
            }),
          ),
        ),
      },
    },
    handler: async (request) => {
      const actor = actorOf(request)
      const locale = await readerLocale(bank, request, actor)
      const messages = await readInbox(bank, actor, pageOf(request.query), locale)
      return ok(messages.map(({ createdAt, ...message }) => ({ ...message, created_at: instantText(createdAt) })))
    },
  })

  app.route({
    method: 'GET',
    url: '/api/inbox/unread_count',
    schema: {
      tags: ['站内信'],
      operationId: 'countUnread',
      summary: '未读数 / Unread messages',
      response: { 200: Ok(T.Object({ count: T.Integer() })) },
    },
    handler: async (request) => ok({ count: await unreadCount(bank, actorOf(request)) }),
  })

  app.route({
    method: ['POST', 'PUT'],
    url: '/api/inbox/:id/read',
    schema: {
      tags: ['站内信'],
      operationId: 'markRead',
      summary: '标为已读 / Mark a message read',
      params: strict({ id: T.String({ maxLength: 64 }) }),
      response: { 200: Done },
    },
    handler: async (request) => {
      await markRead(bank, actorOf(request), request.params.id)
      return done
    },
  })

  app.route({
    method: ['POST', 'PUT'],
    url: '/api/inbox/read_all',
    schema: {
      tags: ['站内信'],
      operationId: 'markAllRead',
      summary: '全部已读 / Mark all read',
      response: { 200: Done },
    },
    handler: async (request) => {
      await markAllRead(bank, actorOf(request))
      return done
    },
  })
}
