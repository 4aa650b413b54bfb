// The task that goes on with a card account, a card or a top-up. A failure is thrown, so that the queue asks again later;
// what was done is not done twice.

import type { Task } from 'graphile-worker'
import { advance } from '../domain/card/advance-card.ts'
import type { Bank } from '../domain/context.ts'

export const advanceCardTask =
  (bank: Bank): Task =>
  async (payload) => {
    const { bookId, what, id } = payload as { bookId?: unknown; what?: unknown; id?: unknown }
    if (
      typeof bookId !== 'number' ||
      typeof id !== 'string' ||
      (what !== 'account' && what !== 'card' && what !== 'topup')
    )
      throw new Error('a job for a card that does not say which')
    await advance(bank, bookId, what, id)
  }
