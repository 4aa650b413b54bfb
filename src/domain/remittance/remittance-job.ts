// The job that tells the vendor of a remittance, or asks about it. Must stay true: it is enqueued in the transaction that
// makes it necessary; one order has one waiting job, and to run it once more is harmless.

import type { Queries } from '../../base/database.ts'
import { addJob } from '../../base/jobs.ts'

export const ADVANCE_REMITTANCE = 'advance-remittance'

export const askToPay = (q: Queries, bookId: number, id: string): Promise<void> =>
  addJob(q, ADVANCE_REMITTANCE, { bookId, id }, { key: `${ADVANCE_REMITTANCE}:${bookId}:${id}` })
