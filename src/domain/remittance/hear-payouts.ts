// What the vendor tells of payouts, and asking when it tells nothing. Must stay true: a message is only a reason to ask; what
// counts is the vendor's present answer, so messages may come twice, late, in any order, or not at all.

import { after, days, hours, seconds } from '../../base/clock.ts'
import { bookIds } from '../../ledger/books.ts'
import type { Bank } from '../context.ts'
import type { VendorEvent, VendorHandler, VendorPoll } from '../vendor-event/handler.ts'
import { advanceRemittance } from './advance-remittance.ts'
import { orderOfPayout, takeDue } from './remittance-order.ts'

const OPEN_AFTER = seconds(45)
const DONE_AFTER = hours(6)
/** For how long a return is looked for without being told. */
const RETURNS = days(14)

const payoutIn = ({ body }: VendorEvent): string => {
  const data = body.data as { payout_id?: unknown } | undefined
  const id = data?.payout_id ?? body.source_id
  return typeof id === 'string' ? id : ''
}

export const payoutHandler: VendorHandler = {
  vendor: 'uqpay',
  type: 'payout.*',
  async handle(bank, _bookId, event) {
    const payoutId = payoutIn(event)
    // one account at the vendor pays for all books
    for (const bookId of await bookIds(bank.db)) {
      const order = await orderOfPayout(bank.db, bookId, payoutId)
      if (order === undefined) continue
      await advanceRemittance(bank, bookId, order)
      return undefined
    }
    return { ignored: 'a payout of no order' }
  },
}

export const remittancePoll: VendorPoll = {
  name: 'remittances',
  open(bank: Bank, bookId: number, limit: number) {
    const now = bank.clock.now()
    return takeDue(bank.db, bookId, now, {
      openBefore: after(now, -OPEN_AFTER),
      doneBefore: after(now, -DONE_AFTER),
      settledAfter: after(now, -RETURNS),
      limit,
    })
  },
  ask: advanceRemittance,
}
