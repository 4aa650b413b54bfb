// Registration: a proved contact, a password, and a place in the inviter's team, in one transaction.
// Must stay true: without the code nothing is said about a contact, not even that it is taken.

import { hashPassword } from '../../base/crypto.ts'
import type { Bank, Origin } from '../context.ts'
import { putInInbox } from '../notice/inbox.ts'
import { logSecurity } from '../notice/security-log.ts'
import { redeemCode } from '../sign-in/code.ts'
import type { SignedIn } from '../sign-in/login.ts'
import { checkNewPassword } from '../sign-in/password.ts'
import { openSession } from '../sign-in/session.ts'
import { type ContactInput, readContact } from './contact.ts'
import { createPerson, inviteCodeCollided, inviterByCode } from './people.ts'
import { joinTeam } from './referral.ts'

export interface RegisterInput {
  contact: ContactInput
  code: string
  password: string
  inviteCode?: string | undefined
}

/** Refuses `InvalidParams`, `PasswordWeak`, `InviteCodeUnknown`, `CodeWrong`, and only after a right code `ContactTaken`. */
export async function register(bank: Bank, origin: Origin, input: RegisterInput): Promise<SignedIn> {
  const bookId = bank.config.DEFAULT_BOOK
  const contact = readContact(bank, input.contact)
  checkNewPassword(input.password, [contact.value])
  const inviterNo = input.inviteCode ? await inviterByCode(bank.db, bookId, input.inviteCode) : null
  await redeemCode(bank, origin.ip, bookId, contact.index, 'register', input.code)
  const passwordHash = await hashPassword(input.password)

  const create = () =>
    bank.db.transaction(async (tx) => {
      const now = bank.clock.now()
      const person = await createPerson(bank, tx, { bookId, contact, passwordHash, locale: origin.locale })
      if (inviterNo !== null) {
        await joinTeam(tx, bookId, person.no, inviterNo, now)
        await putInInbox(tx, bookId, inviterNo, 'invitee_joined', { uid: person.uid }, now)
      }
      const tokens = await openSession(bank, tx, person, origin)
      await logSecurity(tx, now, bookId, person.id, 'register', origin)
      return { person, ...tokens }
    })
  for (;;) {
    try {
      return await create()
    } catch (error) {
      if (!inviteCodeCollided(error)) throw error
    }
  }
}
