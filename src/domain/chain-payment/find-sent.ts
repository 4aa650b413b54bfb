// Asks the chain where sent transactions are: in a block, waiting, or nowhere. Must stay true: a payment is mined only by a
// block that has one of its own transactions; what is nowhere is sent again, the same bytes, or proven dead, never both.

import { after, seconds } from '../../base/clock.ts'
import type { Whereabouts } from '../ports.ts'
import type { ChainPayment } from './chain-payment.ts'
import { type ChainTransaction, type Mined, moveTransaction, transactionsOf } from './chain-transaction.ts'
import { eachOf, isIn, lockPayment, movePaid, type Payer, paymentsIn } from './payer.ts'
import { considerDead } from './prove-dead.ts'
import { send } from './send-signed.ts'

const LOOK = 500
/** Payments whose transactions are asked for at once. */
const LANES = 16
/** The same bytes are not sent again before this. */
const RESEND = seconds(3)

/** Answers how many turned out to stand in a block. */
export async function findSent(payer: Payer): Promise<number> {
  const { bank, bookId } = payer
  const payments = await paymentsIn(payer, ['signed', 'broadcast', 'uncertain'], LOOK)
  const all = await transactionsOf(
    bank.db,
    bookId,
    payments.map(({ id }) => id),
  )
  let mined = 0
  for (let i = 0; i < payments.length; i += LANES) {
    const some = payments.slice(i, i + LANES)
    const found = await Promise.allSettled(some.map((payment) => whereAre(payer, all.get(payment.id) ?? [])))
    const asked = some.map((payment, n) => ({ payment, answer: found[n] }))
    await eachOf(asked, async ({ payment, answer }) => {
      if (!answer || answer.status === 'rejected') throw answer?.reason
      if (await follow(payer, payment, answer.value)) mined++
    })
  }
  return mined
}

interface Found {
  transaction: ChainTransaction
  where: Whereabouts
}

/** The newest first, as they are given. */
const whereAre = ({ sender }: Payer, transactions: readonly ChainTransaction[]): Promise<Found[]> =>
  Promise.all(
    transactions
      .filter(({ status }) => status === 'sent')
      .map(async (transaction) => ({ transaction, where: await sender.find(transaction.tx_hash) })),
  )

async function follow(payer: Payer, payment: ChainPayment, found: readonly Found[]): Promise<boolean> {
  for (const { transaction, where } of found) {
    if (where.at === 'block') return noteMined(payer, transaction, where)
  }
  const [newest] = found
  if (!newest) {
    if (payment.give_up) await considerDead(payer, payment)
    return false // nothing of it was ever sent
  }
  if (found.some(({ where }) => where.at === 'pool')) {
    await noteWaiting(payer, newest.transaction)
    for (const { transaction } of found) payer.suspects.delete(transaction.id)
  }
  if (newest.where.at === 'pool' || payment.give_up) {
    if (found.every(({ where }) => where.at === 'nowhere')) await considerDead(payer, payment)
    return false
  }
  if (found.every(({ where }) => where.at === 'nowhere') && (await considerDead(payer, payment))) return false
  const { transaction } = newest
  const last = transaction.last_sent_at
  if (last && after(last, RESEND) > payer.bank.clock.now()) return false
  await send(payer, transaction)
  return false
}

/** It waits at a node: the doubt is over. */
async function noteWaiting(payer: Payer, { payment_id, tx_hash }: ChainTransaction): Promise<void> {
  const { bank, bookId } = payer
  await bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, payment_id)
    if (isIn(payment, 'uncertain')) await movePaid(payer, tx, payment, 'broadcast', { txHash: tx_hash })
  })
}

/** False when it was no longer where it was thought to be, or the node says what cannot be. */
export async function noteMined(payer: Payer, transaction: ChainTransaction, mined: Mined): Promise<boolean> {
  const { bank, bookId, sender } = payer
  if (mined.fee > (sender.feeBound ?? sender.maxFee)(transaction.draft)) {
    throw new Error(`the node says that ${transaction.tx_hash} cost more than it was signed for`)
  }
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, transaction.payment_id)
    if (!isIn(payment, 'signed', 'broadcast', 'uncertain')) return false
    const { id, status, tx_hash } = transaction
    if (!(await moveTransaction(tx, bookId, id, status, 'mined', { mined, at: bank.clock.now() }))) return false
    await movePaid(payer, tx, payment, 'mined', { txId: id, txHash: tx_hash })
    payer.suspects.delete(id)
    return true
  })
}
