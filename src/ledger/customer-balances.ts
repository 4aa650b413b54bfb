// What the books owe each customer, for proofs that are made of all of them. Must stay true: read in the caller's one
// snapshot, page by page, so that nothing is counted twice or missed however long it takes.

import type { Tx } from '../base/database.ts'
import { type Asset, assets, describeAccount } from './accounts.ts'

const PAGE = 20_000

export interface CustomerBalance {
  personNo: bigint
  /** Of all the person's accounts together, what is held included; one for each asset asked for. */
  units: bigint[]
}

/** Everybody who ever had an account of one of these assets, by number. The transaction must be repeatable read. */
export async function customerBalances(tx: Tx, bookId: number, of: readonly Asset[]): Promise<CustomerBalance[]> {
  const wanted = of.map((asset) => assets[asset].no)
  const people: CustomerBalance[] = []
  for (let after = 10_000n << 16n; ; ) {
    const rows = await tx.query<{ id: bigint; balance: bigint }>(
      'customer-balances',
      `select id, balance from accounts where book_id = $1 and id >= $2 and id & 255 = any ($3::bigint[])
       order by id limit ${PAGE}`,
      [bookId, after, wanted],
    )
    for (const { id, balance } of rows) {
      const { ownerNo: personNo, asset } = describeAccount(id)
      const last = people.at(-1)
      const person = last?.personNo === personNo ? last : { personNo, units: of.map(() => 0n) }
      if (person !== last) people.push(person)
      const place = of.indexOf(asset)
      person.units[place] = (person.units[place] ?? 0n) + balance
    }
    const newest = rows.at(-1)
    if (!newest || rows.length < PAGE) return people
    after = newest.id + 1n
  }
}

/** What all customers together have of an asset, added up by the database: another way to the same figure. */
export async function owedToCustomers(tx: Tx, bookId: number, of: readonly Asset[]): Promise<bigint[]> {
  const rows = await tx.query<{ asset: number; owed: string }>(
    'owed-to-customers',
    `select (id & 255)::integer as asset, sum(balance)::text as owed from accounts
     where book_id = $1 and id >= 10000::bigint << 16 group by 1`,
    [bookId],
  )
  return of.map((asset) => BigInt(rows.find((row) => BigInt(row.asset) === assets[asset].no)?.owed ?? 0))
}
