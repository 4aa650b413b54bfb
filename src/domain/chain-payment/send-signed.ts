// Hands what is signed to a node. Must stay true: that it is about to be sent is committed before the call; only the stored
// bytes are sent; an answer that is no clear yes makes the payment uncertain, and then the chain is asked; nothing is sent
// while money out is stopped.

import type { Tx } from '../../base/database.ts'
import { type ChainTransaction, moveTransaction, transactionsIn } from './chain-transaction.ts'
import { eachOf, heldBack, isIn, lockPayment, movePaid, type Payer } from './payer.ts'

const LOOK = 500

/** First broadcasts, of each wallet in the order of nonces. Answers how many. */
export async function sendSigned(payer: Payer): Promise<number> {
  const { bank, bookId, network } = payer
  const payments = ['signed', 'broadcast', 'uncertain']
  const waiting = await transactionsIn(bank.db, bookId, network.code, ['signed'], payments, LOOK)
  let sent = 0
  await eachOf(waiting, async (transaction) => {
    if (await send(payer, transaction)) sent++
  })
  return sent
}

/**
 * Sends a transaction for the first time, or the same bytes again; false when it must not be sent now. Nobody waits for
 * the node's word: what it makes of the bytes shows when the chain is asked.
 */
export async function send(payer: Payer, transaction: ChainTransaction): Promise<boolean> {
  const { bank, bookId, sender } = payer
  if (!(await bank.db.transaction((tx) => noteSending(payer, tx, transaction)))) return false
  const doubt = await sender.broadcast(transaction.raw).then(
    (answer) => (answer.result === 'refused' ? `the node refuses it: ${answer.reason}` : undefined),
    () => 'the node gave no clear answer',
  )
  if (doubt === undefined) return true
  await bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, transaction.payment_id)
    const { tx_hash } = transaction
    if (isIn(payment, 'broadcast')) await movePaid(payer, tx, payment, 'uncertain', { txHash: tx_hash, reason: doubt })
  })
  return true
}

async function noteSending(
  payer: Payer,
  tx: Tx,
  { id, payment_id, status, tx_hash }: ChainTransaction,
): Promise<boolean> {
  const { bank, bookId } = payer
  const payment = await lockPayment(tx, bookId, payment_id)
  if (payment.give_up || !isIn(payment, 'signed', 'broadcast', 'uncertain')) return false
  if ((await heldBack(payer, tx)) !== undefined) return false
  if (!(await moveTransaction(tx, bookId, id, status, 'sent', { at: bank.clock.now() }))) return false
  if (isIn(payment, 'signed')) await movePaid(payer, tx, payment, 'broadcast', { txId: id, txHash: tx_hash })
  return true
}
