// What becomes of the treasury's orders as their payments move; the payment loop calls this in the transaction that moves
// one. Must stay true: tokens change their account when the payment is confirmed and not before; what failed changed
// nothing but fees, which the loop books; a reorganisation that turns an outcome around undoes its journal once.
// A coin stays in one account of the books wherever it stands on chain, so moving it is no journal.

import { after } from '../../base/clock.ts'
import type { Tx } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { formatAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { movedToCold, reversal, swept } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import type { Journal } from '../../ledger/posting.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { networkOf } from '../chain/network.ts'
import type { ChainPayment, ChainPaymentStatus, PaymentOrders } from '../chain-payment/chain-payment.ts'
import type { Bank } from '../context.ts'
import { pauseAfter } from './decide-moves.ts'
import { beginOrder, explainOrder, lastFailures, lockOrder, moveOrder, type TreasuryOrder } from './treasury-order.ts'

type Parts = Pick<Bank, 'clock' | 'networks' | 'log'>

/** For orders of the kinds `sweep`, `top_up` and `cold_move`. */
export const treasuryPayments = (bank: Parts): PaymentOrders => ({
  paymentMoved: (tx, bookId, payment, to) => paymentMoved(bank, tx, bookId, payment, to),
})

export async function paymentMoved(
  bank: Parts,
  tx: Tx,
  bookId: number,
  payment: ChainPayment,
  to: ChainPaymentStatus,
  reason = 'its payment was given up',
): Promise<void> {
  const order = await lockOrder(tx, bookId, payment.order_id)
  assert(order && order.kind === payment.order_kind, 'a payment of the treasury has its order')
  if (to === 'confirmed') return finish(bank, tx, bookId, order)
  if (to === 'failed' || to === 'void') {
    return fail(bank, tx, bookId, order, to === 'failed' ? 'the chain refused it' : reason)
  }
  if (to === 'refused') return tellRefused(tx, bookId, order, payment.reason)
  // a reorganisation deeper than its confirmations, or an operator who tries again
  if (order.status === 'done' || order.status === 'failed') {
    await moveOrder(tx, bookId, order.id, order.status, 'moving', {
      reason: 'a reorganisation opened it again',
      at: bank.clock.now(),
    })
  }
}

const journalOf = (bank: Parts, order: TreasuryOrder): Journal => {
  const { id, amount, round, to_purpose: to } = order
  const networkNo = networkOf(bank.networks, order.network).no
  if (order.kind === 'cold_move') return movedToCold({ id, networkNo, amount, round })
  assert(to !== 'deposit', 'a sweep ends in a wallet of the house')
  return swept({ id, networkNo, amount, to, round })
}

async function finish(bank: Parts, tx: Tx, bookId: number, order: TreasuryOrder): Promise<void> {
  if (order.status === 'done') return
  assert(order.status === 'moving', 'what is confirmed was moving')
  const at = bank.clock.now()
  // confirmed once more in another block: what was booked stands
  const journal = order.asset === 'token' && !order.counted ? journalOf(bank, order) : undefined
  if (journal) await post(tx, { bookId, journal })
  await moveOrder(tx, bookId, order.id, 'moving', 'done', { journalId: journal?.id ?? null, at })
  if (order.kind === 'top_up') return goOn(bank, tx, bookId, order)
  const failures = await lastFailures(tx, bookId, order.network, order.kind)
  if (failures === 0) await closeAlert(tx, bookId, failureKey(order))
}

/** The coin is there for good: the sweep that waited for it begins. */
async function goOn(bank: Parts, tx: Tx, bookId: number, topUp: TreasuryOrder): Promise<void> {
  const sweep = await lockOrder(tx, bookId, topUp.sweep_id ?? '')
  if (sweep?.status !== 'topping_up') return
  await beginOrder(tx, bookId, sweep, bank.clock.now())
}

async function fail(bank: Parts, tx: Tx, bookId: number, order: TreasuryOrder, reason: string): Promise<void> {
  if (order.status === 'failed') return
  assert(order.status === 'moving', 'what fails was moving')
  const at = bank.clock.now()
  let journalId: string | null = null
  if (order.counted && order.journal_id !== null) {
    const { orderKind, orderId, legs } = journalOf(bank, order)
    const undo = reversal({ id: order.journal_id, orderKind, orderId, legs }, 'a reorganisation undid it')
    await post(tx, { bookId, journal: undo })
    journalId = undo.id
  }
  await moveOrder(tx, bookId, order.id, 'moving', 'failed', { reason, journalId, at })
  if (order.kind !== 'top_up') return tellFailed(bank, tx, bookId, order, reason)
  const sweep = await lockOrder(tx, bookId, order.sweep_id ?? '')
  if (sweep?.status !== 'topping_up') return
  const why = `its top-up failed: ${reason}`
  await moveOrder(tx, bookId, sweep.id, 'topping_up', 'failed', { reason: why, at })
  await tellFailed(bank, tx, bookId, sweep, why)
}

const failureKey = ({ kind, network }: Pick<TreasuryOrder, 'kind' | 'network'>) =>
  `${kind === 'cold_move' ? 'cold_move' : 'sweep'}_failed:${network}`

/** Nothing was booked, and nobody lost anything; somebody has to know why, as it is tried again ever more rarely. */
export async function tellFailed(
  bank: Parts,
  tx: Tx,
  bookId: number,
  order: TreasuryOrder,
  reason: string,
): Promise<void> {
  bank.log.warn({ bookId, order: order.id, kind: order.kind, network: order.network, reason }, 'an order failed')
  await raiseAlert(tx, bookId, {
    key: failureKey(order),
    kind: order.kind === 'cold_move' ? 'cold_move_failed' : 'sweep_failed',
    severity: 'warning',
    data: {
      ...factsOf(order),
      reason,
      again: after(bank.clock.now(), pauseAfter(order.attempt)).toISOString(),
    },
  })
}

/** It stays under way until an operator lets the signer be asked again, or gives the payment up. */
async function tellRefused(tx: Tx, bookId: number, order: TreasuryOrder, reason: string): Promise<void> {
  await explainOrder(tx, bookId, order.id, `the signer refuses: ${reason}`)
  await raiseAlert(tx, bookId, {
    key: failureKey(order),
    kind: order.kind === 'cold_move' ? 'cold_move_failed' : 'sweep_failed',
    severity: 'critical',
    data: { ...factsOf(order), reason: `the signer refuses: ${reason}` },
  })
}

const factsOf = ({ id, kind, network, asset, from_address, amount, attempt }: TreasuryOrder) => ({
  order: id,
  kind,
  network,
  asset,
  address: from_address,
  amount: asset === 'token' ? formatAmount(amount, assets.USDT.scale) : '',
  attempt,
})
