// Signing in: by password or by code, with a second step where the customer wants one.
// Must stay true: an unknown account, a wrong password and an account without one are told apart neither by words nor
// by time; guessing is bounded, yet nobody can shut a customer out by guessing wrong on purpose.

import { Refusal } from '../../base/errors.ts'
import type { Bank, Origin } from '../context.ts'
import { logSecurity } from '../notice/security-log.ts'
import { type Contact, type ContactInput, type ContactKind, readContact } from '../people/contact.ts'
import { findLoginContact, proveContact } from '../people/directory.ts'
import { type Channel, type Person, personById, setLocale } from '../people/people.ts'
import { addressSubject, clearAttempts, countAttempt, countFromAddress, forgiveAttempt } from './attempt.ts'
import { redeemCode } from './code.ts'
import { inEqualTime } from './equal-time.ts'
import { type Challenge, openChallenge, passChallenge } from './login-challenge.ts'
import { passwordMatches } from './password.ts'
import { openSession, type Tokens } from './session.ts'

const BEAT = 50
const NOBODY = '00000000-0000-0000-0000-000000000000'

export interface SignedIn extends Tokens {
  person: Person
}

export interface LoginInput {
  contact: ContactInput
  /** One of the two. */
  password?: string | undefined
  code?: string | undefined
}

/** What is known of the account that a contact names, or stands for an account that there is not. */
interface Account {
  bookId: number
  personId: string
  contactIndex: Buffer
  /** False: a merchant says that the contact is theirs. */
  contactProven: boolean
  passwordHash: string | null
  /** Signed in from this address before. */
  addressKnown: boolean
}

/** Signs in, or answers with the challenge that stands before it. Refuses `InvalidCredential` and `CodeWrong`. */
export async function logIn(bank: Bank, origin: Origin, input: LoginInput): Promise<SignedIn | Challenge> {
  const { password, code } = input
  if ((password === undefined) === (code === undefined)) {
    throw new Refusal('InvalidParams', { pointer: '/password', reason: 'exactly one of password and code' })
  }
  const contact = readContact(bank, input.contact)
  return inEqualTime(BEAT, async () => {
    const account = await findAccount(bank, origin, contact)
    if (password !== undefined) await provePassword(bank, origin, account, contact.kind, password)
    else {
      await redeemCode(bank, origin.ip, account.bookId, account.contactIndex, 'login', code ?? '')
      if (!account.contactProven) await proveContact(bank.db, contact, bank.clock.now())
    }
    const person = await personById(bank, account.bookId, account.personId)
    if (!person || person.status === 'deleted') throw new Refusal('InvalidCredential')
    return (await openChallenge(bank, person)) ?? signIn(bank, origin, person, contact.kind)
  })
}

/** Completes a sign-in that was challenged. */
export async function completeLogIn(
  bank: Bank,
  origin: Origin,
  pendingId: string,
  channel: Channel,
  code: string,
): Promise<SignedIn> {
  return signIn(bank, origin, await passChallenge(bank, origin, pendingId, channel, code))
}

async function signIn(bank: Bank, origin: Origin, person: Person, by: ContactKind | null = null): Promise<SignedIn> {
  const tokens = await bank.db.transaction(async (tx) => {
    const opened = await openSession(bank, tx, person, origin)
    await setLocale(tx, person.bookId, person.id, origin.locale)
    await logSecurity(tx, bank.clock.now(), person.bookId, person.id, 'login', origin, by)
    return opened
  })
  return { person, ...tokens }
}

async function findAccount(bank: Bank, origin: Origin, contact: Contact): Promise<Account> {
  const owner = await findLoginContact(bank.db, contact)
  const bookId = owner?.bookId ?? bank.config.DEFAULT_BOOK
  const personId = owner?.personId ?? NOBODY
  // asked also when there is nobody, so that it takes as long
  const [row] = await bank.db.query<{ password_hash: string | null; address_known: boolean }>(
    'login-account',
    `select (select password_hash from people where book_id = $1 and id = $2) as password_hash,
       exists (select from sessions where book_id = $1 and person_id = $2 and ip = $3) as address_known`,
    [bookId, personId, origin.ip],
  )
  return {
    bookId,
    personId,
    contactIndex: owner?.index ?? contact.index,
    contactProven: owner?.proven ?? true,
    passwordHash: row?.password_hash ?? null,
    addressKnown: row?.address_known ?? false,
  }
}

/**
 * Guesses are counted for the account from this address, for the account from addresses that it never signed in from,
 * and for the address. A stranger can use up the first two; the customer's own address and the way by code stay open.
 */
async function provePassword(
  bank: Bank,
  origin: Origin,
  account: Account,
  by: ContactKind,
  password: string,
): Promise<void> {
  const { bookId, personId, contactIndex, passwordHash, addressKnown } = account
  const now = bank.clock.now()
  const name = contactIndex.toString('hex')
  const pair = `${name} ${addressSubject(origin.ip)}`
  await countAttempt(bank.db, now, bookId, 'login-pair', pair)
  if (!addressKnown) await countAttempt(bank.db, now, bookId, 'login-account', name)
  await countFromAddress(bank, bookId, 'login-address', origin.ip)
  if (await passwordMatches(passwordHash, password)) {
    await clearAttempts(bank.db, bookId, 'login-pair', pair)
    if (!addressKnown) await forgiveAttempt(bank.db, bookId, 'login-account', name)
    await forgiveAttempt(bank.db, bookId, 'login-address', addressSubject(origin.ip))
    return
  }
  if (personId !== NOBODY) await logSecurity(bank.db, now, bookId, personId, 'login_failed', origin, by)
  throw new Refusal('InvalidCredential')
}
