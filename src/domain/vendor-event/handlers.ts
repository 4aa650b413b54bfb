// The list of who hears what from vendors, and of what is asked by itself. A new handler or poll is one line here.
// Must stay true: an event that nobody here hears is kept and marked as ignored, never refused: the vendor did its part.

import { cardHandlers, cardPolls } from '../card/hear-issuer.ts'
import { payoutHandler, remittancePoll } from '../remittance/hear-payouts.ts'
import type { VendorHandler, VendorPoll } from './handler.ts'

export const vendorHandlers: readonly VendorHandler[] = [...cardHandlers, payoutHandler]

export const vendorPolls: readonly VendorPoll[] = [...cardPolls, remittancePoll]
