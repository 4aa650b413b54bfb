// Between the ledger's units and the chain's: what is sent for a withdrawal.
// Must stay true: it is exact; an amount that the chain's unit cannot express is refused when it is asked for.

import { toChainUnits } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Network } from '../chain/network.ts'
import type { WithdrawalAsset } from '../setting-definitions.ts'

const TRX_DECIMALS = 6

/** What is sent, in the chain's own unit. Refuses `InvalidAmount` when that is too coarse. */
export const chainValue = (network: Network, asset: WithdrawalAsset, net: bigint): bigint =>
  toChainUnits(net, asset === 'USDT' ? network.decimals : TRX_DECIMALS, assets[asset].scale)
