// The money of a remittance that is not paid goes back: the hold is released, or the journal reversed once the vendor had
// taken it on. Must stay true: it happens once, under the order's lock and before the order's own step, which the database
// refuses as long as money is held; frozen and closed accounts get it all the same.

import type { Tx } from '../../base/database.ts'
import { journalById } from '../../ledger/balances.ts'
import { findHold } from '../../ledger/holds.ts'
import { reversal } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import type { Leg } from '../../ledger/posting.ts'
import type { Row } from '../../ledger/rows.ts'
import { forgetSpent } from './remittance-limit.ts'
import type { Remittance } from './remittance-order.ts'

export async function giveMoneyBack(tx: Tx, bookId: number, order: Remittance, rows: Row[]): Promise<void> {
  if (order.journal_id !== null) {
    const taken = await journalById(tx, bookId, order.journal_id)
    const legs = taken.account_ids.map((account, i): Leg => ({ account, amount: taken.amounts[i] ?? 0n }))
    const of = { id: taken.id, orderKind: taken.order_kind, orderId: taken.order_id, legs }
    await post(tx, { bookId, journal: reversal(of, ''), rows, evenIfClosed: true })
  } else {
    const hold = await findHold(tx, bookId, order.hold_id)
    const change = { id: hold.id, account: hold.account_id, to: 'voided', captured: 0n } as const
    await post(tx, { bookId, change, rows })
  }
  await forgetSpent(tx, bookId, order)
}
