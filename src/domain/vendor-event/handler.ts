// Who hears what vendors tell: handlers by vendor and type of event, and questions that are asked when nothing is told.
// Must stay true: a handler may hear an event twice, late, and after a newer one; it asks the vendor for the present state
// wherever that matters, and it throws when it could not do its work, so that it hears of it again.

import type { Bank } from '../context.ts'

export type Vendor = 'uqpay' | 'sumsub'

export interface VendorEvent {
  vendor: Vendor
  eventId: string
  /** The vendor's word, e.g. `card.recharge.succeeded`, `applicantReviewed`. */
  type: string
  /** Its body, without card data; numbers as they were written, in texts. */
  body: Readonly<Record<string, unknown>>
  receivedAt: Date
}

export interface VendorHandler {
  vendor: Vendor
  /** The type itself, or its beginning with a star: `card.recharge.*`. */
  type: string
  /** Resolves with a reason when the event is none of ours. */
  handle(bank: Bank, bookId: number, event: VendorEvent): Promise<{ ignored: string } | undefined>
}

/** What is asked by itself, as webhooks get lost: orders that have been open for a while. */
export interface VendorPoll {
  name: string
  /** Ids of what is open and due to be asked about, oldest first. */
  open(bank: Bank, bookId: number, limit: number): Promise<readonly string[]>
  /** Asks the vendor about one and records the answer. */
  ask(bank: Bank, bookId: number, id: string): Promise<void>
}

export const hears = (handler: VendorHandler, event: Pick<VendorEvent, 'vendor' | 'type'>): boolean =>
  handler.vendor === event.vendor &&
  (handler.type.endsWith('*') ? event.type.startsWith(handler.type.slice(0, -1)) : handler.type === event.type)
