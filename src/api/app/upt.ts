// 资产/行情 of the app document: UPT, the points that come with nodes, and what they are worth.
// The only amounts that are JSON numbers on this wire, because the document prints them so. Prices are the same for
// everybody and may be kept by caches for a moment; all else here is the customer's own.

import { Type as T } from 'typebox'
import { sha256 } from '../../base/crypto.ts'
import type { Bank } from '../../domain/context.ts'
import { type BarLength, priceBars, uptPrices } from '../../domain/earn/upt-price.ts'
import { mainAndNode } from '../../domain/statement.ts'
import { type AppServer, actorOf, Ok, ok, pointsNumber, strict } from './wire.ts'

const tags = ['资产/行情']
const KEPT_SECONDS = 15

export function uptRoutes(app: AppServer, bank: Bank) {
  app.get(
    '/api/upt/balance',
    {
      schema: {
        tags,
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

  app.get(
    '/api/quote/upt-kline',
    {
      config: { auth: 'public' },
      schema: {
        tags,
        operationId: 'getUptKline',
        summary: 'UPT 行情(USDT)/ Prices of UPT in USDT: the newest bars in which there was one, oldest first',
        headers: T.Object({ 'if-none-match': T.Optional(T.String()) }),
        querystring: strict({
          interval: T.Optional(
            T.Union([T.Literal('1m'), T.Literal('1h'), T.Literal('1d')], { description: '默认 1h / 1h unless said' }),
          ),
          limit: T.Optional(
            T.String({ pattern: '^([1-9][0-9]?|[1-4][0-9]{2}|500)$', description: '1–500 (integer), 200 unless said' }),
          ),
        }),
        response: {
          200: Ok(
            T.Object({
              klines: T.Array(
                T.Object({
                  time: T.Integer({ description: '起始时间,秒 / when it begins, in seconds' }),
                  open: T.Number(),
                  high: T.Number(),
                  low: T.Number(),
                  close: T.Number(),
                }),
              ),
              last_price: T.Number(),
              default_price: T.Number(),
            }),
          ),
          304: T.Null({ description: 'as the ETag says' }),
        },
      },
    },
    async (request, reply) => {
      const { interval = '1h', limit = '200' } = request.query
      const book = bank.config.DEFAULT_BOOK
      const most = Number.parseInt(limit, 10)
      const [bars, prices] = await Promise.all([
        priceBars(bank.db, book, interval as BarLength, most),
        uptPrices(bank.db, book),
      ])
      const answer = ok({
        klines: bars.map(({ time, open, high, low, close }) => ({
          time,
          open: pointsNumber(open),
          high: pointsNumber(high),
          low: pointsNumber(low),
          close: pointsNumber(close),
        })),
        last_price: pointsNumber(prices.last),
        default_price: pointsNumber(prices.default),
      })
      const etag = `"${sha256(JSON.stringify(answer)).toString('base64url').slice(0, 27)}"`
      reply.headers({ etag, 'cache-control': `public, max-age=${KEPT_SECONDS}` })
      if (namesTag(request.headers['if-none-match'], etag)) return reply.code(304).send(null)
      return answer
    },
  )
}

/** A cache may have weakened the tag, and may hold several. */
const namesTag = (header = '', etag: string): boolean =>
  header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
