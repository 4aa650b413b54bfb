// What was done with a card, as the issuer told it: kept once by the issuer's own id, surer with every telling, and the
// money worked out from all that is known.
// Must stay true: messages and the statement may come in any order and any number of times and come to the same; where
// they contradict each other the newest reading of the statement has the last word, and people are told.

import { withoutCardNumbers } from '../../base/card-data.ts'
import { seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { isRefusal } from '../../base/errors.ts'
import { formatAmount, parseAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import type { Row } from '../../ledger/rows.ts'
import { raiseAlert } from '../alert.ts'
import type { Actor, Bank } from '../context.ts'
import { inboxRow } from '../notice/inbox.ts'
import { outboxRow } from '../notice/outbox.ts'
import type { IssuerTransaction } from '../ports.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { type CardBalance, lockCardBalance, settleCard } from './settle-card.ts'
import { type FamilyMoney, familyMoney, kindOfType, type TransactionKind } from './transaction-kind.ts'
import { declineWords, shownTransaction } from './transaction-words.ts'

const { scale } = assets.USDT

export interface TransactionDetails {
  merchant: string
  city: string
  country: string
  category: string
  description: string
  transactionAmount: string
  transactionCurrency: string
}

export interface CardTransaction {
  transaction_id: string
  card_id: string
  person_no: bigint
  original_id: string | null
  family: string
  type: string
  kind: TransactionKind
  status: IssuerTransaction['status']
  amount: bigint
  available: bigint | null
  details_sealed: Buffer
  /** What the issuer charges the house for it, and how much of that is booked; see issuer-cost.ts. */
  fee: bigint
  at: Date
  statement_at: Date | null
}

const columns = `transaction_id, card_id, person_no, original_id, family, type, kind, status, amount, available, details_sealed,
  fee, at, statement_at`

/** Whose transaction: the card as we know it. */
export interface Cardholding {
  cardId: string
  personNo: bigint
}

/**
 * Notes what the issuer says of a transaction. `statementAt`: when the statement that has it was asked for; without it
 * is a message's word. Answers whether anything was new.
 */
export async function noteTransaction(
  bank: Bank,
  bookId: number,
  card: Cardholding,
  told: IssuerTransaction,
  statementAt: Date | null,
): Promise<boolean> {
  const read = readTold(bank, bookId, card, told, statementAt)
  if (!read || feeOf(told) === undefined) {
    await raiseAlert(bank.db, bookId, {
      key: `card_transaction:${told.transactionId}`,
      kind: 'card_transaction_unread',
      severity: 'critical',
      data: {
        transaction: told.transactionId,
        type: told.type,
        currency: told.billing.currency,
        fee: told.fee.currency,
      },
    })
  }
  return read !== undefined && bank.db.transaction((tx) => noteIn(bank, tx, bookId, read))
}

type Read = Omit<CardTransaction, 'family'> & { merchant: string; description: string }

/** In our words; nothing when its amount is none of the card's currency. */
function readTold(
  bank: Bank,
  bookId: number,
  { cardId, personNo }: Cardholding,
  told: IssuerTransaction,
  statementAt: Date | null,
): Read | undefined {
  const amount = unitsOf(told.billing.amount)
  if (amount === undefined || told.billing.currency !== 'USD') return undefined
  const plain = (text: string | undefined) => withoutCardNumbers(text ?? '').slice(0, 200)
  const details: TransactionDetails = {
    merchant: plain(told.merchant?.name),
    city: plain(told.merchant?.city),
    country: plain(told.merchant?.country),
    category: plain(told.merchant?.categoryCode),
    description: plain(told.description),
    transactionAmount: plain(told.transaction.amount),
    transactionCurrency: plain(told.transaction.currency),
  }
  const left = unitsOf(told.availableAfter)
  return {
    transaction_id: told.transactionId,
    card_id: cardId,
    person_no: personNo,
    original_id: told.originalId && told.originalId !== told.transactionId ? told.originalId : null,
    type: told.type,
    kind: kindOfType(told.type),
    status: told.status,
    amount: amount < 0n ? -amount : amount,
    available: left ?? null,
    details_sealed: seal(bank.keys.personal, JSON.stringify(details), detailsContext(bookId, told.transactionId)),
    fee: feeOf(told) ?? 0n,
    at: told.at,
    statement_at: statementAt,
    merchant: details.merchant,
    description: details.description,
  }
}

/** What the issuer charges for it; nothing readable in another currency than the card's. */
function feeOf({ fee: { amount, currency } }: IssuerTransaction): bigint | undefined {
  const units = unitsOf(amount)
  if (units === undefined || (units !== 0n && currency !== 'USD')) return undefined
  return units < 0n ? -units : units
}

const detailsContext = (bookId: number, transactionId: string) => `card transaction ${bookId} ${transactionId}`

export const sealedCardDetails: SealedColumn = {
  table: 'card_transactions',
  column: 'details_sealed',
  key: { transaction_id: 'text' },
  context: (bookId, transactionId = '') => detailsContext(bookId, transactionId),
}

export const detailsOf = (bank: Bank, bookId: number, row: CardTransaction): TransactionDetails =>
  JSON.parse(
    unseal(bank.keys.personal, row.details_sealed, detailsContext(bookId, row.transaction_id)),
  ) as TransactionDetails

function unitsOf(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  try {
    const units = parseAmount(negative ? text.slice(1) : text, scale)
    return negative ? -units : units
  } catch (error) {
    if (isRefusal(error, 'InvalidAmount')) return undefined
    throw error
  }
}

async function noteIn(bank: Bank, tx: Tx, bookId: number, read: Read): Promise<boolean> {
  const balance = await lockCardBalance(tx, bookId, read.person_no)
  const [known] = await tx.query<CardTransaction>(
    'card-transaction-find',
    `select ${columns} from card_transactions where book_id = $1 and transaction_id = $2`,
    [bookId, read.transaction_id],
  )
  if (known && known.card_id !== read.card_id) {
    await tellContradiction(tx, bookId, read, 'another card')
    return false
  }
  const news = known ? await weigh(tx, bookId, known, read) : read
  if (!news) return false
  const family = await familyOf(tx, bookId, news)
  const touched = new Set([family])
  if (known) touched.add(known.family)
  await write(bank, tx, bookId, { ...news, family })
  for (const left of await adopt(tx, bookId, news, family)) touched.add(left)
  await follow(bank, tx, bookId, balance, { ...news, family }, [...touched], known?.status !== news.status)
  return true
}

/** What of a second telling is news, or nothing. */
async function weigh(tx: Tx, bookId: number, known: CardTransaction, read: Read): Promise<Read | undefined> {
  if (known.status !== 'PENDING' && read.status === 'PENDING') return undefined // told before, arrived later
  const same = ['status', 'kind', 'amount', 'original_id'] as const
  const differs = same.some((field) => known[field] !== read[field])
  const surer = known.status === 'PENDING' && read.status !== 'PENDING'
  if (read.statement_at === null) {
    if (surer) return read
    if (differs && known.statement_at === null) await tellContradiction(tx, bookId, read, 'messages disagree')
    return undefined
  }
  if (known.statement_at !== null && !surer && read.statement_at <= known.statement_at) return undefined
  if (differs && !surer) await tellContradiction(tx, bookId, read, 'the statement differs')
  if (known.statement_at === null || differs || known.fee !== read.fee) {
    return known.statement_at !== null && read.statement_at < known.statement_at
      ? { ...read, statement_at: known.statement_at }
      : read
  }
  return undefined // confirmed already, and as it was
}

const tellContradiction = (tx: Tx, bookId: number, { transaction_id, type }: Read, why: string) =>
  raiseAlert(tx, bookId, {
    key: `card_transaction:${transaction_id}`,
    kind: 'card_disagrees',
    severity: 'critical',
    data: { transaction: transaction_id, type, why },
  })

/** The end of its chain of originals, as far as it is known. */
async function familyOf(tx: Tx, bookId: number, read: Read): Promise<string> {
  if (read.original_id === null) return read.transaction_id
  const [original] = await tx.query<{ family: string }>(
    'card-transaction-original',
    'select family from card_transactions where book_id = $1 and transaction_id = $2 and card_id = $3',
    [bookId, read.original_id, read.card_id],
  )
  return original?.family ?? read.original_id
}

/** Those that waited for this one to arrive go with it into its family. Answers the family that they leave. */
async function adopt(tx: Tx, bookId: number, read: Read, family: string): Promise<string[]> {
  if (family === read.transaction_id) return []
  const moved = await tx.query(
    'card-transaction-adopt',
    `update card_transactions set family = $4 where book_id = $1 and card_id = $2 and family = $3 returning 1`,
    [bookId, read.card_id, read.transaction_id, family],
  )
  return moved.length > 0 ? [read.transaction_id] : []
}

async function write(bank: Bank, tx: Tx, bookId: number, row: Read & { family: string }): Promise<void> {
  await tx.query(
    'card-transaction-write',
    `insert into card_transactions (book_id, transaction_id, card_id, person_no, original_id, family, type, kind, status, amount,
       available, details_sealed, fee, at, statement_at, first_seen_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict (book_id, transaction_id) do update set original_id = excluded.original_id, family = excluded.family,
       type = excluded.type, kind = excluded.kind, status = excluded.status, amount = excluded.amount,
       available = excluded.available, details_sealed = excluded.details_sealed, fee = excluded.fee, at = excluded.at,
       statement_at = excluded.statement_at`,
    [
      bookId,
      row.transaction_id,
      row.card_id,
      row.person_no,
      row.original_id,
      row.family,
      row.type,
      row.kind,
      row.status,
      row.amount,
      row.available,
      row.details_sealed,
      row.fee,
      row.at,
      row.statement_at,
      bank.clock.now(),
    ],
  )
}

/** Works these families out anew, and lets the customer's card account follow. */
async function follow(
  bank: Bank,
  tx: Tx,
  bookId: number,
  balance: CardBalance,
  row: Read & { family: string },
  families: string[],
  tell: boolean,
): Promise<void> {
  const members = await tx.query<CardTransaction>(
    'card-family-members',
    `select ${columns} from card_transactions where book_id = $1 and card_id = $2 and family = any ($3)`,
    [bookId, row.card_id, families],
  )
  const was = await tx.query<FamilyMoney & { family: string }>(
    'card-payments-were',
    'select family, open, taken, confirmed from card_payments where book_id = $1 and card_id = $2 and family = any ($3)',
    [bookId, row.card_id, families],
  )
  const by = { open: 0n, taken: 0n, confirmed: 0n }
  for (const { open, taken, confirmed } of was) {
    by.open -= open
    by.taken -= taken
    by.confirmed -= confirmed
  }
  for (const family of families) {
    const money = familyMoney(
      members
        .filter((one) => one.family === family)
        .map(({ transaction_id: id, kind, status, amount, at, statement_at }) => ({
          id,
          kind,
          status,
          amount,
          at,
          confirmed: statement_at !== null,
        })),
    )
    by.open += money.open
    by.taken += money.taken
    by.confirmed += money.confirmed
    await tx.query(
      'card-payment-set',
      `insert into card_payments (book_id, card_id, family, person_no, open, taken, confirmed) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (book_id, card_id, family) do update set open = excluded.open, taken = excluded.taken, confirmed = excluded.confirmed`,
      [bookId, row.card_id, family, row.person_no, money.open, money.taken, money.confirmed],
    )
  }
  if (row.kind === 'unknown' && row.status === 'APPROVED') {
    await raiseAlert(tx, bookId, {
      key: `card_transaction:${row.transaction_id}`,
      kind: 'card_transaction_unread',
      severity: 'critical',
      data: { transaction: row.transaction_id, type: row.type },
    })
  }
  const rows = tell
    ? [outboxRow(bookId, row.person_no, 'card.transaction', shownTransaction(row, row.merchant), bank.clock.now())]
    : []
  const told = tell ? toldRow(bank, bookId, row) : undefined
  if (told) rows.push(told)
  await settleCard(tx, bookId, row.person_no, balance, { by, memo: row.merchant, rows })
}

/** The message of a transaction; none for what only goes on with one that was told. */
function toldRow(bank: Bank, bookId: number, row: Read & { family: string }): Row | undefined {
  const at = bank.clock.now()
  const params = { amount: formatAmount(row.amount, scale, 2), merchant: row.merchant }
  if (row.status === 'DECLINED') {
    const why = { zh: declineWords(row.description, 'zh'), en: declineWords(row.description, 'en') }
    return inboxRow(bookId, row.person_no, 'card_declined', { ...params, why }, at)
  }
  if (row.status !== 'APPROVED') return undefined
  if (row.kind === 'refund') return inboxRow(bookId, row.person_no, 'card_refunded', params, at)
  const begins =
    row.kind === 'authorize' || ((row.kind === 'capture' || row.kind === 'fee') && row.original_id === null)
  return begins ? inboxRow(bookId, row.person_no, 'card_paid', params, at) : undefined
}

/** The actor's, newest first. */
export const cardTransactions = (
  bank: Bank,
  { bookId, personNo }: Actor,
  page: { offset: number; size: number },
): Promise<CardTransaction[]> => listTransactions(bank.db, bookId, personNo, page)

export const listTransactions = (
  q: Queries,
  bookId: number,
  personNo: bigint,
  page: { offset: number; size: number },
): Promise<CardTransaction[]> =>
  q.query<CardTransaction>(
    'card-transactions',
    `select ${columns} from card_transactions where book_id = $1 and person_no = $2
     order by at desc, transaction_id desc limit $3 offset $4`,
    [bookId, personNo, page.size, page.offset],
  )

/** What all payments with a card come to. */
export async function cardMoney(q: Queries, bookId: number, cardId: string): Promise<FamilyMoney> {
  const [row] = await q.query<FamilyMoney>(
    'card-money',
    `select coalesce(sum(open), 0)::bigint as open, coalesce(sum(taken), 0)::bigint as taken,
            coalesce(sum(confirmed), 0)::bigint as confirmed
     from card_payments where book_id = $1 and card_id = $2`,
    [bookId, cardId],
  )
  return row ?? { open: 0n, taken: 0n, confirmed: 0n }
}
