// The task that asks vendors what they have not told: orders that are open for long, and events whose job was lost.
// Must stay true: one that cannot be answered keeps no other from being asked.

import type { Task } from 'graphile-worker'
import { minutes } from '../base/clock.ts'
import type { Bank } from '../domain/context.ts'
import { requeueVendorEvents } from '../domain/vendor-event/vendor-event.ts'
import { bookIds } from '../ledger/books.ts'
import { plainError } from './plain-error.ts'

const AT_ONCE = 100
/** The queue's own tries take about so long before they are worth a new one. */
const LOST = minutes(15)

export const askVendorsTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) await askVendors(bank, bookId)
  }

export async function askVendors(bank: Bank, bookId: number): Promise<void> {
  await requeueVendorEvents(bank, bookId, LOST)
  for (const poll of bank.vendorPolls) {
    for (const id of await poll.open(bank, bookId, AT_ONCE)) {
      try {
        await poll.ask(bank, bookId, id)
      } catch (error) {
        bank.log.warn({ poll: poll.name, bookId, id, reason: plainError(error) }, 'a vendor could not be asked')
      }
    }
  }
}
