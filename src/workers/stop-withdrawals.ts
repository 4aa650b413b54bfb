// The task that stops what was approved for a customer who was frozen and is not signed yet. A second run finds nothing
// left to stop.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { stopForFrozen } from '../domain/withdrawal/stop-for-frozen.ts'

export const stopWithdrawalsTask =
  (bank: Bank): Task =>
  async (payload) => {
    const { bookId, personNo } = payload as { bookId?: unknown; personNo?: unknown }
    if (typeof bookId !== 'number' || typeof personNo !== 'string') throw new Error('a stop for nobody')
    await stopForFrozen(bank, bookId, BigInt(personNo))
  }
