// Any order by its id, with its timeline, its journals and its holds. Ids as customers see them (t-…, r-…) are taken too.
// Wire ↔ domain only: what an order is, is in domain/operator/order-view.ts.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { seeOrder } from '../../domain/operator/order-view.ts'
import { everyRole } from '../../domain/operator/role.ts'
import { accountName, describeAccount } from '../../ledger/accounts.ts'
import { Journal, journalOf } from './ledger.ts'
import {
  amountText,
  type ConsoleServer,
  Data,
  Id,
  Instant,
  instantText,
  OrNull,
  operatorOf,
  readId,
  strict,
} from './wire.ts'

const tags = ['console: orders']

const Order = T.Object({
  id: T.String(),
  kind: T.String(),
  status: T.String(),
  people: T.Array(T.String({ description: 'UID' })),
  created_at: Instant,
  fields: T.Object({}, { additionalProperties: true }),
  steps: T.Array(T.Object({ from: OrNull(T.String()), to: T.String(), note: T.String(), at: Instant })),
  journals: T.Array(Journal),
  holds: T.Array(
    T.Object({ id: T.String(), account: T.String(), amount: T.String(), captured: T.String(), status: T.String() }),
  ),
})

export function orderRoutes(app: ConsoleServer, bank: Bank) {
  app.get(
    '/orders/:id',
    {
      config: { roles: everyRole },
      schema: {
        tags,
        operationId: 'consoleShowOrder',
        summary: '按 id 查任意订单及时间线 / Any order by its id, with its timeline',
        params: strict({ id: Id }),
        response: { 200: Data(Order) },
      },
    },
    async (request) => {
      const order = await seeOrder(bank, operatorOf(request), readId(request.params.id))
      return {
        data: {
          id: order.id,
          kind: order.kind,
          status: order.status,
          people: order.people.map((no) => `U${no}`),
          created_at: instantText(order.createdAt),
          fields: order.fields,
          steps: order.steps.map(({ from, to, note, at }) => ({ from, to, note, at: instantText(at) })),
          journals: order.journals.map(journalOf),
          holds: order.holds.map(({ id, account_id, amount, captured, status }) => {
            const { asset } = describeAccount(account_id)
            return {
              id,
              account: accountName(account_id),
              amount: amountText(amount, asset),
              captured: amountText(captured, asset),
              status,
            }
          }),
        },
      }
    },
  )
}
