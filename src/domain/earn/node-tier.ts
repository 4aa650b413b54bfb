// The price list of nodes: tiers that are sold one after the other, and how a purchase spans them.
// Must stay true: stock is what tiers still hold and nothing else; a total is the sum of units × price, to the last digit.

import type { Queries, Tx } from '../../base/database.ts'

export interface Tier {
  tier: number
  units: number
  sold: number
  /** Of one node, in USDT units. */
  price: bigint
}

/** What a purchase takes of one tier. */
export interface Part {
  tier: number
  units: number
  price: bigint
}

const COLUMNS = 'tier, units, sold, price'

export const tiersOf = (q: Queries, bookId: number): Promise<Tier[]> =>
  q.query<Tier>('node-tiers', `select ${COLUMNS} from node_tiers where book_id = $1 order by tier`, [bookId])

/**
 * The same, kept from everybody else until the transaction ends, with what a purchase of this person's counts up; and how
 * many nodes that person holds. Accounts are locked after it, never before.
 */
export async function lockTiers(tx: Tx, bookId: number, buyerNo: bigint): Promise<{ tiers: Tier[]; held: number }> {
  const rows = await tx.query<Tier & { held: number }>(
    'node-lock',
    `select ${COLUMNS}, held from node_lock($1, $2) order by tier`,
    [bookId, buyerNo],
  )
  return { tiers: rows, held: rows[0]?.held ?? 0 }
}

export const stockOf = (tiers: readonly Tier[]): number =>
  tiers.reduce((left, { units, sold }) => left + units - sold, 0)

/** What the next node costs; when all are sold what the last one did, and nothing where there was never any. */
export const currentPrice = (tiers: readonly Tier[]): bigint =>
  (tiers.find(({ units, sold }) => sold < units) ?? tiers.findLast(({ units }) => units > 0))?.price ?? 0n

/** The next nodes, tier by tier. Undefined when there are not that many. */
export function partsOf(tiers: readonly Tier[], quantity: number): Part[] | undefined {
  const parts: Part[] = []
  let missing = quantity
  for (const { tier, units, sold, price } of tiers) {
    const left = units - sold
    const taken = left < missing ? left : missing
    if (taken > 0) parts.push({ tier, units: taken, price })
    missing -= taken
  }
  return missing === 0 ? parts : undefined
}

export const totalOf = (parts: readonly Part[]): bigint =>
  parts.reduce((sum, { units, price }) => sum + BigInt(units) * price, 0n)

export interface TierChange {
  no: number
  tier: number
  units_before: number | null
  price_before: bigint | null
  units: number
  price: bigint
  reason: string
  made_by: string
  checked_by: string[]
  approval_id: string
  changed_at: Date
}

/** Newest first. */
export const tierChanges = (
  q: Queries,
  bookId: number,
  page: { offset: number; size: number },
): Promise<TierChange[]> =>
  q.query<TierChange>(
    'node-tier-changes',
    `select no, tier, units_before, price_before, units, price, reason, made_by, checked_by, approval_id, changed_at
     from node_tier_changes where book_id = $1 order by no desc limit $2 offset $3`,
    [bookId, page.size, page.offset],
  )

/** Writes an agreed change. False when the tier is not what was agreed about any more. */
export async function setTier(
  tx: Tx,
  bookId: number,
  change: {
    tier: number
    before: { units: number; price: bigint } | undefined
    units: number
    price: bigint
    reason: string
    madeBy: string
    checkedBy: readonly string[]
    approvalId: string
    at: Date
  },
): Promise<boolean> {
  const { tier, before, units, price, reason, madeBy, checkedBy, approvalId, at } = change
  const [row] = await tx.query<{ done: boolean }>(
    'node-tier-set',
    'select node_tier_set($1, $2::smallint, $3, $4, $5, $6, $7, $8, $9, $10, $11) as done',
    [
      bookId,
      tier,
      before?.units ?? null,
      before?.price ?? null,
      units,
      price,
      reason,
      madeBy,
      checkedBy,
      approvalId,
      at,
    ],
  )
  return row?.done ?? false
}
