// Partners of the fiat ramp: listed, looked at, stopped, and the secret of a new key, once. Making one and changing its
// terms is an approval (`ramp_partner`), a new key another (`ramp_partner_key`).

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { type Partner, partners } from '../../domain/ramp/partner.ts'
import { seeSecret, stopPartner, termsText } from '../../domain/ramp/partner-approval.ts'
import { seePartner } from '../../domain/ramp/see-order.ts'
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
  OrNull,
  operatorOf,
  pageOf,
  pageQuery,
  Reason,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: partners']

const Row = T.Object({
  id: T.String(),
  no: T.Integer({ description: 'part of its accounts: house:ramp:USDT:<no>' }),
  status: T.String(),
  name: T.String(),
  sources: T.Array(T.String()),
  release: T.String({ description: 'manual, automatic' }),
  auto_up_to: T.String(),
  fee_rate: T.String(),
  channel_fee_rate: T.String(),
  order_min: T.String(),
  order_max: T.String(),
  per_day: T.String(),
  float_limit: T.String(),
  pay_minutes: T.String(),
  callback_url: T.String(),
  created_at: Instant,
  updated_at: Instant,
})
const rowOf = (partner: Partner) => {
  const { active: _, receive_account: __, ...terms } = termsText(partner)
  return {
    ...terms,
    id: partner.id,
    no: partner.no,
    status: partner.status,
    created_at: instantText(partner.createdAt),
    updated_at: instantText(partner.updatedAt),
  }
}

const Whole = T.Object({
  ...Row.properties,
  receive_account: T.Record(T.String(), T.String(), { description: 'where its customers pay fiat to' }),
  callback_key: OrNull(T.String({ description: 'whpk_…: with what callbacks are verified' })),
  keys: T.Array(
    T.Object({
      key_id: T.String(),
      created_at: Instant,
      expires_at: OrNull(Instant),
      shown_at: OrNull(Instant),
    }),
  ),
})

const params = strict({ id: Id })

export function partnerRoutes(app: ConsoleServer, bank: Bank): void {
  app.get(
    '/partners',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListPartners',
        summary: '出入金合作方 / Ramp partners',
        querystring: strict(pageQuery),
        response: { 200: Items(Row) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const found = await partners(bank.db, operatorOf(request).bookId, { offset, size })
      return { data: { items: found.map(rowOf), page, size } }
    },
  )

  app.get(
    '/partners/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowPartner',
        summary: '合作方条件与密钥编号 / A partner with its terms and the ids of its keys',
        params,
        response: { 200: Data(Whole) },
      },
    },
    async (request) => {
      const { partner, keys, callbackKey } = await seePartner(
        bank,
        operatorOf(request).bookId,
        readId(request.params.id),
      )
      return {
        data: {
          ...rowOf(partner),
          receive_account: { ...partner.receiveAccount },
          callback_key: callbackKey,
          keys: keys.map((key) => ({
            key_id: key.keyId,
            created_at: instantText(key.createdAt),
            expires_at: instantOrNull(key.expiresAt),
            shown_at: instantOrNull(key.shownAt),
          })),
        },
      }
    },
  )

  app.post(
    '/partners/:id/secret',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleShowPartnerSecret',
        summary:
          '查看新密钥(仅发起人,一次,15 分钟内)/ The secret of a new key: for who asked for it, once, within 15 minutes',
        params,
        response: { 200: Data(T.Object({ key_id: T.String(), secret: T.String() })) },
      },
    },
    async (request) => {
      const { keyId, secret } = await seeSecret(bank, operatorOf(request), readId(request.params.id))
      return { data: { key_id: keyId, secret } }
    },
  )

  app.post(
    '/partners/:id/stop',
    {
      config: { roles: ['risk', 'finance', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleStopPartner',
        summary: '立即停用合作方 / Stop a partner at once; its orders stay',
        params,
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await stopPartner(bank, operatorOf(request), readId(request.params.id), request.body.reason)
      return done
    },
  )
}
