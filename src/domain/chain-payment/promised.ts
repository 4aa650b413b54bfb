// What a wallet has promised: payments that the signer was asked for, or that were signed, and are not final yet.
// Must stay true: of several transactions for one payment the dearest counts, until one of them is mined.

import type { Queries } from '../../base/database.ts'
import type { Draft } from '../ports.ts'
import type { Payer } from './payer.ts'
import type { Promised } from './wallet-budget.ts'

export async function promisedBy({ bookId, network, sender }: Payer, q: Queries, address: string): Promise<Promised[]> {
  const rows = await q.query<{
    id: string
    asset: 'token' | 'coin'
    value: string
    mined: boolean
    fee_paid: string | null
    drafts: Draft[] | null
  }>(
    'chain-payments-promised',
    `select p.id, p.asset, p.value, p.status = 'mined' as mined,
            (select sum(t.fee_paid) from chain_transactions t
             where t.book_id = p.book_id and t.payment_id = p.id and t.status = 'mined') as fee_paid,
            (select jsonb_agg(d.draft) from (
               select t.draft from chain_transactions t
               where t.book_id = p.book_id and t.payment_id = p.id and t.status in ('signed', 'sent')
               union all
               select r.draft from signing_requests r
               where r.book_id = p.book_id and r.payment_id = p.id and r.status = 'waiting') d) as drafts
     from chain_payments p
     where p.book_id = $1 and p.network = $2 and p.from_address = $3
       and p.status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')`,
    [bookId, network.code, address],
  )
  return rows.flatMap((row) => {
    const fees = row.mined ? [BigInt(row.fee_paid ?? 0)] : (row.drafts ?? []).map((draft) => sender.maxFee(draft))
    if (fees.length === 0) return [] // ready, and nobody was asked yet
    const fee = fees.reduce((a, b) => (a > b ? a : b))
    return [{ paymentId: row.id, asset: row.asset, value: BigInt(row.value), fee, mined: row.mined }]
  })
}
