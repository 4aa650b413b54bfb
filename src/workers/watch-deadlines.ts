// The task that tells operators of money which stands between the bank and a vendor for longer than it may (I10): the card
// issuer's, payouts to banks, orders of ramp partners. Nothing is done about it here but to say so, again until it is over.

import type { Task } from 'graphile-worker'
import { watchIssuerDeadline } from '../domain/card/issuer-deadline.ts'
import type { Bank } from '../domain/context.ts'
import { watchRampDeadline } from '../domain/ramp/ramp-deadline.ts'
import { watchPayoutDeadline } from '../domain/remittance/payout-deadline.ts'
import { bookIds } from '../ledger/books.ts'

export const watchDeadlinesTask =
  (bank: Bank): Task =>
  async () => {
    for (const bookId of await bookIds(bank.db)) {
      await watchIssuerDeadline(bank, bookId)
      await watchPayoutDeadline(bank, bookId)
      await watchRampDeadline(bank, bookId)
    }
  }
