// Work on cards for the queue: one task that goes on with an account, a card or a top-up from where it stands.
// Must stay true: it is queued in the transaction that makes it necessary.

import { after, seconds, systemClock } from '../../base/clock.ts'
import type { Queries } from '../../base/database.ts'
import { addJob } from '../../base/jobs.ts'

export const ADVANCE_CARD = 'advance-card'

export type CardWork = 'account' | 'card' | 'topup'

/** Queues it in the transaction that makes it necessary. `id`: of an account, the customer's number. */
export const queueCard = (tx: Queries, bookId: number, what: CardWork, id: string, runAt?: Date): Promise<void> =>
  addJob(
    tx,
    ADVANCE_CARD,
    { bookId, what, id },
    { key: `${ADVANCE_CARD}:${bookId}:${what}:${id}`, maxAttempts: 12, ...(runAt ? { runAt } : {}) },
  )

const SOON = seconds(5)
/**
 * What the issuer is carrying out: its message may have come before its answer was recorded, and is not sent again. Jobs go by
 * the system's clock, whatever the bank goes by.
 */
export const queueQuestion = (tx: Queries, bookId: number, what: CardWork, id: string): Promise<void> =>
  queueCard(tx, bookId, what, id, after(systemClock.now(), SOON))
