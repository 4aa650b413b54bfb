// What customers do to their own payment factors: set, change and reset the PIN; switch TOTP on and off.
// Must stay true: every change is proved by what it replaces, or keeps money from leaving for a day.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { logSecurity, mailPerson, tellPerson } from '../notice/security-log.ts'
import { contactsOf } from '../people/directory.ts'
import { type Channel, ownPerson } from '../people/people.ts'
import { redeemCode } from '../sign-in/code.ts'
import { proveLoginPassword, startHold } from '../sign-in/password-change.ts'
import { type PaymentFactors, paymentFactors } from './payment-factors.ts'
import { checkNewPin, checkPin, hashPin, storePin } from './pin.ts'
import { confirmTotp, proveTotpSetUp, removeTotp, setUpTotp, useTotp } from './totp.ts'

export interface SecurityStatus {
  paymentPasswordSet: boolean
  paymentPasswordLockedUntil: Date | null
  totpEnabled: boolean
  loginPasswordSet: boolean
  login2fa: readonly Channel[]
  moneyOutHeldUntil: Date | null
}

export async function securityStatus(bank: Bank, actor: Actor): Promise<SecurityStatus> {
  const [factors, person] = await Promise.all([paymentFactors(bank, actor), ownPerson(bank, actor)])
  const now = bank.clock.now()
  const ahead = (instant: Date | null) => (instant && instant > now ? instant : null)
  return {
    paymentPasswordSet: factors.pinHash !== null,
    paymentPasswordLockedUntil: ahead(factors.pinLockedUntil),
    totpEnabled: factors.totpOn,
    loginPasswordSet: person.hasPassword,
    login2fa: person.login2fa,
    moneyOutHeldUntil: ahead(person.moneyOutHeldUntil),
  }
}

export interface PinChange {
  newPin: string
  /** For the first PIN, and together with a code for a forgotten one. */
  loginPassword?: string | undefined
  oldPin?: string | undefined
  /** Sent to one of the actor's contacts, scene reset. */
  code?: string | undefined
}

/** Sets the first PIN, changes it, or replaces a forgotten one (which holds money for a day). */
export async function changePin(bank: Bank, actor: Actor, change: PinChange): Promise<void> {
  checkNewPin(change.newPin)
  const factors = await paymentFactors(bank, actor)
  const event = await proveChange(bank, actor, factors, change)
  const person = await ownPerson(bank, actor)
  await bank.db.transaction(async (tx) => {
    const stored = await storePin(tx, actor, factors.pinHash, hashPin(bank, actor, change.newPin))
    if (!stored) throw new Refusal('Busy', { retryAfter: 1, reason: 'changed by another request meanwhile' })
    if (event === 'payment_password_reset') await startHold(bank, tx, actor.bookId, actor.personId)
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, event, actor)
    const tell = event === 'payment_password_set' ? mailPerson : tellPerson
    await tell(bank, tx, person, event, {})
  })
}

async function proveChange(bank: Bank, actor: Actor, { pinHash }: PaymentFactors, change: PinChange) {
  const { loginPassword, oldPin, code } = change
  if (pinHash && oldPin !== undefined) {
    await checkPin(bank, actor, oldPin)
    return 'payment_password_changed'
  }
  const missing = (pointer: string, reason: string) => new Refusal('InvalidParams', { pointer, reason })
  if (pinHash && code === undefined) throw missing('/old_payment_password', 'needed to change the payment password')
  if (loginPassword === undefined) throw missing('/login_password', 'needed without the old payment password')
  await proveLoginPassword(bank, actor, loginPassword)
  if (!pinHash) return 'payment_password_set'
  await redeemOwnCode(bank, actor, code ?? '')
  return 'payment_password_reset'
}

/** A code for this scene may have gone to either of the actor's contacts. */
async function redeemOwnCode(bank: Bank, actor: Actor, code: string): Promise<void> {
  for (const { index } of await contactsOf(bank, bank.db, actor.bookId, actor.personId)) {
    try {
      return await redeemCode(bank, actor.ip, actor.bookId, index, 'reset', code)
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'CodeWrong')) throw error
    }
  }
  throw new Refusal('CodeWrong')
}

/** Makes a TOTP secret and shows it, the only time. */
export async function startTotp(bank: Bank, actor: Actor, loginPassword: string) {
  await proveLoginPassword(bank, actor, loginPassword)
  return setUpTotp(bank, actor)
}

export async function finishTotp(bank: Bank, actor: Actor, code: string): Promise<void> {
  const person = await ownPerson(bank, actor)
  const proven = await proveTotpSetUp(bank, actor, code)
  await bank.db.transaction(async (tx) => {
    await confirmTotp(bank, tx, actor, proven)
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, 'totp_enabled', actor)
    await mailPerson(bank, tx, person, 'totp_enabled', {})
  })
}

/** Switches TOTP off: at once with a code of it, with a day's hold on money without. */
export async function stopTotp(bank: Bank, actor: Actor, pin: string, totpCode: string | undefined): Promise<void> {
  const factors = await checkPin(bank, actor, pin)
  if (!factors.totpOn) throw new Refusal('TOTPNotSetUp')
  if (totpCode !== undefined) await useTotp(bank, actor, totpCode)
  const event = totpCode === undefined ? 'totp_disabled_unproven' : 'totp_disabled'
  const person = await ownPerson(bank, actor)
  await bank.db.transaction(async (tx) => {
    await removeTotp(tx, actor)
    if (totpCode === undefined) await startHold(bank, tx, actor.bookId, actor.personId)
    await logSecurity(tx, bank.clock.now(), actor.bookId, actor.personId, event, actor)
    await tellPerson(bank, tx, person, event, {})
  })
}
