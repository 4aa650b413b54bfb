// What happened, for whoever was not told: events of the last thirty days by cursor; and the events of partners, which have
// no outbox of their own (a merchant's are those of its customers).
// Must stay true: who walks on from cursor to cursor meets every event, also one whose transaction commits late; the last
// minute comes again, so events are told apart by their ids.

import { seconds, systemClock } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId, newId } from '../../base/ids.ts'
import { type Row, rowTable } from '../../ledger/rows.ts'
import { eventsAfter } from '../notice/outbox.ts'
import { eventWireId } from './deliver.ts'
import type { WebhookOwner } from './endpoint.ts'
import { isWanted, outboxTypesOf, payloadOf, readTypes } from './event-types.ts'

type EventRow = { book_id: number; id: string; owner: string; type: string; data: object; created_at: Date }

const eventsTable = rowTable<EventRow>('webhook_events', {
  book_id: 'integer',
  id: 'uuid',
  owner: 'text',
  type: 'text',
  data: 'jsonb',
  created_at: 'timestamptz',
})

/** One event for a partner or merchant, as a row of the posting or transaction that it tells of. */
export const partnerEventRow = (
  bookId: number,
  owner: `${'partner' | 'merchant'}:${string}`,
  type: string,
  data: object,
  at: Date,
): Row => eventsTable.row({ book_id: bookId, id: newId(), owner, type, data, created_at: at })

/** A transaction may commit this long after its event got its id. */
const LATE = seconds(60)
const ZERO = '00000000-0000-0000-0000-000000000000'

export interface PastEvents {
  events: { id: string; type: string; timestamp: string; data: Readonly<Record<string, unknown>> }[]
  cursor: string
  more: boolean
}

/** The oldest events after a cursor; without one from the beginning. Refuses InvalidParams. */
export async function pastEvents(
  q: Queries,
  bookId: number,
  owner: WebhookOwner,
  { cursor, limit, types }: { cursor?: string | undefined; limit: number; types?: readonly string[] | undefined },
): Promise<PastEvents> {
  const from = readCursor(cursor)
  const named = readTypes(types ?? null)
  const rows = await read(q, bookId, owner, from, outboxTypesOf(named), limit + 1)
  const shown = rows.slice(0, limit)
  const events = shown.map(({ id, type, data, created_at }) => ({
    id: eventWireId(id),
    ...payloadOf(type, data, created_at),
  }))
  const newest = shown.at(-1)?.id ?? from
  const more = rows.length > limit
  return {
    events: events.filter(({ type }) => isWanted(named, type)),
    cursor: writeCursor(more ? newest : earlier(newest, lateId())),
    more,
  }
}

interface Happened {
  id: string
  type: string
  data: Readonly<Record<string, unknown>>
  created_at: Date
}

async function read(
  q: Queries,
  bookId: number,
  owner: WebhookOwner,
  after: string,
  types: readonly string[] | null,
  limit: number,
): Promise<Happened[]> {
  if (owner.startsWith('person:')) return eventsAfter(q, bookId, BigInt(owner.slice(7)), after, types, limit)
  return q.query<Happened>(
    'webhook-events-after',
    `select id, type, data, created_at from webhook_events
     where book_id = $1 and owner = $2 and id > $3 and ($4::text[] is null or type = any ($4)) order by id limit $5`,
    [bookId, owner, after, types, limit],
  )
}

/** The lowest id of a minute ago: what has a lower one and is not there by now will never be. */
function lateId(): string {
  const hex = (systemClock.now().getTime() - LATE).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}
const earlier = (a: string, b: string) => (a < b ? a : b)

const writeCursor = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
function readCursor(text: string | undefined): string {
  if (text === undefined) return ZERO
  const hex = /^[\w-]{22}$/.test(text) ? Buffer.from(text, 'base64url').toString('hex') : ''
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (!isId(id)) throw new Refusal('InvalidParams', { pointer: '/cursor', reason: 'not a cursor of this list' })
  return id
}

export const forgetPartnerEvents = (q: Queries, bookId: number, before: Date): Promise<unknown> =>
  q.query('webhook-events-forget', 'delete from webhook_events where book_id = $1 and created_at < $2', [
    bookId,
    before,
  ])
