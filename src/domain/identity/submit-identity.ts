// The basic identity check: a customer says who they are and hands in pictures; operators are asked.
// Must stay true: check and approval are written together; one that waits or holds is not replaced; that a document is
// known already is a flag for operators and nothing that the applicant could notice.

import { after, days } from '../../base/clock.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Actor, Bank } from '../context.ts'
import { openApproval } from '../operator/approval.ts'
import { ownPerson, type Person } from '../people/people.ts'
import { countAttempt } from '../sign-in/attempt.ts'
import {
  alreadyThere,
  type IdentityCheck,
  type IdentityDetails,
  insertCheck,
  newestChecks,
  noteApproval,
  othersWithDocument,
} from './identity-check.ts'
import { checksumFits, type IdentityDocument, readDocument } from './identity-document.ts'
import { fileByName } from './identity-file.ts'
import { tellOfCheck } from './identity-notice.ts'
import { IDENTITY_REVIEW } from './identity-words.ts'

export interface BasicInput {
  realName: string
  idType: string
  idNumber: string
  /** Keys of pictures that the customer sent. */
  front: string
  back: string | undefined
  address: string
  contact: string
}

/** A picture is handed in within a day; what is older may be gone by the time that it is looked at. */
const FRESH = days(1)

/**
 * Answers when it was taken. Refuses `IdentityPending`, `IdentityApproved`, `InvalidParams`, `KYCInvalidFile` (a picture that
 * is not there, or not the customer's), `RateLimited`.
 */
export async function submitBasic(bank: Bank, actor: Actor, input: BasicInput): Promise<{ createdAt: Date }> {
  const person = await ownPerson(bank, actor)
  if (person.status !== 'active') throw new Refusal('PersonFrozen')
  const document = readDocument(bank, { type: input.idType, number: input.idNumber })
  const details = {
    realName: line(input.realName, '/real_name', 100),
    idType: document.type,
    idNumber: document.number,
    address: line(input.address, '/address', 300),
    contact: line(input.contact, '/contact', 254),
  }
  refuseSecond((await newestChecks(bank.db, actor.bookId, actor.personId)).basic)
  const front = await pictureOf(bank, actor, input.front, '/id_photo_front')
  const back = input.back === undefined ? null : await pictureOf(bank, actor, input.back, '/id_photo_back')
  if (front === back)
    throw new Refusal('KYCInvalidFile', { pointer: '/id_photo_back', reason: 'the same picture twice' })
  const pictures = back === null ? [front] : [front, back]
  return submit(bank, person, { details, document, pictures, flags: [], reason: 'submitted by the customer' })
}

type Owner = Pick<Actor, 'bookId' | 'personId'>
interface TypedDocument {
  type: string
  number: string
}

/** What can be said before pictures are looked for. Refuses as `submitForCustomer` does. */
export async function readyForCheck(bank: Bank, owner: Owner, document: TypedDocument): Promise<void> {
  if ((await ownPerson(bank, owner)).status !== 'active') throw new Refusal('PersonFrozen')
  readDocument(bank, document)
  refuseSecond((await newestChecks(bank.db, owner.bookId, owner.personId)).basic)
}

/**
 * A check that somebody submits who vouches for the customer: with up to three pictures that were taken for it, or none,
 * which two operators then have to be content with. Refuses as `submitBasic` does.
 */
export async function submitForCustomer(
  bank: Bank,
  owner: Owner,
  input: {
    realName: string
    document: TypedDocument
    address: string
    contact: string
    pictures: readonly string[]
    reason: string
  },
): Promise<void> {
  await readyForCheck(bank, owner, input.document)
  const person = await ownPerson(bank, owner)
  const document = readDocument(bank, input.document)
  const details = {
    realName: line(input.realName, '/name', 130),
    idType: document.type,
    idNumber: document.number,
    address: input.address,
    contact: input.contact,
  }
  const pictures: string[] = []
  for (const name of input.pictures) pictures.push(await pictureOf(bank, owner, name, '/firstPhoto'))
  const flags = pictures.length === 0 ? ['no_picture'] : []
  await submit(bank, person, { details, document, pictures, flags, reason: input.reason })
}

interface Submission {
  details: IdentityDetails
  document: IdentityDocument
  /** Ids of front, back and one more, as far as there are. */
  pictures: readonly string[]
  flags: readonly string[]
  reason: string
}

/** Check and approval in one transaction. */
async function submit(
  bank: Bank,
  person: Person,
  { details, document, pictures, flags: known, reason }: Submission,
): Promise<{ createdAt: Date }> {
  const { bookId, id: personId } = person
  const at = bank.clock.now()
  await countAttempt(bank.db, at, bookId, 'identity-submit', personId)
  const id = newId()
  const [front = null, back = null, third = null] = pictures
  const write = async (tx: Tx) => {
    const flags = [...(await flagsOf(tx, bookId, personId, document)), ...known]
    const check = { details, documentIndex: document.index, front, back, third, flags, reference: '' }
    await insertCheck(bank, tx, bookId, { id, personId, stage: 'basic', ...check }, at)
    await tellOfCheck(bank, tx, person, 'basic', { status: 'pending', reason: '' })
    const approval = await openApproval(bank, tx, bookId, {
      kind: IDENTITY_REVIEW,
      payload: { check: id, person: personId, flags },
      reason,
    })
    await noteApproval(tx, bookId, id, approval)
  }
  try {
    await bank.db.transaction(write)
  } catch (error) {
    if (!alreadyThere(error)) throw error
    refuseSecond((await newestChecks(bank.db, bookId, personId)).basic)
    throw new Refusal('IdentityPending')
  }
  return { createdAt: at }
}

function refuseSecond(check: IdentityCheck | undefined): void {
  if (check?.status === 'pending') throw new Refusal('IdentityPending')
  if (check?.status === 'approved') throw new Refusal('IdentityApproved')
}

function line(text: string, pointer: string, most: number): string {
  const clean = text.normalize('NFC').replace(/\s+/g, ' ').trim()
  if (clean === '' || [...clean].length > most) {
    throw new Refusal('InvalidParams', { pointer, reason: `1 to ${most} characters` })
  }
  return clean
}

async function pictureOf(bank: Bank, actor: Owner, name: string, pointer: string): Promise<string> {
  const since = after(bank.clock.now(), -FRESH)
  const file = await fileByName(bank.db, actor.bookId, actor.personId, name, since)
  if (!file) throw new Refusal('KYCInvalidFile', { pointer, reason: 'not a key of a picture that you sent today' })
  return file.id
}

async function flagsOf(tx: Tx, bookId: number, personId: string, document: IdentityDocument): Promise<string[]> {
  const others = await othersWithDocument(tx, bookId, document.index, personId)
  return [
    ...(others.length > 0 ? ['document_in_use'] : []),
    ...(checksumFits(document) === false ? ['checksum_wrong'] : []),
  ]
}
