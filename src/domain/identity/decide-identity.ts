// What becomes of an identity check: approved or turned away, by operators, by the vendor, or by the sandbox.
// Must stay true: state, notice and event change together; what is approved is the check as it was asked about; a document
// is approved for one customer only, which the database refuses as well.

import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { dropApproval, holdApproval } from '../operator/approval.ts'
import { logAudit } from '../operator/audit-log.ts'
import { type Person, personById, personByUid } from '../people/people.ts'
import {
  checkById,
  checkByReference,
  type IdentityCheck,
  insertCheck,
  moveCheck,
  newestChecks,
} from './identity-check.ts'
import { tellOfCheck } from './identity-notice.ts'
import type { IdentityRejection } from './identity-words.ts'

export interface Verdict {
  status: 'approved' | 'rejected'
  /** Why it is turned away; empty when it is approved. */
  reason: IdentityRejection | ''
  /** The operators' own words. */
  note: string
}

/** Refuses `Outdated`, `DocumentTaken`. */
export async function decideCheck(
  bank: Bank,
  tx: Tx,
  bookId: number,
  checkId: string,
  { status, reason, note }: Verdict,
): Promise<void> {
  const check = await checkById(tx, bookId, checkId)
  if (check.status === 'rejected') throw new Refusal('Outdated', { status: check.status })
  const person = await aliveOwner(bank, bookId, check)
  const at = bank.clock.now()
  if (check.status === 'pending')
    await moveCheck(tx, bookId, { id: check.id, status: 'pending' }, status, { reason, note, at })
  else if (status === 'rejected') {
    await moveCheck(tx, bookId, { id: check.id, status: 'approved' }, status, { reason, note, at })
  } else throw new Refusal('Outdated', { status: check.status })
  await tellOfCheck(bank, tx, person, check.stage, { status, reason })
}

export async function aliveOwner(bank: Bank, bookId: number, check: IdentityCheck): Promise<Person> {
  const person = await personById(bank, bookId, check.person_id)
  if (!person || person.status === 'deleted') throw new Refusal('Outdated', { status: 'deleted' })
  return person
}

/** The sandbox's button: decides what waits, in place of operators. Refuses `NotFound` when nothing waits. */
export async function decideInSandbox(
  bank: Bank,
  bookId: number,
  uid: string,
  { status, reason }: Pick<Verdict, 'status' | 'reason'>,
): Promise<{ stage: string; status: string }> {
  const person = await personByUid(bank, bookId, uid)
  if (!person) throw new Refusal('NotFound')
  return bank.db.transaction(async (tx) => {
    const { basic, full } = await newestChecks(tx, bookId, person.id)
    const check = [basic, full].find((one) => one?.status === 'pending')
    if (!check) throw new Refusal('NotFound', { reason: 'nothing of this customer waits' })
    const asked = check.approval_id
    if (asked !== null && !(await holdApproval(tx, bookId, asked))) throw new Refusal('Outdated')
    await decideCheck(bank, tx, bookId, check.id, { status, reason, note: 'sandbox' })
    await logAudit(
      bank,
      tx,
      { bookId },
      { action: 'identity.decided', subject: `identity:${check.id}`, data: { status } },
    )
    if (asked !== null) await dropApproval(bank, tx, bookId, asked)
    return { stage: check.stage, status }
  })
}

// --- the full check: the vendor's, begun by whoever needs it (a card account), known by the vendor's own name for it ---

/** Notes that the vendor checks a customer. The same reference again changes nothing. Refuses `IdentityPending`, `IdentityApproved`. */
export async function beginFullCheck(bank: Bank, tx: Tx, person: Person, reference: string): Promise<void> {
  const { bookId, id: personId } = person
  if (await checkByReference(tx, bookId, reference)) return
  const { full } = await newestChecks(tx, bookId, personId)
  if (full?.status === 'pending') throw new Refusal('IdentityPending')
  if (full?.status === 'approved') throw new Refusal('IdentityApproved')
  const check = {
    id: newId(),
    personId,
    stage: 'full',
    details: null,
    documentIndex: null,
    front: null,
    back: null,
  } as const
  await insertCheck(bank, tx, bookId, { ...check, flags: [], reference }, bank.clock.now())
  await tellOfCheck(bank, tx, person, 'full', { status: 'pending', reason: '' })
}

/** What the vendor says, also when it says so twice, or takes back what it had said. Refuses `NotFound`. */
export async function recordFullCheck(
  bank: Bank,
  tx: Tx,
  bookId: number,
  reference: string,
  verdict: Verdict,
): Promise<void> {
  const check = await checkByReference(tx, bookId, reference)
  if (!check) throw new Refusal('NotFound')
  if (check.status === verdict.status || check.status === 'rejected') return
  await decideCheck(bank, tx, bookId, check.id, verdict)
}
