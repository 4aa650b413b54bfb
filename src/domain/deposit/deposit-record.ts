// Deposits as operators see them: any of them, whatever became of it, and each step that it took.
// Must stay true: it only reads; customers see theirs through deposit.ts.

import type { Queries } from '../../base/database.ts'
import type { DepositAsset, DepositClass, DepositStatus } from './deposit.ts'

export interface DepositRecord {
  id: string
  network: string
  asset: DepositAsset
  class: DepositClass
  status: DepositStatus
  reason: string
  person_no: bigint
  address: string
  from_address: string
  contract: string
  tx_hash: string
  ordinal: number
  /** Chain units, as logged. */
  value: string
  amount_received: bigint
  amount_credited: bigint
  owed: bigint
  confirmations: number
  block_number: bigint
  block_hash: string
  journal_id: string | null
  created_at: Date
  settled_at: Date | null
}

const COLUMNS = `id, network, asset, class, status, reason, person_no, address, from_address, contract, tx_hash, ordinal, value,
  amount_received, amount_credited, owed, confirmations, block_number, block_hash, journal_id, created_at, settled_at`

export interface DepositFilter {
  status?: DepositStatus | undefined
  network?: string | undefined
  personNo?: bigint | undefined
}

/** Newest first. */
export const depositRecords = (
  q: Queries,
  bookId: number,
  { status, network, personNo, offset, size }: DepositFilter & { offset: number; size: number },
): Promise<DepositRecord[]> =>
  q.query<DepositRecord>(
    'deposit-records',
    `select ${COLUMNS} from deposits
     where book_id = $1 and ($2::text is null or status = $2) and ($3::text is null or network = $3)
       and ($4::bigint is null or person_no = $4)
     order by id desc limit $5 offset $6`,
    [bookId, status ?? null, network ?? null, personNo ?? null, size, offset],
  )

export async function depositRecord(q: Queries, bookId: number, id: string): Promise<DepositRecord | undefined> {
  const [row] = await q.query<DepositRecord>(
    'deposit-record',
    `select ${COLUMNS} from deposits where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

export interface DepositStep {
  from_status: DepositStatus | null
  to_status: DepositStatus
  block_hash: string
  reason: string
  at: Date
}

export const depositSteps = (q: Queries, bookId: number, id: string): Promise<DepositStep[]> =>
  q.query<DepositStep>(
    'deposit-steps',
    `select from_status, to_status, block_hash, reason, at from deposit_events
     where book_id = $1 and deposit_id = $2 order by no`,
    [bookId, id],
  )

/** Coin that customers' deposits brought to an address in blocks up to this one, in chain units. */
export async function coinDepositsTo(
  q: Queries,
  bookId: number,
  network: string,
  address: string,
  upTo: number,
): Promise<bigint> {
  const [row] = await q.query<{ value: string }>(
    'deposits-coin-to',
    `select coalesce(sum(value), 0)::text as value from deposits
     where book_id = $1 and network = $2 and address = $3 and asset <> 'USDT' and class in ('customer', 'below_minimum')
       and status not in ('orphaned', 'reversed') and block_number <= $4`,
    [bookId, network, address, upTo],
  )
  return BigInt(row?.value ?? 0)
}

/** Deposits of one transaction, whichever of these networks it is of. */
export const depositsOfTransaction = (
  q: Queries,
  bookId: number,
  networks: readonly string[],
  txHash: string,
): Promise<Pick<DepositRecord, 'id' | 'network'>[]> =>
  q.query(
    'deposits-of-transaction',
    `select id, network from deposits
     where book_id = $1 and network = any ($2::text[]) and tx_hash = $3 order by network, ordinal limit 10`,
    [bookId, networks, txHash],
  )
