// The audit log: read, and proven. Reading it is in it.
// Wire ↔ domain only: what is logged is said where it is done; the proof is domain/operator/prove-audit-log.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { auditRows, logAudit } from '../../domain/operator/audit-log.ts'
import { operatorNames } from '../../domain/operator/operator.ts'
import { verifyAuditLog } from '../../domain/operator/watch-audit-log.ts'
import {
  type ConsoleServer,
  Data,
  Id,
  Instant,
  Items,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: audit log']
const readers = ['risk', 'admin'] as const

export function auditRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/audit-log',
    {
      config: { roles: readers },
      schema: {
        tags,
        operationId: 'consoleReadAuditLog',
        summary: '审计日志 / The audit log, newest first',
        querystring: strict({
          operator: T.Optional(Id),
          action: T.Optional(T.String({ maxLength: 60 })),
          subject: T.Optional(T.String({ maxLength: 120 })),
          ...pageQuery,
        }),
        response: {
          200: Items(
            T.Object({
              no: T.String(),
              at: Instant,
              operator: OrNull(T.Object({ id: T.String(), name: T.String() })),
              ip: T.String(),
              request_id: T.String(),
              action: T.String(),
              subject: T.String(),
              data: T.Object({}, { additionalProperties: true }),
            }),
          ),
        },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const { action, subject } = request.query
      const operatorId = request.query.operator === undefined ? undefined : readId(request.query.operator)
      const rows = await auditRows(bank.db, operator.bookId, { operatorId, action, subject, offset, size })
      const names = await operatorNames(
        bank,
        operator.bookId,
        rows.map((row) => row.operator_id),
      )
      const data = { operator: operatorId ?? null, action: action ?? null, subject: subject ?? null, page }
      await logAudit(bank, bank.db, operator, { action: 'audit_log.read', subject: 'audit_log', data })
      const items = rows.map(({ no, at, operator_id, session_id: _, ...row }) => ({
        ...row,
        no: `${no}`,
        at: instantText(at),
        operator: operator_id === null ? null : { id: operator_id, name: names.get(operator_id) ?? '' },
      }))
      return { data: { items, page, size } }
    },
  )

  app.post(
    '/audit-log/verify',
    {
      config: { roles: readers },
      schema: {
        tags,
        operationId: 'consoleVerifyAuditLog',
        summary: '验证审计日志未被篡改 / Prove that the audit log is as it was written',
        body: strict({}),
        response: {
          200: Data(T.Object({ sound: T.Boolean(), rows: T.String(), head: T.String(), faults: T.Array(T.String()) })),
        },
      },
    },
    async (request) => {
      const { rows, head, faults } = await verifyAuditLog(bank, operatorOf(request).bookId)
      return { data: { sound: faults.length === 0, rows: `${rows}`, head, faults } }
    },
  )
}
