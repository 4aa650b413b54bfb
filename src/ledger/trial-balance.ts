// The trial balance: what every kind of account holds, side by side, and that all of it sums to zero per asset.
// Must stay true: one snapshot; people are summed up, the house stands account by account.

import type { Database } from '../base/database.ts'
import { assert } from '../base/errors.ts'
import { type Asset, assets, describeAccount, type HouseKind, isPersonAccount, type PersonKind } from './accounts.ts'

export interface TrialLine {
  asset: Asset
  kind: PersonKind | HouseKind
  whose: 'people' | 'house'
  /** Tells house accounts of one kind apart (a network's number for custody); 0 for people. */
  sub: number
  accounts: number
  balance: bigint
  held: bigint
}

export interface TrialBalance {
  at: Date
  lines: TrialLine[]
  /** What all accounts of an asset sum to: zero, or the books are wrong. */
  sums: { asset: Asset; scale: number; sum: bigint }[]
}

export async function trialBalance(db: Database, bookId: number): Promise<TrialBalance> {
  return db.transaction(
    async (tx) => {
      await tx.query('', 'set local enable_seqscan = on')
      const [now] = await tx.query<{ at: Date }>('', 'select now() as at')
      assert(now, 'a query without a table has one row')
      const rows = await tx.query<{ id: bigint; accounts: bigint; balance: string; held: string }>(
        '',
        `select case when id >> 16 >= 10000 then (10000::bigint << 16) | (id & 65535) else id end as id,
                count(*) as accounts, sum(balance) as balance, sum(held) as held
         from accounts where book_id = $1 group by 1`,
        [bookId],
      )
      const lines = rows.map((row): TrialLine => {
        const { ownerNo, kind, asset } = describeAccount(row.id)
        const isPerson = isPersonAccount(row.id)
        return {
          asset,
          kind,
          whose: isPerson ? 'people' : 'house',
          sub: isPerson ? 0 : Number(ownerNo) - 1,
          accounts: Number(row.accounts),
          balance: BigInt(row.balance),
          held: BigInt(row.held),
        }
      })
      const order = (line: TrialLine) => `${assets[line.asset].no} ${line.whose === 'people' ? 0 : 1} ${line.kind}`
      lines.sort((a, b) => order(a).localeCompare(order(b)) || a.sub - b.sub)
      const sums = [...Map.groupBy(lines, (line) => line.asset)].map(([asset, own]) => ({
        asset,
        scale: assets[asset].scale,
        sum: own.reduce((sum, line) => sum + line.balance, 0n),
      }))
      return { at: now.at, lines, sums }
    },
    { mode: 'isolation level repeatable read read only' },
  )
}
