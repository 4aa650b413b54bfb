// One look at the wallets of a network, which all that a run of its treasury decides goes by.
// Must stay true: what was promised is read before the chain is asked, so what leaves in between counts twice for this run,
// never not at all.

import { fromChainUnits, toChainUnits } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { coinDecimals } from '../chain/coin.ts'
import { coldAddress, hotAddress } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import { committedBy } from '../chain-payment/committed.ts'
import type { Bank } from '../context.ts'
import type { ChainSender, WouldFail } from '../ports.ts'
import { type TreasurySettings, treasurySettings } from '../setting.ts'
import type { HotCoin, HotTokens } from './decide-moves.ts'
import { openOrders } from './treasury-order.ts'
import { noteSeen } from './treasury-state.ts'

/** A network's treasury, as a worker runs it. */
export interface Treasury {
  readonly bank: Bank
  readonly bookId: number
  readonly network: Network
  readonly sender: ChainSender
}

export interface Run extends Treasury {
  readonly settings: TreasurySettings
  readonly hot: string
  readonly cold: string | undefined
  /** These change as the run promises more. */
  readonly tokens: HotTokens
  readonly coin: HotCoin
  /** The hot wallet's coin at a final block. */
  readonly finalCoin: { readonly balance: bigint; readonly block: number }
}

const tokenScale = assets.USDT.scale

/** Chain units of the token in ledger units, floored. */
export const tokenUnits = (network: Pick<Network, 'decimals'>, value: bigint): bigint =>
  fromChainUnits(value, network.decimals, tokenScale).units

export const isWouldFail = (error: unknown): error is WouldFail => error instanceof Error && 'wouldFail' in error

/** Nothing before the signer has said its keys. */
export async function beginRun(treasury: Treasury): Promise<Run | undefined> {
  const { bank, bookId, network, sender } = treasury
  const hot = hotAddress(bank, bookId, network.family)
  if (!hot) return undefined
  const cold = coldAddress(bank, network.family)
  const settings = await treasurySettings(bank, bookId, network.code, { fresh: true })
  const committed = await committedBy(bank.db, bookId, network.code, hot)
  const sweeps = await openOrders(bank.db, bookId, network.code, 'sweep')
  const [final, token, coin] = await Promise.all([
    sender.finalBalances([
      { address: hot, asset: 'token' },
      { address: hot, asset: 'coin' },
      ...(cold ? [{ address: cold, asset: 'token' as const }] : []),
    ]),
    sender.balance(hot, 'token'),
    sender.balance(hot, 'coin'),
  ])
  const [hotToken = 0n, hotCoin = 0n, coldToken] = final.balances
  const seen = {
    block: final.block,
    hotToken: `${hotToken}`,
    hotCoin: `${hotCoin}`,
    coldToken: coldToken === undefined ? null : `${coldToken}`,
    latestHotToken: `${token}`,
    latestHotCoin: `${coin}`,
  }
  await noteSeen(bank.db, bookId, network.code, seen, bank.clock.now())
  const fee = await paymentFee(treasury, hot, cold ?? hot, token)
  return {
    ...treasury,
    settings,
    hot,
    cold,
    tokens: {
      balance: tokenUnits(network, token),
      committed: -tokenUnits(network, -committed.token),
      arriving: sweeps.reduce((sum, one) => (isToHot(one) ? sum + one.amount : sum), 0n),
    },
    finalCoin: { balance: hotCoin, block: final.block },
    coin: { balance: coin, committed: committed.coin + BigInt(committed.payments) * fee, fee },
  }
}

export const isToHot = ({ asset, to_purpose }: { asset: string; to_purpose: string }) =>
  asset === 'token' && to_purpose === 'hot'

/** About the most that a payment of tokens from the hot wallet costs now. */
async function paymentFee({ sender }: Treasury, hot: string, to: string, token: bigint): Promise<bigint> {
  if (token > 0n) {
    try {
      return sender.maxFee(await sender.draft({ asset: 'token', from: hot, to, value: 1n }))
    } catch (error) {
      if (!isWouldFail(error)) throw error
    }
  }
  // tokens take several times what coin does
  return 4n * sender.maxFee(await sender.draft({ asset: 'coin', from: hot, to: hot, value: 1n }))
}

/** An amount of coin with 6 decimals, as settings have it, in chain units. */
export const coinOfSetting = (network: Pick<Network, 'family'>, amount: bigint): bigint =>
  toChainUnits(amount, coinDecimals(network), tokenScale)

/** The most that a sweep may cost, in chain units of the coin. */
export const feeLimit = ({ network, settings }: Pick<Run, 'network' | 'settings'>): bigint => {
  const limit = coinOfSetting(network, settings.sweepMaxFee)
  return limit < network.feeCap ? limit : network.feeCap
}
