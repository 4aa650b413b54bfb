// Cards of many customers side by side, for operators: accounts, cards, top-ups, transactions, and what is owed.
// Must stay true: what is shown is what the rows say; merchants are opened where they are shown and nowhere kept.

import type { Queries } from '../../base/database.ts'
import type { Card, CardStatus } from './card.ts'
import type { CardAccount, CardAccountStatus } from './card-account.ts'
import type { CardTransaction } from './card-transaction.ts'
import type { Topup, TopupStatus } from './topup.ts'

export interface Listing<S extends string> {
  status?: S | undefined
  personNo?: bigint | undefined
  offset: number
  size: number
}

const values = (bookId: number, { status, personNo, offset, size }: Listing<string>) => [
  bookId,
  status ?? null,
  personNo ?? null,
  size,
  offset,
]
const where = `book_id = $1 and ($2::text is null or status = $2) and ($3::bigint is null or person_no = $3)`

export type ListedAccount = Pick<CardAccount, 'id' | 'person_no' | 'status' | 'reason' | 'cardholder_id' | 'round'> & {
  created_at: Date
  changed_at: Date
}

export const listCardAccounts = (q: Queries, bookId: number, listing: Listing<CardAccountStatus>) =>
  q.query<ListedAccount>(
    'card-accounts-list',
    `select id, person_no, status, reason, cardholder_id, round, created_at, changed_at from card_accounts
     where ${where} order by created_at desc, person_no limit $4 offset $5`,
    values(bookId, listing),
  )

export type ListedCard = Card & { changed_at: Date }

export const listCards = (q: Queries, bookId: number, listing: Listing<CardStatus>) =>
  q.query<ListedCard>(
    'cards-list',
    `select id, person_no, status, reason, cardholder_id, product_id, currency, issuer_card_id, issuer_order_id, last4,
       statement_at, house_wish, created_at, changed_at from cards
     where ${where} order by id desc limit $4 offset $5`,
    values(bookId, listing),
  )

export interface CardEvent {
  from_status: string | null
  to_status: string
  reason: string
  at: Date
}

export const cardEvents = (q: Queries, bookId: number, id: string): Promise<CardEvent[]> =>
  q.query<CardEvent>(
    'card-events',
    'select from_status, to_status, reason, at from card_events where book_id = $1 and card_id = $2 order by no limit 200',
    [bookId, id],
  )

export type ListedTopup = Topup & { changed_at: Date }

export const listTopups = (q: Queries, bookId: number, listing: Listing<TopupStatus>) =>
  q.query<ListedTopup>(
    'card-topups-list',
    `select id, person_no, from_account, card_id, amount, fee, status, reason, hold_id, issuer_order_id, created_at, changed_at
     from card_topups where ${where} order by id desc limit $4 offset $5`,
    values(bookId, listing),
  )

export const topupEvents = (q: Queries, bookId: number, id: string): Promise<CardEvent[]> =>
  q.query<CardEvent>(
    'card-topup-events',
    `select from_status, to_status, reason, at from card_topup_events
     where book_id = $1 and topup_id = $2 order by no limit 200`,
    [bookId, id],
  )

export type ListedTransaction = CardTransaction & { first_seen_at: Date; fee_booked: bigint }

/** `unconfirmed`: those that messages told of and no statement has shown yet, oldest first. */
export const listCardTransactions = (
  q: Queries,
  bookId: number,
  {
    unconfirmed,
    cardId,
    ...listing
  }: Listing<CardTransaction['status']> & { unconfirmed: boolean; cardId?: string | undefined },
) =>
  q.query<ListedTransaction>(
    unconfirmed ? 'card-transactions-unconfirmed' : 'card-transactions-list',
    `select transaction_id, card_id, person_no, original_id, family, type, kind, status, amount, available, details_sealed, fee,
       fee_booked, at, statement_at, first_seen_at from card_transactions
     where ${where} and ($6::uuid is null or card_id = $6) ${unconfirmed ? 'and statement_at is null' : ''}
     order by ${unconfirmed ? 'first_seen_at, transaction_id' : 'at desc, transaction_id desc'} limit $4 offset $5`,
    [...values(bookId, listing), cardId ?? null],
  )

export interface CardDebt {
  id: string
  person_no: bigint
  open: bigint
  taken: bigint
  confirmed: bigint
  owed: bigint
}

const money = 'id, person_no, open, taken, confirmed, owed'

/** Customers whose cards took more than they had, most first. */
export const listCardDebts = (q: Queries, bookId: number, { offset, size }: { offset: number; size: number }) =>
  q.query<CardDebt>(
    'card-debts',
    `select ${money} from card_balances where book_id = $1 and owed > 0 order by owed desc, person_no limit $2 offset $3`,
    [bookId, size, offset],
  )

/** A customer's card money: the order that their card journals belong to. */
export async function cardMoneyById(q: Queries, bookId: number, id: string): Promise<CardDebt | undefined> {
  const [row] = await q.query<CardDebt>(
    'card-money-by-id',
    `select ${money} from card_balances where book_id = $1 and id = $2`,
    [bookId, id],
  )
  return row
}

export async function cardMoneyOf(q: Queries, bookId: number, personNo: bigint): Promise<CardDebt | undefined> {
  const [row] = await q.query<CardDebt>(
    'card-money-of',
    `select ${money} from card_balances where book_id = $1 and person_no = $2`,
    [bookId, personNo],
  )
  return row
}
