// The question before money moves: is it really the customer? Payment PIN always, a TOTP code where it is on.
// Must stay true: every money operation of the app asks here; those by which money leaves its owner ask authorizeMoneyOut.

import { Refusal } from '../../base/errors.ts'
import type { Actor, Bank } from '../context.ts'
import type { PaymentFactors } from './payment-factors.ts'
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
  await prove(bank, actor, proof, ({ moneyOutHeldUntil: until }) => {
    const now = bank.clock.now()
    if (until && until > now) {
      const retryAfter = Math.ceil((until.getTime() - now.getTime()) / 1000)
      throw new Refusal('MoneyOutHeld', { held_until: until.toISOString(), retryAfter })
    }
  })
}

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
