// The queue's tasks by name, and when the regular ones run (UTC). Add a task here and in a file of its own.
// Must stay true: a task may run twice (its worker may die after the work), so each is harmless the second time.

import type { TaskList } from 'graphile-worker'
import { ADVANCE_CARD } from '../domain/card/card-job.ts'
import type { Bank } from '../domain/context.ts'
import { RECOMPUTE_LEVELS } from '../domain/earn/level.ts'
import { PAY_COMMISSIONS } from '../domain/earn/pay-commissions.ts'
import { SEND_MESSAGE } from '../domain/notice/message.ts'
import { SEND_NOTICE } from '../domain/notice/send-notice.ts'
import { ADVANCE_REMITTANCE } from '../domain/remittance/remittance-job.ts'
import type { SenderOf } from '../domain/reserves/holdings.ts'
import { HANDLE_VENDOR_EVENT } from '../domain/vendor-event/vendor-event.ts'
import { STOP_WITHDRAWALS } from '../domain/withdrawal/stop-for-frozen.ts'
import { accrueYieldsTask } from './accrue-yields.ts'
import { advanceCardTask } from './advance-card.ts'
import { advanceRemittanceTask } from './advance-remittance.ts'
import { askVendorsTask } from './ask-vendors.ts'
import { auditBooksTask } from './audit-books.ts'
import { buildReservesTask } from './build-reserves.ts'
import { expireHoldsTask } from './expire-holds.ts'
import { expireRampOrdersTask } from './expire-ramp-orders.ts'
import { expireWithdrawalsTask } from './expire-withdrawals.ts'
import { handleVendorEventTask } from './handle-vendor-event.ts'
import { payCommissionsTask } from './pay-commissions.ts'
import { recomputeLevelsTask } from './recompute-levels.ts'
import { removeExpiredTask } from './remove-expired.ts'
import { SEAL_BOOKS, sealBooksTask } from './seal-books.ts'
import { sendMessageTask } from './send-message.ts'
import { sendNoticeTask } from './send-notice.ts'
import { stopWithdrawalsTask } from './stop-withdrawals.ts'
import { tellEarningsTask } from './tell-earnings.ts'
import { watchDeadlinesTask } from './watch-deadlines.ts'

/** `senderOf`: the node of a network, for tasks that look at chains. */
export const tasksOf = (bank: Bank, senderOf: SenderOf): TaskList => ({
  [SEND_MESSAGE]: sendMessageTask(bank),
  [SEND_NOTICE]: sendNoticeTask(bank),
  'remove-expired': removeExpiredTask(bank),
  [SEAL_BOOKS]: sealBooksTask(bank),
  'audit-books': auditBooksTask(bank),
  'expire-holds': expireHoldsTask(bank),
  'expire-ramp-orders': expireRampOrdersTask(bank),
  'expire-withdrawals': expireWithdrawalsTask(bank),
  [HANDLE_VENDOR_EVENT]: handleVendorEventTask(bank),
  [ADVANCE_CARD]: advanceCardTask(bank),
  'ask-vendors': askVendorsTask(bank),
  'watch-deadlines': watchDeadlinesTask(bank),
  [STOP_WITHDRAWALS]: stopWithdrawalsTask(bank),
  [ADVANCE_REMITTANCE]: advanceRemittanceTask(bank),
  [PAY_COMMISSIONS]: payCommissionsTask(bank),
  [RECOMPUTE_LEVELS]: recomputeLevelsTask(bank),
  'accrue-yields': accrueYieldsTask(bank),
  'tell-earnings': tellEarningsTask(bank),
  'build-reserves': buildReservesTask(bank, senderOf),
})

/** minute hour day month weekday task */
export const crontab = `
7 * * * * remove-expired
* * * * * seal-books ?jobKey=seal-books&jobKeyMode=preserve_run_at&queue=seal-books&max=1
*/10 * * * * audit-books ?jobKey=audit-books&queue=audit-books&max=1
10 * * * * build-reserves ?jobKey=build-reserves&queue=build-reserves&max=6
* * * * * pay-commissions ?jobKey=pay-commissions&queue=pay-commissions&max=5
2 * * * * recompute-levels ?jobKey=recompute-levels&queue=recompute-levels&max=5
3,18,33,48 * * * * accrue-yields ?jobKey=accrue-yields&queue=accrue-yields&max=5
20 8,12 * * * tell-earnings ?jobKey=tell-earnings&queue=tell-earnings&max=5
* * * * * expire-holds ?jobKey=expire-holds&queue=expire-holds&max=1
* * * * * expire-withdrawals ?jobKey=expire-withdrawals&queue=expire-withdrawals&max=1
* * * * * expire-ramp-orders ?jobKey=expire-ramp-orders&queue=expire-ramp-orders&max=1
5,15,25,35,45,55 * * * * watch-deadlines ?jobKey=watch-deadlines&queue=watch-deadlines&max=1
* * * * * ask-vendors ?jobKey=ask-vendors&queue=ask-vendors&max=1
`
