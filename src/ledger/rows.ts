// Rows of the business that are written in a posting's transaction: grouped by table, one set-based insert each,
// so that a batch of five hundred postings costs a handful of statements.

export type ColumnType =
  | 'integer'
  | 'bigint'
  | 'uuid'
  | 'text'
  | 'timestamptz'
  | 'jsonb'
  | 'boolean'
  | 'bytea'
  | 'smallint'

export interface RowTable<V extends Record<string, unknown> = Record<string, unknown>> {
  readonly name: string
  readonly columns: readonly (keyof V & string)[]
  readonly insert: string
  row(values: V): Row
}

export interface Row {
  readonly table: { readonly name: string; readonly columns: readonly string[]; readonly insert: string }
  readonly values: Readonly<Record<string, unknown>>
}

/** Declares a table for set-based inserts. Column types are PostgreSQL's names, as `unnest` needs them. */
export function rowTable<V extends Record<string, unknown>>(
  name: string,
  columns: { readonly [K in keyof V & string]: ColumnType },
): RowTable<V> {
  const names = Object.keys(columns) as (keyof V & string)[]
  const arrays = names.map((column, i) => `$${i + 1}::${columns[column]}[]`)
  const table = {
    name,
    columns: names,
    insert: `insert into ${name} (${names.join(', ')}) select * from unnest(${arrays.join(', ')})`,
  }
  return { ...table, row: (values: V) => ({ table, values }) }
}

/** The values of many rows of one table, column by column, as pg's array parameters. */
export const columnsOf = (rows: readonly Row[]): unknown[][] => {
  const first = rows[0]
  if (!first) return []
  return first.table.columns.map((column) => rows.map((row) => arrayElement(row.values[column])))
}

// pg prints a Date in local time and an object as a nested array; both are ours to print
const arrayElement = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString()
  if (value !== null && typeof value === 'object' && !Buffer.isBuffer(value)) return JSON.stringify(value)
  return value ?? null
}
