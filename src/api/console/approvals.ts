// What operators propose and check. Each kind of domain/operator/approval-kinds.ts has a route of its own to propose it.
// Wire ↔ domain only: the rules are those of domain/operator/approval.ts.

import type { FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { isRefusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import {
  type Approval,
  type ApprovalStatus,
  approvalById,
  approvals,
  approvalTransitions,
  cancelApproval,
  checkApproval,
  makeApproval,
  previewApproval,
} from '../../domain/operator/approval.ts'
import { operatorNames } from '../../domain/operator/operator.ts'
import { seeContact } from '../../domain/operator/reveal.ts'
import { everyRole, hasRole, type Role } from '../../domain/operator/role.ts'
import { consoleErrors } from './errors.ts'
import {
  type ConsoleServer,
  Data,
  Done,
  done,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  inWords,
  Leg,
  legOf,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: approvals']

const Somebody = T.Object({ id: T.String(), name: T.String() })
const Anything = T.Object({}, { additionalProperties: true })
const NotDone = T.Object({ code: T.String(), message: T.String(), details: Anything })

const fields = {
  id: T.String(),
  kind: T.String(),
  title: T.String(),
  description: T.String(),
  payload: Anything,
  hash: T.String({ description: 'SHA-256 of the canonical payload: send it with a check' }),
  subject: T.String(),
  reason: T.String(),
  made_by: OrNull(Somebody),
  checks_needed: T.Integer(),
  checks: T.Array(T.Object({ by: Somebody, verdict: T.String(), note: T.String(), at: Instant })),
  status: T.String(),
  refusal: OrNull(T.Object({ ...NotDone.properties, at: Instant })),
  made_at: Instant,
  expires_at: OrNull(Instant),
  closed_at: OrNull(Instant),
  may_check: T.Boolean({ description: 'whether the one who asks could check it now' }),
  may_cancel: T.Boolean(),
}

const Preview = T.Object({
  journals: T.Array(T.Object({ kind: T.String(), memo: T.String(), legs: T.Array(Leg), value_at: OrNull(Instant) })),
  effects: T.Array(T.String()),
  refusal: OrNull(NotDone),
})

const statuses = Object.keys(approvalTransitions) as ApprovalStatus[]

async function viewsOf(bank: Bank, request: FastifyRequest, all: readonly Approval[]) {
  const operator = operatorOf(request)
  const ids = all.flatMap((one) => [one.madeBy, ...one.checks.map((check) => check.operatorId)])
  const names = await operatorNames(bank, operator.bookId, ids)
  const somebody = (id: string) => ({ id, name: names.get(id) ?? '' })
  return all.map((one) => {
    const isOpen = one.status === 'open'
    const isMaker = one.madeBy === operator.operatorId
    const checkedAlready = one.checks.some((check) => check.operatorId === operator.operatorId)
    return {
      id: one.id,
      kind: one.kind.kind,
      title: inWords(request, one.kind.title),
      description: inWords(request, one.kind.describe(one.payload)),
      payload: one.payload,
      hash: one.hash,
      subject: one.subject,
      reason: one.reason,
      made_by: one.madeBy === null ? null : somebody(one.madeBy),
      checks_needed: one.checksNeeded,
      checks: one.checks.map(({ operatorId, verdict, note, at }) => ({
        by: somebody(operatorId),
        verdict,
        note,
        at: instantText(at),
      })),
      status: one.status,
      refusal: one.refusal && { ...said(request, one.refusal), at: one.refusal.at },
      made_at: instantText(one.madeAt),
      expires_at: instantOrNull(one.expiresAt),
      closed_at: instantOrNull(one.closedAt),
      may_check: isOpen && !isMaker && !checkedAlready && hasRole(operator, one.kind.checkers),
      may_cancel: isOpen && isMaker,
    }
  })
}

type Told = Pick<NonNullable<Approval['refusal']>, 'code' | 'details'>
const said = (request: FastifyRequest, { code, details }: Told) => ({
  code,
  message: inWords(request, consoleErrors[code]),
  details,
})

async function previewOf(bank: Bank, request: FastifyRequest, approval: Approval) {
  if (approval.status !== 'open') return null
  const preview = await previewApproval(bank, operatorOf(request).bookId, approval)
  if (isRefusal(preview)) return { journals: [], effects: [], refusal: said(request, preview) }
  return {
    journals: preview.journals.map(({ kind, memo, legs, valueAt }) => ({
      kind,
      memo,
      legs: legs.map(legOf),
      value_at: instantOrNull(valueAt ?? null),
    })),
    effects: preview.effects.map((words) => inWords(request, words)),
    refusal: null,
  }
}

const union = (lists: readonly (readonly Role[])[]): Role[] => everyRole.filter((role) => lists.flat().includes(role))

export function approvalRoutes(app: ConsoleServer, bank: Bank) {
  const makers = union(bank.approvalKinds.map((kind) => kind.makers))
  const checkers = union(bank.approvalKinds.map((kind) => kind.checkers))

  app.get(
    '/approval-kinds',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleApprovalKinds',
        summary: '审批类型 / What can be proposed, and who makes and checks it',
        response: {
          200: Data(
            T.Array(
              T.Object({
                kind: T.String(),
                title: T.String(),
                makers: T.Array(T.String()),
                checkers: T.Array(T.String()),
                payload: T.Object({}, { additionalProperties: true, description: 'JSON Schema of what is proposed' }),
              }),
            ),
          ),
        },
      },
    },
    async (request) => ({
      data: bank.approvalKinds.map(({ kind, title, makers: make, checkers: check, payload }) => ({
        kind,
        title: inWords(request, title),
        makers: [...make],
        checkers: [...check],
        payload,
      })),
    }),
  )

  app.get(
    '/approvals',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListApprovals',
        summary: '审批列表 / Approvals, newest first',
        querystring: strict({
          status: T.Optional(T.Union(statuses.map((status) => T.Literal(status)))),
          kind: T.Optional(T.String({ maxLength: 60 })),
          subject: T.Optional(T.String({ maxLength: 120 })),
          mine: T.Optional(T.Union([T.Literal('true'), T.Literal('false')])),
          ...pageQuery,
        }),
        response: { 200: Items(T.Object(fields)) },
      },
    },
    async (request) => {
      const { bookId, operatorId } = operatorOf(request)
      const { status, kind, subject, mine } = request.query
      const { page, size, offset } = pageOf(request.query)
      const madeBy = mine === 'true' ? operatorId : undefined
      const { items, total } = await approvals(bank, bookId, { status, kind, subject, madeBy, offset, size })
      return { data: { items: await viewsOf(bank, request, items), page, size, total } }
    },
  )

  app.get(
    '/approvals/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowApproval',
        summary: '审批详情及预览 / An approval, with what it would do',
        params: strict({ id: Id }),
        response: { 200: Data(T.Object({ ...fields, preview: OrNull(Preview) })) },
      },
    },
    async (request) => {
      const approval = await approvalById(bank, operatorOf(request).bookId, readId(request.params.id))
      const [view] = await viewsOf(bank, request, [approval])
      const preview = await previewOf(bank, request, approval)
      return { data: { ...(view as NonNullable<typeof view>), preview } }
    },
  )

  // what nobody may make is made by the bank itself
  for (const kind of bank.approvalKinds.filter(({ makers: some }) => some.length > 0)) {
    app.post(
      `/approvals/${kind.kind}`,
      {
        config: { roles: kind.makers },
        schema: {
          tags,
          operationId: `consolePropose_${kind.kind}`,
          summary: `发起:${kind.title.zh} / Propose: ${kind.title.en}`,
          body: strict({ payload: kind.payload, reason: Reason }),
          response: { 200: Data(T.Object({ id: T.String() })) },
        },
      },
      async (request) => {
        const { payload, reason } = request.body
        return { data: { id: await makeApproval(bank, operatorOf(request), { kind: kind.kind, payload, reason }) } }
      },
    )
  }

  app.post(
    '/approvals/:id/check',
    {
      config: { roles: checkers },
      schema: {
        tags,
        operationId: 'consoleCheckApproval',
        summary: '复核:同意或拒绝;最后一人同意即执行 / Check: approve or reject; the last approval applies it',
        params: strict({ id: Id }),
        body: strict({
          verdict: T.Union([T.Literal('approve'), T.Literal('reject')]),
          hash: T.String({ pattern: '^[0-9a-f]{64}$', description: 'of the payload that was seen' }),
          note: T.Optional(T.String({ maxLength: 500 })),
        }),
        response: { 200: Data(T.Object({ status: T.String() })) },
      },
    },
    async (request) => {
      const { verdict, hash, note = '' } = request.body
      const id = readId(request.params.id)
      return { data: { status: await checkApproval(bank, operatorOf(request), id, { verdict, hash, note }) } }
    },
  )

  app.post(
    '/approvals/:id/cancel',
    {
      config: { roles: makers },
      schema: {
        tags,
        operationId: 'consoleCancelApproval',
        summary: '撤回自己发起的审批 / Take back what one proposed',
        params: strict({ id: Id }),
        body: strict({}),
        response: { 200: Done },
      },
    },
    async (request) => {
      await cancelApproval(bank, operatorOf(request), readId(request.params.id))
      return done
    },
  )

  app.post(
    '/approvals/:id/reveal',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleSeeContact',
        summary:
          '查看已获准的联系方式(一次,15 分钟内)/ See the contacts that an approval allows: once, within 15 minutes',
        params: strict({ id: Id }),
        body: strict({}),
        response: {
          200: Data(T.Object({ person: T.String(), email: OrNull(T.String()), mobile: OrNull(T.String()) })),
        },
      },
    },
    async (request) => ({ data: await seeContact(bank, operatorOf(request), readId(request.params.id)) }),
  )
}
