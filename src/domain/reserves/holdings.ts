// What the bank's addresses hold on chain: network by network, all of them at one final block, which is named.
// Must stay true: what cannot be looked at is never counted; where the books have something on a network that nobody can
// ask, there is no proof. Addresses come from the caller's snapshot of the books, balances from blocks after it.

import type { Queries, Tx } from '../../base/database.ts'
import { formatAmount, fromChainUnits } from '../../base/money.ts'
import { assets, houseAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { houseAddresses } from '../chain/house-address.ts'
import { decimalsOf, type Network } from '../chain/network.ts'
import { paidByBlock, unbookedWithdrawals } from '../chain-payment/paid-by-block.ts'
import type { Bank } from '../context.ts'
import type { ChainSender } from '../ports.ts'
import { custodyAddresses } from '../treasury/address-custody.ts'
import { onChainAs, type ReserveAsset, reserveAssets } from './reserve-asset.ts'

export type SenderOf = (network: Network) => ChainSender | undefined

/** Why nothing can be proven now: somebody has to look, or has to ask again later. */
export class Unproven extends Error {}

export interface HeldAddress {
  address: string
  purpose: 'deposit' | 'hot' | 'cold'
  /** Chain units; filled in by `readHoldings`. */
  value: bigint
}

/** Addresses of an asset on a network, as the books know them. */
export interface Place {
  network: Network
  asset: ReserveAsset
  as: 'token' | 'coin'
  addresses: HeldAddress[]
  /** Ledger units that the books have there. */
  booked: bigint
}

export interface Places {
  places: Place[]
  /** Payments that the books had not booked. */
  unbooked: string[]
}

/** Where the books say that something stands. In the caller's snapshot of the books. */
export async function placesOf(bank: Bank, tx: Tx, bookId: number): Promise<Places> {
  const houses = await houseAddresses(tx, bookId)
  const places: Place[] = []
  for (const network of bank.networks) {
    for (const asset of reserveAssets) {
      const as = onChainAs(network, asset)
      if (!as) continue
      const accounts = (as === 'token' ? (['custody', 'hot', 'cold'] as const) : (['custody'] as const)).map((kind) =>
        houseAccount(kind, asset, network.no),
      )
      const balance = await balancesOf(tx, bookId, accounts)
      const booked = accounts.reduce((sum, account) => sum - balance(account).balance, 0n)
      const deposits = (await custodyAddresses(tx, bookId, network.code, as)).map(({ address }) => address)
      const own = houses.flatMap(({ family, address, purpose }) =>
        family === network.family && purpose !== 'gas' ? [{ address, purpose, value: 0n }] : [],
      )
      const held = new Map<string, HeldAddress>(own.map((one) => [one.address, one]))
      for (const address of deposits) {
        if (!held.has(address)) held.set(address, { address, purpose: 'deposit', value: 0n })
      }
      places.push({ network, asset, as, addresses: [...held.values()], booked })
    }
  }
  return { places, unbooked: await unbookedWithdrawals(tx, bookId) }
}

/** A payment that has left our addresses by the block that they were asked at, while the books still owe it. */
export interface PaidInFlight {
  network: string
  asset: ReserveAsset
  tx_hash: string
  units: bigint
}

/** What stood at a place at a final block. Ledger units, floored. */
export interface Holding {
  network: string
  asset: ReserveAsset
  block: number
  units: bigint
  addresses: HeldAddress[]
}

export interface Holdings {
  held: Holding[]
  paid: PaidInFlight[]
}

/** Asks the chains. Throws `Unproven` where the books have something and nobody answers for it. */
export async function readHoldings(
  q: Queries,
  bookId: number,
  { places, unbooked }: Places,
  senderOf: SenderOf,
): Promise<Holdings> {
  const found: Holdings = { held: [], paid: [] }
  for (const [network, own] of Map.groupBy(places, (place) => place.network)) {
    const sender = senderOf(network)
    if (!sender) {
      const left = own.find(({ booked }) => booked !== 0n)
      if (!left) continue
      const amount = formatAmount(left.booked, assets[left.asset].scale)
      throw new Unproven(`the books have ${amount} ${left.asset} on ${network.code}, and there is no node to ask`)
    }
    const holders = own.flatMap(({ as, addresses }) => addresses.map(({ address }) => ({ address, asset: as })))
    if (holders.length === 0) continue
    const { block, balances } = await sender.finalBalances(holders)
    let next = 0
    for (const { asset, addresses } of own) {
      const filled = addresses.map((held) => ({ ...held, value: balances[next++] ?? 0n }))
      const value = filled.reduce((sum, one) => sum + one.value, 0n)
      const { units } = fromChainUnits(value, decimalsOf(network, asset), assets[asset].scale)
      found.held.push({
        network: network.code,
        asset,
        block,
        units,
        addresses: filled.filter((one) => one.value > 0n || one.purpose !== 'deposit'),
      })
    }
    for (const { asset: as, tx_hash, value } of await paidByBlock(q, bookId, network.code, unbooked, block)) {
      const place = own.find((one) => one.as === as)
      if (!place) continue
      const { units } = fromChainUnits(value, decimalsOf(network, place.asset), assets[place.asset].scale)
      found.paid.push({ network: network.code, asset: place.asset, tx_hash, units })
    }
  }
  return found
}
