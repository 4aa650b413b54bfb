// Somebody is frozen: what was approved for them and is not signed yet is stopped, and its money is theirs again, frozen.
// Must stay true: it is queued in the transaction that freezes, so it happens; an order at a time and under its payment's
// lock, so that what is signed meanwhile goes on and everything else does not.

import type { Queries } from '../../base/database.ts'
import { isRefusal } from '../../base/errors.ts'
import { addJob } from '../../base/jobs.ts'
import type { Bank } from '../context.ts'
import { logAudit } from '../operator/audit-log.ts'
import { personByNo } from '../people/people.ts'
import { takeBack } from './cancel-withdrawal.ts'
import { approvedOf } from './withdrawal.ts'

export const STOP_WITHDRAWALS = 'stop-withdrawals'

/** In the transaction that freezes. */
export const queueStop = (tx: Queries, bookId: number, personNo: bigint): Promise<void> =>
  addJob(
    tx,
    STOP_WITHDRAWALS,
    { bookId, personNo: `${personNo}` },
    { key: `${STOP_WITHDRAWALS}:${bookId}:${personNo}` },
  )

/** Answers how many were stopped. Somebody who is not frozen any more keeps theirs. */
export async function stopForFrozen(bank: Bank, bookId: number, personNo: bigint): Promise<number> {
  if ((await personByNo(bank, bookId, personNo))?.status !== 'frozen') return 0
  let stopped = 0
  for (const order of await approvedOf(bank.db, bookId, personNo)) {
    try {
      const done = await bank.db.transaction(async (tx) => {
        if (!(await takeBack(bank, tx, bookId, order, 'by_operator'))) return false
        const data = { reason: 'the customer is frozen', people: [`U${personNo}`] }
        await logAudit(bank, tx, { bookId }, { action: 'withdrawal.stopped', subject: `withdrawal:${order.id}`, data })
        return true
      })
      if (done) stopped++
    } catch (error) {
      if (!isRefusal(error, 'TooLateToCancel')) throw error // signed meanwhile
    }
  }
  return stopped
}
