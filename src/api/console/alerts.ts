// What the bank wants people to look at, and their word that they did.
// Closing an alert mends nothing: what still is wrong raises it again.

import { Type as T } from 'typebox'
import { alertRows } from '../../domain/alert.ts'
import type { Bank } from '../../domain/context.ts'
import { closeAlertFor } from '../../domain/operator/close-alert.ts'
import { everyRole } from '../../domain/operator/role.ts'
import {
  type ConsoleServer,
  Done,
  done,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: alerts']

export function alertRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/alerts',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListAlerts',
        summary: '告警 / Alerts, newest first: open ones, or closed ones',
        querystring: strict({
          open: T.Optional(T.Union([T.Literal('true'), T.Literal('false')])),
          ...pageQuery,
        }),
        response: {
          200: Items(
            T.Object({
              id: T.String(),
              key: T.String(),
              kind: T.String(),
              severity: T.String(),
              data: T.Object({}, { additionalProperties: true }),
              times: T.Integer(),
              raised_at: Instant,
              last_at: Instant,
              closed_at: OrNull(Instant),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const open = request.query.open !== 'false'
      const rows = await alertRows(bank.db, operatorOf(request).bookId, { open, offset, size })
      const items = rows.map(({ raised_at, last_at, closed_at, ...row }) => ({
        ...row,
        raised_at: instantText(raised_at),
        last_at: instantText(last_at),
        closed_at: instantOrNull(closed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.post(
    '/alerts/:id/close',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleCloseAlert',
        summary: '关闭告警并说明原因 / Close an alert, with a reason',
        params: strict({ id: Id }),
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await closeAlertFor(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )
}
