// How much a customer may withdraw in 24 hours: USDT by KYC level; of a coin, for which no such limit is set, as much as
// one withdrawal may take. Must stay true: what was withdrawn counts with its fee, from its submission on, unless the
// money came back.

import type { Queries, Tx } from '../../base/database.ts'
import { personAccount } from '../../ledger/accounts.ts'
import type { Velocity } from '../../ledger/posting.ts'
import { giveBack, spentUnder } from '../../ledger/velocity.ts'
import type { Bank } from '../context.ts'
import { type WithdrawalSettings, withdrawalPerDay } from '../setting.ts'
import type { KycLevel, WithdrawalAsset } from '../setting-definitions.ts'

const ruleOf = (asset: WithdrawalAsset) => (asset === 'USDT' ? 'withdrawal' : `withdrawal_${asset.toLowerCase()}`)

export async function perDayOf(
  bank: Bank,
  bookId: number,
  level: KycLevel,
  asset: WithdrawalAsset,
  { max }: Pick<WithdrawalSettings, 'max'>,
): Promise<bigint> {
  return asset === 'USDT' ? withdrawalPerDay(bank, bookId, level) : max
}

/** The limit as part of a posting that holds this amount. */
export const limitOf = (personNo: bigint, asset: WithdrawalAsset, amount: bigint, perDay: bigint): Velocity => ({
  subject: personNo,
  gate: personAccount(personNo, 'main', asset),
  rule: ruleOf(asset),
  amount,
  max: perDay,
})

export async function leftToday(
  q: Queries,
  bookId: number,
  personNo: bigint,
  asset: WithdrawalAsset,
  perDay: bigint,
): Promise<bigint> {
  const spent = await spentUnder(q, bookId, personNo, ruleOf(asset))
  return spent < perDay ? perDay - spent : 0n
}

/** After the money came back; the customer's account is locked by that. */
export async function forgetSpent(
  tx: Tx,
  bookId: number,
  order: { person_no: bigint; asset: WithdrawalAsset; amount: bigint },
  heldAt: Date,
): Promise<void> {
  const { person_no: subject, asset, amount } = order
  await giveBack(tx, bookId, { subject, rule: ruleOf(asset), amount, at: heldAt })
}
