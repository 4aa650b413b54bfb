// Plants breaks into books that agree: changes, removes and adds rows as the owner of the tables could, books what should not
// be booked; and gives back how each is undone.

import assert from 'node:assert/strict'
import { newId } from '../../src/base/ids.ts'
import type { Bank } from '../../src/domain/context.ts'
import { type HouseKind, houseAccount } from '../../src/ledger/accounts.ts'
import { adjustment } from '../../src/ledger/journals.ts'
import type { Journal } from '../../src/ledger/posting.ts'

export type Cure = () => Promise<unknown>

/** Books to plant in. */
export interface Ground {
  bank: Pick<Bank, 'poster'>
  /** The owner's hand in the database. */
  plant(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export interface Planting {
  change(table: string, where: string, set: string): Promise<Cure>
  remove(table: string, where: string): Promise<Cure>
  /** A copy of a row with other values, given as SQL. */
  insert(table: string, from: string, changes: Record<string, string>): Promise<Cure>
  book(journal: Journal): Promise<Cure>
  /** A wrong correction of an account of the house. */
  adjust(kind: HouseKind, amount: bigint): Promise<Cure>
  /** Money that has rested for very long. */
  rest(kind: 'clearing' | 'suspense', amount: bigint): Promise<Cure>
}

export const allOf =
  (...cures: Cure[]): Cure =>
  async () => {
    for (const cure of cures) await cure()
  }

const keys: Record<string, string> = {
  chain_movements: 'network, tx_hash, ordinal',
  chain_balances: 'network, address',
  card_transactions: 'transaction_id',
  card_payments: 'card_id, family',
}

let copies = 0

export function planting(ground: () => Ground, networkNo: number): Planting {
  const plant: Ground['plant'] = (sql, values) => ground().plant(sql, values)
  const columnsOf = async (table: string) => {
    const rows = await plant(
      `select column_name as name from information_schema.columns
       where table_schema = 'public' and table_name = $1 order by ordinal_position`,
      [table],
    )
    return rows.map(({ name }) => String(name))
  }
  const save = async (table: string, where: string) => {
    const copy = `saved_${++copies}`
    await plant(`create table ${copy} as select * from ${table} where ${where}`)
    return copy
  }

  const planted: Planting = {
    async change(table, where, set) {
      const copy = await save(table, where)
      const changed = await plant(`update ${table} set ${set} where ${where} returning 1`)
      assert.equal(changed.length, 1, `${table} where ${where}`)
      const sets = (await columnsOf(table)).map((column) => `${column} = s.${column}`)
      const on = (keys[table] ?? 'id').split(', ').map((column) => `t.${column} = s.${column}`)
      return () => plant(`update ${table} t set ${sets.join(', ')} from ${copy} s where ${on.join(' and ')}`)
    },
    async remove(table, where) {
      const copy = await save(table, where)
      const gone = await plant(`delete from ${table} where ${where} returning 1`)
      assert.equal(gone.length, 1, `${table} where ${where}`)
      return () => plant(`insert into ${table} select * from ${copy}`)
    },
    async insert(table, from, changes) {
      const names = await columnsOf(table)
      const values = names.map((name) => changes[name] ?? name)
      const [row] = await plant(
        `insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from ${table} where ${from} returning id`,
      )
      return () => plant(`delete from ${table} where id = $1`, [row?.id])
    },
    async book(journal) {
      const { poster } = ground().bank
      const outcome = await poster.submit({ bookId: 1, journal, evenIfFrozen: true })
      assert.ok(outcome.ok)
      return async () => {
        const { id, orderId } = journal
        const legs = journal.legs.map(({ account, amount }) => ({ account, amount: -amount }))
        const back: Journal = {
          ...journal,
          id: newId(),
          kind: 'reversal',
          key: `reversal:${id}`,
          orderId,
          reverses: id,
          legs,
        }
        assert.ok((await poster.submit({ bookId: 1, journal: back, evenIfFrozen: true })).ok)
      }
    },
    adjust: (kind, amount) =>
      planted.book(
        adjustment({
          id: newId(),
          from: houseAccount(kind, 'USDT', networkNo),
          to: houseAccount('expense', 'USDT', networkNo),
          amount,
          memo: 'a wrong correction',
        }),
      ),
    async rest(kind, amount) {
      const undo = await planted.book(
        adjustment({ id: newId(), from: houseAccount('expense'), to: houseAccount(kind), amount, memo: 'planted' }),
      )
      await plant(`update accounts set touched_at = now() - interval '40 days' where id = $1`, [houseAccount(kind)])
      return undo
    },
  }
  return planted
}
