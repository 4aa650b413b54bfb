// What a module says of a column that it keeps sealed, so that its rows can be sealed anew with another key.
// Must stay true: every column sealed with bank.keys.personal is on the list in personal-keys.ts.

export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The table's key after book_id, in its order, with the types of its columns. */
  readonly key: Readonly<Record<string, 'uuid' | 'bigint' | 'text'>>
  /** What the value is bound to, from the key's values as texts. */
  readonly context: (bookId: number, ...key: string[]) => string
}
