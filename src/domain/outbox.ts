// Events for streams and webhooks. They are rows of the transaction that they tell of: no event without its fact, no
// fact without its event.

import { newId } from '../base/ids.ts'
import { type Row, rowTable } from '../ledger/rows.ts'

type OutboxRow = { book_id: number; id: string; person_no: bigint; type: string; data: object; created_at: Date }

export const outboxTable = rowTable<OutboxRow>('outbox', {
  book_id: 'integer',
  id: 'uuid',
  person_no: 'bigint',
  type: 'text',
  data: 'jsonb',
  created_at: 'timestamptz',
})

/** One event for one person. Amounts inside `data` are decimal strings, as readers get them. */
export const outboxRow = (bookId: number, personNo: bigint, type: string, data: object, at: Date): Row =>
  outboxTable.row({ book_id: bookId, id: newId(), person_no: personNo, type, data, created_at: at })

declare module '../base/database.ts' {
  interface Tables {
    outbox: OutboxRow
  }
}
