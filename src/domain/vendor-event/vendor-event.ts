// What vendors tell us by webhook: kept once, acknowledged, worked on in a job, tried again until it is done.
// Must stay true: the row is there before the vendor hears "received"; the row and its job are one transaction; no card
// data is ever in it; a second copy changes a counter and nothing else.

import { withoutCardData } from '../../base/card-data.ts'
import { after } from '../../base/clock.ts'
import { hmacSha256, sameBytes, seal, unseal } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { addJob } from '../../base/jobs.ts'
import type { Bank } from '../context.ts'
import { hears, type Vendor, type VendorEvent } from './handler.ts'

export const HANDLE_VENDOR_EVENT = 'handle-vendor-event'

export interface ReceivedEvent {
  vendor: Vendor
  eventId: string
  type: string
  /** The bytes that came. */
  raw: Buffer
  /** The same as JSON, read exactly (base/exact-json.ts). */
  body: Record<string, unknown>
}

type Row = {
  type: string
  body_sealed: Buffer
  status: string
  attempts: number
  received_at: Date
}

const place = (bookId: number, vendor: string, eventId: string) => `vendor-event/${bookId}/${vendor}/${eventId}`

/** Keeps an event and queues the work on it; false when it was here before. */
export async function receiveVendorEvent(bank: Bank, bookId: number, received: ReceivedEvent): Promise<boolean> {
  const { vendor, eventId, type, raw } = received
  const body = JSON.stringify(withoutCardData(received.body))
  const mac = hmacSha256(bank.keys.vendor, raw)
  return bank.db.transaction(async (tx) => {
    const rows = await tx.query(
      'vendor-event-keep',
      `insert into vendor_events (book_id, vendor, event_id, type, body_sealed, body_mac, received_at)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning event_id`,
      [
        bookId,
        vendor,
        eventId,
        type,
        seal(bank.keys.vendor, body, place(bookId, vendor, eventId)),
        mac,
        bank.clock.now(),
      ],
    )
    if (rows.length === 0) {
      await countCopy(bank, tx, bookId, received, mac)
      return false
    }
    await addJob(tx, HANDLE_VENDOR_EVENT, { bookId, vendor, eventId }, { maxAttempts: 12 })
    return true
  })
}

async function countCopy(bank: Bank, tx: Queries, bookId: number, { vendor, eventId }: ReceivedEvent, mac: Buffer) {
  const [first] = await tx.query<{ body_mac: Buffer }>(
    'vendor-event-copy',
    `update vendor_events set copies = copies + 1 where book_id = $1 and vendor = $2 and event_id = $3
     returning body_mac`,
    [bookId, vendor, eventId],
  )
  if (first && !sameBytes(first.body_mac, mac))
    bank.log.warn({ bookId, vendor, eventId }, 'a vendor told the same event with other words; the first count')
}

/** Does the work on an event, unless it is done. Throws when it could not be done now. */
export async function handleVendorEvent(bank: Bank, bookId: number, vendor: Vendor, eventId: string): Promise<void> {
  const [row] = await bank.db.query<Row>(
    'vendor-event',
    `select type, body_sealed, status, attempts, received_at from vendor_events
     where book_id = $1 and vendor = $2 and event_id = $3`,
    [bookId, vendor, eventId],
  )
  if (!row || row.status === 'done' || row.status === 'ignored') return
  const settled = (status: 'done' | 'ignored' | 'failed', reason: string) =>
    settle(bank, bookId, vendor, eventId, status, reason)
  const reasons: string[] = []
  let heard = 0
  try {
    const body = JSON.parse(unseal(bank.keys.vendor, row.body_sealed, place(bookId, vendor, eventId)))
    const event: VendorEvent = { vendor, eventId, type: row.type, body, receivedAt: row.received_at }
    for (const handler of bank.vendorHandlers) {
      if (!hears(handler, event)) continue
      const said = await handler.handle(bank, bookId, event)
      if (said) reasons.push(said.ignored)
      else heard++
    }
  } catch (error) {
    await settled('failed', error instanceof Error ? error.name : 'unknown')
    throw error
  }
  if (heard > 0) return settled('done', '')
  await settled('ignored', reasons.join('; ') || 'nobody hears this type')
}

async function settle(
  bank: Bank,
  bookId: number,
  vendor: Vendor,
  eventId: string,
  status: 'done' | 'ignored' | 'failed',
  reason: string,
): Promise<void> {
  await bank.db.query(
    'vendor-event-settle',
    `update vendor_events set status = $4, reason = $5, attempts = attempts + 1, settled_at = $6
     where book_id = $1 and vendor = $2 and event_id = $3 and status in ('received', 'failed')`,
    [bookId, vendor, eventId, status, reason.slice(0, 300), bank.clock.now()],
  )
}

/** Events whose job is gone though their work is not done: a queue that was emptied, or gave up. */
export async function requeueVendorEvents(bank: Bank, bookId: number, olderThan: number, limit = 200): Promise<number> {
  return bank.db.transaction(async (tx) => {
    const rows = await tx.query<{ vendor: Vendor; event_id: string }>(
      'vendor-event-open',
      `select vendor, event_id from vendor_events
       where book_id = $1 and status in ('received', 'failed') and received_at < $2
       order by received_at limit $3`,
      [bookId, after(bank.clock.now(), -olderThan), limit],
    )
    for (const { vendor, event_id: eventId } of rows) {
      const key = `vendor-event/${bookId}/${vendor}/${eventId}`
      await addJob(tx, HANDLE_VENDOR_EVENT, { bookId, vendor, eventId }, { key, maxAttempts: 3 })
    }
    return rows.length
  })
}

/** Copies that come later than this would be taken for new: vendors stop telling after some days. */
export async function forgetVendorEvents(q: Queries, bookId: number, before: Date): Promise<void> {
  await q.query(
    'vendor-events-forget',
    `delete from vendor_events where book_id = $1 and received_at < $2 and status in ('done', 'ignored')`,
    [bookId, before],
  )
}
