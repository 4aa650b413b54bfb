// What a customer has in one of their accounts: the balance, and how much of it is held.
// For APIs that show an account by itself; nothing is decided by what is read here.

import { type Asset, type PersonKind, personAccount } from '../ledger/accounts.ts'
import { balancesOf } from '../ledger/balances.ts'
import type { Actor, Bank } from './context.ts'

export interface AccountHoldings {
  asset: Asset
  balance: bigint
  held: bigint
}

export async function holdingsOf(
  bank: Bank,
  { bookId, personNo }: Pick<Actor, 'bookId' | 'personNo'>,
  kind: PersonKind,
  assets: readonly Asset[],
): Promise<AccountHoldings[]> {
  const accounts = assets.map((asset) => ({ asset, id: personAccount(personNo, kind, asset) }))
  const ids = accounts.map(({ id }) => id)
  const of = await balancesOf(bank.db, bookId, ids)
  return accounts.map(({ asset, id }) => ({ asset, ...of(id) }))
}
