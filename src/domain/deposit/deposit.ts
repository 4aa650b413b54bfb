// A deposit's life: its states as a table, what customers see of it, and what operators decide.
// `class` says what a transfer is from the first sight on; `status`, how far it has come. Only `credited` moved money to
// the customer. The table below is the database's (deposit_transitions); test/deposit.test.ts compares the two.

import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { type Asset, assets } from '../../ledger/accounts.ts'
import type { Actor, Bank } from '../context.ts'
import { addCustody } from '../treasury/address-custody.ts'

export const transitions = {
  /** Stands in a block, not yet final. */
  pending: ['credited', 'review', 'below_minimum', 'unsupported', 'internal', 'house', 'orphaned'],
  /** Final, waits for an operator. */
  review: ['credited', 'rejected', 'orphaned'],
  credited: ['reversed'],
  /** Refused by an operator; the coins are kept aside. */
  rejected: ['reversed'],
  below_minimum: ['reversed'],
  /** Another token, or an amount that cannot be. */
  unsupported: ['orphaned'],
  /** Between our own addresses. */
  internal: ['orphaned'],
  /** Straight to a wallet of the house: booked as its own. */
  house: ['reversed'],
  /** Its block left the chain before anything was booked. */
  orphaned: ['pending'],
  /** Its block left the chain after it had been booked; that was taken back. */
  reversed: ['pending'],
} as const satisfies Record<string, readonly string[]>

export type DepositStatus = keyof typeof transitions
export type DepositClass = 'customer' | 'below_minimum' | 'unsupported' | 'internal' | 'house'
/** What customers can pay in. */
export type DepositAsset = Extract<Asset, 'USDT' | 'TRX'>

/** What a customer may see of their own deposits. The rest is for operators. */
export const visibleStatuses = [
  'pending',
  'review',
  'credited',
  'orphaned',
  'reversed',
  'rejected',
] as const satisfies DepositStatus[]
export type VisibleStatus = (typeof visibleStatuses)[number]

export interface DepositOrder {
  id: string
  network: string
  asset: DepositAsset
  status: VisibleStatus
  tx_hash: string
  address: string
  from_address: string
  amount_received: bigint
  amount_credited: bigint
  /** Counts up to `confirmations_required` and stays there; 0 while it is in no block. */
  confirmations: number
  confirmations_required: number
  block_number: bigint
  created_at: Date
  settled_at: Date | null
}

// a deposit is confirmed by the blocks that we have read on top of it, not by the height that a node claims
const orderColumns = `d.id, d.network, d.asset, d.status, d.tx_hash, d.address, d.from_address, d.amount_received, d.amount_credited,
  d.confirmations as confirmations_required, d.block_number, d.created_at, d.settled_at,
  case when d.status in ('orphaned', 'reversed') then 0 when d.status <> 'pending' then d.confirmations
       else greatest(1, least(d.confirmations, s.number - d.block_number + 1))::integer end as confirmations`

/** The actor's deposits, newest first. */
export async function depositOrders(
  bank: Bank,
  actor: Actor,
  page: { status?: VisibleStatus | undefined; offset: number; size: number },
): Promise<DepositOrder[]> {
  return bank.db.query<DepositOrder>(
    'deposit-orders',
    `select ${orderColumns} from deposits d join chain_states s using (book_id, network)
     where d.book_id = $1 and d.person_no = $2 and d.class = 'customer' and ($3::text is null or d.status = $3)
     order by d.id desc limit $4 offset $5`,
    [actor.bookId, actor.personNo, page.status ?? null, page.size, page.offset],
  )
}

/** One of the actor's deposits. Another person's is as absent as one that does not exist. */
export async function depositOrder(bank: Bank, actor: Actor, id: string): Promise<DepositOrder> {
  const [order] = await bank.db.query<DepositOrder>(
    'deposit-order',
    `select ${orderColumns} from deposits d join chain_states s using (book_id, network)
     where d.book_id = $1 and d.id = $2 and d.person_no = $3 and d.class = 'customer'`,
    [actor.bookId, id, actor.personNo],
  )
  if (!order) throw new Refusal('NotFound')
  return order
}

