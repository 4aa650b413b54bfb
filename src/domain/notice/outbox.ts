// Events for streams and webhooks. They are rows of the transaction that they tell of: no event without its fact, no
// fact without its event.

import type { Queries } from '../../base/database.ts'
import { newId } from '../../base/ids.ts'
import { type Row, rowTable } from '../../ledger/rows.ts'

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

export interface OutboxEvent {
  id: string
  person_no: bigint
  type: string
  data: Readonly<Record<string, unknown>>
  created_at: Date
}

/** The newest `limit` events of these people with ids from `from` on, oldest first. */
export async function eventsSince(
  q: Queries,
  bookId: number,
  people: readonly bigint[],
  from: string,
  limit: number,
): Promise<OutboxEvent[]> {
  const rows = await q.query<OutboxEvent>(
    'outbox-since',
    `select e.* from unnest($2::bigint[]) p (no) cross join lateral (
       select id, person_no, type, data, created_at from outbox
       where book_id = $1 and person_no = p.no and id >= $3 order by id desc limit $4) e
     order by e.id`,
    [bookId, people, from, limit],
  )
  return rows
}

/** The oldest `limit` events of a person after an id, of some types or of all. */
export const eventsAfter = (
  q: Queries,
  bookId: number,
  personNo: bigint,
  after: string,
  types: readonly string[] | null,
  limit: number,
): Promise<OutboxEvent[]> =>
  q.query<OutboxEvent>(
    'outbox-after',
    `select id, person_no, type, data, created_at from outbox
     where book_id = $1 and person_no = $2 and id > $3 and ($4::text[] is null or type = any ($4)) order by id limit $5`,
    [bookId, personNo, after, types, limit],
  )

/** Removes events of before an instant: whoever still has not read them reads the orders instead. */
export const forgetEvents = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('outbox-forget', 'delete from outbox where book_id = $1 and created_at < $2', [bookId, before])
