// Operators as admins manage them. Roles change by approval alone (kind `operator_role`).
// Wire ↔ domain only: the rules are those of domain/operator/operator.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { logAudit } from '../../domain/operator/audit-log.ts'
import { disableOperator, operators } from '../../domain/operator/operator.ts'
import { invite } from '../../domain/operator/operator-role.ts'
import { roles } from '../../domain/operator/role.ts'
import {
  type ConsoleServer,
  Data,
  Done,
  done,
  Id,
  Instant,
  instantText,
  OrNull,
  operatorOf,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: operators']
const Roles = T.Array(T.Union(roles.map((role) => T.Literal(role))), {
  maxItems: roles.length,
  examples: [['support']],
})

export function operatorRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/operators',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleListOperators',
        summary: '运营人员列表 / Operators',
        response: {
          200: Data(
            T.Array(
              T.Object({
                id: T.String(),
                email: T.String(),
                name: T.String(),
                roles: T.Array(T.String()),
                status: T.String(),
                created_at: Instant,
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const operator = operatorOf(request)
      await logAudit(bank, bank.db, operator, { action: 'operator.listed', subject: 'operators' })
      const all = await operators(bank, operator.bookId)
      return { data: all.map(({ createdAt, ...one }) => ({ ...one, created_at: instantText(createdAt) })) }
    },
  )

  app.post(
    '/operators',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleInviteOperator',
        summary:
          '邀请运营人员(邀请码只发给本人,角色须他人复核)/ Invite an operator: the code goes to them by mail, the roles need a checker',
        body: strict({
          email: T.String({ minLength: 1, maxLength: 254 }),
          name: T.String({ minLength: 1, maxLength: 100 }),
          roles: Roles,
          reason: Reason,
        }),
        response: { 200: Data(T.Object({ id: T.String(), approval_id: OrNull(T.String()) })) },
      },
    },
    async (request) => {
      const { operatorId, approvalId } = await invite(bank, operatorOf(request), request.body)
      return { data: { id: operatorId, approval_id: approvalId } }
    },
  )

  app.post(
    '/operators/:id/disable',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleDisableOperator',
        summary: '停用运营人员,立即生效 / Disable an operator, at once',
        params: strict({ id: Id }),
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await disableOperator(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )
}
