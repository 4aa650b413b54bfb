// A merchant registers a customer: a contact that nobody has proved, a password, a place below the inviter.
// Must stay true: whoever invites is the merchant or its own customer; a contact that is somebody else's here is neither
// refused nor taken from them, so that registering tells nothing about others.

import { hashPassword } from '../../base/crypto.ts'
import { isRefusal, Refusal } from '../../base/errors.ts'
import type { Bank } from '../context.ts'
import { putInInbox } from '../notice/inbox.ts'
import { logSecurity } from '../notice/security-log.ts'
import { type Contact, type ContactInput, readContact } from '../people/contact.ts'
import { findContact } from '../people/directory.ts'
import { createPerson, inviteCodeCollided, inviterByCode, type Person } from '../people/people.ts'
import { joinTeam } from '../people/referral.ts'
import { inEqualTime } from '../sign-in/equal-time.ts'
import { checkNewPassword } from '../sign-in/password.ts'
import { ownOf, unprovedOf } from './merchant-contact.ts'
import { customerByNo, customersAmong, insertMembership } from './merchant-customer.ts'
import type { MerchantCaller } from './open-request.ts'

const BEAT = 100

export interface RegistrationInput {
  /** Exactly one of the two. */
  email: string
  mobileNumber: string
  countryCode: string
  password: string
  invitedCode: string
}

export interface Registered {
  person: Person
  openId: string
}

/** Refuses `InvalidParams`, `PasswordWeak`, `InviteCodeUnknown`, and `ContactTaken` by another customer of the merchant. */
export async function registerCustomer(
  bank: Bank,
  caller: MerchantCaller,
  input: RegistrationInput,
): Promise<Registered> {
  const contact = readContact(bank, contactIn(input))
  checkNewPassword(input.password, [contact.value])
  return inEqualTime(BEAT, async () => {
    const inviterNo = await inviterOf(bank, caller, input.invitedCode)
    const passwordHash = await hashPassword(input.password)
    return create(bank, caller, contact, passwordHash, inviterNo)
  })
}

function contactIn({ email, mobileNumber, countryCode }: RegistrationInput): ContactInput {
  if ((email === '') === (mobileNumber === ''))
    throw new Refusal('InvalidParams', { pointer: '/mobileNumber', reason: 'exactly one of mobileNumber and email' })
  if (email !== '') return { contact: email, kind: 'email' }
  return {
    contact: mobileNumber,
    kind: 'mobile',
    mobilePrefix: countryCode === '' ? undefined : countryCode,
    anyLength: true,
  }
}

/** Null: the merchant itself. */
async function inviterOf(
  bank: Bank,
  { bookId, merchant }: MerchantCaller,
  invitedCode: string,
): Promise<bigint | null> {
  const code = invitedCode.trim().toUpperCase()
  if (code === merchant.inviteCode) return null
  const no = await inviterByCode(bank.db, bookId, code)
  if (!(await customerByNo(bank.db, merchant, no))) throw new Refusal('InviteCodeUnknown', { pointer: '/invitedCode' })
  return no
}

async function create(
  bank: Bank,
  caller: MerchantCaller,
  contact: Contact,
  passwordHash: string,
  inviterNo: bigint | null,
): Promise<Registered> {
  const { merchant } = caller
  for (let own = await signsInElsewhere(bank, caller, contact); ; ) {
    try {
      return await createWith(
        bank,
        caller,
        (own ? ownOf : unprovedOf)(bank, merchant, contact),
        passwordHash,
        inviterNo,
      )
    } catch (error) {
      if (inviteCodeCollided(error)) continue
      // somebody was quicker: with the merchant, and then it is taken, or elsewhere
      if (!isRefusal(error, 'ContactTaken') || own) throw error
      own = await signsInElsewhere(bank, caller, contact)
    }
  }
}

/** Whether the contact is somebody's who is not the merchant's customer. Refuses `ContactTaken` when it is one's who is. */
async function signsInElsewhere(bank: Bank, { merchant }: MerchantCaller, contact: Contact): Promise<boolean> {
  const owner = await findContact(bank.db, contact)
  const [mine] = await customersAmong(bank.db, merchant, owner ? [owner.personId] : [])
  if (mine) throw new Refusal('ContactTaken')
  return owner !== undefined
}

function createWith(
  bank: Bank,
  caller: MerchantCaller,
  contact: Contact,
  passwordHash: string,
  inviterNo: bigint | null,
): Promise<Registered> {
  const { bookId, merchant, locale } = caller
  return bank.db.transaction(async (tx) => {
    const now = bank.clock.now()
    const person = await createPerson(bank, tx, { bookId, contact, passwordHash, locale })
    const openId = await insertMembership(tx, merchant, person, inviterNo, now)
    if (inviterNo !== null) {
      await joinTeam(tx, bookId, person.no, inviterNo, now)
      await putInInbox(tx, bookId, inviterNo, 'invitee_joined', { uid: person.uid }, now)
    }
    await logSecurity(tx, now, bookId, person.id, 'register', caller)
    return { person, openId }
  })
}
