// What a withdrawal does when its payment moves: it follows, books what became final, and gives back what was not paid.
// Must stay true: runs in the transaction that moved the payment, with the payment's row locked; the money leaves the books
// once per order however often a reorganisation opens it again; what is given back and then paid after all is owed.

import type { Tx } from '../../base/database.ts'
import { assert, isRefusal } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { formatAmount } from '../../base/money.ts'
import { assets, personAccount } from '../../ledger/accounts.ts'
import { balancesOf } from '../../ledger/balances.ts'
import { findHold } from '../../ledger/holds.ts'
import { withdrawal } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import type { HoldChange, Journal } from '../../ledger/posting.ts'
import { raiseAlert } from '../alert.ts'
import { networkOf } from '../chain/network.ts'
import type { ChainPaymentStatus, PaymentOrders } from '../chain-payment/chain-payment.ts'
import { transactionsOf } from '../chain-payment/chain-transaction.ts'
import type { Bank } from '../context.ts'
import { inboxRow } from '../notice/inbox.ts'
import { giveMoneyBack } from './give-back.ts'
import { lockWithdrawal, moveWithdrawal, netOf, notePaidBy, type Withdrawal } from './withdrawal.ts'
import { endedRow, happened, noticeParams, tell } from './withdrawal-notice.ts'
import type { WithdrawalReason } from './withdrawal-words.ts'

type Stage = 'approved' | 'processing' | 'confirming' | 'confirmed' | 'failed' | 'cancelled'

/** Where an order is when its payment is there. One that the signer refused waits as it is, for operators. */
const stages = {
  ready: 'approved',
  refused: undefined,
  signed: 'processing',
  broadcast: 'processing',
  uncertain: 'processing',
  mined: 'confirming',
  confirmed: 'confirmed',
  failed: 'failed',
  void: 'cancelled',
} as const satisfies Record<ChainPaymentStatus, Stage | undefined>

/** A payment may skip a state that its order has to pass: the one before, where the order is further away than one step. */
const before: Partial<Record<Stage, Stage>> = {
  confirming: 'processing',
  confirmed: 'confirming',
  failed: 'confirming',
  approved: 'processing',
  cancelled: 'approved',
}

interface Step {
  bank: Bank
  tx: Tx
  bookId: number
  txHash: string | null
  /** Where that stands, if it does. */
  blockNumber: number | null
  /** Why it is cancelled, if it is. */
  reason: WithdrawalReason
  at: Date
}

/** For the registry of those who are told when payments move. */
export const withdrawalPayments = (bank: Bank): PaymentOrders => ({
  async paymentMoved(tx, bookId, payment, to, txHash) {
    const stage = stages[to]
    if (stage === undefined) return
    const paid = await transactionsOf(tx, bookId, [payment.id])
    const blockNumber = paid.get(payment.id)?.find((one) => one.tx_hash === txHash)?.block_number ?? null
    const step: Step = { bank, tx, bookId, txHash, blockNumber, reason: 'not_sent', at: bank.clock.now() }
    await follow(step, payment.order_id, stage)
  },
})

/** The order's part of taking back its payment, which was voided in this transaction. */
export const followVoid = (bank: Bank, tx: Tx, bookId: number, id: string, reason: WithdrawalReason): Promise<void> =>
  follow({ bank, tx, bookId, txHash: null, blockNumber: null, reason, at: bank.clock.now() }, id, 'cancelled')

async function follow(step: Step, id: string, to: Stage): Promise<void> {
  const order = await lockWithdrawal(step.tx, step.bookId, id)
  if (order.status === to) {
    if (step.txHash !== null) await notePaidBy(step.tx, step.bookId, id, step.txHash)
    return
  }
  const way = before[to]
  if (way !== undefined && order.status !== way) await follow(step, id, way)
  await steps[to](step, await lockWithdrawal(step.tx, step.bookId, id))
}

const steps: Record<Stage, (step: Step, order: Withdrawal) => Promise<void>> = {
  processing,
  async approved({ tx, bookId, at }, order) {
    await moveWithdrawal(tx, bookId, as(order, 'processing'), 'approved', { reason: 'sent_again', at })
  },
  async confirming({ bank, tx, bookId, txHash, blockNumber, at }, order) {
    await moveWithdrawal(tx, bookId, as(order, 'processing'), 'confirming', { txHash, blockNumber, at })
    await tell(tx, bookId, [happened(bank, bookId, order, 'confirming', at, { tx_hash: txHash })])
  },
  confirmed,
  async failed({ bank, tx, bookId, txHash, at }, order) {
    const reason = 'reverted'
    await giveMoneyBack(tx, bookId, order, [
      endedRow(bank, bookId, order, 'failed', reason, at),
      happened(bank, bookId, order, 'failed', at, { tx_hash: txHash, reason }),
    ])
    await moveWithdrawal(tx, bookId, as(order, 'confirming'), 'failed', { reason, txHash, at })
  },
  async cancelled({ bank, tx, bookId, reason, at }, order) {
    await giveMoneyBack(tx, bookId, order, [
      endedRow(bank, bookId, order, 'cancelled', reason, at),
      happened(bank, bookId, order, 'cancelled', at, { reason }),
    ])
    await moveWithdrawal(tx, bookId, as(order, 'approved'), 'cancelled', { reason, at })
  },
}

