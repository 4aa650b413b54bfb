// The task that tells the payout vendor of a remittance, or asks what became of it. A vendor that does not answer is an error,
// so that the queue tries again; the order's own key makes that harmless.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { advanceRemittance } from '../domain/remittance/advance-remittance.ts'

export const advanceRemittanceTask =
  (bank: Bank): Task =>
  async (payload) => {
    const { bookId, id } = payload as { bookId?: unknown; id?: unknown }
    if (typeof bookId !== 'number' || typeof id !== 'string') throw new Error('a job for a remittance that names none')
    await advanceRemittance(bank, bookId, id)
  }
