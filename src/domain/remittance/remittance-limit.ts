// How much a customer may remit in 24 hours, by KYC level. Must stay true: what was sent counts from its submission on,
// unless the money came back before the bank had it.

import type { Tx } from '../../base/database.ts'
import { personAccount } from '../../ledger/accounts.ts'
import type { Velocity } from '../../ledger/posting.ts'
import { giveBack } from '../../ledger/velocity.ts'
import type { Remittance } from './remittance-order.ts'

const rule = 'remittance'

/** The limit as part of a posting that holds this amount. */
export const limitOf = (personNo: bigint, amount: bigint, max: bigint): Velocity => ({
  subject: personNo,
  gate: personAccount(personNo, 'main'),
  rule,
  amount,
  max,
})

/** After the money came back; the customer's account is locked by that. */
export const forgetSpent = (
  tx: Tx,
  bookId: number,
  { person_no: subject, principal: amount, created_at: at }: Remittance,
): Promise<void> => giveBack(tx, bookId, { subject, rule, amount, at })
