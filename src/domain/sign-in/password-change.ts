// Setting, changing and resetting the login password.
// Must stay true: a change needs the old one, a reset needs a code; either signs other devices out and is told to the
// customer; after a reset money cannot leave for a day.

import { after, hours } from '../../base/clock.ts'
import { hashPassword } from '../../base/crypto.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { revokeApiKeys } from '../api-key/api-key.ts'
import type { Actor, Bank, Origin } from '../context.ts'
import { logSecurity, tellPerson } from '../notice/security-log.ts'
import { type ContactInput, readContact } from '../people/contact.ts'
import { contactsOf, findContact, proveContact } from '../people/directory.ts'
import { holdMoneyOut, ownPerson, passwordHashOf, personById, setPasswordHash } from '../people/people.ts'
import { clearAttempts, countAttempt } from './attempt.ts'
import { redeemCode } from './code.ts'
import { checkNewPassword, passwordMatches } from './password.ts'
import { endAllSessions } from './session-life.ts'

export const HOLD_HOURS = 24

/** Settles when the actor's login password is right. Refuses `InvalidCredential`, and `RateLimited` after five wrong ones. */
export async function proveLoginPassword(bank: Bank, actor: Actor, password: string): Promise<void> {
  await countAttempt(bank.db, bank.clock.now(), actor.bookId, 'password-person', actor.personId)
  const hash = await passwordHashOf(bank.db, actor.bookId, actor.personId)
  if (!(await passwordMatches(hash, password))) throw new Refusal('InvalidCredential')
  await clearAttempts(bank.db, actor.bookId, 'password-person', actor.personId)
}

/** Gives a password to an account that has none. Refuses `PasswordAlreadySet`. */
export async function setFirstPassword(bank: Bank, actor: Actor, password: string): Promise<void> {
  const person = await ownPerson(bank, actor)
  if (person.hasPassword) throw new Refusal('PasswordAlreadySet')
  checkNewPassword(password, await ownContacts(bank, actor))
  const hash = await hashPassword(password)
  await bank.db.transaction(async (tx) => {
    if (!(await setPasswordHash(tx, actor.bookId, actor.personId, hash, null))) throw new Refusal('PasswordAlreadySet')
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, 'password_set', actor)
  })
}

export async function changePassword(
  bank: Bank,
  actor: Actor,
  oldPassword: string,
  newPassword: string,
): Promise<void> {
  checkNewPassword(newPassword, await ownContacts(bank, actor), '/new_password')
  await proveLoginPassword(bank, actor, oldPassword)
  const hash = await hashPassword(newPassword)
  const person = await ownPerson(bank, actor)
  await bank.db.transaction(async (tx) => {
    await setPasswordHash(tx, actor.bookId, actor.personId, hash)
    await endAllSessions(bank, tx, actor.bookId, actor.personId, 'password', actor.sessionId)
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, 'password_changed', actor)
    await tellPerson(bank, tx, person, 'password_changed', {})
  })
}

/** Sets a new password by a code (scene reset). Says nothing of whether there is an account: `CodeWrong` for all else. */
export async function resetPassword(
  bank: Bank,
  origin: Origin,
  input: { contact: ContactInput; code: string; newPassword: string },
): Promise<void> {
  const contact = readContact(bank, input.contact)
  checkNewPassword(input.newPassword, [contact.value], '/new_password')
  const owner = await findContact(bank.db, contact)
  await redeemCode(bank, origin.ip, owner?.bookId ?? bank.config.DEFAULT_BOOK, contact.index, 'reset', input.code)
  const person = owner && (await personById(bank, owner.bookId, owner.personId))
  if (!person || person.status === 'deleted') throw new Refusal('CodeWrong')
  const hash = await hashPassword(input.newPassword)
  await bank.db.transaction(async (tx) => {
    await setPasswordHash(tx, person.bookId, person.id, hash)
    if (!owner.proven) await proveContact(tx, contact, bank.clock.now())
    await endAllSessions(bank, tx, person.bookId, person.id, 'password')
    await revokeApiKeys(tx, person.bookId, person.id, 'password_reset', bank.clock.now())
    await startHold(bank, tx, person.bookId, person.id)
    await clearAttempts(tx, person.bookId, 'login-account', contact.index.toString('hex'))
    await logSecurity(tx, bank.clock.now(), person.bookId, person.id, 'password_reset', origin)
    await tellPerson(bank, tx, person, 'password_reset', {})
  })
}

/** Money cannot leave for a day: whoever changed this did not prove what it replaced. */
export const startHold = (bank: Bank, tx: Tx, bookId: number, personId: string): Promise<void> =>
  holdMoneyOut(tx, bookId, personId, after(bank.clock.now(), hours(HOLD_HOURS)))

const ownContacts = async (bank: Bank, actor: Actor): Promise<string[]> =>
  (await contactsOf(bank, bank.db, actor.bookId, actor.personId)).map(({ value }) => value)
