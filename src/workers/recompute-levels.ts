// The task that works levels out anew: of a buyer and everybody above, put on the queue by the purchase; and of everybody
// once an hour, since operators may change the rules. Run twice it changes nothing the second time.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { recomputeAbove, recomputeAll } from '../domain/earn/level.ts'
import { bookIds } from '../ledger/books.ts'

export const recomputeLevelsTask =
  (bank: Bank): Task =>
  async (payload) => {
    const { bookId, personNo } = payload as { bookId?: unknown; personNo?: unknown }
    if (typeof bookId === 'number' && typeof personNo === 'string') {
      await recomputeAbove(bank, bookId, BigInt(personNo))
      return
    }
    for (const each of await bookIds(bank.db)) await recomputeAll(bank, each)
  }
