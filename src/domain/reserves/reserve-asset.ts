// What customers are owed that stands on chains, and where it stands.
// Must stay true: the order is that of all sums in snapshots; add at the end, for old snapshots keep theirs.

import type { Asset } from '../../ledger/accounts.ts'
import { coinAsset, type Network } from '../chain/network.ts'

export const reserveAssets = ['USDT', 'TRX'] as const satisfies Asset[]
export type ReserveAsset = (typeof reserveAssets)[number]

/** What an asset is on a network: its token, its coin, or nothing. */
export function onChainAs(network: Network, asset: ReserveAsset): 'token' | 'coin' | undefined {
  if (asset === 'USDT') return 'token'
  return coinAsset(network) === asset ? 'coin' : undefined
}
