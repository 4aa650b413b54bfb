// Identity checks as rows: submitted, moved along their table of states, read, erased. One a customer and stage is open or
// holds; the database sees to it, and to what a check makes of its customer (people.kyc_status, people.kyc_level).
// Must stay true: what a customer said lies sealed, and is opened for operators who are logged.

import { seal, unseal } from '../../base/crypto.ts'
import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'

/** Equal to the database's (identity_transitions); test/kyc.test.ts compares the two. */
export const identityTransitions = {
  pending: ['approved', 'rejected'],
  approved: ['rejected'],
  rejected: [],
} as const satisfies Record<string, readonly string[]>
export type IdentityStatus = keyof typeof identityTransitions
export const identityStatuses = Object.keys(identityTransitions) as IdentityStatus[]
export type Stage = 'basic' | 'full'

/** What a customer says of themselves. */
export interface IdentityDetails {
  realName: string
  idType: string
  idNumber: string
  address: string
  contact: string
}

export interface IdentityCheck {
  id: string
  person_id: string
  stage: Stage
  status: IdentityStatus
  /** A word of identity-words.ts. */
  reason: string
  details_sealed: Buffer | null
  document_index: Buffer | null
  front_file: string | null
  back_file: string | null
  third_file: string | null
  flags: string[]
  approval_id: string | null
  created_at: Date
  updated_at: Date
  erased_at: Date | null
}

const COLUMNS = `id, person_id, stage, status, reason, details_sealed, document_index, front_file, back_file, third_file, flags,
  approval_id, created_at, updated_at, erased_at`

const context = (bookId: number, id: string) => `identity ${bookId} ${id}`
export const sealedIdentity: SealedColumn = {
  table: 'identity_checks',
  column: 'details_sealed',
  key: { id: 'uuid' },
  context,
}

/** Null when they were erased. */
export function detailsOf(bank: Bank, bookId: number, check: IdentityCheck): IdentityDetails | null {
  if (!check.details_sealed) return null
  return JSON.parse(unseal(bank.keys.personal, check.details_sealed, context(bookId, check.id))) as IdentityDetails
}

// --- writing ---

export interface NewCheck {
  id: string
  personId: string
  stage: Stage
  details: IdentityDetails | null
  documentIndex: Buffer | null
  front: string | null
  back: string | null
  third?: string | null
  flags: readonly string[]
  /** The vendor's, of a full check. */
  reference: string
}

/** Refuses `IdentityPending` or `IdentityApproved` when the customer has one of this stage. */
export async function insertCheck(bank: Bank, tx: Tx, bookId: number, check: NewCheck, at: Date): Promise<void> {
  const { id, personId, stage, details, documentIndex, front, back, third = null, flags, reference } = check
  const sealed = details && seal(bank.keys.personal, JSON.stringify(details), context(bookId, id))
  await tx.query(
    'identity-submit',
    'select identity_submit($1, $2, $3, $4, $5, $6, $7, $8, $9::uuid, $10::text[], $11, $12)',
    [bookId, id, personId, stage, sealed, documentIndex, front, back, third, flags, reference, at],
  )
}

/** That two submissions came at once. */
export const alreadyThere = (error: unknown): boolean => brokenKey(error) === 'identity_checks_current'

export const noteApproval = (tx: Tx, bookId: number, id: string, approvalId: string): Promise<unknown> =>
  tx.query('identity-asked', 'select identity_asked($1, $2, $3)', [bookId, id, approvalId])

/** Refuses `Outdated` when it is in that state no more, `DocumentTaken` when another customer holds the document. */
export async function moveCheck<F extends IdentityStatus>(
  tx: Tx,
  bookId: number,
  check: { id: string; status: F },
  to: (typeof identityTransitions)[F][number],
  { reason, note, at }: { reason: string; note: string; at: Date },
): Promise<void> {
  try {
    const [row] = await tx.query<{ moved: boolean }>(
      'identity-move',
      'select identity_move($1, $2, $3, $4, $5, $6, $7) as moved',
      [bookId, check.id, check.status, to, reason, note, at],
    )
    if (!row?.moved) throw new Refusal('Outdated', { status: check.status })
  } catch (error) {
    if (brokenKey(error) === 'identity_checks_document') throw new Refusal('DocumentTaken')
    throw error
  }
}

