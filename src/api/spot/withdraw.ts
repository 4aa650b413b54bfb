// 发起提币 and 撤销提币 of the spot document, and 获取充币地址. Wire ↔ domain only.
// Ids of orders are numbers of 19 digits, printed as text.

import type { FastifyInstance } from 'fastify'
import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { withdrawByProgram } from '../../domain/api-key/place-by-program.ts'
import { showAddress } from '../../domain/chain/address.ts'
import type { Bank } from '../../domain/context.ts'
import { depositAddress } from '../../domain/deposit/deposit-address.ts'
import { orderByNumber, orderNumbers } from '../../domain/order-number.ts'
import { cancelOwnWithdrawal } from '../../domain/withdrawal/cancel-withdrawal.ts'
import { programOf } from './program-of.ts'
import {
  type Body,
  coinOf,
  Decimal,
  Id,
  Maybe,
  networkByName,
  networkName,
  numberOf,
  Ok,
  ok,
  requiredText,
  strict,
  textOf,
} from './wire.ts'

const Coin = T.String({ minLength: 1, maxLength: 20, examples: ['USDT'] })
const NetworkName = T.String({ minLength: 1, maxLength: 60, examples: ['Tron (TRC-20)'] })

const Withdraw = strict({
  coin: Coin,
  network: NetworkName,
  address: T.String({ minLength: 1, maxLength: 128 }),
  amount: Decimal,
  memo: Maybe(T.String({ maxLength: 128 })),
  outBizId: Maybe(T.String({ maxLength: 32, description: '业务 Id,幂等 / the program’s own id: one order for ever' })),
})
const Cancel = strict({ withdrawId: Id })
const Address = strict({ coin: Coin, network: NetworkName })

export function withdrawRoutes(app: FastifyInstance, bank: Bank) {
  app.post<{ Body: Body<typeof Withdraw> }>(
    '/v1/withdraw',
    {
      config: { scope: 'withdraw' },
      schema: {
        operationId: 'spotWithdraw',
        summary: '发起提币(仅限免认证地址)/ Withdraw to a listed address',
        description:
          '只能提币到地址簿中已满 24 小时的地址;超过限额的订单需客户在应用内确认 / Pays addresses that have stood in the address book for 24 hours; above a limit the customer confirms the order in the app.',
        body: Withdraw,
        response: { 200: Ok(T.String({ description: 'withdrawId' })) },
      },
    },
    async (request) => {
      const program = programOf(request)
      const { coin, network, address, amount, memo, outBizId } = request.body
      if (textOf(memo) !== undefined)
        throw new Refusal('InvalidParams', { pointer: '/memo', reason: 'no network here takes a memo' })
      const placed = await withdrawByProgram(bank, program, {
        asset: coinOf(coin),
        network: networkByName(bank.networks, network).code,
        to: address,
        amount: requiredText(amount, '/amount'),
        outBizId: textOf(outBizId),
      })
      const no = await orderNumbers(bank.db, program.bookId, [{ ...placed, kind: 'withdrawal' }])
      return ok(`${no(placed.id)}`)
    },
  )

  app.post<{ Body: Body<typeof Cancel> }>(
    '/v1/withdraw/cancel',
    {
      config: { scope: 'withdraw' },
      schema: {
        operationId: 'spotCancelWithdraw',
        summary: '撤销提币(初审前)/ Cancel before the first review',
        body: Cancel,
        response: { 200: Ok(T.Null()) },
      },
    },
    async (request) => {
      const program = programOf(request)
      const no = numberOf(request.body.withdrawId)
      const order = no ? await orderByNumber(bank.db, program.bookId, no) : undefined
      if (order?.kind !== 'withdrawal') throw new Refusal('NotFound')
      await cancelOwnWithdrawal(bank, program, order.id, { beforeReview: true })
      return ok(null)
    },
  )

  app.post<{ Body: Body<typeof Address> }>(
    '/v1/deposit/address',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'spotDepositAddress',
        summary: '获取充币地址 / Deposit address',
        body: Address,
        response: {
          200: Ok(
            T.Array(
              T.Object({
                coin: T.String(),
                network: T.String(),
                address: T.String(),
                memo: T.Union([T.String(), T.Null()]),
              }),
            ),
          ),
        },
      },
    },
    async (request) => {
      const coin = coinOf(request.body.coin)
      const network = networkByName(bank.networks, request.body.network)
      if (coin !== 'USDT' && network.coin !== coin)
        throw new Refusal('InvalidParams', { pointer: '/network', reason: `no ${coin} comes over this network` })
      const address = await depositAddress(bank, programOf(request), network)
      return ok([{ coin, network: networkName(network), address: showAddress(network, address), memo: null }])
    },
  )
}
