// What the payments of a wallet may still take from it, for whoever has to see that it holds enough; and what those that are
// in blocks already took and brought of its coin. Must stay true: a payment counts from the moment it was made, whether the
// signer was asked or not; what a block says counts at that block's height, not when we learnt of it.

import type { Queries } from '../../base/database.ts'

export interface Committed {
  /** Chain units that wait to leave, or may be on their way; fees not included. */
  token: bigint
  coin: bigint
  /** So many payments, each with a fee. */
  payments: number
}

export async function committedBy(q: Queries, bookId: number, network: string, address: string): Promise<Committed> {
  const [row] = await q.query<{ token: string; coin: string; payments: number }>(
    'chain-payments-committed',
    `select coalesce(sum(value) filter (where asset = 'token'), 0) as token,
            coalesce(sum(value) filter (where asset = 'coin'), 0) as coin, count(*)::integer as payments
     from chain_payments
     where book_id = $1 and network = $2 and from_address = $3 and status in ('ready', 'signed', 'broadcast', 'uncertain')`,
    [bookId, network, address],
  )
  return { token: BigInt(row?.token ?? 0), coin: BigInt(row?.coin ?? 0), payments: row?.payments ?? 0 }
}

export interface CoinMoved {
  /** Chain units that our payments brought to an address, and took from it with their fees, up to a block. */
  brought: bigint
  taken: bigint
  /** Hashes of payments of coin to it that were signed and are in no block that we know of. */
  coming: string[]
  /** What counts in the sums above and is not final: a block that left the chain may have held it. */
  mined: { hash: string; block: number; fee: bigint }[]
}

/** All that our own payments did to the coin of an address in blocks up to this one. */
export async function coinMovedBy(
  q: Queries,
  bookId: number,
  network: string,
  address: string,
  upTo: number,
): Promise<CoinMoved> {
  const [row] = await q.query<{
    brought: string
    taken: string
    coming: string[] | null
    mined: { hash: string; block: number; fee: string }[] | null
  }>(
    'chain-coin-moved',
    `select
       (select coalesce(sum(p.value), 0) from chain_payments p
        join chain_transactions t on t.book_id = p.book_id and t.payment_id = p.id
        where p.book_id = $1 and p.network = $2 and p.to_address = $3 and p.asset = 'coin'
          and t.status in ('mined', 'final') and t.success and t.block_number <= $4) as brought,
       (select coalesce(sum(t.fee_paid + case when p.asset = 'coin' and t.success then p.value else 0 end), 0)
        from chain_transactions t join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
        where t.book_id = $1 and t.network = $2 and t.from_address = $3
          and t.status in ('mined', 'final') and t.block_number <= $4) as taken,
       (select array_agg(t.tx_hash) from chain_payments p
        join chain_transactions t on t.book_id = p.book_id and t.payment_id = p.id
        where p.book_id = $1 and p.network = $2 and p.to_address = $3 and p.asset = 'coin'
          and p.status in ('signed', 'broadcast', 'uncertain') and t.status in ('signed', 'sent')) as coming,
       (select json_agg(json_build_object('hash', t.tx_hash, 'block', t.block_number, 'fee', t.fee_paid::text) order by t.tx_hash)
        from chain_transactions t join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
        where t.book_id = $1 and t.network = $2 and t.status = 'mined' and t.block_number <= $4
          and (t.from_address = $3 or p.to_address = $3 and p.asset = 'coin')) as mined`,
    [bookId, network, address, upTo],
  )
  return {
    brought: BigInt(row?.brought ?? 0),
    taken: BigInt(row?.taken ?? 0),
    coming: row?.coming ?? [],
    mined: (row?.mined ?? []).map((one) => ({ ...one, fee: BigInt(one.fee) })),
  }
}
