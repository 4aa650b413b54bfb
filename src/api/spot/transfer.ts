// 发起站内转账, 撤销站内转账 and 划转 of the spot document. Wire ↔ domain only.
// Payments within the bank are done when they are answered, so none is ever in review: cancelling one comes too late.

import type { FastifyInstance } from 'fastify'
import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { moveByProgram, type Recipient, sendByProgram } from '../../domain/api-key/place-by-program.ts'
import type { Bank } from '../../domain/context.ts'
import { orderByNumber, orderNumbers } from '../../domain/order-number.ts'
import { transfersFiltered } from '../../domain/transfer.ts'
import { programOf } from './program-of.ts'
import { type Body, Decimal, Id, Int, Maybe, numberOf, Ok, ok, requiredText, strict, textOf, usdtOnly } from './wire.ts'

const Coin = T.String({ minLength: 1, maxLength: 20, examples: ['USDT'] })
const OutBizId = Maybe(
  T.String({ maxLength: 32, description: '业务 Id,幂等 / the program’s own id: one order for ever' }),
)

const InsideTransfer = strict({
  outBizId: OutBizId,
  coin: Coin,
  amount: Decimal,
  toType: T.Enum(['uid', 'phone', 'email']),
  toUid: Maybe(Int),
  toPhoneCountryCode: Maybe(T.String({ maxLength: 8 })),
  toPhoneNumber: Maybe(T.String({ maxLength: 32 })),
  toEmail: Maybe(T.String({ maxLength: 254 })),
  remark: Maybe(T.String({ maxLength: 256 })),
})
const Cancel = strict({ insideTransferId: Id })
const FundsTransfer = strict({
  type: T.Enum(['spot_futures', 'futures_spot']),
  coin: Coin,
  amount: Decimal,
  outBizId: OutBizId,
})

export function transferRoutes(app: FastifyInstance, bank: Bank) {
  app.post<{ Body: Body<typeof InsideTransfer> }>(
    '/v1/inside_transfer',
    {
      config: { scope: 'withdraw' },
      schema: {
        operationId: 'spotInsideTransfer',
        summary: '发起站内转账 / Send to another customer',
        body: InsideTransfer,
        response: { 200: Ok(T.String({ description: 'insideTransferId' })) },
      },
    },
    async (request) => {
      const program = programOf(request)
      const { body } = request
      usdtOnly(body.coin)
      const placed = await sendByProgram(bank, program, {
        to: recipientOf(body),
        amount: requiredText(body.amount, '/amount'),
        remark: textOf(body.remark) ?? '',
        outBizId: textOf(body.outBizId),
      })
      const no = await orderNumbers(bank.db, program.bookId, [{ ...placed, kind: 'transfer' }])
      return ok(`${no(placed.id)}`)
    },
  )

  app.post<{ Body: Body<typeof Cancel> }>(
    '/v1/inside_transfer/cancel',
    {
      config: { scope: 'withdraw' },
      schema: {
        operationId: 'spotCancelInsideTransfer',
        summary: '撤销站内转账(初审前)/ Cancel before the first review',
        body: Cancel,
        response: { 200: Ok(T.Null()) },
      },
    },
    async (request) => {
      const { bookId, personNo } = programOf(request)
      const no = numberOf(request.body.insideTransferId)
      const order = no ? await orderByNumber(bank.db, bookId, no) : undefined
      if (order?.kind !== 'transfer') throw new Refusal('NotFound')
      const own = await transfersFiltered(bank.db, bookId, personNo, 'out', { ids: [order.id], limit: 1 })
      throw new Refusal(own.length === 0 ? 'NotFound' : 'TooLateToCancel')
    },
  )

  app.post<{ Body: Body<typeof FundsTransfer> }>(
    '/v1/funds_transfer',
    {
      config: { scope: 'transfer' },
      schema: {
        operationId: 'spotFundsTransfer',
        summary: '划转 / Move between the spot and the futures account',
        body: FundsTransfer,
        response: { 200: Ok(T.String({ description: 'transferId' })) },
      },
    },
    async (request) => {
      const program = programOf(request)
      const { type, coin, amount, outBizId } = request.body
      usdtOnly(coin)
      const placed = await moveByProgram(bank, program, {
        from: type === 'spot_futures' ? 'main' : 'futures',
        to: type === 'spot_futures' ? 'futures' : 'main',
        amount: requiredText(amount, '/amount'),
        outBizId: textOf(outBizId),
      })
      const no = await orderNumbers(bank.db, program.bookId, [{ ...placed, kind: 'transfer_internal' }])
      return ok(`${no(placed.id)}`)
    },
  )
}

function recipientOf(body: Body<typeof InsideTransfer>): Recipient {
  if (body.toType === 'email') return { type: 'email', email: requiredText(body.toEmail, '/toEmail') }
  if (body.toType === 'phone') {
    const countryCode = requiredText(body.toPhoneCountryCode, '/toPhoneCountryCode')
    return { type: 'phone', countryCode, number: requiredText(body.toPhoneNumber, '/toPhoneNumber') }
  }
  const uid = requiredText(body.toUid, '/toUid')
  if (!/^[1-9]\d{0,17}$/.test(uid)) throw new Refusal('RecipientUnavailable')
  return { type: 'uid', no: BigInt(uid) }
}
