// Operators sign in with e-mail address, password and TOTP code in one request; there is no other way.
// Must stay true: an unknown address, a wrong password, a wrong or used code and an operator who left are told apart
// neither by words nor by time; tries are counted before they are made.

import { unseal } from '../../base/crypto.ts'
import { Refusal } from '../../base/errors.ts'
import type { Bank, Origin } from '../context.ts'
import { addressSubject, clearAttempts, countAttempt, countFromAddress, forgiveAttempt } from '../sign-in/attempt.ts'
import { inEqualTime } from '../sign-in/equal-time.ts'
import { passwordMatches } from '../sign-in/password.ts'
import { totpStep } from '../totp-code.ts'
import { logAudit } from './audit-log.ts'
import { operatorContext, readOperatorEmail } from './operator.ts'
import { openOperatorSession } from './operator-session.ts'
import type { Role } from './role.ts'

const BEAT = 100

interface Account {
  id: string
  roles: Role[]
  password_hash: string | null
  totp_sealed: Buffer | null
  address_known: boolean
}

export interface SignIn {
  email: string
  password: string
  totpCode: string
}

/** Answers the session's token. Refuses `InvalidCredential`, `RateLimited`. */
export async function signInOperator(
  bank: Bank,
  origin: Origin & { requestId: string },
  given: SignIn,
): Promise<string> {
  const { index } = readOperatorEmail(bank, given.email)
  return inEqualTime(BEAT, async () => {
    const bookId = bank.config.DEFAULT_BOOK
    const now = bank.clock.now()
    const account = await accountOf(bank, bookId, index, origin.ip)
    const name = index.toString('hex')
    const pair = `${name} ${addressSubject(origin.ip)}`
    await countAttempt(bank.db, now, bookId, 'operator-pair', pair)
    if (!account?.address_known) await countAttempt(bank.db, now, bookId, 'operator-account', name)
    await countFromAddress(bank, bookId, 'operator-address', origin.ip)

    const matches = await passwordMatches(account?.password_hash, given.password)
    const step = account && matches ? stepOf(bank, bookId, account, given.totpCode, now) : undefined
    if (!account || step === undefined || !(await useStep(bank, bookId, account.id, step))) {
      if (account) await logFailure(bank, bookId, account.id, origin)
      throw new Refusal('InvalidCredential')
    }
    await clearAttempts(bank.db, bookId, 'operator-pair', pair)
    if (!account.address_known) await forgiveAttempt(bank.db, bookId, 'operator-account', name)
    await forgiveAttempt(bank.db, bookId, 'operator-address', addressSubject(origin.ip))
    return bank.db.transaction(async (tx) => {
      const { token, session } = await openOperatorSession(bank, tx, bookId, account.id, origin)
      const actor = { ...origin, bookId, operatorId: account.id, sessionId: session, roles: account.roles }
      await logAudit(bank, tx, actor, { action: 'operator.signed_in', subject: `operator:${account.id}` })
      return token
    })
  })
}

async function accountOf(bank: Bank, bookId: number, index: Buffer, ip: string): Promise<Account | undefined> {
  const [row] = await bank.db.query<Account>(
    'operator-account',
    `select o.id, o.roles, o.password_hash, o.totp_sealed,
       exists (select from operator_sessions s where s.book_id = o.book_id and s.operator_id = o.id and s.ip = $3) as address_known
     from operators o where o.book_id = $1 and o.email_index = $2 and o.status = 'active'`,
    [bookId, index, ip],
  )
  return row
}

function stepOf(bank: Bank, bookId: number, account: Account, code: string, now: Date): bigint | undefined {
  if (!account.totp_sealed) return undefined
  return totpStep(
    unseal(bank.keys.personal, account.totp_sealed, operatorContext('totp', bookId, account.id)),
    code,
    now,
  )
}

/** A step's code counts once, in all processes together. */
async function useStep(bank: Bank, bookId: number, id: string, step: bigint): Promise<boolean> {
  const used = await bank.db.query(
    'operator-totp-use',
    `update operators set totp_last_step = $3
     where book_id = $1 and id = $2 and totp_last_step < $3 and status = 'active' returning 1`,
    [bookId, id, step],
  )
  return used.length > 0
}

async function logFailure(
  bank: Bank,
  bookId: number,
  id: string,
  origin: Origin & { requestId: string },
): Promise<void> {
  const { ip } = origin
  await logAudit(
    bank,
    bank.db,
    { bookId },
    { action: 'operator.sign_in_failed', subject: `operator:${id}`, data: { ip } },
  )
}