/** Narrows a customer's deposits down, for programs. */
export interface DepositFilter {
  ids?: readonly string[] | undefined
  asset?: DepositAsset | undefined
  txHash?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
  limit: number
}

/** Newest first. */
export async function depositsFiltered(
  q: Queries,
  bookId: number,
  personNo: bigint,
  { ids, asset, txHash, from, until, limit }: DepositFilter,
): Promise<DepositOrder[]> {
  return q.query<DepositOrder>(
    'deposits-filtered',
    `select ${orderColumns} from deposits d join chain_states s using (book_id, network)
     where d.book_id = $1 and d.person_no = $2 and d.class = 'customer' and ($3::uuid[] is null or d.id = any ($3))
       and ($4::text is null or d.asset = $4) and ($5::text is null or d.tx_hash = $5)
       and ($6::timestamptz is null or d.created_at >= $6) and ($7::timestamptz is null or d.created_at <= $7)
     order by d.id desc limit $8`,
    [bookId, personNo, ids ?? null, asset ?? null, txHash ?? null, from ?? null, until ?? null, limit],
  )
}

/** Deposits of these people that still count their confirmations. */
export async function confirmingDeposits(
  q: Queries,
  bookId: number,
  people: readonly bigint[],
): Promise<(DepositOrder & { person_no: bigint })[]> {
  return q.query(
    'deposits-confirming',
    `select d.person_no, ${orderColumns} from deposits d join chain_states s using (book_id, network)
     where d.book_id = $1 and d.person_no = any ($2::bigint[]) and d.class = 'customer' and d.status = 'pending'
     order by d.id`,
    [bookId, people],
  )
}

export interface WaitingDeposit {
  id: string
  network: string
  person_no: bigint
  asset: DepositAsset
  amount_received: bigint
  from_address: string
  tx_hash: string
  reason: string
  settled_at: Date
}

/** What operators have to decide, oldest first. */
export async function depositsInReview(q: Queries, bookId: number): Promise<WaitingDeposit[]> {
  return q.query<WaitingDeposit>(
    'deposits-in-review',
    `select id, network, person_no, asset, amount_received, from_address, tx_hash, reason, settled_at from deposits
     where book_id = $1 and status = 'review' order by settled_at`,
    [bookId],
  )
}

export interface ForeignDeposit {
  network: string
  person_no: bigint
  address: string
  contract: string
  value: string
  tx_hash: string
  reason: string
}

/** Other tokens that came to our addresses: one of each, newest first. Whether anything is done about them is for people. */
export async function foreignDeposits(q: Queries, bookId: number, limit: number): Promise<ForeignDeposit[]> {
  return q.query<ForeignDeposit>(
    'deposits-foreign-list',
    `select network, person_no, address, contract, value, tx_hash, reason from deposits
     where book_id = $1 and status = 'unsupported' order by id desc limit $2`,
    [bookId, limit],
  )
}

export interface Move {
  id: string
  journalId?: string
  owed?: bigint
}

/** Moves deposits along one line of the table; answers with those that still were where they are said to be. */
export async function moveDeposits<F extends DepositStatus>(
  tx: Tx,
  bookId: number,
  from: F,
  to: (typeof transitions)[F][number] & DepositStatus,
  moves: readonly Move[],
  reason: string,
  at: Date,
): Promise<Set<string>> {
  if (moves.length === 0) return new Set()
  const rows = await tx.query<{ id: string }>(
    'deposits-move',
    'select id from deposits_move($1, $2, $3, $4, $5, $6, $7, $8) as m (id)',
    [
      bookId,
      moves.map((move) => move.id),
      from,
      to,
      reason,
      moves.map((move) => move.journalId ?? null),
      moves.map((move) => move.owed ?? null),
      at,
    ],
  )
  const moved = new Set(rows.map((row) => row.id))
  if (isBooked(to)) await countCustody(tx, bookId, moved, 1n)
  else if (isBooked(from)) await countCustody(tx, bookId, moved, -1n)
  return moved
}

