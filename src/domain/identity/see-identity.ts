// Identity checks as operators see them: the queue, one check in clear, its pictures.
// Must stay true: who looked at whose is in the audit log before it is shown; the log names the check and never a name.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { type Approval, approvalById } from '../operator/approval.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { type Person, personById } from '../people/people.ts'
import {
  checkById,
  checkQueue,
  checksOf,
  detailsOf,
  type IdentityCheck,
  type IdentityDetails,
  type IdentityEvent,
  type IdentityStatus,
  identityEvents,
  othersWithDocument,
} from './identity-check.ts'
import { fileById, openFile } from './identity-file.ts'

export interface QueuedCheck {
  check: IdentityCheck
  person: Person
}

export async function listChecks(
  bank: Bank,
  operator: Operator,
  filter: { status?: IdentityStatus | undefined; offset: number; size: number },
): Promise<QueuedCheck[]> {
  await logAudit(bank, bank.db, operator, { action: 'identity.listed', subject: 'identity', data: { ...filter } })
  const checks = await checkQueue(bank.db, operator.bookId, filter)
  return Promise.all(
    checks.map(async (check) => ({ check, person: await personOf(bank, operator.bookId, check.person_id) })),
  )
}

async function personOf(bank: Bank, bookId: number, id: string): Promise<Person> {
  const person = await personById(bank, bookId, id)
  if (!person) throw new Error('a check has its customer')
  return person
}

export interface IdentityDossier extends QueuedCheck {
  /** Null when they were erased. */
  details: IdentityDetails | null
  events: IdentityEvent[]
  earlier: IdentityCheck[]
  /** Customers who showed the same document. */
  sameDocument: Person[]
  approval: Approval | null
}

/** Refuses `NotFound`. */
export async function seeCheck(bank: Bank, operator: Operator, id: string): Promise<IdentityDossier> {
  const { bookId } = operator
  if (!isId(id)) throw new Refusal('NotFound')
  const check = await checkById(bank.db, bookId, id)
  const { person_id: personId, document_index: index } = check
  await logAudit(bank, bank.db, operator, {
    action: 'identity.seen',
    subject: `identity:${id}`,
    data: { person: personId },
  })
  const [person, events, all, others, approval] = await Promise.all([
    personOf(bank, bookId, personId),
    identityEvents(bank.db, bookId, id),
    checksOf(bank.db, bookId, personId),
    index ? othersWithDocument(bank.db, bookId, index, personId) : [],
    check.approval_id === null ? null : approvalById(bank, bookId, check.approval_id),
  ])
  return {
    check,
    person,
    details: detailsOf(bank, bookId, check),
    events,
    earlier: all.filter((one) => one.id !== id),
    sameDocument: await Promise.all(others.map((other) => personOf(bank, bookId, other))),
    approval,
  }
}

export const pictureSides = ['front', 'back', 'third'] as const
export type PictureSide = (typeof pictureSides)[number]

/** One picture of a check. Refuses `NotFound`. */
export async function seePicture(
  bank: Bank,
  operator: Operator,
  id: string,
  side: PictureSide,
): Promise<{ name: string; bytes: Buffer }> {
  const { bookId } = operator
  if (!isId(id)) throw new Refusal('NotFound')
  const check = await checkById(bank.db, bookId, id)
  const fileId = check[`${side}_file`]
  const file = fileId === null ? undefined : await fileById(bank.db, bookId, fileId)
  if (!file) throw new Refusal('NotFound')
  await logAudit(bank, bank.db, operator, {
    action: 'identity.picture_seen',
    subject: `identity:${id}`,
    data: { person: check.person_id, side, file: file.id },
  })
  return { name: `${id}-${side}.jpg`, bytes: await openFile(bank, bookId, file) }
}
