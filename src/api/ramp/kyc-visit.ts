// What the identity page asks of the bank, by the visit that it was answered with: where the check stands, pictures, the
// details, and a code where the customer was here before the partner. Beyond the document; for the page alone.
// Must stay true: nothing that was handed in is ever shown again.

import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../../domain/context.ts'
import { takeFile } from '../../domain/identity/identity-file.ts'
import { submitBasic } from '../../domain/identity/submit-identity.ts'
import {
  actorOfVisit,
  confirmVisit,
  sendVisitCode,
  stateOfVisit,
  type Visit,
  visitOf,
} from '../../domain/ramp/kyc-visit.ts'
import { sentFile, uploadLimits } from '../sent-file.ts'
import { Ok, ok, type RampServer, strict, Text } from './wire.ts'

const tags = ['ramp: 认证页面 / identity page']
const BEARER = /^Bearer (kyc_[\w-]{43})$/

const State = T.Object({
  step: T.String({ description: 'confirm, form, pending, approved, rejected' }),
  reason: T.String(),
  nextStep: T.String(),
})
const Done = Ok(T.Object({}))

export function kycVisitRoutes(app: RampServer, bank: Bank): void {
  const bookId = bank.config.DEFAULT_BOOK
  const config = { ramp: 'visit' } as const
  const security = [{ kycVisit: [] }]

  const visits = new WeakMap<FastifyRequest, Visit>()
  app.addHook('preParsing', async (request) => {
    if (request.is404 || request.routeOptions.config.ramp !== 'visit') return
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) throw new Refusal('Unauthorized')
    visits.set(request, await visitOf(bank, bookId, token, request.origin))
  })
  const visitIn = (request: FastifyRequest): Visit => {
    const visit = visits.get(request)
    if (!visit) throw new Refusal('Unauthorized')
    return visit
  }

  app.get(
    '/kyc/visit',
    {
      exposeHeadRoute: false,
      config,
      schema: {
        tags,
        security,
        operationId: 'rampVisit',
        summary: '认证进度 / Where the identity check of this visit stands',
        response: { 200: Ok(State) },
      },
    },
    async (request) => {
      const { step, words } = await stateOfVisit(bank, bookId, visitIn(request))
      const { locale } = request.origin
      return ok(request, { step, reason: words?.why[locale] ?? '', nextStep: words?.next[locale] ?? '' })
    },
  )

  app.post(
    '/kyc/code',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'rampVisitCode',
        summary: '发送验证码到用户自己的邮箱 / Sends a code to the customer’s own address',
        body: strict({}),
        response: { 200: Done },
      },
    },
    async (request) => {
      await sendVisitCode(bank, visitIn(request), request.origin)
      return ok(request, {})
    },
  )

  app.post(
    '/kyc/confirm',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'rampVisitConfirm',
        summary: '用验证码授权合作方 / Lets the partner act for the customer, by that code',
        body: strict({ code: Text('验证码 / the code', 12, '123456') }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await confirmVisit(bank, bookId, visitIn(request), request.body.code)
      return ok(request, {})
    },
  )

  app.post(
    '/kyc/submit',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'rampVisitSubmit',
        summary: '提交实名信息 / Hands the identity check in',
        body: strict({
          realName: Text('真实姓名 / name', 200, 'Juan Cruz'),
          idType: Text('证件类型 / kind of document', 40, 'PASSPORT'),
          idNumber: Text('证件号 / its number', 60, 'E12345678'),
          front: Text('证件正面 / key of the front', 120, 'kyc/2026/06/front.jpg'),
          back: T.Optional(Text('证件背面 / key of the back', 120, 'kyc/2026/06/back.jpg')),
          address: Text('地址 / address', 600, '1 Example Street'),
          contact: Text('联系方式 / contact', 254, 'juan@example.com'),
        }),
        response: { 200: Ok(T.Object({ step: T.String() })) },
      },
    },
    async (request) => {
      const { realName, idType, idNumber, front, back, address, contact } = request.body
      const actor = actorOfVisit(visitIn(request))
      await submitBasic(bank, actor, { realName, idType, idNumber, front, back, address, contact })
      return ok(request, { step: 'pending' })
    },
  )

  // a scope of its own: nothing else takes multipart
  void app.register(async (scope: RampServer) => {
    await scope.register(multipart, uploadLimits)
    scope.post(
      '/kyc/file',
      {
        config,
        validatorCompiler: () => () => true, // the body is a stream, read below
        schema: {
          tags,
          security,
          operationId: 'rampVisitFile',
          summary: '上传证件照 / Sends a picture of a document',
          consumes: ['multipart/form-data'],
          body: strict({ file: T.String({ format: 'binary' }) }),
          response: { 200: Ok(T.Object({ key: T.String() })) },
        },
      },
      async (request) => {
        const actor = actorOfVisit(visitIn(request))
        return ok(request, { key: await takeFile(bank, actor, await sentFile(request)) })
      },
    )
  })
}
