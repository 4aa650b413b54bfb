// Identity checks: the queue, one in clear, its pictures. Each look is logged. A decision is an approval of kind
// `identity_review`. Wire ↔ domain only: the rules are those of domain/identity.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { type IdentityCheck, identityStatuses } from '../../domain/identity/identity-check.ts'
import { identityRejections } from '../../domain/identity/identity-words.ts'
import { listChecks, pictureSides, seeCheck, seePicture } from '../../domain/identity/see-identity.ts'
import type { Person } from '../../domain/people/people.ts'
import {
  Bilingual,
  type ConsoleServer,
  Data,
  Id,
  Instant,
  Items,
  instantOrNull,
  instantText,
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: identity']
const lookers = ['risk', 'admin'] as const

const Brief = T.Object({
  id: T.String(),
  person: T.String(),
  uid: T.String(),
  masked_name: T.String(),
  stage: T.String(),
  status: T.String(),
  reason: T.String(),
  flags: T.Array(T.String(), { description: 'document_in_use, checksum_wrong: never told to the customer' }),
  approval: OrNull(T.String()),
  created_at: Instant,
  updated_at: Instant,
  erased_at: OrNull(Instant),
})
const briefOf = (check: IdentityCheck, person: Person) => ({
  id: check.id,
  person: person.id,
  uid: person.uid,
  masked_name: person.maskedName,
  stage: check.stage,
  status: check.status,
  reason: check.reason,
  flags: check.flags,
  approval: check.approval_id,
  created_at: instantText(check.created_at),
  updated_at: instantText(check.updated_at),
  erased_at: instantOrNull(check.erased_at),
})

const Full = T.Object({
  ...Brief.properties,
  details: OrNull(
    T.Object({
      real_name: T.String(),
      id_type: T.String(),
      id_number: T.String(),
      address: T.String(),
      contact: T.String(),
    }),
  ),
  pictures: T.Array(T.String({ description: 'front, back' })),
  timeline: T.Array(
    T.Object({ from: OrNull(T.String()), to: T.String(), reason: T.String(), note: T.String(), at: Instant }),
  ),
  earlier: T.Array(Brief),
  same_document: T.Array(T.Object({ person: T.String(), uid: T.String(), masked_name: T.String() })),
  review: OrNull(
    T.Object({
      approval: T.String(),
      hash: T.String(),
      status: T.String(),
      checks_needed: T.Integer(),
      checks: T.Integer({ description: 'that said yes so far' }),
    }),
  ),
  rejections: T.Array(T.Object({ code: T.String(), tells: Bilingual, next: Bilingual })),
})

/** A picture, not JSON. */
const JpegAnswer = {
  description: 'JPEG',
  content: { 'image/jpeg': { schema: T.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
}

export function identityRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/identity',
    {
      config: { roles: lookers },
      schema: {
        tags,
        operationId: 'consoleListIdentityChecks',
        summary: '实名认证列表;status=pending 为待审核 / Identity checks; status=pending is the queue, oldest first',
        querystring: strict({
          status: T.Optional(T.Union(identityStatuses.map((status) => T.Literal(status)))),
          ...pageQuery,
        }),
        response: { 200: Items(Brief) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const rows = await listChecks(bank, operatorOf(request), { status: request.query.status, offset, size })
      return { data: { items: rows.map(({ check, person }) => briefOf(check, person)), page, size } }
    },
  )

  app.get(
    '/identity/:id',
    {
      config: { roles: lookers },
      schema: {
        tags,
        operationId: 'consoleShowIdentityCheck',
        summary: '实名认证详情(每次查看均记录)/ One identity check in clear; every look is logged',
        params: strict({ id: Id }),
        response: { 200: Data(Full) },
      },
    },
    async (request) => {
      const dossier = await seeCheck(bank, operatorOf(request), readId(request.params.id))
      const { check, person, details, events, earlier, sameDocument, approval } = dossier
      return {
        data: {
          ...briefOf(check, person),
          details: details && {
            real_name: details.realName,
            id_type: details.idType,
            id_number: details.idNumber,
            address: details.address,
            contact: details.contact,
          },
          pictures: pictureSides.filter((side) => check[`${side}_file`] !== null),
          timeline: events.map(({ from_status, to_status, reason, note, at }) => ({
            from: from_status,
            to: to_status,
            reason,
            note,
            at: instantText(at),
          })),
          earlier: earlier.map((one) => briefOf(one, person)),
          same_document: sameDocument.map(({ id, uid, maskedName }) => ({ person: id, uid, masked_name: maskedName })),
          review: approval && {
            approval: approval.id,
            hash: approval.hash,
            status: approval.status,
            checks_needed: approval.checksNeeded,
            checks: approval.checks.filter(({ verdict }) => verdict === 'approve').length,
          },
          rejections: Object.entries(identityRejections).map(([code, { why, next }]) => ({ code, tells: why, next })),
        },
      }
    },
  )

  app.get(
    '/identity/:id/:side',
    {
      config: { roles: lookers },
      schema: {
        tags,
        operationId: 'consoleShowIdentityPicture',
        summary: '证件照(每次查看均记录)/ A picture of the document, as an attachment; every look is logged',
        params: strict({ id: Id, side: T.Union(pictureSides.map((side) => T.Literal(side))) }),
        response: { 200: JpegAnswer },
      },
    },
    async (request, reply) => {
      const { id, side } = request.params
      const { name, bytes } = await seePicture(bank, operatorOf(request), readId(id), side)
      return reply
        .headers({ 'content-disposition': `attachment; filename="${name}"`, 'cache-control': 'no-store' })
        .type('image/jpeg')
        .send(bytes)
    },
  )
}
