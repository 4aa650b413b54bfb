// What nodes cost, how many are left, and how many of them this customer may still have.
// Must stay true: a purchase is decided by the same function as its quote, on what it finds under the lock.

import { Refusal } from '../../base/errors.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import type { Actor, Bank } from '../context.ts'
import { effectiveLevel, ownPerson } from '../people/people.ts'
import { type Holdings, holdingsOf } from './node-holdings.ts'
import { currentPrice, type Part, partsOf, stockOf, type Tier, tiersOf, totalOf } from './node-tier.ts'
import { type SaleSettings, saleSettings } from './sale-settings.ts'

/** What a purchase would find. */
export interface Shop {
  tiers: readonly Tier[]
  held: Pick<Holdings, 'nodes'>
  settings: SaleSettings
}

/** Nothing is left where nothing is sold. */
const availableIn = ({ tiers, settings }: Shop) => (settings.onSale ? stockOf(tiers) : 0)
const remainingIn = ({ held, settings }: Shop) =>
  held.nodes < settings.perPerson ? settings.perPerson - held.nodes : 0

/** The parts of a purchase. Refuses `NodesSoldOut`. */
function priceNodes(shop: Shop, quantity: number): Part[] {
  const parts = shop.settings.onSale ? partsOf(shop.tiers, quantity) : undefined
  if (!parts) throw new Refusal('NodesSoldOut', { available: availableIn(shop) })
  return parts
}

/** The same for whoever buys now at this total. Refuses also `NodeLimitReached`, `PriceChanged`. */
export function decidePurchase(shop: Shop, quantity: number, expected: bigint): Part[] {
  const remaining = remainingIn(shop)
  if (quantity > remaining) throw new Refusal('NodeLimitReached', { remaining_for_user: remaining })
  const parts = priceNodes(shop, quantity)
  const total = totalOf(parts)
  if (total !== expected) {
    throw new Refusal('PriceChanged', {
      pointer: '/expected_total_usdt',
      total_usdt: formatAmount(total, assets.USDT.scale, 2),
    })
  }
  return parts
}

export async function readShop(bank: Bank, actor: Pick<Actor, 'bookId' | 'personNo'>): Promise<Shop> {
  const { bookId, personNo } = actor
  const [tiers, held, settings] = await Promise.all([
    tiersOf(bank.db, bookId),
    holdingsOf(bank.db, bookId, personNo),
    saleSettings(bank, bookId),
  ])
  return { tiers, held, settings }
}

export interface NodeQuote {
  quantity: number
  parts: Part[]
  total: bigint
  upt: bigint
  available: number
  remaining: number
}

/** Refuses `NodesSoldOut`. That it is more than this customer may have, `remaining` says. */
export async function quoteNodes(bank: Bank, actor: Actor, quantity: number): Promise<NodeQuote> {
  const shop = await readShop(bank, actor)
  const parts = priceNodes(shop, quantity)
  return {
    quantity,
    parts,
    total: totalOf(parts),
    upt: shop.settings.upt * BigInt(quantity),
    available: availableIn(shop),
    remaining: remainingIn(shop),
  }
}

export interface NodeStanding {
  nodes: number
  teamNodes: number
  /** Paid for the nodes. */
  principal: bigint
  /** UPT in both accounts. */
  upt: bigint
  level: number
}

/** What the customer has of nodes. */
export async function nodeStanding(bank: Bank, actor: Actor): Promise<NodeStanding> {
  const { bookId, personNo } = actor
  const points = [personAccount(personNo, 'main', 'UPT'), personAccount(personNo, 'node', 'UPT')]
  const [held, person, balanceOf] = await Promise.all([
    holdingsOf(bank.db, bookId, personNo),
    ownPerson(bank, actor),
    balancesOf(bank.db, bookId, points),
  ])
  return {
    nodes: held.nodes,
    teamNodes: held.team_nodes,
    principal: held.principal,
    upt: points.reduce((sum, account) => sum + balanceOf(account).balance, 0n),
    level: effectiveLevel(person),
  }
}

export interface NodeDashboard extends NodeStanding {
  price: bigint
  available: number
  remaining: number
  perPerson: number
  tiers: readonly Tier[]
}

export async function nodeDashboard(bank: Bank, actor: Actor): Promise<NodeDashboard> {
  const [shop, standing] = await Promise.all([readShop(bank, actor), nodeStanding(bank, actor)])
  return {
    ...standing,
    price: currentPrice(shop.tiers),
    available: availableIn(shop),
    remaining: remainingIn(shop),
    perPerson: shop.settings.perPerson,
    tiers: shop.tiers,
  }
}
