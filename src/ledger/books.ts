// Which books this database holds. A book is a ledger with its customers; a default installation has one.
// Must stay true: whoever does something for every book asks here, and no transaction touches two of them.

import type { Queries } from '../base/database.ts'

export async function bookIds(q: Queries): Promise<number[]> {
  const rows = await q.query<{ book_id: number }>('books', 'select book_id from books order by book_id')
  return rows.map((row) => row.book_id)
}
