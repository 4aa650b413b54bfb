// 实名认证 of the app document: sending pictures, the basic check, and where it stands; beyond it, seeing one's own
// pictures again. Wire ↔ domain only: the rules are those of domain/identity.

import multipart from '@fastify/multipart'
import type { FastifyReply } from 'fastify'
import { Type as T } from 'typebox'
import type { Bank, Locale } from '../../domain/context.ts'
import type { IdentityCheck } from '../../domain/identity/identity-check.ts'
import { takeFile } from '../../domain/identity/identity-file.ts'
import { rejectionWords } from '../../domain/identity/identity-words.ts'
import { ownChecks, ownPicture } from '../../domain/identity/own-identity.ts'
import { submitBasic } from '../../domain/identity/submit-identity.ts'
import { ownPerson } from '../../domain/people/people.ts'
import { sentFile, uploadLimits } from '../sent-file.ts'
import { type AppServer, actorOf, Instant, instantText, Ok, ok, strict } from './wire.ts'

const tags = ['实名认证']

const Stage = T.Union([
  T.Object({
    status: T.String({ description: 'pending, approved, rejected' }),
    updated_at: Instant,
    reason: T.String({ description: '未通过原因 / why it was turned away' }),
    next_step: T.String({ description: '下一步 / what to do next' }),
  }),
  T.Null(),
])
/** A picture, not JSON. */
const JpegAnswer = {
  description: 'JPEG',
  content: { 'image/jpeg': { schema: T.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
}
const FileKey = (description: string) =>
  T.String({ minLength: 1, maxLength: 120, description, examples: ['kyc/2026/06/front.jpg'] })

const stageOf = (check: IdentityCheck | undefined, locale: Locale) => {
  if (!check) return null
  const words = rejectionWords(check.reason)
  return {
    status: check.status,
    updated_at: instantText(check.updated_at),
    reason: words?.why[locale] ?? '',
    next_step: words?.next[locale] ?? '',
  }
}

export function kycRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/kyc/me',
    {
      schema: {
        tags,
        operationId: 'showIdentity',
        summary: '实名认证状态 / Where the identity checks stand',
        response: { 200: Ok(T.Object({ level: T.String(), stage1: Stage, stage2: Stage })) },
      },
    },
    async (request) => {
      const actor = actorOf(request)
      const [{ basic, full }, { kycLevel }] = await Promise.all([ownChecks(bank, actor), ownPerson(bank, actor)])
      return ok({ level: kycLevel, stage1: stageOf(basic, actor.locale), stage2: stageOf(full, actor.locale) })
    },
  )

  app.post(
    '/api/kyc/basic',
    {
      schema: {
        tags,
        operationId: 'submitIdentity',
        summary: '提交基础实名 / Submit the basic identity check',
        body: strict({
          real_name: T.String({ minLength: 1, maxLength: 200, description: '真实姓名' }),
          id_type: T.String({
            minLength: 1,
            maxLength: 40,
            description: '证件类型:ID_CARD、PASSPORT',
            examples: ['PASSPORT'],
          }),
          id_number: T.String({ minLength: 1, maxLength: 60, description: '证件号', examples: ['E12345678'] }),
          id_photo_front: FileKey('证件正面 key'),
          id_photo_back: T.Optional(FileKey('证件背面 key')),
          address: T.String({ minLength: 1, maxLength: 600, description: '地址' }),
          contact: T.String({ minLength: 1, maxLength: 254, description: '联系方式' }),
        }),
        response: { 200: Ok(T.Object({ status: T.String(), created_at: Instant })) },
      },
    },
    async (request) => {
      const { real_name, id_type, id_number, id_photo_front, id_photo_back, address, contact } = request.body
      const { createdAt } = await submitBasic(bank, actorOf(request), {
        realName: real_name,
        idType: id_type,
        idNumber: id_number,
        front: id_photo_front,
        back: id_photo_back,
        address,
        contact,
      })
      return ok({ status: 'pending', created_at: instantText(createdAt) })
    },
  )

  app.get(
    '/api/kyc/file',
    {
      schema: {
        tags,
        operationId: 'showIdentityFile',
        summary: '查看自己上传的证件照 / A picture that you sent, as an attachment',
        querystring: strict({ key: FileKey('上传得到的 key') }),
        response: { 200: JpegAnswer },
      },
    },
    async (request, reply) =>
      sendPicture(reply, 'document.jpg', await ownPicture(bank, actorOf(request), request.query.key)),
  )

  // a scope of its own: nothing else takes multipart
  void app.register(async (scope: AppServer) => {
    await scope.register(multipart, uploadLimits)
    scope.post(
      '/api/kyc/upload',
      {
        validatorCompiler: () => () => true, // the body is a stream, read below
        schema: {
          tags,
          operationId: 'sendIdentityFile',
          summary: '上传证件照 / Send a picture of a document',
          description:
            'JPEG、PNG 或 WebP,最大 10 MB / JPEG, PNG or WebP, at most 10 MB. The key can be handed in for a day.',
          consumes: ['multipart/form-data'],
          body: strict({ file: T.String({ format: 'binary', description: '证件照' }) }),
          response: { 200: Ok(T.Object({ key: T.String() })) },
        },
      },
      async (request) => ok({ key: await takeFile(bank, actorOf(request), await sentFile(request)) }),
    )
  })
}

function sendPicture(reply: FastifyReply, name: string, bytes: Buffer) {
  return reply
    .headers({ 'content-disposition': `attachment; filename="${name}"`, 'cache-control': 'no-store' })
    .type('image/jpeg')
    .send(bytes)
}
