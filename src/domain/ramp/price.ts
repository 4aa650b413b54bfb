// What an order of the ramp comes to: fiat into USDT or back, and the fees, all in USDT.
// Must stay true: every rounding is in the house's favour and by less than a unit; what is priced once stays with the order.

import { Refusal } from '../../base/errors.ts'
import { divCeil, divFloor, formatAmount, MAX_UNITS, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Partner } from './partner.ts'

export const FIAT_SCALE = 2
export const RATE_SCALE = 6
const { scale } = assets.USDT
const MILLION = 10n ** BigInt(RATE_SCALE)
/** USDT units in a hundredth of a USDT: fiat has two decimals, USDT six. */
const FINER = 10n ** BigInt(scale - FIAT_SCALE)

/** Currencies that are exchanged. */
export const fiats = ['PHP'] as const
export type Fiat = (typeof fiats)[number]

/** In capital letters or small ones, as the document writes it. Refuses `InvalidParams`. */
export function readFiat(text: string, pointer: string): Fiat {
  const found = fiats.find((fiat) => fiat === text.toUpperCase())
  if (!found) throw new Refusal('InvalidParams', { pointer, reason: fiats.join(', ') })
  return found
}

export interface RampPrice {
  /** Hundredths of the fiat currency. */
  legal: bigint
  /** USDT, fees included. */
  amount: bigint
  fee: bigint
  channelFee: bigint
}

type Rates = Pick<Partner, 'feeRate' | 'channelFeeRate'>

const feesOf = (amount: bigint, { feeRate, channelFeeRate }: Rates) => ({
  fee: divCeil(amount * feeRate, MILLION),
  channelFee: divCeil(amount * channelFeeRate, MILLION),
})

/** What this fiat buys, fees included. */
export function priceIn(legalText: string, rate: bigint, rates: Rates, pointer: string): RampPrice {
  const legal = parsePositiveAmount(legalText, FIAT_SCALE, pointer)
  const amount = divFloor(legal * FINER * MILLION, rate)
  return sound({ legal, amount, ...feesOf(amount, rates) }, pointer)
}

/** What is paid in fiat for these USDT, after fees. */
export function priceOut(amountText: string, rate: bigint, rates: Rates, pointer: string): RampPrice {
  const amount = parsePositiveAmount(amountText, scale, pointer)
  const fees = feesOf(amount, rates)
  const legal = divFloor((amount - fees.fee - fees.channelFee) * rate, MILLION * FINER)
  return sound({ legal, amount, ...fees }, pointer)
}

function sound(price: RampPrice, pointer: string): RampPrice {
  const { legal, amount, fee, channelFee } = price
  if (legal <= 0n || amount <= fee + channelFee) throw new Refusal('AmountBelowMinimum', { pointer })
  if (legal > MAX_UNITS || amount > MAX_UNITS) throw new Refusal('AmountAboveMaximum', { pointer })
  return price
}

/** Refuses what lies outside a partner's limits for one order. */
export function refuseBeyond(
  price: RampPrice,
  { orderMin, orderMax }: Pick<Partner, 'orderMin' | 'orderMax'>,
  pointer: string,
) {
  const text = (units: bigint) => formatAmount(units, scale)
  if (price.amount < orderMin) throw new Refusal('AmountBelowMinimum', { pointer, minimum: text(orderMin) })
  if (price.amount > orderMax) throw new Refusal('AmountAboveMaximum', { pointer, maximum: text(orderMax) })
}
