// What people decide about deposits in review: credited, or kept aside for whoever turns out to own the coins.
// Must stay true: of two who decide at once, one is refused; a decision books what its preview shows.

import type { Queries, Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import type { Journal } from '../../ledger/posting.ts'
import { closeAlert } from '../alert.ts'
import { lockChain } from '../chain/chain-state.ts'
import { type Network, networkOf } from '../chain/network.ts'
import type { Bank } from '../context.ts'
import {
  asideJournal,
  creditDeposits,
  type DepositRow,
  debtJournal,
  depositColumns,
  depositJournal,
  keepAside,
  reviewKey,
} from './settle-deposits.ts'

export type DepositDecision = 'credit' | 'reject'

/** Decides in the caller's transaction. Refuses `NotFound` what is not in review, `AccountClosed`. */
export async function decideDeposit(
  bank: Bank,
  tx: Tx,
  bookId: number,
  id: string,
  decision: DepositDecision,
  reason: string,
): Promise<void> {
  const network = await networkOfDeposit(bank, tx, bookId, id)
  await lockChain(tx, bookId, network.code)
  const row = await inReview(tx, bookId, id)
  const at = bank.clock.now()
  if (decision === 'reject') await keepAside(tx, bookId, network, 'review', [row], reason, at)
  else {
    const refused = await creditDeposits(tx, bookId, network, 'review', [row], reason, at)
    if (refused.length > 0) throw new Refusal('AccountClosed')
  }
  await closeAlert(tx, bookId, reviewKey(id))
}

/** What a decision would book now. Refuses `NotFound` what is not in review. */
export async function journalsOfDecision(
  bank: Bank,
  q: Queries,
  bookId: number,
  id: string,
  decision: DepositDecision,
): Promise<Journal[]> {
  const network = await networkOfDeposit(bank, q, bookId, id)
  const row = await inReview(q, bookId, id)
  const journals =
    decision === 'credit' ? [depositJournal(network, row), debtJournal(network, row)] : [asideJournal(network, row)]
  return journals.filter((journal) => journal !== undefined)
}

async function networkOfDeposit(bank: Bank, q: Queries, bookId: number, id: string): Promise<Network> {
  const [row] = await q.query<{ network: string }>(
    'deposit-network',
    'select network from deposits where book_id = $1 and id = $2',
    [bookId, id],
  )
  if (!row) throw new Refusal('NotFound')
  return networkOf(bank.networks, row.network)
}

async function inReview(q: Queries, bookId: number, id: string): Promise<DepositRow> {
  const [row] = await q.query<DepositRow>(
    'deposit-in-review',
    `select ${depositColumns} from deposits d where d.book_id = $1 and d.id = $2 and d.status = 'review'`,
    [bookId, id],
  )
  if (!row) throw new Refusal('NotFound')
  return row
}

/** From a shell, an operator (`by`) lets a deposit in review through. Of two at once, one is refused with `NotFound`. */
export const approveDeposit = (bank: Bank, bookId: number, id: string, by: string): Promise<void> =>
  bank.db.transaction((tx) => decideDeposit(bank, tx, bookId, id, 'credit', `approved by ${by}`))

/** Likewise, refuses it: the coins are kept aside, whoever they turn out to belong to. */
export const rejectDeposit = (bank: Bank, bookId: number, id: string, by: string, why: string): Promise<void> =>
  bank.db.transaction((tx) => decideDeposit(bank, tx, bookId, id, 'reject', `refused by ${by}: ${why}`))
