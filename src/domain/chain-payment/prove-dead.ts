// When a transaction that is nowhere can never be mined any more: the only way back to `ready`, or to a refund.
// Must stay true: the chain is asked twice, some seconds apart, by what is final on it, and each time the transaction is
// nowhere. A nonce that somebody used who is not us makes nothing dead by itself: money out stops, and people look.

import { after, seconds } from '../../base/clock.ts'
import type { Tx } from '../../base/database.ts'
import type { ChainPayment } from './chain-payment.ts'
import { type ChainTransaction, moveTransaction, transactionsOf, transactionsWithNonce } from './chain-transaction.ts'
import { isIn, lockPayment, movePaid, type Payer } from './payer.ts'
import { stopForStranger } from './strange-nonces.ts'

/** Between the two questions. */
const APART = seconds(5)

/** True when all that was signed for the payment is dead; it is then ready again, or void if it was given up. */
export async function considerDead(payer: Payer, payment: ChainPayment): Promise<boolean> {
  const { bank, bookId } = payer
  const all = (await transactionsOf(bank.db, bookId, [payment.id])).get(payment.id) ?? []
  const live = all.filter(({ status }) => status !== 'dead')
  for (const transaction of live) {
    if (!(await isProvenDead(payer, transaction))) return false
    if (!(await mayBury(payer, payment, transaction))) return false
  }
  return bank.db.transaction((tx) => bury(payer, tx, payment.id, live))
}

/** Asks now, and remembers; true at the second time. */
export async function isProvenDead(payer: Payer, transaction: ChainTransaction): Promise<boolean> {
  const { bank, sender, suspects } = payer
  const { id, from_address: from, nonce, expires_at: expiresAt, tx_hash: txHash } = transaction
  if (!['signed', 'sent'].includes(transaction.status)) return false
  const dead = (await sender.isDead({ from, nonce, expiresAt, txHash })) && (await sender.find(txHash)).at === 'nowhere'
  const now = bank.clock.now()
  const since = suspects.get(id)
  if (!dead) suspects.delete(id)
  else if (!since) suspects.set(id, now)
  return dead && since !== undefined && after(since, APART) <= now
}

/** Whether we know what was mined in its place: another transaction of ours that is final. On TRON time alone decides. */
async function mayBury(payer: Payer, payment: ChainPayment, transaction: ChainTransaction): Promise<boolean> {
  const { bank, bookId } = payer
  if (transaction.nonce === null) return true
  const twins = await transactionsWithNonce(bank.db, bookId, transaction)
  if (twins.some(({ status }) => status === 'final')) return true
  if (twins.some(({ status }) => status === 'mined')) return false // it will be final soon, or not
  if (payment.give_up || payment.order_kind === 'nonce_fill') return true // people have looked
  await stopForStranger(payer, transaction.from_address, transaction.nonce)
  return false
}

async function bury(payer: Payer, tx: Tx, paymentId: string, dead: readonly ChainTransaction[]): Promise<boolean> {
  const { bank, bookId, suspects } = payer
  const payment = await lockPayment(tx, bookId, paymentId)
  if (!isIn(payment, 'signed', 'broadcast', 'uncertain')) return false
  const at = bank.clock.now()
  for (const { id, status } of dead) {
    if (!(await moveTransaction(tx, bookId, id, status, 'dead', { at }))) return false
  }
  const all = (await transactionsOf(tx, bookId, [paymentId])).get(paymentId) ?? []
  if (all.some(({ status }) => status !== 'dead')) throw new Error('another transaction was signed just now')
  const reason = 'what was signed can never be mined any more'
  const ready = await movePaid(payer, tx, payment, 'ready', { reason })
  if (payment.give_up === 'void' && isIn(ready, 'ready'))
    await movePaid(payer, tx, ready, 'void', { reason: 'given up' })
  for (const { id } of dead) suspects.delete(id)
  return true
}
