// What was signed for payments: rows that the signer writes and the loop moves. Must stay true: only these bytes are ever
// sent; where a transaction stands is what a block said, with the state that says so; moves are compare-and-swap.

import type { Queries, Tx } from '../../base/database.ts'
import type { Draft } from '../ports.ts'

export type ChainTransactionStatus = 'signed' | 'sent' | 'mined' | 'final' | 'dead'

export interface ChainTransaction {
  id: string
  payment_id: string
  network: string
  from_address: string
  /** EVM. */
  nonce: number | null
  /** TRON. */
  expires_at: Date | null
  tx_hash: string
  raw: string
  draft: Draft
  replaces: string | null
  status: ChainTransactionStatus
  success: boolean | null
  block_number: number | null
  block_hash: string | null
  /** Chain units of the coin. */
  fee_paid: bigint | null
  /** How often it was final. */
  finals: number
  signed_at: Date
  sent_at: Date | null
  last_sent_at: Date | null
}

type Raw = Omit<ChainTransaction, 'nonce' | 'block_number' | 'fee_paid'> & {
  nonce: bigint | null
  block_number: bigint | null
  fee_paid: string | null
}

const columns = `t.id, t.payment_id, t.network, t.from_address, t.nonce, t.expires_at, t.tx_hash, t.raw, t.draft, t.replaces, t.status,
  t.success, t.block_number, t.block_hash, t.fee_paid, t.finals, t.signed_at, t.sent_at, t.last_sent_at`

const transactionOf = (row: Raw): ChainTransaction => ({
  ...row,
  nonce: row.nonce === null ? null : Number(row.nonce),
  block_number: row.block_number === null ? null : Number(row.block_number),
  fee_paid: row.fee_paid === null ? null : BigInt(row.fee_paid),
})

/** All that were signed for these payments, by payment, the newest first. */
export async function transactionsOf(
  q: Queries,
  bookId: number,
  paymentIds: readonly string[],
): Promise<Map<string, ChainTransaction[]>> {
  const rows = await q.query<Raw>(
    'chain-transactions-of',
    `select ${columns} from chain_transactions t where t.book_id = $1 and t.payment_id = any ($2::uuid[])
     order by t.signed_at desc, t.id desc`,
    [bookId, paymentIds],
  )
  const byPayment = new Map(paymentIds.map((id) => [id, [] as ChainTransaction[]]))
  for (const row of rows) byPayment.get(row.payment_id)?.push(transactionOf(row))
  return byPayment
}

/** All with one nonce of a wallet, whichever payment they are of. */
export async function transactionsWithNonce(
  q: Queries,
  bookId: number,
  { network, from_address, nonce }: Pick<ChainTransaction, 'network' | 'from_address' | 'nonce'>,
): Promise<ChainTransaction[]> {
  const rows = await q.query<Raw>(
    'chain-transactions-nonce',
    `select ${columns} from chain_transactions t
     where t.book_id = $1 and t.network = $2 and t.from_address = $3 and t.nonce = $4 order by t.signed_at desc, t.id desc`,
    [bookId, network, from_address, nonce],
  )
  return rows.map(transactionOf)
}

/** Where a transaction stands in the chain, what became of it, what the network took. */
export interface Mined {
  number: number
  hash: string
  success: boolean
  fee: bigint
}

/** Moves a transaction that still is in the first state; false when it no longer was. */
export async function moveTransaction(
  tx: Tx,
  bookId: number,
  id: string,
  from: ChainTransactionStatus,
  to: 'sent' | 'mined' | 'final' | 'dead',
  { mined, at }: { mined?: Mined; at: Date },
): Promise<boolean> {
  const [row] = await tx.query<{ moved: boolean }>(
    'chain-transaction-move',
    'select chain_transaction_move($1, $2, $3, $4, $5, $6, $7, $8, $9) as moved',
    [
      bookId,
      id,
      from,
      to,
      mined?.success ?? null,
      mined?.number ?? null,
      mined?.hash ?? null,
      mined?.fee.toString() ?? null,
      at,
    ],
  )
  return row?.moved === true
}

/** Of a network's transactions those in some states, oldest first, of payments in some states. */
export async function transactionsIn(
  q: Queries,
  bookId: number,
  network: string,
  statuses: readonly ChainTransactionStatus[],
  paymentStatuses: readonly string[],
  limit: number,
): Promise<ChainTransaction[]> {
  const rows = await q.query<Raw>(
    'chain-transactions-in',
    `select ${columns} from chain_transactions t join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
     where t.book_id = $1 and t.network = $2 and t.status = any ($3) and t.status in ('signed', 'sent', 'mined')
       and p.status = any ($4)
     order by t.from_address, t.nonce, t.signed_at, t.id limit $5`,
    [bookId, network, statuses, paymentStatuses, limit],
  )
  return rows.map(transactionOf)
}

/**
 * Of the mined ones, those that have to be looked at: `due`, deep enough in our own chain to be final, or `displaced`, our
 * chain has another block at that height. A block that our chain has forgotten is due as well.
 */
export async function minedToSettle(
  q: Queries,
  bookId: number,
  network: string,
  depth: { confirmations: number; finality: 'finalized' | 'none' },
  limit: number,
  only: string | null = null,
): Promise<(ChainTransaction & { displaced: boolean })[]> {
  const rows = await q.query<Raw & { displaced: boolean }>(
    'chain-transactions-to-settle',
    `select * from (
       select ${columns}, coalesce(b.hash <> t.block_hash, false) as displaced,
              t.block_number <= s.number - $3 + 1 and ($4 = 'none' or t.block_number <= s.final) as due
       from chain_transactions t join chain_states s using (book_id, network)
       left join chain_blocks b on b.book_id = t.book_id and b.network = t.network and b.number = t.block_number
       where t.book_id = $1 and t.network = $2 and t.status = 'mined' and s.phase = 'following'
         and ($6::uuid is null or t.id = $6)) m
     where m.due or m.displaced order by m.block_number, m.id limit $5`,
    [bookId, network, depth.confirmations, depth.finality, limit, only],
  )
  return rows.map((row) => ({ ...transactionOf(row), displaced: row.displaced }))
}

/** Final ones from this block on, whose block our chain has replaced by another: a reorganisation deeper than its confirmations. */
export async function displacedFinals(
  q: Queries,
  bookId: number,
  network: string,
  from: number,
): Promise<ChainTransaction[]> {
  const rows = await q.query<Raw>(
    'chain-transactions-displaced',
    `select ${columns} from chain_transactions t
     join chain_blocks b on b.book_id = t.book_id and b.network = t.network and b.number = t.block_number
     where t.book_id = $1 and t.network = $2 and t.status = 'final' and t.block_number >= $3 and b.hash <> t.block_hash
     order by t.block_number, t.id`,
    [bookId, network, from],
  )
  return rows.map(transactionOf)
}
