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
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  /** The insert statement, its parameters numbered from `at`. */
  readonly insert: (at: number) => string
  row(values: V): Row
}

export interface Row {
  readonly table: Pick<RowTable, 'name' | 'columns' | 'insert'>
  readonly values: Readonly<Record<string, unknown>>
}

/** Declares a table for set-based inserts. Column types are PostgreSQL's names, as `unnest` needs them. */
export function rowTable<V extends Record<string, unknown>>(
  name: string,
  types: { readonly [K in keyof V & string]: ColumnType },
): RowTable<V> {
  const columns = Object.entries<ColumnType>(types).map(([column, type]) => ({ name: column, type }))
  const names = columns.map((column) => column.name).join(', ')
  const table = {
    name,
    columns,
    insert: (at: number) =>
      `insert into ${name} (${names}) select * from unnest(${columns.map(({ type }, i) => `$${at + i}::${type}[]`).join(', ')})`,
  }
  return { ...table, row: (values: V) => ({ table, values }) }
}

/** The values of many rows of one table, column by column, as array literals. */
export const columnsOf = (rows: readonly Row[]): string[] =>
  rows[0]?.table.columns.map(({ name, type }) =>
    arrayLiteral(
      rows.map((row) => row.values[name]),
      type,
    ),
  ) ?? []

/** An array literal of values that need no quoting: integers, UUIDs, our own words. */
export const plain = (values: readonly (string | bigint | number)[]): string => `{${values.join(',')}}`

const bare = new Set<ColumnType>(['integer', 'smallint', 'bigint', 'uuid', 'boolean'])

/**
 * PostgreSQL's text form of an array. Written here rather than left to pg, which looks every element over for quotes,
 * prints a Date in local time and an object as a nested array.
 */
export function arrayLiteral(values: readonly unknown[], type: ColumnType): string {
  if (bare.has(type)) return `{${values.map((value) => value ?? 'null').join(',')}}`
  return `{${values.map((value) => (value === null || value === undefined ? 'null' : quoted(value))).join(',')}}`
}

function quoted(value: unknown): string {
  if (value instanceof Date) return `"${value.toISOString()}"`
  if (Buffer.isBuffer(value)) return `"\\\\x${value.toString('hex')}"`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}
