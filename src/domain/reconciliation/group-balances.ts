// The books against the movements: what the accounts of custody, hot and cold wallet say that stands on chain, against what
// the movements of their addresses sum to, to the chain's last unit.
//
// Why there are no false alarms: both sides are read in one snapshot, so no chain is asked and no clock matters. What the one
// side has and the other has not yet is counted row by row: transfers that came and are not booked (in confirmation, in review,
// lost), payments in a block and not yet final, dust finer than the books. Each is a state that commits with its rows.
//
// Must stay true: what left and was signed by nobody is no transfer in flight: the books still have it. That break is named by
// itself; when an operator has corrected the books for it, the two sides agree again, and it is over.

import type { Tx } from '../../base/database.ts'
import { formatAmount } from '../../base/money.ts'
import { houseAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import type { Network } from '../chain/network.ts'
import { recentMovements } from './compare-deposits.ts'
import { leaving, paymentRows } from './compare-payments.ts'
import { type Difference, tokenFactor } from './difference.ts'

export const groups = ['deposit', 'hot', 'cold'] as const
export type Group = (typeof groups)[number]

const accountOf = { deposit: 'custody', hot: 'hot', cold: 'cold' } as const

/** Chain units, by group. */
interface Sums {
  group: Group
  /** What the movements make of it. */
  moved: string
  /** Of that, what the books do not have yet, or have and the chain has not. */
  in_flight: string
  /** Of that, what nobody signed. */
  unknown: string
  dust: string
}

/** What a payment of ours has booked: a withdrawal its journal, an order of the treasury when it is counted. */
const isBooked = `(case p.order_kind
  when 'withdrawal' then exists (select from withdrawals w where w.book_id = $1 and w.id = p.order_id and w.journal_id is not null)
  else exists (select from treasury_orders o where o.book_id = $1 and o.id = p.order_id and o.counted) end)`

const sumsQuery = `${recentMovements}, moves as (
    select m.*, p.id as payment_id, coalesce(${isBooked}, false) as paid,
           coalesce(d.status in ('credited', 'below_minimum', 'rejected', 'house'), false) as taken_in
    from recent m
    left join chain_transactions t on t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash and m.from_owner <> ''
    left join chain_payments p on p.book_id = $1 and p.id = t.payment_id
    left join deposits d on d.book_id = $1 and d.network = $2 and d.tx_hash = m.tx_hash and d.ordinal = m.ordinal
  ), payments as (${paymentRows}), parts (owner, in_flight, unknown, dust) as (
    -- came, and not booked: a deposit by its row, what our own payments brought by the payment
    select m.to_owner, m.value, 0, 0 from moves m
    where m.to_owner <> '' and not (case when m.from_owner <> '' and m.payment_id is not null and m.to_owner <> 'deposit' then m.paid else m.taken_in end)
    union all
    -- left, and not booked
    select m.from_owner, -m.value, 0, 0 from moves m
    where m.from_owner <> '' and (m.payment_id is not null and not m.paid or m.from_owner = 'cold' and m.to_owner in ('hot', 'cold') and not m.taken_in)
    union all
    -- left, and nobody signed it
    select m.from_owner, 0, m.value, 0 from moves m where ${leaving} and m.payment_id is null
    union all
    -- booked, and its block has left the chain: the same bytes are on their way again
    select x.owner, x.value, 0, 0 from payments p
    cross join lateral (values (p.from_purpose, p.value), (
      (select b.owner from chain_balances b where b.book_id = $1 and b.network = $2 and b.address = p.to_address), -p.value)) x (owner, value)
    where p.asset = 'token' and x.owner is not null and ${isBooked} and not exists (
      select from chain_movements m join chain_transactions t on t.book_id = $1 and t.network = $2 and t.tx_hash = m.tx_hash
      where m.book_id = $1 and m.network = $2 and t.payment_id = p.id)
    union all
    -- what came straight to the house is booked floored, wallet by wallet
    select h.owner, 0, 0, h.dust from deposits d
    cross join lateral (values
      ((select b.owner from chain_balances b where b.book_id = $1 and b.network = $2 and b.address = d.address), d.received - d.amount_received * $4::numeric),
      (case d.reason when 'from the cold wallet' then 'cold' else 'deposit' end, d.amount_received * $4::numeric - d.received)) h (owner, dust)
    where d.book_id = $1 and d.network = $2 and d.class = 'house' and d.status = 'house'
    union all
    select b.owner, 0, 0, b.opening - b.opening_units * $4::numeric from chain_balances b
    where b.book_id = $1 and b.network = $2 and b.opening is not null
    union all
    select 'deposit', 0, 0, s.dust from chain_states s where s.book_id = $1 and s.network = $2
  )
  select g.owner as "group",
         (select coalesce(sum(b.value + b.accepted + coalesce(b.opening, 0)), 0)::text from chain_balances b
          where b.book_id = $1 and b.network = $2 and b.owner = g.owner) as moved,
         coalesce(sum(p.in_flight), 0)::text as in_flight, coalesce(sum(p.unknown), 0)::text as unknown, coalesce(sum(p.dust), 0)::text as dust
  from unnest(array['deposit', 'hot', 'cold']) g (owner) left join parts p on p.owner = g.owner group by g.owner`

export interface GroupsCompared {
  differences: Difference[]
  /** Groups whose books were corrected for what left unsigned. */
  corrected: Group[]
}

/** `openings` yet to be found make the two sides differ; nothing is compared before. */
export async function compareGroups(
  tx: Tx,
  bookId: number,
  network: Network,
  open: readonly string[],
): Promise<GroupsCompared> {
  const factor = tokenFactor(network)
  const rows = await tx.query<Sums>('reconcile-groups', sumsQuery, [bookId, network.code, open, `${factor}`])
  const accounts = groups.map((group) => houseAccount(accountOf[group], 'USDT', network.no))
  const balance = await balancesOf(tx, bookId, accounts)
  const result: GroupsCompared = { differences: [], corrected: [] }
  for (const [i, group] of groups.entries()) {
    const row = rows.find((one) => one.group === group)
    if (!row) continue
    const booked = -balance(accounts[i] ?? 0n).balance * factor + BigInt(row.dust)
    const moved = BigInt(row.moved) - BigInt(row.in_flight)
    const unknown = BigInt(row.unknown)
    if (moved === booked) {
      if (unknown > 0n) result.corrected.push(group)
      continue
    }
    if (moved + unknown === booked) continue // told by the transactions that nobody signed
    const text = (value: bigint) => formatAmount(value, network.decimals)
    result.differences.push({
      kind: `${accountOf[group]}_off`,
      network: network.code,
      subject: accountOf[group],
      asset: 'USDT',
      expected: text(booked),
      found: text(moved + unknown),
      detail: `the books against the movements of its addresses, ${text(BigInt(row.in_flight))} in flight left out`,
      severity: 'critical',
    })
  }
  return result
}
