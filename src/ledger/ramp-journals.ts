// The movements of the fiat ramp, in ledger units; see journals.ts. `partner` is the partner's number.
// Must stay true: `ramp` is zero again when an order has ended, however it ended; `exchanged` is what the house gave for
// fiat (below zero) and took for fiat with that partner.

import { houseAccount, personAccount } from './accounts.ts'
import { journal } from './apply.ts'
import { leg } from './journals.ts'
import type { Journal } from './posting.ts'

interface RampMovement {
  id: string
  partner: number
  personNo: bigint
  /** USDT, fees included. */
  amount: bigint
  /** All that the house keeps of it. */
  fees: bigint
}

const clearing = (partner: number) => houseAccount('ramp', 'USDT', partner)
const exchanged = (partner: number) => houseAccount('exchanged', 'USDT', partner)
const feeLegs = (fees: bigint) => (fees > 0n ? [leg(houseAccount('fees'), fees)] : [])

/** A customer's fiat has arrived: the USDT that it buys are set apart. */
export function rampPaid({ id, partner, amount }: Omit<RampMovement, 'personNo' | 'fees'>): Journal {
  const legs = [leg(exchanged(partner), -amount), leg(clearing(partner), amount)]
  return journal({ kind: 'ramp_paid', orderKind: 'ramp', orderId: id, legs })
}

/** The customer gets what their fiat bought. */
export function rampBought({ id, partner, personNo, amount, fees }: RampMovement): Journal {
  const legs = [leg(clearing(partner), -amount), leg(personAccount(personNo, 'main'), amount - fees), ...feeLegs(fees)]
  return journal({ kind: 'ramp_bought', orderKind: 'ramp', orderId: id, legs })
}

/** Fiat was paid for a customer's USDT: what was held leaves the customer. */
export function rampSold({ id, partner, personNo, amount, fees }: RampMovement): Journal {
  const legs = [leg(personAccount(personNo, 'main'), -amount), leg(clearing(partner), amount - fees), ...feeLegs(fees)]
  return journal({ kind: 'ramp_sold', orderKind: 'ramp', orderId: id, legs })
}

/** The fiat is surely theirs: the USDT are the house's. */
export function rampSettled({ id, partner, amount, fees }: Omit<RampMovement, 'personNo'>): Journal {
  const legs = [leg(clearing(partner), fees - amount), leg(exchanged(partner), amount - fees)]
  return journal({ kind: 'ramp_settled', orderKind: 'ramp', orderId: id, legs })
}
