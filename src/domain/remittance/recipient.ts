// Recipients of remittances: whom a customer may send to, once operators have looked at them.
// Must stay true: the tables below are the database's (remittance_recipient_transitions; a test compares them); all that
// says who somebody is lies sealed; somebody else's recipient is as absent as one that does not exist.

import { hmacSha256, seal, unseal } from '../../base/crypto.ts'
import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import type { RecipientDetails } from './recipient-fields.ts'

export const recipientTransitions = {
  pending: ['approved', 'rejected'],
  approved: ['pending'],
  rejected: ['pending'],
} as const satisfies Record<string, readonly string[]>
export type ReviewStatus = keyof typeof recipientTransitions
export const reviewStatuses = Object.keys(recipientTransitions) as ReviewStatus[]

export interface Recipient {
  id: string
  person_no: bigint
  version: number
  bank_code: string
  review_status: ReviewStatus
  status: 'active' | 'inactive'
  /** A word of remittance-words.ts. */
  reason: string
  note: string
  approval_id: string | null
  beneficiary_id: string | null
  created_at: Date
  updated_at: Date
  details: RecipientDetails
  nickname: string | null
}

type Row = Omit<Recipient, 'details' | 'nickname'> & { details_sealed: Buffer; nickname_sealed: Buffer | null }

const COLUMNS = `id, person_no, version, details_sealed, nickname_sealed, bank_code, review_status, status, reason, note,
  approval_id, beneficiary_id, created_at, updated_at`

const contextOf = {
  details_sealed: (bookId: number, id: string) => `recipient ${bookId} ${id}`,
  nickname_sealed: (bookId: number, id: string) => `recipient nickname ${bookId} ${id}`,
}
export const sealedRecipients: readonly SealedColumn[] = (['details_sealed', 'nickname_sealed'] as const).map(
  (column) => ({
    table: 'remittance_recipients',
    column,
    key: { id: 'uuid' },
    context: (bookId, id = '') => contextOf[column](bookId, id),
  }),
)

function recipientOf(bank: Bank, bookId: number, { details_sealed, nickname_sealed, ...row }: Row): Recipient {
  const open = (column: keyof typeof contextOf, sealed: Buffer) =>
    unseal(bank.keys.personal, sealed, contextOf[column](bookId, row.id))
  return {
    ...row,
    details: JSON.parse(open('details_sealed', details_sealed)) as RecipientDetails,
    nickname: nickname_sealed && open('nickname_sealed', nickname_sealed),
  }
}

const sealed = (bank: Bank, bookId: number, id: string, details: RecipientDetails, nickname: string | null) => [
  seal(bank.keys.personal, JSON.stringify(details), contextOf.details_sealed(bookId, id)),
  nickname && seal(bank.keys.personal, nickname, contextOf.nickname_sealed(bookId, id)),
  hmacSha256(bank.keys.contactIndex, `bank account:${details.account}`),
]

export interface NewRecipient {
  id: string
  person_no: bigint
  bank_code: string
  details: RecipientDetails
  nickname: string | null
  approval_id: string
}

