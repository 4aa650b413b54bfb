// user/account and user/info of the spot document; and beyond it the account for futures. What can be spent is `balance`,
// what orders hold is `balanceLocked`: together they are what the customer has.

import type { FastifyInstance } from 'fastify'
import { Type as T } from 'typebox'
import type { Program } from '../../domain/api-key/authenticate-key.ts'
import type { Bank } from '../../domain/context.ts'
import { holdingsOf } from '../../domain/holdings.ts'
import { programOf } from './program-of.ts'
import { amountNumber, coins, idNumber, Ok, ok } from './wire.ts'

const Balances = T.Array(
  T.Object({
    coin: T.String(),
    balance: T.Number({ description: '可用余额 / what can be spent, exact digits' }),
    balanceLocked: T.Number({ description: '锁定余额 / what orders hold' }),
  }),
)

/** Also for the WebSocket. */
export async function balancesOf(bank: Bank, program: Program, account: 'main' | 'futures') {
  const held = await holdingsOf(bank, program, account, account === 'main' ? coins : ['USDT'])
  return held.flatMap(({ asset, balance, held: locked }) => {
    const coin = coins.find((one) => one === asset)
    return coin === undefined
      ? []
      : [{ coin, balance: amountNumber(balance - locked, coin), balanceLocked: amountNumber(locked, coin) }]
  })
}

export const infoOf = ({ personNo }: Program) => ({ uid: idNumber(personNo) })

export function accountRoutes(app: FastifyInstance, bank: Bank) {
  app.get(
    '/v1/user/account',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'spotAccount',
        summary: '查询账户余额 / Balances',
        response: { 200: Ok(Balances) },
      },
    },
    async (request) => ok(await balancesOf(bank, programOf(request), 'main')),
  )

  app.get(
    '/v1/user/futures_account',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'spotFuturesAccount',
        summary: '合约账户余额 / Balances of the account for futures',
        response: { 200: Ok(Balances) },
      },
    },
    async (request) => ok(await balancesOf(bank, programOf(request), 'futures')),
  )

  app.get(
    '/v1/user/info',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'spotUserInfo',
        summary: '用户信息 / Who the key belongs to',
        response: { 200: Ok(T.Object({ uid: T.Integer({ format: 'int64' }) })) },
      },
    },
    async (request) => ok(infoOf(programOf(request))),
  )
}
