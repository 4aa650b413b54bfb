// 通知设置 / Notices: by which ways the customer hears of money beside the inbox. Wire ↔ domain only.
// Messages about security are not among these: they cannot be switched off.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { chooseNotices, noticesOf, noticeTopics } from '../../domain/notice/notice-choice.ts'
import { Amount, type AppServer, actorOf, Ok, ok, strict } from './wire.ts'

const OrNull = <S extends Parameters<typeof T.Union>[0][number]>(schema: S) => T.Union([schema, T.Null()])
const perTopic = <S>(schema: S) =>
  Object.fromEntries(noticeTopics.map((topic) => [topic, schema])) as Record<(typeof noticeTopics)[number], S>

const Shown = T.Object({
  ways: T.Object(
    { email: T.Boolean(), sms: T.Boolean() },
    { description: '已验证的联系方式 / contacts that are proved' },
  ),
  topics: T.Object(
    perTopic(
      T.Object({
        email: T.Boolean(),
        sms: T.Boolean(),
        from: T.String({ description: '起始金额 / from this amount on; failures and declines always' }),
      }),
    ),
  ),
})

const Choice = strict({
  email: T.Optional(OrNull(T.Boolean())),
  sms: T.Optional(OrNull(T.Boolean())),
  from: T.Optional(OrNull(Amount)),
})

export function noticeRoutes(app: AppServer, bank: Bank): void {
  app.route({
    method: 'GET',
    url: '/api/user/notices',
    schema: {
      tags: ['站内信'],
      operationId: 'getNotices',
      summary: '通知设置 / By which ways I hear of money',
      response: { 200: Ok(Shown) },
    },
    handler: async (request) => ok(await noticesOf(bank, actorOf(request))),
  })

  app.route({
    method: 'PATCH',
    url: '/api/user/notices',
    schema: {
      tags: ['站内信'],
      operationId: 'setNotices',
      summary:
        '修改通知设置;null 恢复默认;安全通知不可关闭 / Change it; null is the default; messages about security cannot be switched off',
      body: strict({ topics: strict(perTopic(T.Optional(Choice))) }),
      response: { 200: Ok(Shown) },
    },
    handler: async (request) => {
      const actor = actorOf(request)
      await chooseNotices(bank, actor, request.body.topics)
      return ok(await noticesOf(bank, actor))
    },
  })
}
