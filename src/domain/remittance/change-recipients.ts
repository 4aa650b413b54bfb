// A customer adds, changes and removes recipients. What identifies one (name, account, bank, papers) is reviewed by
// operators, again after each change; removing leaves the row, for its orders.
// Must stay true: locks are taken approval first, then the recipient, as checking does; one account is there once.

import { brokenKey, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Actor, Bank } from '../context.ts'
import { dropApproval, holdApproval, openApproval } from '../operator/approval.ts'
import { bankByCode, bankByName, checkBranch } from './bank-directory.ts'
import {
  insertRecipient,
  lockRecipient,
  ownRecipient,
  type Recipient,
  recipientsOf,
  removeRecipientRow,
  renameRecipient,
  rewriteRecipient,
} from './recipient.ts'
import { type RecipientDetails, type RecipientInput, readDetails, readNickname } from './recipient-fields.ts'
import { RECIPIENT_REVIEW, recipientPayload } from './recipient-review.ts'

export const MOST_RECIPIENTS = 50

export const ownRecipients = (bank: Bank, actor: Actor): Promise<Recipient[]> =>
  recipientsOf(bank, bank.db, actor.bookId, actor.personNo, MOST_RECIPIENTS)

/** Refuses `InvalidParams`, `RecipientExists`, `RecipientListFull`. */
export async function addRecipient(bank: Bank, actor: Actor, input: RecipientInput): Promise<Recipient> {
  const { bookId, personNo } = actor
  const details = readDetails(bank, input)
  const nickname = readNickname(input.nickname)
  const { code } = await bankByName(bank.db, input.bank_name)
  await checkBranch(bank.db, details.cnaps, code)
  if ((await ownRecipients(bank, actor)).length >= MOST_RECIPIENTS) throw new Refusal('RecipientListFull')
  const id = newId()
  return once(() =>
    bank.db.transaction(async (tx) => {
      const parts = { id, version: 1, bank_code: code, details }
      const approval = await ask(bank, tx, bookId, parts)
      const row = { id, person_no: personNo, bank_code: code, details, nickname, approval_id: approval }
      await insertRecipient(bank, tx, bookId, row, bank.clock.now())
      return ownRecipient(bank, tx, actor, id)
    }),
  )
}

/** Changes what is named. Refuses `NotFound`, `InvalidParams`, `RecipientExists`, `Outdated`. */
export async function changeRecipient(
  bank: Bank,
  actor: Actor,
  id: string,
  change: Partial<RecipientInput>,
): Promise<Recipient> {
  const { bookId } = actor
  const before = await ownRecipient(bank, bank.db, actor, id)
  const after = readDetails(bank, { ...inputOf(before), ...change })
  const { code } =
    change.bank_name === undefined
      ? await bankByCode(bank.db, before.bank_code)
      : await bankByName(bank.db, change.bank_name)
  await checkBranch(bank.db, after.cnaps, code)
  const nickname = change.nickname === undefined ? before.nickname : readNickname(change.nickname)
  return once(() =>
    bank.db.transaction(async (tx) => {
      const open = before.approval_id !== null && (await holdApproval(tx, bookId, before.approval_id))
      const now = await lockRecipient(bank, tx, bookId, id)
      if (now.version !== before.version || now.status !== 'active') throw new Refusal('Outdated')
      const at = bank.clock.now()
      if (isSame(before, after, code)) {
        await renameRecipient(bank, tx, bookId, id, nickname, at)
        return ownRecipient(bank, tx, actor, id)
      }
      if (open && before.approval_id) await dropApproval(bank, tx, bookId, before.approval_id)
      const parts = { id, version: before.version + 1, bank_code: code, details: after }
      const approval = await ask(bank, tx, bookId, parts)
      await rewriteRecipient(bank, tx, bookId, { ...parts, nickname, approval_id: approval }, at)
      return ownRecipient(bank, tx, actor, id)
    }),
  )
}

/** It is offered no more; orders that went to it stay. Refuses `NotFound`. */
export async function removeRecipient(bank: Bank, actor: Actor, id: string): Promise<void> {
  const { bookId } = actor
  const { approval_id: approvalId } = await ownRecipient(bank, bank.db, actor, id)
  await bank.db.transaction(async (tx) => {
    const open = approvalId !== null && (await holdApproval(tx, bookId, approvalId))
    const now = await lockRecipient(bank, tx, bookId, id)
    if (now.status !== 'active') throw new Refusal('NotFound')
    if (now.approval_id !== approvalId) throw new Refusal('Outdated')
    await removeRecipientRow(tx, bookId, id, bank.clock.now())
    if (open && approvalId) await dropApproval(bank, tx, bookId, approvalId)
  })
}

const ask = (
  bank: Bank,
  tx: Tx,
  bookId: number,
  recipient: Pick<Recipient, 'id' | 'version' | 'bank_code' | 'details'>,
) =>
  openApproval(bank, tx, bookId, {
    kind: RECIPIENT_REVIEW,
    payload: recipientPayload(recipient),
    reason: recipient.version === 1 ? 'a new recipient' : 'a recipient was changed',
  })

async function once<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (brokenKey(error) === 'remittance_recipients_once')
      throw new Refusal('RecipientExists', { pointer: '/account_number' })
    throw error
  }
}

function inputOf({ details, bank_code }: Recipient): RecipientInput {
  return {
    account_holder: details.holder,
    account_number: details.account,
    bank_name: bank_code,
    id_number: details.idNumber,
    msisdn: details.phone,
    email: details.email,
    account_currency_code: details.currency,
    cnaps_code: details.cnaps,
  }
}

const isSame = (before: Recipient, after: RecipientDetails, bankCode: string): boolean =>
  before.bank_code === bankCode &&
  (Object.keys(after) as (keyof RecipientDetails)[]).every((field) => before.details[field] === after[field])
