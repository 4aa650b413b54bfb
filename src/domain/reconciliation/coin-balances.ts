// Coin of the wallets that pay with it, at one final block: what an address holds against what our own payments, their fees
// and what came from outside make of it. A chain writes no log of coin, so this is worked out from what we know of it.
//
// Why there are no false alarms: coin that is too much is no break, for the treasury finds it and books it as paid in. Coin
// that is missing may have paid for a transaction that the payment loop has not noticed in its block yet; so the chain is
// asked about everything that is under way from there, and while one of them stands in a block up to the final one, nothing
// is said. What is explained and what is under way are read in one snapshot: else a payment could step from one to the other
// between the two.
//
// Must stay true: only addresses that our payments and customers' deposits explain whole are looked at.

import type { Database, Queries, Tx } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { coinDecimals } from '../chain/coin.ts'
import { houseAddresses } from '../chain/house-address.ts'
import { coinAsset, type Network } from '../chain/network.ts'
import { coinMovedBy } from '../chain-payment/committed.ts'
import { underWayFrom } from '../chain-payment/under-way.ts'
import { coinDepositsTo } from '../deposit/deposit-record.ts'
import type { ChainSender } from '../ports.ts'
import { custodyAddresses } from '../treasury/address-custody.ts'
import { coinFunded } from '../treasury/coin-funding.ts'
import type { Difference } from './difference.ts'

/** Deposit addresses of one look: those with the most of customers' coin change from look to look. */
const MOST = 100

export interface CoinHeld {
  address: string
  found: bigint
  block: number
}

/** The hot wallet; and where customers can hold the coin, the addresses where theirs stands. */
export async function coinAddresses(q: Queries, bookId: number, network: Network): Promise<string[]> {
  const houses = await houseAddresses(q, bookId)
  const hot = houses.filter(({ family, purpose }) => family === network.family && purpose === 'hot')
  const deposits = coinAsset(network) ? await custodyAddresses(q, bookId, network.code, 'coin') : []
  return [...hot, ...deposits.slice(0, MOST)].map(({ address }) => address)
}

export async function readCoin(sender: ChainSender, addresses: readonly string[]): Promise<CoinHeld[]> {
  if (addresses.length === 0) return []
  const { block, balances } = await sender.finalBalances(addresses.map((address) => ({ address, asset: 'coin' })))
  return addresses.map((address, i) => ({ address, found: balances[i] ?? 0n, block }))
}

/** Addresses that hold less coin than is explained; nothing of those for which it cannot be said yet. */
export async function coinDifferences(
  db: Database,
  bookId: number,
  network: Network,
  sender: ChainSender,
  held: readonly CoinHeld[],
): Promise<Difference[]> {
  const found: Difference[] = []
  for (const one of held) {
    const { expected, underWay } = await db.transaction((tx) => explain(tx, bookId, network.code, one), {
      mode: 'isolation level repeatable read read only',
    })
    if (one.found >= expected) continue
    if (await anyInBlock(sender, underWay, one.block)) continue
    const text = (value: bigint) => formatAmount(value, coinDecimals(network))
    found.push({
      kind: 'coin_short',
      network: network.code,
      subject: one.address,
      asset: network.coin,
      expected: text(expected),
      found: text(one.found),
      detail: `at block ${one.block}`,
      severity: 'critical',
      off: one.found - expected,
    })
  }
  return found
}

/** In the caller's snapshot. */
async function explain(
  tx: Tx,
  bookId: number,
  network: string,
  { address, block }: CoinHeld,
): Promise<{ expected: bigint; underWay: string[] }> {
  const { brought, taken } = await coinMovedBy(tx, bookId, network, address, block)
  const outside = await coinFunded(tx, bookId, network, address, block)
  const deposits = await coinDepositsTo(tx, bookId, network, address, block)
  const accepted = await coinAccepted(tx, bookId, network, address)
  const underWay = await underWayFrom(tx, bookId, network, address, block)
  return { expected: outside + deposits + brought - taken + accepted, underWay }
}

async function anyInBlock(sender: ChainSender, hashes: readonly string[], block: number): Promise<boolean> {
  for (const hash of hashes) {
    const where = await sender.find(hash)
    if (where.at === 'block' && where.number <= block) return true
  }
  return false
}

/** What an operator has said is so: below zero for coin that is gone. */
async function coinAccepted(q: Queries, bookId: number, network: string, address: string): Promise<bigint> {
  const [row] = await q.query<{ value: string }>(
    'chain-balance-coin-accepted',
    'select coin_accepted::text as value from chain_balances where book_id = $1 and network = $2 and address = $3',
    [bookId, network, address],
  )
  return BigInt(row?.value ?? 0)
}