/** The order, known to be in this state. */
function as<S extends Withdrawal['status']>(order: Withdrawal, status: S): Withdrawal & { status: S } {
  assert(order.status === status, `a withdrawal that is ${order.status} does not follow its payment from ${status}`)
  return { ...order, status }
}

async function processing({ bank, tx, bookId, txHash, at }: Step, order: Withdrawal): Promise<void> {
  switch (order.status) {
    case 'approved':
      await moveWithdrawal(tx, bookId, as(order, 'approved'), 'processing', { txHash, at })
      break
    case 'confirming':
    case 'confirmed': // what was booked stays booked: it is the same payment, on its way into another block
      await moveWithdrawal(tx, bookId, { ...order, status: order.status }, 'processing', {
        reason: 'reorganised',
        txHash,
        at,
      })
      break
    default: {
      const holdId = await holdAgain(bank, tx, bookId, as(order, 'failed'))
      const again = { reason: 'reorganised', txHash, at, ...(holdId ? { holdId } : {}) }
      await moveWithdrawal(tx, bookId, as(order, 'failed'), 'processing', again)
    }
  }
  await tell(tx, bookId, [happened(bank, bookId, order, 'broadcast', at, { tx_hash: txHash })])
}

/**
 * The money of a payment that had failed for good went back; now a reorganisation may let it succeed. It is held once more
 * as far as it is still there; operators hear of it in any case.
 */
async function holdAgain(bank: Bank, tx: Tx, bookId: number, order: Withdrawal): Promise<string | undefined> {
  const { id: orderId, amount, asset, person_no: personNo } = order
  const account = personAccount(personNo, 'main', asset)
  const id = newId()
  let held = true
  try {
    const place = { id, account, amount, orderKind: 'withdrawal', orderId }
    await post(tx, { bookId, place, evenIfClosed: true })
  } catch (error) {
    if (!isRefusal(error, 'InsufficientBalance')) throw error
    held = false
  }
  await raiseAlert(tx, bookId, {
    key: `withdrawal_reopened:${orderId}`,
    kind: 'withdrawal_reopened',
    severity: 'critical',
    data: { withdrawal: orderId, amount: formatAmount(amount, assets[asset].scale), asset, held },
  })
  bank.log.error({ withdrawal: orderId, held }, 'a reorganisation opened a failed withdrawal again')
  return held ? id : undefined
}

async function confirmed({ bank, tx, bookId, txHash, at }: Step, order: Withdrawal): Promise<void> {
  const from = as(order, 'confirming')
  if (order.journal_id !== null) {
    await moveWithdrawal(tx, bookId, from, 'confirmed', { txHash, at })
    return
  }
  const { owed, ...taking } = await capture(bank, tx, bookId, order)
  const rows = [
    inboxRow(bookId, order.person_no, 'withdrawal_confirmed', noticeParams(bank, order), at),
    happened(bank, bookId, order, 'confirmed', at, { tx_hash: txHash }),
  ]
  await post(tx, { bookId, ...taking, rows, evenIfClosed: true })
  await moveWithdrawal(tx, bookId, from, 'confirmed', { txHash, journalId: taking.journal.id, owed, at })
}

interface Capture {
  journal: Journal
  change?: HoldChange
  owed: bigint
}

/** Out of the hold; where there is none any more, out of what the customer has, and the rest is owed. */
async function capture(bank: Bank, tx: Tx, bookId: number, order: Withdrawal): Promise<Capture> {
  const { id, asset, person_no: personNo, amount, fee, round } = order
  const networkNo = networkOf(bank.networks, order.network).no
  const parts = { id, networkNo, personNo, net: netOf(order), fee, round, asset }
  const hold = await findHold(tx, bookId, order.hold_id)
  if (hold.status === 'open') {
    const change = { id: hold.id, account: hold.account_id, to: 'captured', captured: amount } as const
    return { journal: withdrawal(parts), change, owed: 0n }
  }
  const account = personAccount(personNo, 'main', asset)
  const { balance, held } = (await balancesOf(tx, bookId, [account]))(account)
  const owed = balance - held < amount ? amount - (balance - held) : 0n
  return { journal: withdrawal({ ...parts, owed }), owed }
}
