// What a wallet may still promise: what it holds less what is promised and not yet final, spent on payments in their order.
// Must stay true: who came first is served first; what a payment is short of nobody behind it takes away.

import type { ChainPayment } from './chain-payment.ts'

/** Chain units. */
export interface Holdings {
  token: bigint
  coin: bigint
}

/** What a payment takes from its wallet at most: its value in its asset, and the fee in coin. */
export interface Claim extends Pick<ChainPayment, 'asset' | 'value'> {
  fee: bigint
}

/** A claim that is not final yet; one that stands in a block is gone from the newest balance already. */
export interface Promised extends Claim {
  paymentId: string
  mined: boolean
}

/**
 * What may be promised anew. Of the balance that cannot change any more all promises are taken, of the newest one those that
 * are in no block; the smaller of the two counts, so coins that are on their way to us cannot be paid out yet, and coins
 * that left without us are missed at once.
 */
export function freeOf(final: Holdings, latest: Holdings, promised: readonly Promised[]): Holdings {
  const less = (of: Holdings, all: readonly Promised[]): Holdings => ({
    token: all.reduce((left, { asset, value }) => (asset === 'token' ? left - value : left), of.token),
    coin: all.reduce((left, { asset, value, fee }) => left - fee - (asset === 'coin' ? value : 0n), of.coin),
  })
  const [a, b] = [
    less(final, promised),
    less(
      latest,
      promised.filter(({ mined }) => !mined),
    ),
  ]
  return { token: a.token < b.token ? a.token : b.token, coin: a.coin < b.coin ? a.coin : b.coin }
}

/** Why a payment has to wait for its wallet: it is the one that is short of token or coin, or it stands behind that one. */
export type Shortage = 'token' | 'coin' | 'behind'

export interface Budget {
  /** Whether a payment of this asset could be served at all, before its fee is known. */
  mayAsk(claim: Omit<Claim, 'fee'>): Shortage | undefined
  /** Takes what the payment needs; or says why not, and from then on keeps what it is short of for it. */
  take(claim: Claim): Shortage | undefined
  readonly free: Readonly<Holdings>
}

/**
 * A payment that is short of token keeps those behind it that send token waiting; one that is short of coin to send, those
 * that send coin; one that cannot pay its fee, all. Filling up with coin can so go ahead of a payment that waits for token.
 */
export function budgetOf(free: Holdings): Budget {
  const left = { ...free }
  const kept = { token: false, coin: false, fees: false }
  return {
    free: left,
    mayAsk({ asset, value }) {
      if (kept.fees || kept[asset]) return 'behind'
      if (value <= left[asset]) return undefined
      kept[asset] = true
      return asset
    },
    take({ asset, value, fee }) {
      const short = this.mayAsk({ asset, value })
      if (short) return short
      const coin = fee + (asset === 'coin' ? value : 0n)
      if (coin > left.coin) {
        kept[asset === 'coin' && fee <= left.coin ? 'coin' : 'fees'] = true
        return 'coin'
      }
      left.coin -= coin
      if (asset === 'token') left.token -= value
      return undefined
    },
  }
}
