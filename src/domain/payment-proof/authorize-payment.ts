// The question before money moves: is it really the customer? Payment PIN always, a TOTP code where it is on.
// Must stay true: every money operation of the app asks here; those by which money leaves its owner ask authorizeMoneyOut.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import { type PaymentFactors, paymentFactors } from './payment-factors.ts'
import { checkPin } from './pin.ts'
import { useTotp } from './totp.ts'

export interface PaymentProof {
  paymentPassword: string
  totpCode?: string | undefined
}

/**
 * Settles when the payment is proved. Refuses PersonFrozen, PaymentPasswordNotSet, PaymentPasswordLocked,
 * PaymentPasswordWrong, TOTPRequired, TOTPWrong.
 */
export async function authorizePayment(bank: Bank, actor: Actor, proof: PaymentProof): Promise<void> {
  await prove(bank, actor, proof, () => {})
}

/**
 * The same for money that goes to somebody else or off the books. Refuses also (`MoneyOutHeld`) for a day after a
 * factor or a contact was changed without proof of the old one.
 */
export async function authorizeMoneyOut(bank: Bank, actor: Actor, proof: PaymentProof): Promise<void> {
  await prove(bank, actor, proof, (factors) => refuseWhileHeld(bank, factors))
}

function refuseWhileHeld(bank: Bank, { moneyOutHeldUntil: until }: PaymentFactors): void {
  const now = bank.clock.now()
  if (!until || until <= now) return
  const retryAfter = Math.ceil((until.getTime() - now.getTime()) / 1000)
  throw new Refusal('MoneyOutHeld', { held_until: until.toISOString(), retryAfter })
}

/** How a verb learns that it is really the customer who asks. */
export interface Proving {
  /** Asked when all else is in order. */
  prove(): Promise<void>
  /** Whether that uses something up, so that a repeat has to be found first. */
  usesCode: boolean
}

export const byCustomer = (bank: Bank, actor: Actor, proof: PaymentProof): Proving => ({
  usesCode: proof.totpCode !== undefined,
  prove: () => authorizePayment(bank, actor, proof),
})

/** The same for money that goes to somebody else or off the books. */
export const byCustomerOut = (bank: Bank, actor: Actor, proof: PaymentProof): Proving => ({
  usesCode: proof.totpCode !== undefined,
  prove: () => authorizeMoneyOut(bank, actor, proof),
})

/** By a program, whose signature proved its key: what is left to ask is whether its customer may pay. */
export const byProgram = (bank: Bank, actor: Actor, { moneyOut }: { moneyOut: boolean }): Proving => ({
  usesCode: false,
  async prove() {
    const factors = await paymentFactors(bank, actor)
    if (factors.status !== 'active') throw new Refusal('PersonFrozen')
    if (moneyOut) refuseWhileHeld(bank, factors)
  },
})

async function prove(
  bank: Bank,
  actor: Actor,
  proof: PaymentProof,
  allow: (factors: PaymentFactors) => void,
): Promise<void> {
  const factors = await checkPin(bank, actor, proof.paymentPassword)
  allow(factors) // before a TOTP code is used up in vain
  if (!factors.totpOn) return
  if (proof.totpCode === undefined || proof.totpCode === '') throw new Refusal('TOTPRequired')
  await useTotp(bank, actor, proof.totpCode)
}
