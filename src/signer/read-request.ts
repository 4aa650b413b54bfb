// What the signer reads, with its own role and its own statements: requests and payments, what was signed before, whose an
// address is, and the order behind a withdrawal. It calls no verb of the bank for this: what it checks it looks up itself.
// Must stay true: it may read these columns and no others; it writes nothing here.

import type { Queries, Tx } from '../base/database.ts'
import { type ChainPayment, paymentColumns, paymentOf } from '../domain/chain-payment/chain-payment.ts'
import type { Family } from './wallet-address.ts'

/** From where payments are signed one after the other. */
export interface Wallet {
  book_id: number
  network: string
  from_address: string
}

export interface Request {
  id: string
  bookId: number
  network: string
  draft: unknown
  replaces: string | null
  payment: ChainPayment
}

/** Wallets for which something waits, the one that waits the longest first. */
export const waitingWallets = (q: Queries, most: number): Promise<Wallet[]> =>
  q.query<Wallet>(
    'signer-wallets',
    `select p.book_id, p.network, p.from_address
     from signing_requests r join chain_payments p on p.book_id = r.book_id and p.id = r.payment_id
     where r.status = 'waiting' group by 1, 2, 3 order by min(r.created_at), min(r.id::text) limit $1`,
    [most],
  )

/**
 * Makes this transaction the only one that signs for the wallet, of all signers. False when another one does. The role may
 * lock no row, so it is a lock by name.
 */
export async function takeWallet(tx: Tx, { book_id, network, from_address }: Wallet): Promise<boolean> {
  const [row] = await tx.query<{ mine: boolean }>(
    'signer-wallet-lock',
    'select pg_try_advisory_xact_lock(hashtextextended($1, 7311)) as mine',
    [`unipay signer ${book_id} ${network} ${from_address}`],
  )
  return row?.mine === true
}

type PaymentRow = Parameters<typeof paymentOf>[0]

/** The oldest request that waits for the wallet. */
export async function nextRequest(q: Queries, wallet: Wallet): Promise<Request | undefined> {
  const [asked] = await q.query<{
    id: string
    payment_id: string
    network: string
    draft: unknown
    replaces: string | null
  }>(
    'signer-next',
    `select r.id, r.payment_id, r.network, r.draft, r.replaces
     from signing_requests r join chain_payments p on p.book_id = r.book_id and p.id = r.payment_id
     where r.status = 'waiting' and p.book_id = $1 and p.network = $2 and p.from_address = $3
     order by r.created_at, r.id limit 1`,
    [wallet.book_id, wallet.network, wallet.from_address],
  )
  if (!asked) return undefined
  const [row] = await q.query<PaymentRow>(
    'signer-payment',
    `select ${paymentColumns} from chain_payments where book_id = $1 and id = $2`,
    [wallet.book_id, asked.payment_id],
  )
  if (!row) return undefined
  const { id, network, draft, replaces } = asked
  return { id, bookId: wallet.book_id, network, draft, replaces, payment: paymentOf(row) }
}

/** The order that a withdrawal's payment is for, as it stands now. Amounts in ledger units. */
export interface Order {
  network: string
  asset: 'USDT' | 'TRX'
  to_address: string
  amount: bigint
  fee: bigint
  status: string
}

export async function approvedOrder(q: Queries, bookId: number, orderId: string): Promise<Order | undefined> {
  const [order] = await q.query<Order>(
    'signer-order',
    'select network, asset, to_address, amount, fee, status from withdrawals where book_id = $1 and id = $2',
    [bookId, orderId],
  )
  return order
}

/** Under which number of the deposit key an address is listed; undefined when it is no customer's. */
export async function depositIndex(
  q: Queries,
  bookId: number,
  family: Family,
  address: string,
): Promise<number | undefined> {
  const [row] = await q.query<{ key_index: number }>(
    'signer-deposit-index',
    'select key_index from deposit_addresses where book_id = $1 and family = $2 and address = $3',
    [bookId, family, address],
  )
  return row?.key_index
}

export interface Earlier {
  id: string
  payment_id: string
  nonce: number | null
  expires_at: Date | null
  hash: string
  raw: string
  status: string
}

/** What was signed for a payment before, and the transaction that is to be replaced, whosever it is. */
export async function signedBefore(q: Queries, { bookId, payment, replaces }: Request): Promise<Earlier[]> {
  const rows = await q.query<Omit<Earlier, 'nonce'> & { nonce: bigint | null }>(
    'signer-earlier',
    `select id, payment_id, nonce, expires_at, tx_hash as hash, raw, status from chain_transactions
     where book_id = $1 and (payment_id = $2 or id = $3) and network = $4 and from_address = $5 order by signed_at, id`,
    [bookId, payment.id, replaces, payment.network, payment.from_address],
  )
  return rows.map((row) => ({ ...row, nonce: row.nonce === null ? null : Number(row.nonce) }))
}

/** The nonce that comes next by what was signed; undefined for a wallet that never signed. */
export async function nextNonce(q: Queries, bookId: number, payment: ChainPayment): Promise<number | undefined> {
  const [row] = await q.query<{ next: bigint }>(
    'signer-nonce',
    'select next from wallet_nonces where book_id = $1 and network = $2 and address = $3',
    [bookId, payment.network, payment.from_address],
  )
  return row && Number(row.next)
}

/**
 * Chain units that were signed for withdrawals from a wallet within the last hour and a minute; the minute covers what the
 * transactions that stored them took. Of this payment those that are dead: that they are is the worker's word.
 */
export async function signedWithinHour(q: Queries, bookId: number, payment: ChainPayment): Promise<bigint> {
  const [row] = await q.query<{ sum: string }>(
    'signer-hour',
    `select coalesce(sum(p.value), 0) as sum from (
       select distinct t.payment_id, coalesce(t.nonce::text, t.tx_hash) as slot from chain_transactions t
       where t.book_id = $1 and t.network = $2 and t.from_address = $5 and t.signed_at > now() - interval '61 minutes'
         and (t.payment_id <> $4 or t.status = 'dead')) s
     join chain_payments p on p.book_id = $1 and p.id = s.payment_id
     where p.order_kind = 'withdrawal' and p.asset = $3`,
    [bookId, payment.network, payment.asset, payment.id, payment.from_address],
  )
  return BigInt(row?.sum ?? '0')
}

/**
 * Chain units of coin that a hot wallet may have spent on itself within the same time: what its transactions can cost at
 * most, of those with one nonce the dearest, and what it gave deposit addresses.
 */
export async function coinWithinHour(q: Queries, bookId: number, payment: ChainPayment): Promise<bigint> {
  const [row] = await q.query<{ sum: string }>(
    'signer-coin-hour',
    `select coalesce(sum(cost), 0) as sum from (
       select max(coalesce((t.draft->>'gas')::numeric * (t.draft->>'maxFeePerGas')::numeric, (t.draft->>'feeLimit')::numeric)
                  + case p.order_kind when 'top_up' then p.value else 0 end) as cost
       from chain_transactions t join chain_payments p on p.book_id = t.book_id and p.id = t.payment_id
       where t.book_id = $1 and t.network = $2 and t.from_address = $3 and t.signed_at > now() - interval '61 minutes'
         and t.status <> 'dead'
       group by coalesce(t.nonce::text, t.id::text)) spent`,
    [bookId, payment.network, payment.from_address],
  )
  return BigInt(row?.sum ?? '0')
}
