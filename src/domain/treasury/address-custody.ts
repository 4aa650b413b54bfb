// How much of the books' custody stands on each deposit address: what deposits brought there and sweeps have not taken yet.
// Must stay true: it changes with the journals, in their transaction and after them, so its sum is custody's balance.

import type { Queries, Tx } from '../../base/database.ts'

export type CustodyAsset = 'token' | 'coin'

/** What settled deposits brought, or took away again (negative). */
export async function addCustody(
  tx: Tx,
  bookId: number,
  network: string,
  asset: CustodyAsset,
  changes: readonly { address: string; units: bigint }[],
): Promise<void> {
  const some = changes.filter(({ units }) => units !== 0n)
  if (some.length === 0) return
  await tx.query('address-custody-add', 'select address_custody_add($1, $2, $3, $4, $5)', [
    bookId,
    network,
    asset,
    some.map(({ address }) => address),
    some.map(({ units }) => units),
  ])
}

export interface Candidate {
  address: string
  /** Ledger units. */
  units: bigint
}

/**
 * Addresses that have something to sweep, the fullest first: none of their sweeps is under way, and after the last one
 * failed its pause is over. `pauses[n]` is the one after the n-th failure in a row, in milliseconds; the last holds on.
 */
export async function sweepCandidates(
  q: Queries,
  bookId: number,
  network: string,
  asset: CustodyAsset,
  { above, pauses, now, limit }: { above: bigint; pauses: readonly number[]; now: Date; limit: number },
): Promise<Candidate[]> {
  return q.query<Candidate>(
    'sweep-candidates',
    `select c.address, c.units from address_custody c
     left join lateral (
       select o.status, o.attempt, o.settled_at from treasury_orders o
       where o.book_id = $1 and o.network = $2 and o.from_address = c.address and o.kind = 'sweep'
       order by o.created_at desc, o.id desc limit 1) last on true
     where c.book_id = $1 and c.network = $2 and c.asset = $3 and c.units > 0 and c.units >= $4
       and coalesce(last.status, 'done') in ('done', 'failed')
       and (last.status is distinct from 'failed' or last.settled_at
            + ($5::bigint[])[least(last.attempt, cardinality($5::bigint[]))] * interval '1 millisecond' <= $6)
     order by c.units desc, c.address limit $7`,
    [bookId, network, asset, above, pauses, now, limit],
  )
}

/** Ledger units on all deposit addresses of a network, and how many have any. */
export async function custodyTotal(
  q: Queries,
  bookId: number,
  network: string,
  asset: CustodyAsset,
): Promise<{ units: bigint; addresses: number }> {
  const [row] = await q.query<{ units: string; addresses: number }>(
    'address-custody-total',
    `select coalesce(sum(units), 0)::text as units, count(*) filter (where units > 0)::integer as addresses
     from address_custody where book_id = $1 and network = $2 and asset = $3`,
    [bookId, network, asset],
  )
  return { units: BigInt(row?.units ?? 0), addresses: row?.addresses ?? 0 }
}

/** Deposit addresses of a network on which something stands, by address. */
export const custodyAddresses = (
  q: Queries,
  bookId: number,
  network: string,
  asset: CustodyAsset,
): Promise<Candidate[]> =>
  q.query<Candidate>(
    'address-custody-all',
    `select address, units from address_custody
     where book_id = $1 and network = $2 and asset = $3 and units > 0 order by address`,
    [bookId, network, asset],
  )
