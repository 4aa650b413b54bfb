// How much a partner may bring and sell in 24 hours, each for itself.
// Must stay true: an order counts from its making on, and no more once it came to nothing; who counts or gives back holds
// the lock of the partner's clearing account.

import type { Tx } from '../../base/database.ts'
import { houseAccount } from '../../ledger/accounts.ts'
import type { Velocity } from '../../ledger/posting.ts'
import { giveBack } from '../../ledger/velocity.ts'
import type { Partner } from './partner.ts'
import type { RampOrder } from './ramp-order.ts'

type Limited = Pick<Partner, 'no' | 'perDay'>

/** Numbers of partners lie below those of people, so that the two share the ledger's table of limits. */
const subjectOf = ({ no }: Pick<Partner, 'no'>) => BigInt(no)
const ruleOf = ({ direction }: Pick<RampOrder, 'direction'>) => `ramp_${direction}`

/** The limit as part of the posting that makes an order. */
export const limitOf = (partner: Limited, order: Pick<RampOrder, 'direction' | 'amount'>): Velocity => ({
  subject: subjectOf(partner),
  gate: houseAccount('ramp', 'USDT', partner.no),
  rule: ruleOf(order),
  amount: order.amount,
  max: partner.perDay,
})

export const forgetSpent = (
  tx: Tx,
  bookId: number,
  partner: Pick<Partner, 'no'>,
  order: Pick<RampOrder, 'direction' | 'amount' | 'created_at'>,
): Promise<void> =>
  giveBack(tx, bookId, {
    subject: subjectOf(partner),
    rule: ruleOf(order),
    amount: order.amount,
    at: order.created_at,
  })