const isBooked = (status: DepositStatus) => status === 'credited' || status === 'below_minimum' || status === 'rejected'

/** Custody's part at each address follows the journals, which are written by now. */
async function countCustody(tx: Tx, bookId: number, ids: ReadonlySet<string>, sign: 1n | -1n): Promise<void> {
  const rows = await tx.query<{ network: string; asset: DepositAsset; address: string; amount: bigint }>(
    'deposits-custody',
    `select network, asset, address, sum(amount_received)::bigint as amount from deposits
     where book_id = $1 and id = any ($2::uuid[]) group by 1, 2, 3`,
    [bookId, [...ids]],
  )
  for (const [network, ofNetwork] of Map.groupBy(rows, (row) => row.network)) {
    for (const [asset, some] of Map.groupBy(ofNetwork, (row) => row.asset)) {
      const changes = some.map(({ address, amount }) => ({ address, units: sign * amount }))
      await addCustody(tx, bookId, network, asset === 'USDT' ? 'token' : 'coin', changes)
    }
  }
}

/** Part of the proof of the books: a deposit in a booked state has exactly its journal, and the other way round. */
export const depositChecks = [
  {
    name: 'a booked deposit points at its journal',
    sql: `select 'deposit ' || d.id || ' is ' || d.status || ', journal ' || coalesce(j.kind || ' of ' || j.order_id, 'none') as detail
          from deposits d left join journals j on j.book_id = d.book_id and j.id = d.journal_id
          where d.book_id = $1 and (
            (d.status = 'credited' and (j.kind is distinct from 'deposit' or j.order_id <> d.id))
            or (d.status in ('below_minimum', 'rejected') and d.amount_received > 0
                and (j.kind is distinct from 'deposit_unclaimed' or j.order_id <> d.id))
            or (d.status = 'house' and d.amount_received > 0
                and (j.kind not in ('house_funded', 'moved_to_hot') or j.order_id is distinct from d.id))
            or (d.status in ('pending', 'review', 'orphaned', 'unsupported', 'internal') and d.journal_id is not null)) limit 100`,
  },
  {
    name: 'what journals brought for a deposit is what the deposit says',
    sql: `select 'deposit ' || coalesce(d.id, x.order_id) || ' of ' || coalesce(d.amount_received::text, 'nothing')
                 || ' is ' || coalesce(d.status, 'absent') || ', journals brought ' || coalesce(x.amount, 0) as detail
          from (select * from deposits where book_id = $1) d
          full join (
            select j.order_id, -sum(e.amount) as amount from journals j
            join entries e on e.book_id = j.book_id and e.journal_id = j.id and (e.account_id >> 8) & 255 = 128
            where j.book_id = $1 and j.order_kind = 'deposit' and j.kind <> 'dust_booked' group by j.order_id) x on x.order_id = d.id
          where coalesce(x.amount, 0) <> case when d.status in ('credited', 'below_minimum', 'rejected') then d.amount_received else 0 end
          limit 100`,
  },
  {
    name: 'what is booked for a deposit is booked in its asset',
    sql: `select 'deposit ' || d.id || ' is of ' || d.asset || ', journal ' || j.id || ' is not' as detail
          from deposits d
          join journals j on j.book_id = d.book_id and j.order_kind = 'deposit' and j.order_id = d.id
          join entries e on e.book_id = j.book_id and e.journal_id = j.id
          where d.book_id = $1
            and e.account_id & 255 is distinct from case d.asset when 'USDT' then ${assets.USDT.no} when 'TRX' then ${assets.TRX.no} end
          limit 100`,
  },
]
