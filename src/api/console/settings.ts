// Settings as they hold now and how they came to; and the switch that stops money from leaving.
// A setting changes by approval (kind `setting`), a stop ends by one (kind `resume_money_out`).

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { moneyOutNow, stopMoney, stoppers } from '../../domain/operator/money-out.ts'
import { operatorNames } from '../../domain/operator/operator.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { settingHistory, settingsNow } from '../../domain/setting.ts'
import {
  type ConsoleServer,
  Data,
  Done,
  done,
  Instant,
  Items,
  instantText,
  inWords,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  strict,
} from './wire.ts'

const tags = ['console: settings']
const Somebody = T.Object({ id: T.String(), name: T.String() })

export function settingRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/settings',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListSettings',
        summary: '全部参数及默认值 / All settings with their defaults',
        response: {
          200: Data(
            T.Array(
              T.Object({
                name: T.String(),
                scope: T.String(),
                type: T.String(),
                about: T.String(),
                value: T.String(),
                default: T.String(),
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const all = await settingsNow(bank, operatorOf(request).bookId)
      return {
        data: all.map(({ about, fallback, ...setting }) => ({
          ...setting,
          about: inWords(request, about),
          default: fallback,
        })),
      }
    },
  )

  app.get(
    '/settings/history',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleSettingHistory',
        summary: '参数变更记录 / Changes of settings, newest first',
        querystring: strict({
          name: T.Optional(T.String({ maxLength: 60 })),
          scope: T.Optional(T.String({ maxLength: 40 })),
          ...pageQuery,
        }),
        response: {
          200: Items(
            T.Object({
              name: T.String(),
              scope: T.String(),
              value: T.String(),
              before: T.String(),
              reason: T.String(),
              made_by: Somebody,
              checked_by: T.Array(Somebody),
              approval_id: OrNull(T.String()),
              changed_at: Instant,
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const { name, scope } = request.query
      const rows = await settingHistory(bank.db, bookId, { name, scope, offset, size })
      const names = await operatorNames(
        bank,
        bookId,
        rows.flatMap((row) => [row.made_by, ...row.checked_by]),
      )
      const somebody = (id: string) => ({ id, name: names.get(id) ?? '' })
      const items = rows.map(({ no: _, made_by, checked_by, changed_at, ...row }) => ({
        ...row,
        made_by: somebody(made_by),
        checked_by: checked_by.map(somebody),
        changed_at: instantText(changed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.get(
    '/money-out',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleMoneyOut',
        summary: '出金开关 / Whether money may leave: everywhere (ALL) and by network',
        response: {
          200: Data(
            T.Array(T.Object({ network: T.String(), stopped: OrNull(T.String()), paused: OrNull(T.String()) })),
          ),
        },
      },
    },
    async (request) => ({ data: await moneyOutNow(bank, operatorOf(request).bookId) }),
  )

  app.post(
    '/money-out/stop',
    {
      config: { roles: stoppers },
      schema: {
        tags,
        operationId: 'consoleStopMoneyOut',
        summary: '立即停止出金(恢复须复核)/ Stop money from leaving, at once; resuming needs a checker',
        body: strict({ network: T.String({ maxLength: 10, examples: ['ALL'] }), reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await stopMoney(bank, operatorOf(request), request.body.network, request.body.reason)
      return done
    },
  )
}
