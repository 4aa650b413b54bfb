// The task that works on what a vendor told. A failure is thrown, so that the queue tries again later; what was done is
// not done twice.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import type { Vendor } from '../domain/vendor-event/handler.ts'
import { handleVendorEvent } from '../domain/vendor-event/vendor-event.ts'

export const handleVendorEventTask =
  (bank: Bank): Task =>
  async (payload) => {
    const { bookId, vendor, eventId } = payload as { bookId?: unknown; vendor?: unknown; eventId?: unknown }
    if (typeof bookId !== 'number' || typeof vendor !== 'string' || typeof eventId !== 'string')
      throw new Error('a job for a vendor event that does not say which')
    await handleVendorEvent(bank, bookId, vendor as Vendor, eventId)
  }
