// Deliveries: one event on its way to one endpoint, with the log of its attempts; and which worker delivers to whom.
// Must stay true: an endpoint is one worker's at a time and its deliveries go one after the other, so that a dead one holds
// up nobody; what a killed worker had is another's when its claim ends, with the same id; a result is noted once.

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { type EndpointRow, endpointColumns } from './endpoint.ts'

export interface DeliveryRow {
  event_id: string
  type: string
  data: Readonly<Record<string, unknown>>
  happened_at: Date
  status: 'waiting' | 'delivered' | 'failed'
  tries: number
  attempts: number
  next_at: Date
  settled_at: Date | null
}

const columns = 'event_id, type, data, happened_at, status, tries, attempts, next_at, settled_at'

export interface ClaimedEndpoint extends EndpointRow {
  failing: boolean
}

/** Longer than a delivery takes; a worker renews it as it goes on. */
export const CLAIM_SECONDS = 15

/**
 * Takes endpoints for which something is due: of those that answer up to `slots`, of those that fail up to `slow`, so that
 * these cannot use up all room.
 */
export async function claimEndpoints(
  q: Queries,
  bookId: number,
  worker: string,
  now: Date,
  { slots, slow }: { slots: number; slow: number },
): Promise<ClaimedEndpoint[]> {
  return q.query<ClaimedEndpoint>(
    'webhook-claim',
    // from endpoint to endpoint along the index, so that ten thousand rows of one do not hide another's
    `with recursive waiting as (
       (select endpoint_id from webhook_deliveries where book_id = $1 and status = 'waiting' order by endpoint_id limit 1)
       union all
       select (select d.endpoint_id from webhook_deliveries d
               where d.book_id = $1 and d.status = 'waiting' and d.endpoint_id > w.endpoint_id order by d.endpoint_id limit 1)
       from waiting w where w.endpoint_id is not null),
     free as (
       select e.id, e.failing_since is not null as failing, d.next_at
       from waiting w join webhook_endpoints e on e.book_id = $1 and e.id = w.endpoint_id
       cross join lateral (
         select next_at from webhook_deliveries x
         where x.book_id = $1 and x.endpoint_id = e.id and x.status = 'waiting' and x.next_at <= $3::timestamptz
         order by x.next_at limit 1) d
       where e.status = 'active' and (e.rest_until is null or e.rest_until <= $3)
         and (e.claimed_until is null or e.claimed_until < now())),
     chosen as (
       (select id from free where not failing order by next_at limit $4)
       union all
       (select id from free where failing order by next_at limit $5)),
     locked as (
       select id from webhook_endpoints
       where book_id = $1 and id in (select id from chosen) and (claimed_until is null or claimed_until < now())
       for update skip locked)
     update webhook_endpoints set claimed_by = $2, claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS})
     where book_id = $1 and id in (select id from locked)
     returning ${endpointColumns}, failing_since is not null as failing`,
    [bookId, worker, now, slots, slow],
  )
}

/** Keeps a claim; nothing when the endpoint went to another worker, was disabled or rests. */
export async function renewClaim(
  q: Queries,
  bookId: number,
  worker: string,
  id: string,
  now: Date,
): Promise<EndpointRow | undefined> {
  const [row] = await q.query<EndpointRow>(
    'webhook-claim-renew',
    `update webhook_endpoints set claimed_until = now() + make_interval(secs => ${CLAIM_SECONDS})
     where book_id = $1 and id = $3 and claimed_by = $2 and status = 'active'
       and (rest_until is null or rest_until <= $4::timestamptz)
     returning ${endpointColumns}`,
    [bookId, worker, id, now],
  )
  return row
}

export const leaveClaim = (q: Queries, bookId: number, worker: string, id: string): Promise<unknown> =>
  q.query(
    'webhook-claim-leave',
    `update webhook_endpoints set claimed_by = null, claimed_until = null
     where book_id = $1 and id = $3 and claimed_by = $2`,
    [bookId, worker, id],
  )

/** What is due for an endpoint, in the order of what happened; a second try comes when its time has come. */
export const dueDeliveries = (
  q: Queries,
  bookId: number,
  endpointId: string,
  now: Date,
  limit: number,
): Promise<DeliveryRow[]> =>
  q.query<DeliveryRow>(
    'webhook-due',
    `select ${columns} from webhook_deliveries
     where book_id = $1 and endpoint_id = $2 and status = 'waiting' and next_at <= $3
     order by next_at, event_id limit $4`,
    [bookId, endpointId, now, limit],
  )

/** Its owner did not ask for this type. */
export const dropDelivery = (q: Queries, bookId: number, endpointId: string, eventId: string): Promise<unknown> =>
  q.query(
    'webhook-drop',
    `delete from webhook_deliveries where book_id = $1 and endpoint_id = $2 and event_id = $3 and attempts = 0`,
    [bookId, endpointId, eventId],
  )

export interface Attempt {
  at: Date
  ms: number
  /** `ok`, `status`, or why nothing was answered (base/guarded-fetch.ts). */
  outcome: string
  status: number | null
  snippet: string
}

/** What an attempt came to for its delivery and its endpoint. */
export interface Consequence {
  status: 'waiting' | 'delivered' | 'failed'
  nextAt: Date
  settledAt: Date | null
  restUntil: Date | null
}

