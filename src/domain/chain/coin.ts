// A network's own coin, between the chain's units and the ledger's: TRX keeps all of its decimals, the coins of EVM networks
// are kept in gwei. Must stay true: what is finer than the ledger is floored and told, never dropped.

import { fromChainUnits } from '../../base/money.ts'
import { type Asset, assets } from '../../ledger/accounts.ts'
import type { Network } from './network.ts'

type Family = Pick<Network, 'family'>

/** Decimals of the chain's smallest unit (wei, sun). */
export const coinDecimals = ({ family }: Family): number => (family === 'evm' ? 18 : 6)

/** The coin's asset in the books. */
export const ledgerCoin = ({ family }: Family): Asset => (family === 'evm' ? 'GAS' : 'TRX')

/** Chain units of coin in ledger units, and what flooring left over. */
export const coinUnits = (network: Family, value: bigint): { units: bigint; dust: bigint } =>
  fromChainUnits(value, coinDecimals(network), assets[ledgerCoin(network)].scale)
