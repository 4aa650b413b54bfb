// Books against chains: what was compared last on each network, every break with what was expected and found, and a run now.
// A break closes itself when it is gone; an unknown payment never is, so operators close its alert. Releasing money out
// afterwards takes two of them (POST /approvals/resume_money_out).

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { breaks, lastReconciliations } from '../../domain/reconciliation/break.ts'
import { askReconciliation } from '../../domain/reconciliation/reconciliation-job.ts'
import {
  type ConsoleServer,
  Done,
  done,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  strict,
} from './wire.ts'

const tags = ['console: reconciliation']

export function reconciliationRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/reconciliation',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleListReconciliations',
        summary: '各网络最近一次对账 / The last comparison of each network',
        querystring: strict({}),
        response: {
          200: Items(
            T.Object({
              network: T.String(),
              at: Instant,
              block: OrNull(T.Integer()),
              outcome: T.String({ description: 'agrees, breaks or waits' }),
              note: T.String(),
              milliseconds: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const rows = await lastReconciliations(bank.db, operatorOf(request).bookId)
      const items = rows.map((row) => ({ ...row, at: instantText(row.at) }))
      return { data: { items, page: 1, size: items.length } }
    },
  )

  app.get(
    '/reconciliation/breaks',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleListBreaks',
        summary: '对账差异 / Breaks, open ones first',
        querystring: strict({ open: T.Optional(T.Union([T.Literal('true'), T.Literal('false')])), ...pageQuery }),
        response: {
          200: Items(
            T.Object({
              id: T.String(),
              network: T.String(),
              kind: T.String(),
              subject: T.String(),
              asset: T.String(),
              expected: T.String({ description: '链上最小单位 / the chain’s smallest unit' }),
              found: T.String(),
              block: OrNull(T.Integer()),
              detail: T.String(),
              opened_at: Instant,
              last_at: Instant,
              closed_at: OrNull(Instant),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const openOnly = request.query.open === 'true'
      const rows = await breaks(bank.db, operatorOf(request).bookId, { openOnly, offset, size })
      const items = rows.map(({ opened_at, last_at, closed_at, ...row }) => ({
        ...row,
        opened_at: instantText(opened_at),
        last_at: instantText(last_at),
        closed_at: instantOrNull(closed_at),
      }))
      return { data: { items, page, size } }
    },
  )

  app.post(
    '/reconciliation/run',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleRunReconciliation',
        summary: '立即对账 / Compare now: a worker does it within seconds',
        body: strict({}),
        response: { 200: Done },
      },
    },
    async (request) => {
      await askReconciliation(bank, operatorOf(request))
      return done
    },
  )
}
