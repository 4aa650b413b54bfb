// Shares and rates: millionths of an amount, always rounded down, so that parts never exceed their whole.
// Their texts are the settings' own: "0.05".

import { divFloor, formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'

const WHOLE = 1_000_000n
const WHOLE_SCALE = 6

export const shareOf = (amount: bigint, rate: bigint): bigint => divFloor(amount * rate, WHOLE)

export const rateText = (rate: bigint): string => formatAmount(rate, WHOLE_SCALE)

/** How an amount came about, for memos: "100 × 0.05". */
export const productText = (base: bigint, rate: bigint): string =>
  `${formatAmount(base, assets.USDT.scale)} × ${rateText(rate)}`
