// Compares one network with the books, to the ledger's last unit, at one final block.
// How a false alarm is kept out while money moves: the block is named first; then one snapshot of the database tells the
// books, what stands at or below the block and is not booked yet, and what is booked but stands above it; what was signed
// and may be in such a block without our knowing is asked for by its hash. The watcher must have read that far. What still
// differs is compared once more at a later block before it is called a break.

import type { Tx } from '../../base/database.ts'
import { formatAmount, toChainUnits } from '../../base/money.ts'
import { assets, houseAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import { coinDecimals } from '../chain/coin.ts'
import { houseAddresses } from '../chain/house-address.ts'
import type { Network } from '../chain/network.ts'
import { movedAt, type OpenTransaction, openTransactions, withdrawnAround } from '../chain-payment/moved-by-block.ts'
import type { Bank } from '../context.ts'
import { arrivedAround, arrivedAt } from '../deposit/arrived.ts'
import type { ChainSender } from '../ports.ts'
import { custodyAddresses } from '../treasury/address-custody.ts'
import { foundCoin } from '../treasury/coin-funding.ts'
import type { Break } from './break.ts'

export interface Compared {
  block: number
  breaks: Break[]
}

/** Why nothing can be compared now; asked again soon, it usually can. */
export class MustWait extends Error {}

interface Books {
  hot: string[]
  addresses: string[]
  /** Chain units that the books and what is on its way explain. */
  token: bigint
  /** Chain units finer than the ledger, so at most that much less may be seen where an address is not asked. */
  dust: bigint
  open: OpenTransaction[]
}

const snapshot = { mode: 'isolation level repeatable read read only' }
const USDT = 'USDT'

/** Answers with the block and what does not agree there. Throws `MustWait`. */
export async function compareChain(
  bank: Bank,
  bookId: number,
  network: Network,
  sender: ChainSender,
): Promise<Compared> {
  const before = await bank.db.transaction((tx) => addressesOf(tx, bookId, network), snapshot)
  if (before.length === 0) return { block: 0, breaks: [] }
  const { block, balances } = await sender.finalBalances(
    before.map((address) => ({ address, asset: 'token' as const })),
  )
  const held = new Map(before.map((address, i) => [address, balances[i] ?? 0n]))
  const books = await bank.db.transaction((tx) => booksAt(tx, bookId, network, block), snapshot)
  if (books.addresses.some((address) => !held.has(address))) throw new MustWait('a new address came into use meanwhile')

  let left = 0n
  const leftBy = new Map<string, bigint>()
  for (const { tx_hash, asset, order_kind, value, from_address, to_address } of books.open) {
    if (asset !== 'token') continue
    const where = await sender.find(tx_hash)
    if (where.at !== 'block' || where.number > block || !where.success) continue
    if (order_kind === 'withdrawal') left += value
    leftBy.set(from_address, (leftBy.get(from_address) ?? 0n) - value)
    leftBy.set(to_address, (leftBy.get(to_address) ?? 0n) + value)
  }
  const found = [...held.values()].reduce((sum, value) => sum + value, 0n)
  const expected = books.token - left
  const breaks = await coinBreaks(bank, bookId, network, sender, books, block)
  if (found <= expected && expected - found <= books.dust) return { block, breaks }

  const say = (value: bigint) => `${formatAmount(value, network.decimals)} ${USDT}`
  breaks.push({
    kind: 'total',
    subject: USDT,
    asset: USDT,
    expected,
    found,
    block,
    detail: `the books explain ${say(expected)} on ${network.code}, its chain has ${say(found)}`,
  })
  breaks.push(...(await addressBreaks(bank, bookId, network, held, leftBy, block)))
  return { block, breaks }
}

/** Every address on which tokens may stand: the house's wallets, and customers' with something on them. */
async function addressesOf(tx: Tx, bookId: number, network: Network): Promise<string[]> {
  const houses = (await houseAddresses(tx, bookId)).filter(({ family }) => family === network.family)
  const own = houses.map(({ address }) => address)
  const custody = await custodyAddresses(tx, bookId, network.code, 'token')
  const { addresses } = await arrivedAround(tx, bookId, network.code, own, Number.MAX_SAFE_INTEGER)
  return [...new Set([...own, ...custody.map(({ address }) => address), ...addresses])]
}

async function booksAt(tx: Tx, bookId: number, network: Network, block: number): Promise<Books> {
  const state = await chainStateOf(tx, bookId, network.code)
  if (state?.phase !== 'following')
    throw new MustWait(`the network is ${state?.phase ?? 'not read'}: ${state?.note ?? ''}`)
  if ((state.number ?? -1) < block) throw new MustWait(`block ${block} is not read yet`)
  const accounts = (['custody', 'hot', 'cold'] as const).map((kind) => houseAccount(kind, USDT, network.no))
  const balance = await balancesOf(tx, bookId, accounts)
  const booked = accounts.reduce((sum, account) => sum - balance(account).balance, 0n)
  const houses = (await houseAddresses(tx, bookId)).filter(({ family }) => family === network.family)
  const own = houses.map(({ address }) => address)
  const arrived = await arrivedAround(tx, bookId, network.code, own, block)
  const withdrawn = await withdrawnAround(tx, bookId, network.code, block)
  return {
    hot: houses.filter(({ purpose }) => purpose === 'hot').map(({ address }) => address),
    addresses: await addressesOf(tx, bookId, network),
    token:
      toChainUnits(booked, network.decimals, assets.USDT.scale) +
      state.dust +
      arrived.unbooked -
      arrived.later -
      withdrawn.unbooked +
      withdrawn.later,
    dust: state.dust,
    open: await openTransactions(tx, bookId, network.code),
  }
}

/** Which addresses have other than what arrived there and what our payments moved. */
async function addressBreaks(
  bank: Bank,
  bookId: number,
  network: Network,
  held: ReadonlyMap<string, bigint>,
  left: ReadonlyMap<string, bigint>,
  block: number,
): Promise<Break[]> {
  const addresses = [...held.keys()]
  const arrived = await arrivedAt(bank.db, bookId, network.code, addresses, block)
  const moved = await movedAt(bank.db, bookId, network.code, addresses, block)
  return [...held].flatMap(([address, found]): Break[] => {
    const expected = (arrived.get(address) ?? 0n) + (moved.get(address) ?? 0n) + (left.get(address) ?? 0n)
    if (expected === found) return []
    const say = (value: bigint) => formatAmount(value, network.decimals)
    const detail = `${address} has ${say(found)} ${USDT}; what arrived there and what we moved make ${say(expected)}`
    return [{ kind: 'address', subject: address, asset: USDT, expected, found, block, detail }]
  })
}

/** Coin that a hot wallet no longer has and none of our transactions took. What came from outside is the treasury's to book. */
async function coinBreaks(
  bank: Bank,
  bookId: number,
  network: Network,
  sender: ChainSender,
  { hot, open }: Books,
  least: number,
): Promise<Break[]> {
  if (hot.length === 0) return []
  const { block, balances } = await sender.finalBalances(hot.map((address) => ({ address, asset: 'coin' as const })))
  const breaks: Break[] = []
  for (const [i, address] of hot.entries()) {
    const found = balances[i] ?? 0n
    const strange = await foundCoin({ bookId, network }, bank.db, address, found, block)
    if (strange >= 0n || block < least) continue
    for (const { tx_hash, from_address } of [...open, ...(await openTransactions(bank.db, bookId, network.code))]) {
      if (from_address !== address) continue
      const where = await sender.find(tx_hash)
      if (where.at === 'block' && where.number <= block) throw new MustWait(`${tx_hash} was just mined`)
    }
    const missing = formatAmount(-strange, coinDecimals(network))
    breaks.push({
      kind: 'coin',
      subject: address,
      asset: network.coin,
      expected: found - strange,
      found,
      block,
      detail: `${missing} ${network.coin} left ${address} and no transaction of ours took it`,
    })
  }
  return breaks
}
