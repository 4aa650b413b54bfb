// Merchants of the platform API: listed, looked at, stopped. They are made, and given keys, by approvals (`merchant`,
// `merchant_change`); the secret of the plain form is shown once.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { revealSecret, stopMerchant } from '../../domain/merchant/make-merchant.ts'
import { type Merchant, merchantById, merchants } from '../../domain/merchant/merchant.ts'
import { countCustomers } from '../../domain/merchant/merchant-customer.ts'
import { keyViews } from '../../domain/merchant/merchant-key.ts'
import { everyRole } from '../../domain/operator/role.ts'
import {
  type ConsoleServer,
  Data,
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
  Reason,
  strict,
} from './wire.ts'

const tags = ['console: merchants']
const AppId = T.String({ minLength: 1, maxLength: 80, examples: ['pk_test_unknown'], description: 'app_id' })

const Brief = T.Object({
  app_id: T.String(),
  name: T.String(),
  invite_code: T.String(),
  demo: T.Boolean(),
  created_at: Instant,
  stopped_at: OrNull(Instant),
})
const briefOf = (merchant: Merchant) => ({
  app_id: merchant.id,
  name: merchant.name,
  invite_code: merchant.inviteCode,
  demo: merchant.demo,
  created_at: instantText(merchant.createdAt),
  stopped_at: instantOrNull(merchant.stoppedAt),
})

export function merchantRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/merchants',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleListMerchants',
        summary: '商户列表 / Merchants, newest first',
        querystring: strict(pageQuery),
        response: { 200: Items(Brief) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const rows = await merchants(bank.db, operatorOf(request).bookId, { offset, size })
      return { data: { items: rows.map(briefOf), page, size } }
    },
  )

  app.get(
    '/merchants/:app_id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowMerchant',
        summary: '商户与其密钥(仅公钥)/ A merchant with its keys, as far as they are public',
        params: strict({ app_id: AppId }),
        response: {
          200: Data(
            T.Object({
              ...Brief.properties,
              customers: T.Integer(),
              keys: T.Array(
                T.Object({
                  id: T.String(),
                  side: T.String({
                    description: 'platform: ours; merchant: theirs; plain: the secret of the plain form',
                  }),
                  public_key: OrNull(T.String()),
                  shown: T.Boolean(),
                  created_at: Instant,
                  ends_at: OrNull(Instant),
                }),
              ),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId } = operatorOf(request)
      const merchant = await merchantById(bank.db, bookId, request.params.app_id)
      const [customers, keys] = await Promise.all([
        countCustomers(bank.db, merchant),
        keyViews(bank.db, bookId, merchant.id, bank.clock.now()),
      ])
      return {
        data: {
          ...briefOf(merchant),
          customers,
          keys: keys.map(({ id, side, publicKey, shown, createdAt, endsAt }) => ({
            id,
            side,
            public_key: publicKey,
            shown,
            created_at: instantText(createdAt),
            ends_at: instantOrNull(endsAt),
          })),
        },
      }
    },
  )

  app.post(
    '/merchants/:app_id/secret',
    {
      config: { roles: ['admin'] },
      schema: {
        tags,
        operationId: 'consoleShowMerchantSecret',
        summary: '显示明文接口密钥(仅一次)/ Shows the secret of the plain form, once',
        params: strict({ app_id: AppId }),
        response: { 200: Data(T.Object({ secret: T.String() })) },
      },
    },
    async (request) => ({ data: { secret: await revealSecret(bank, operatorOf(request), request.params.app_id) } }),
  )

  app.post(
    '/merchants/:app_id/stop',
    {
      config: { roles: ['risk', 'admin'] },
      schema: {
        tags,
        operationId: 'consoleStopMerchant',
        summary: '立即停用商户(恢复须复核)/ Stops a merchant, at once; resuming needs a checker',
        params: strict({ app_id: AppId }),
        body: strict({ reason: Reason }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await stopMerchant(bank, operatorOf(request), request.params.app_id, request.body.reason)
      return done
    },
  )
}
