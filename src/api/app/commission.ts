// 返佣 of the app document: what the customer's team brought, in all and one by one.
// Wire ↔ domain only: how fees are split is in domain/earn/. Of the payer no more is shown than the layer.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { commissionSummary, rewardsOf } from '../../domain/earn/commission.ts'
import { rateText } from '../../domain/earn/rate.ts'
import {
  type AppServer,
  actorOf,
  amountText,
  Instant,
  instantText,
  Ok,
  ok,
  pageOf,
  pageQuery,
  strict,
  wireId,
} from './wire.ts'

const tags = ['返佣']

export function commissionRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/commission/me/summary',
    {
      schema: {
        tags,
        operationId: 'getCommissionSummary',
        summary: '返佣汇总 / Commissions in all, and on this day (UTC)',
        response: { 200: Ok(T.Object({ total: T.String(), today: T.String() })) },
      },
    },
    async (request) => {
      const { bookId, personNo } = actorOf(request)
      const { total, today } = await commissionSummary(bank.db, bookId, personNo, bank.clock.now())
      return ok({ total: amountText(total), today: amountText(today) })
    },
  )

  app.get(
    '/api/commission/rewards',
    {
      schema: {
        tags,
        operationId: 'listCommissions',
        summary: '返佣明细 / Commissions one by one: base × rate, rounded down',
        querystring: strict(pageQuery),
        response: {
          200: Ok(
            T.Object({
              items: T.Array(
                T.Object({
                  id: T.String(),
                  source_biz_type: T.String(),
                  amount: T.String(),
                  layer: T.Integer({ description: '1:我邀请的人 / 1: somebody whom I invited' }),
                  base: T.String({ description: '手续费 / the fee' }),
                  rate: T.String(),
                  status: T.String({ description: 'paid, reversed' }),
                  created_at: Instant,
                }),
              ),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { bookId, personNo } = actorOf(request)
      const { page, size, offset } = pageOf(request.query)
      const rows = await rewardsOf(bank.db, bookId, personNo, { offset, size })
      return ok({
        items: rows.map((row) => ({
          id: wireId('cr', row.id),
          source_biz_type: row.source,
          amount: amountText(row.amount),
          layer: row.layer,
          base: amountText(row.base),
          rate: rateText(row.rate),
          status: row.status,
          created_at: instantText(row.created_at),
        })),
        page,
        size,
      })
    },
  )
}
