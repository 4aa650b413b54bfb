// Commissions: how a fee is split up the payer's team, and what customers have had of it.
// Must stay true: the parts of a fee are rounded down and together never exceed it, whatever the rates say; nobody has
// two parts of one fee.

import type { Queries } from '../../base/database.ts'
import { shareOf } from './rate.ts'

export interface CommissionPart {
  personNo: bigint
  /** 1 is the inviter. */
  layer: number
  rate: bigint
  amount: bigint
}

/**
 * Who gets what of a fee. `upline` begins with the payer's inviter, `rates` with layer 1's, in millionths; who is not
 * `eligible` leaves their part with the house and nobody moves up.
 */
export function splitFee(
  base: bigint,
  upline: readonly bigint[],
  rates: readonly bigint[],
  eligible: (personNo: bigint) => boolean = () => true,
): CommissionPart[] {
  const parts: CommissionPart[] = []
  let left = base
  for (const [i, personNo] of upline.slice(0, rates.length).entries()) {
    const rate = rates[i] ?? 0n
    const amount = shareOf(base, rate)
    if (amount <= 0n || amount > left || !eligible(personNo)) continue
    parts.push({ personNo, layer: i + 1, rate, amount })
    left -= amount
  }
  return parts
}

export type RewardStatus = 'paid' | 'reversed'

export interface Reward {
  id: string
  person_no: bigint
  layer: number
  base: bigint
  rate: bigint
  amount: bigint
  status: RewardStatus
  owed: bigint
  reason: string
  created_at: Date
  reversed_at: Date | null
  source: string
  /** The order whose fee it was. */
  order_id: string
  payer_no: bigint
}

const REWARDS = `select r.id, r.person_no, r.layer, r.base, r.rate, r.amount, r.status, r.owed, r.reason, r.created_at,
    r.reversed_at, b.source, b.order_id, b.payer_no
  from commission_rewards r join commission_bases b on b.book_id = r.book_id and b.journal_id = r.journal_id
  where r.book_id = $1`

interface Page {
  offset: number
  size: number
}

/** A person's, newest first. */
export const rewardsOf = (q: Queries, bookId: number, personNo: bigint, { offset, size }: Page): Promise<Reward[]> =>
  q.query<Reward>('rewards-of', `${REWARDS} and r.person_no = $2 order by r.id desc limit $3 offset $4`, [
    bookId,
    personNo,
    size,
    offset,
  ])

/** Everybody's, newest first; of one order's fee where one is named. */
export const rewards = (
  q: Queries,
  bookId: number,
  { orderId, offset, size }: Page & { orderId?: string | undefined },
): Promise<Reward[]> =>
  orderId === undefined
    ? q.query<Reward>('rewards-all', `${REWARDS} order by r.id desc limit $2 offset $3`, [bookId, size, offset])
    : q.query<Reward>(
        'rewards-of-order',
        `${REWARDS} and r.journal_id in (select journal_id from commission_bases where book_id = $1 and order_id = $2)
         order by r.id desc limit $3 offset $4`,
        [bookId, orderId, size, offset],
      )

export async function rewardById(q: Queries, bookId: number, id: string): Promise<Reward | undefined> {
  const [row] = await q.query<Reward>('reward-by-id', `${REWARDS} and r.id = $2`, [bookId, id])
  return row
}

export interface CommissionSummary {
  total: bigint
  today: bigint
}

/** What a person was paid and still has of it, in all and on this day (UTC). */
export async function commissionSummary(
  q: Queries,
  bookId: number,
  personNo: bigint,
  now: Date,
): Promise<CommissionSummary> {
  const [row] = await q.query<CommissionSummary>(
    'commission-summary',
    `select coalesce(sum(amount), 0)::bigint as total,
            coalesce(sum(amount) filter (where day = ($3::timestamptz at time zone 'UTC')::date), 0)::bigint as today
     from commission_days where book_id = $1 and person_no = $2`,
    [bookId, personNo, now],
  )
  return row ?? { total: 0n, today: 0n }
}
