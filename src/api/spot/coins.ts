// 查询币种数据 that the spot document refers to, and rates: public, the same for everybody.
// What is printed here is what the other endpoints take: coins and networks by name, precision, limits.

import type { FastifyInstance } from 'fastify'
import { Type as T } from 'typebox'
import { isRefusal } from '../../base/errors.ts'
import { exactNumber } from '../../base/exact-json.ts'
import { formatAmount } from '../../base/money.ts'
import { showAddress } from '../../domain/chain/address.ts'
import { chainStates } from '../../domain/chain/chain-state.ts'
import type { Network } from '../../domain/chain/network.ts'
import type { Bank } from '../../domain/context.ts'
import { uptPrices } from '../../domain/earn/upt-price.ts'
import { RATE_SCALE, rateNow } from '../../domain/remittance/exchange-rate.ts'
import { withdrawalSettings } from '../../domain/setting.ts'
import { assets } from '../../ledger/accounts.ts'
import { amountNumber, type Coin, coins, networkName, Ok, ok } from './wire.ts'

const CodedNetwork = T.Object({
  network: T.String(),
  chain: T.String(),
  contractAddress: T.Union([T.String(), T.Null()]),
  contractPrecision: T.Integer(),
  requireMemo: T.Integer({ description: '0: no memo' }),
  depositConfirm: T.Integer(),
  addressRegular: T.String(),
  isOpen: T.Boolean(),
  isShow: T.Boolean(),
  depositOpen: T.Boolean(),
  withdrawOpen: T.Boolean(),
  withdrawFee: T.Number(),
  withdrawMin: T.Number(),
  withdrawMax: T.Number(),
  depositMin: T.Number(),
})
const CodedCoin = T.Object({
  name: T.String(),
  fullName: T.String(),
  logo: T.Union([T.String(), T.Null()]),
  track: T.Union([T.String(), T.Null()]),
  precision: T.Integer({ description: '数量精度 / decimals of amounts' }),
  isHot: T.Boolean(),
  isOpen: T.Boolean(),
  isShow: T.Boolean(),
  depositOpen: T.Boolean(),
  withdrawOpen: T.Boolean(),
  withdrawMin: T.Number(),
  withdrawMax: T.Number(),
  networks: T.Array(CodedNetwork),
})

const fullNames: Readonly<Record<Coin, string>> = { USDT: 'Tether USD', TRX: 'TRON' }
const addressForms = { evm: '^0x[0-9a-fA-F]{40}$', tron: '^T[1-9A-HJ-NP-Za-km-z]{33}$' } as const

const carries = (network: Network, coin: Coin) => coin === 'USDT' || network.coin === coin

export async function coinList(bank: Bank) {
  const book = bank.config.DEFAULT_BOOK
  const followed = new Set(
    (await chainStates(bank.db, book)).flatMap(({ network, phase, number }) =>
      phase === 'following' && number !== null ? [network] : [],
    ),
  )
  return Promise.all(
    coins.map(async (coin) => {
      const networks = await Promise.all(
        bank.networks
          .filter((network) => carries(network, coin))
          .map(async (network) => {
            const settings = await withdrawalSettings(bank, book, network.code, coin)
            return { network, settings, open: followed.has(network.code) }
          }),
      )
      const leaving = networks.map(({ settings }) => settings)
      const least = leaving.reduce((low, { min }) => (min < low ? min : low), leaving[0]?.min ?? 0n)
      const most = leaving.reduce((high, { max }) => (max > high ? max : high), 0n)
      return {
        name: coin,
        fullName: fullNames[coin],
        logo: null,
        track: null,
        precision: assets[coin].scale,
        isHot: coin === 'USDT',
        isOpen: networks.some(({ open }) => open),
        isShow: true,
        depositOpen: networks.some(({ open }) => open),
        withdrawOpen: networks.some(({ open, settings }) => open && settings.enabled),
        withdrawMin: amountNumber(least, coin),
        withdrawMax: amountNumber(most, coin),
        networks: networks.map(({ network, settings, open }) => ({
          network: networkName(network),
          chain: network.code === 'TRX' ? 'TRON' : network.code,
          contractAddress: coin === 'USDT' ? showAddress(network, network.contract) : null,
          contractPrecision: coin === 'USDT' ? network.decimals : assets[coin].scale,
          requireMemo: 0,
          depositConfirm: network.confirmations,
          addressRegular: addressForms[network.family],
          isOpen: open,
          isShow: true,
          depositOpen: open,
          withdrawOpen: open && settings.enabled,
          withdrawFee: amountNumber(settings.fee, coin),
          withdrawMin: amountNumber(settings.min, coin),
          withdrawMax: amountNumber(settings.max, coin),
          depositMin: amountNumber(coin === 'USDT' ? network.minDeposit : network.minCoinDeposit, coin),
        })),
      }
    }),
  )
}

/** What the bank knows a rate of; a source that is away leaves its rate out. */
export async function rateList(bank: Bank) {
  const book = bank.config.DEFAULT_BOOK
  const { last } = await uptPrices(bank.db, book)
  const rates = [{ baseSymbol: 'UPT', quoteSymbol: 'USDT', rate: exactNumber(formatAmount(last, assets.USDT.scale)) }]
  try {
    const { rate } = await rateNow(bank, book)
    rates.unshift({ baseSymbol: 'USDT', quoteSymbol: 'CNY', rate: exactNumber(formatAmount(rate, RATE_SCALE)) })
  } catch (error) {
    if (!isRefusal(error, 'RateUnavailable')) throw error
  }
  return rates
}

export function coinRoutes(app: FastifyInstance, bank: Bank) {
  app.get(
    '/v1/common/coin/coin_network/list',
    {
      config: { scope: 'public' },
      schema: {
        operationId: 'spotCoins',
        summary: '查询币种数据 / Coins and their networks',
        response: { 200: Ok(T.Array(CodedCoin)) },
      },
    },
    async () => ok(await coinList(bank)),
  )

  app.get(
    '/v1/common/rate/list',
    {
      config: { scope: 'public' },
      schema: {
        operationId: 'spotRates',
        summary: '汇率 / Rates',
        response: {
          200: Ok(T.Array(T.Object({ baseSymbol: T.String(), quoteSymbol: T.String(), rate: T.Number() }))),
        },
      },
    },
    async () => ok(await rateList(bank)),
  )
}