export const eraseCheck = (q: Queries, bookId: number, id: string, at: Date): Promise<unknown> =>
  q.query('identity-erase', 'select identity_erase($1, $2, $3)', [bookId, id, at])

// --- reading ---

/** Refuses `NotFound`. */
export async function checkById(q: Queries, bookId: number, id: string): Promise<IdentityCheck> {
  const [row] = await q.query<IdentityCheck>(
    'identity-check',
    `select ${COLUMNS} from identity_checks where book_id = $1 and id = $2`,
    [bookId, id],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

/** The customer's newest check of each stage. */
export async function newestChecks(
  q: Queries,
  bookId: number,
  personId: string,
): Promise<Partial<Record<Stage, IdentityCheck>>> {
  const rows = await q.query<IdentityCheck>(
    'identity-newest',
    `select distinct on (stage) ${COLUMNS} from identity_checks
     where book_id = $1 and person_id = $2 order by stage, id desc`,
    [bookId, personId],
  )
  return Object.fromEntries(rows.map((row) => [row.stage, row]))
}

/** All of a customer's, newest first, as far as a person can look at. */
export const checksOf = (q: Queries, bookId: number, personId: string): Promise<IdentityCheck[]> =>
  q.query<IdentityCheck>(
    'identity-of-person',
    `select ${COLUMNS} from identity_checks where book_id = $1 and person_id = $2 order by id desc limit 50`,
    [bookId, personId],
  )

/** The vendor's check by its own name for it. */
export async function checkByReference(q: Queries, bookId: number, ref: string): Promise<IdentityCheck | undefined> {
  const [row] = await q.query<IdentityCheck>(
    'identity-by-reference',
    `select ${COLUMNS} from identity_checks where book_id = $1 and reference = $2 and reference <> ''`,
    [bookId, ref],
  )
  return row
}

/** Who else showed this document, and was not turned away. */
export async function othersWithDocument(
  q: Queries,
  bookId: number,
  documentIndex: Buffer,
  personId: string,
): Promise<string[]> {
  const rows = await q.query<{ person_id: string }>(
    'identity-same-document',
    `select distinct person_id from identity_checks
     where book_id = $1 and document_index = $2 and person_id <> $3 and status <> 'rejected' limit 20`,
    [bookId, documentIndex, personId],
  )
  return rows.map((row) => row.person_id)
}

/** Those that wait oldest first, all others newest first. */
export async function checkQueue(
  q: Queries,
  bookId: number,
  { status, offset, size }: { status?: IdentityStatus | undefined; offset: number; size: number },
): Promise<IdentityCheck[]> {
  const order = status === 'pending' ? 'id' : 'id desc'
  return q.query<IdentityCheck>(
    `identity-queue-${status === 'pending' ? 'oldest' : 'newest'}`,
    `select ${COLUMNS} from identity_checks where book_id = $1 and ($2::text is null or status = $2)
     order by ${order} limit $3 offset $4`,
    [bookId, status ?? null, size, offset],
  )
}

export interface IdentityEvent {
  from_status: IdentityStatus | null
  to_status: IdentityStatus
  reason: string
  note: string
  at: Date
}

export const identityEvents = (q: Queries, bookId: number, id: string): Promise<IdentityEvent[]> =>
  q.query<IdentityEvent>(
    'identity-events',
    `select from_status, to_status, reason, note, at from identity_events
     where book_id = $1 and check_id = $2 order by no limit 100`,
    [bookId, id],
  )

/** Checks whose details need not be kept any longer: turned away, or of customers who left, before an instant. */
export const forgettableChecks = (q: Queries, bookId: number, before: Date, limit: number): Promise<IdentityCheck[]> =>
  q.query<IdentityCheck>(
    'identity-forgettable',
    `select ${COLUMNS} from identity_checks
     where book_id = $1 and erased_at is null and updated_at < $2
       and (status = 'rejected' or owner_left_at < $2)
     order by updated_at limit $3`,
    [bookId, before, limit],
  )