/** Notes an attempt with all that follows from it, in one statement. Answers since when the endpoint has been failing. */
export async function noteAttempt(
  q: Queries,
  bookId: number,
  endpointId: string,
  eventId: string,
  { at, ms, outcome, status, snippet }: Attempt,
  next: Consequence,
): Promise<Date | null> {
  const [row] = await q.query<{ failing_since: Date | null }>(
    'webhook-note',
    `with d as (
       update webhook_deliveries set attempts = attempts + 1, tries = tries + 1,
         status = $9, next_at = $10, settled_at = $11
       where book_id = $1 and endpoint_id = $2 and event_id = $3 and status = 'waiting' returning attempts),
     a as (
       insert into webhook_attempts (book_id, endpoint_id, event_id, no, at, ms, outcome, status, snippet)
       select $1, $2, $3, d.attempts, $4::timestamptz, $5, $6, $7, $8 from d)
     update webhook_endpoints set
       failing_since = case when $9 = 'delivered' then null else coalesce(failing_since, $4) end,
       failures = case when $9 = 'delivered' then 0 else failures + 1 end, rest_until = $12
     where book_id = $1 and id = $2 returning failing_since`,
    [
      bookId,
      endpointId,
      eventId,
      at,
      ms,
      outcome,
      status,
      snippet,
      next.status,
      next.nextAt,
      next.settledAt,
      next.restUntil,
    ],
  )
  return row?.failing_since ?? null
}

/** False when it was not active any more. */
export async function disableFailing(q: Queries, bookId: number, endpointId: string): Promise<boolean> {
  const rows = await q.query(
    'webhook-disable',
    `update webhook_endpoints set status = 'disabled', disabled_for = 'failures', claimed_by = null, claimed_until = null
     where book_id = $1 and id = $2 and status = 'active' returning 1`,
    [bookId, endpointId],
  )
  return rows.length > 0
}

// --- the log, for owners and operators ---

export interface DeliveryPage {
  offset: number
  size: number
  status?: DeliveryRow['status'] | undefined
}

/** Newest first. */
export const deliveriesOf = (
  q: Queries,
  bookId: number,
  endpointId: string,
  { offset, size, status }: DeliveryPage,
): Promise<DeliveryRow[]> =>
  q.query<DeliveryRow>(
    'webhook-deliveries',
    `select ${columns} from webhook_deliveries
     where book_id = $1 and endpoint_id = $2 and ($5::text is null or status = $5)
     order by event_id desc limit $3 offset $4`,
    [bookId, endpointId, size, offset, status ?? null],
  )

/** Refuses NotFound. */
export async function deliveryById(
  q: Queries,
  bookId: number,
  endpointId: string,
  eventId: string,
): Promise<DeliveryRow & { log: (Attempt & { no: number })[] }> {
  const [row] = await q.query<DeliveryRow>(
    'webhook-delivery',
    `select ${columns} from webhook_deliveries where book_id = $1 and endpoint_id = $2 and event_id = $3`,
    [bookId, endpointId, eventId],
  )
  if (!row) throw new Refusal('NotFound')
  const log = await q.query<Attempt & { no: number }>(
    'webhook-attempts',
    `select no, at, ms, outcome, status, snippet from webhook_attempts
     where book_id = $1 and endpoint_id = $2 and event_id = $3 order by no desc limit 100`,
    [bookId, endpointId, eventId],
  )
  return { ...row, log }
}

/** Sends it again, delivered or not, under the same id. Refuses NotFound. */
export async function resendDelivery(
  q: Queries,
  bookId: number,
  endpointId: string,
  eventId: string,
  now: Date,
): Promise<DeliveryRow> {
  const [row] = await q.query<DeliveryRow>(
    'webhook-resend',
    `update webhook_deliveries set status = 'waiting', tries = 0, next_at = $4, settled_at = null
     where book_id = $1 and endpoint_id = $2 and event_id = $3 returning ${columns}`,
    [bookId, endpointId, eventId, now],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

/** Sends again what was given up since an instant, in its order; answers how many. */
export async function resendFailed(
  q: Queries,
  bookId: number,
  endpointId: string,
  since: Date,
  now: Date,
): Promise<number> {
  const rows = await q.query(
    'webhook-resend-failed',
    `update webhook_deliveries set status = 'waiting', tries = 0, next_at = $4, settled_at = null
     where book_id = $1 and endpoint_id = $2 and status = 'failed' and happened_at >= $3 returning 1`,
    [bookId, endpointId, since, now],
  )
  return rows.length
}

/** A test event for one endpoint; one that still waits is answered instead of another. */
export async function addPing(q: Queries, bookId: number, endpointId: string, at: Date): Promise<DeliveryRow> {
  const [waiting] = await q.query<DeliveryRow>(
    'webhook-ping-waiting',
    `select ${columns} from webhook_deliveries
     where book_id = $1 and endpoint_id = $2 and status = 'waiting' and type = 'ping' limit 1`,
    [bookId, endpointId],
  )
  if (waiting) return waiting
  const [row] = await q.query<DeliveryRow>(
    'webhook-ping',
    `insert into webhook_deliveries (book_id, endpoint_id, event_id, type, data, happened_at, next_at)
     values ($1, $2, $3, 'ping', $4, $5, $5) returning ${columns}`,
    [bookId, endpointId, newId(), JSON.stringify({ endpoint: endpointId }), at],
  )
  if (!row) throw new Error('an insert returns its row')
  return row
}

/** Removes what settled long ago, and what waits for endpoints that are no more. */
export async function forgetDeliveries(q: Queries, bookId: number, before: Date): Promise<void> {
  await q.query('webhook-attempts-forget', 'delete from webhook_attempts where book_id = $1 and at < $2', [
    bookId,
    before,
  ])
  await q.query('webhook-deliveries-forget', 'delete from webhook_deliveries where book_id = $1 and happened_at < $2', [
    bookId,
    before,
  ])
}