/** Throws a broken `remittance_recipients_once` when the account is among the customer's already. */
export async function insertRecipient(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { id, person_no, bank_code, details, nickname, approval_id }: NewRecipient,
  at: Date,
): Promise<void> {
  await tx.query(
    'recipient-insert',
    `insert into remittance_recipients (book_id, id, person_no, details_sealed, nickname_sealed, account_index, bank_code,
       approval_id, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
    [bookId, id, person_no, ...sealed(bank, bookId, id, details, nickname), bank_code, approval_id, at],
  )
}

/** Another version of a recipient, locked by the caller: it is reviewed anew. */
export async function rewriteRecipient(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { id, bank_code, details, nickname, approval_id }: Omit<NewRecipient, 'person_no'>,
  at: Date,
): Promise<void> {
  await tx.query(
    'recipient-rewrite',
    `update remittance_recipients set version = version + 1, details_sealed = $3, nickname_sealed = $4, account_index = $5,
       bank_code = $6, approval_id = $7, updated_at = $8, review_status = 'pending', reason = '', note = '',
       beneficiary_id = null
     where book_id = $1 and id = $2`,
    [bookId, id, ...sealed(bank, bookId, id, details, nickname), bank_code, approval_id, at],
  )
}

/** What nobody reviews: how its owner calls it. */
export async function renameRecipient(
  bank: Bank,
  tx: Tx,
  bookId: number,
  id: string,
  nickname: string | null,
  at: Date,
): Promise<void> {
  const text = nickname && seal(bank.keys.personal, nickname, contextOf.nickname_sealed(bookId, id))
  await tx.query(
    'recipient-rename',
    'update remittance_recipients set nickname_sealed = $3, updated_at = $4 where book_id = $1 and id = $2',
    [bookId, id, text, at],
  )
}

export async function decideRecipient(
  tx: Tx,
  bookId: number,
  id: string,
  to: 'approved' | 'rejected',
  { reason, note, at }: { reason: string; note: string; at: Date },
): Promise<void> {
  await tx.query(
    'recipient-decide',
    `update remittance_recipients set review_status = $3, reason = $4, note = $5, updated_at = $6
     where book_id = $1 and id = $2`,
    [bookId, id, to, reason, note, at],
  )
}

export async function removeRecipientRow(tx: Tx, bookId: number, id: string, at: Date): Promise<void> {
  await tx.query(
    'recipient-remove',
    `update remittance_recipients set status = 'inactive', updated_at = $3 where book_id = $1 and id = $2`,
    [bookId, id, at],
  )
}

/** The vendor's id of it, as long as it is the version that was told there. */
export async function setBeneficiary(
  q: Queries,
  bookId: number,
  id: string,
  version: number,
  beneficiaryId: string,
): Promise<void> {
  await q.query(
    'recipient-beneficiary',
    `update remittance_recipients set beneficiary_id = $4
     where book_id = $1 and id = $2 and version = $3 and status = 'active' and beneficiary_id is null`,
    [bookId, id, version, beneficiaryId],
  )
}

// --- reading ---

async function read(bank: Bank, q: Queries, bookId: number, name: string, rest: string, values: unknown[]) {
  const sql = `select ${COLUMNS} from remittance_recipients where book_id = $1 and ${rest}`
  return (await q.query<Row>(name, sql, [bookId, ...values])).map((row) => recipientOf(bank, bookId, row))
}

/** Refuses `NotFound`. */
export async function recipientById(bank: Bank, q: Queries, bookId: number, id: string): Promise<Recipient> {
  const [recipient] = await read(bank, q, bookId, 'recipient-by-id', 'id = $2', [id])
  if (!recipient) throw new Refusal('NotFound')
  return recipient
}

/** One that is active and of this customer. Refuses `NotFound`. */
export async function ownRecipient(
  bank: Bank,
  q: Queries,
  { bookId, personNo }: { bookId: number; personNo: bigint },
  id: string,
): Promise<Recipient> {
  const rest = `id = $2 and person_no = $3 and status = 'active'`
  const [recipient] = await read(bank, q, bookId, 'recipient-own', rest, [id, personNo])
  if (!recipient) throw new Refusal('NotFound')
  return recipient
}

/** Takes the recipient's lock until the transaction ends. Refuses `NotFound`. */
export async function lockRecipient(bank: Bank, tx: Tx, bookId: number, id: string): Promise<Recipient> {
  const [recipient] = await read(bank, tx, bookId, 'recipient-lock', 'id = $2 for no key update', [id])
  if (!recipient) throw new Refusal('NotFound')
  return recipient
}

/** A customer's, newest first. */
export const recipientsOf = (bank: Bank, q: Queries, bookId: number, personNo: bigint, size: number) =>
  read(bank, q, bookId, 'recipients-of', `person_no = $2 and status = 'active' order by id desc limit $3`, [
    personNo,
    size,
  ])

/** For operators: those that wait oldest first, all others newest first. */
export const recipientQueue = (
  bank: Bank,
  q: Queries,
  bookId: number,
  filter: { reviewStatus?: ReviewStatus | undefined; offset: number; size: number },
) =>
  read(
    bank,
    q,
    bookId,
    filter.reviewStatus === 'pending' ? 'recipient-queue' : 'recipients-newest',
    `status = 'active' and ($2::text is null or review_status = $2)
     order by id ${filter.reviewStatus === 'pending' ? '' : 'desc'} limit $3 offset $4`,
    [filter.reviewStatus ?? null, filter.size, filter.offset],
  )
