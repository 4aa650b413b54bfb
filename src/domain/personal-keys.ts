// Going over to another key for personal data: how many values each key seals, and sealing anew what an older one does.
// Must stay true: a value is replaced only by the same value, and only where nobody changed it meanwhile; every process
// opens values of the old and the new key all the while, so nobody who reads notices.

import { type KeyRing, seal, unseal } from '../base/crypto.ts'
import type { Queries } from '../base/database.ts'
import { sealedApiKeys } from './api-key/api-key.ts'
import { sealedProgramOrders } from './api-key/program-order.ts'
import { sealedCardAccounts } from './card/card-account.ts'
import { sealedCardDetails } from './card/card-transaction.ts'
import type { Bank } from './context.ts'
import { sealedIdentity } from './identity/identity-check.ts'
import { sealedFileKeys } from './identity/identity-file.ts'
import { sealedMerchantKeys } from './merchant/merchant-key.ts'
import { sealedOperators } from './operator/operator.ts'
import { sealedTotp } from './payment-proof/totp.ts'
import { sealedContacts } from './people/directory.ts'
import { sealedNames } from './people/people.ts'
import { sealedPartnerKeys } from './ramp/partner-key.ts'
import { sealedRampAccounts } from './ramp/ramp-customer.ts'
import { sealedRampOrders } from './ramp/ramp-order.ts'
import { sealedRecipients } from './remittance/recipient.ts'
import { sealedRemittances } from './remittance/remittance-order.ts'
import type { SealedColumn } from './sealed-column.ts'
import { sealedWebhooks } from './webhook/endpoint.ts'
import { sealedLabels } from './withdrawal/address-book.ts'

export const sealedColumns: readonly SealedColumn[] = [
  ...sealedNames,
  sealedContacts,
  sealedTotp,
  sealedLabels,
  ...sealedRecipients,
  sealedRemittances,
  sealedPartnerKeys,
  sealedRampAccounts,
  sealedRampOrders,
  ...sealedOperators,
  sealedMerchantKeys,
  sealedIdentity,
  sealedFileKeys,
  ...sealedApiKeys,
  sealedProgramOrders,
  ...sealedCardAccounts,
  sealedCardDetails,
  ...sealedWebhooks,
]

/** Values by the number of the key that seals them. */
export async function countByKey(q: Queries, bookId: number): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for (const { table, column } of sealedColumns) {
    const rows = await q.query<{ key: number; count: number }>(
      `sealed-count-${table}-${column}`,
      `select get_byte(${column}, 0) as key, count(*)::int as count from ${table}
       where book_id = $1 and ${column} is not null group by 1`,
      [bookId],
    )
    for (const { key, count } of rows) counts.set(key, (counts.get(key) ?? 0) + count)
  }
  return counts
}

const BATCH = 1_000

/** Seals anew with the ring's current key whatever another one seals, in small steps. Answers how many values. */
export async function rotatePersonalKeys(
  bank: Bank,
  bookId: number,
  now: (what: string) => void = () => {},
): Promise<number> {
  let sealed = 0
  for (const column of sealedColumns) {
    now(`${column.table}.${column.column}`)
    // somebody who still seals with the old key may come between: what is left is looked for again
    for (let found = 1; found > 0; ) {
      found = await resealColumn(bank.db, bank.keys.personal, bookId, column)
      sealed += found
    }
  }
  return sealed
}

/** One walk through a table, in the order of its key. */
async function resealColumn(q: Queries, ring: KeyRing, bookId: number, column: SealedColumn): Promise<number> {
  let after: string[] | undefined
  let sealed = 0
  for (;;) {
    const rows = await readBatch(q, ring, bookId, column, after)
    const last = rows.at(-1)
    if (!last) return sealed
    after = last.key
    sealed += await writeBatch(
      q,
      bookId,
      column,
      rows.map((row) => reseal(ring, bookId, column, row)),
    )
  }
}

interface Sealed {
  key: string[]
  sealed: Buffer
}
interface Resealed extends Sealed {
  fresh: Buffer
}

function reseal(ring: KeyRing, bookId: number, column: SealedColumn, row: Sealed): Resealed {
  const context = column.context(bookId, ...row.key)
  return { ...row, fresh: seal(ring, unseal(ring, row.sealed, context), context) }
}

async function readBatch(
  q: Queries,
  { current }: KeyRing,
  bookId: number,
  { table, column, key }: SealedColumn,
  after: string[] | undefined,
): Promise<Sealed[]> {
  const names = Object.keys(key)
  const places = Object.values(key).map((type, i) => `$${i + 4}::text::${type}`)
  const rows = await q.query<{ key: string[]; sealed: Buffer }>(
    `sealed-read-${table}-${column}-${after ? 'on' : 'first'}`,
    `select array[${names.map((name) => `${name}::text`).join(', ')}] as key, ${column} as sealed from ${table}
     where book_id = $1 and get_byte(${column}, 0) <> $2 ${after ? `and (${names.join(', ')}) > (${places.join(', ')})` : ''}
     order by book_id, ${names.join(', ')} limit $3`,
    [bookId, current, BATCH, ...(after ?? [])],
  )
  return rows
}

async function writeBatch(
  q: Queries,
  bookId: number,
  { table, column, key }: SealedColumn,
  rows: readonly Resealed[],
): Promise<number> {
  const names = Object.keys(key)
  const lists = Object.values(key).map((type, i) => `$${i + 4}::text[]::${type}[]`)
  const same = names.map((name) => `t.${name} = u.${name}`).join(' and ')
  // rows come in the order of the key: said again as a range, or the planner reads the whole table for every batch
  const place = (from: number) => Object.values(key).map((type, i) => `$${from + i}::text::${type}`)
  const keyOf = `(${names.map((name) => `t.${name}`).join(', ')})`
  const [low, high] = [place(4 + names.length), place(4 + 2 * names.length)]
  const written = await q.query(
    `sealed-write-${table}-${column}`,
    `update ${table} t set ${column} = u.fresh
     from unnest($2::bytea[], $3::bytea[], ${lists.join(', ')}) u (sealed, fresh, ${names.join(', ')})
     where t.book_id = $1 and ${same} and t.${column} = u.sealed
       and ${keyOf} >= (${low.join(', ')}) and ${keyOf} <= (${high.join(', ')}) returning 1`,
    [
      bookId,
      rows.map((row) => row.sealed),
      rows.map((row) => row.fresh),
      ...names.map((_, i) => rows.map((row) => row.key[i])),
      ...(rows[0]?.key ?? []),
      ...(rows.at(-1)?.key ?? []),
    ],
  )
  return written.length
}
