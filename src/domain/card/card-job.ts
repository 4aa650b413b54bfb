// Work on cards for the queue: one task that goes on with an account, a card or a top-up from where it stands.
// Must stay true: it is queued in the transaction that makes it necessary.

import type { Queries } from '../../base/database.ts'
import { addJob } from '../../base/jobs.ts'

export const ADVANCE_CARD = 'advance-card'

export type CardWork = 'account' | 'card' | 'topup'

/** Queues it in the transaction that makes it necessary. `id`: of an account, the customer's number. */
export const queueCard = (tx: Queries, bookId: number, what: CardWork, id: string): Promise<void> =>
  addJob(tx, ADVANCE_CARD, { bookId, what, id }, { key: `${ADVANCE_CARD}:${bookId}:${what}:${id}`, maxAttempts: 12 })
