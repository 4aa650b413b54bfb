// 资产/行情 of the app document: UPT, the points that nodes earn. Prices come with the nodes.
// The only amounts that are JSON numbers on this wire, because the document prints them so.

import { Type as T } from 'typebox'
import type { Bank } from '../../domain/context.ts'
import { mainAndNode } from '../../domain/statement.ts'
import { type AppServer, actorOf, Ok, ok, pointsNumber } from './wire.ts'

export function uptRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/upt/balance',
    {
      schema: {
        tags: ['资产/行情'],
        operationId: 'getUptBalance',
        summary: 'UPT 余额 / UPT balance',
        response: { 200: Ok(T.Object({ main: T.Number(), node: T.Number(), total: T.Number() })) },
      },
    },
    async (request) => {
      const { main, node } = await mainAndNode(bank, actorOf(request), 'UPT')
      return ok({
        main: pointsNumber(main.balance),
        node: pointsNumber(node.balance),
        total: pointsNumber(main.balance + node.balance),
      })
    },
  )
}
