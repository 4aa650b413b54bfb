// What becomes of a payment in a block: final when our own chain says so and the node says so again, or back to the nodes
// when its block left the chain. Must stay true: the fee is booked with the transaction that makes it final; a block that
// our chain has replaced undoes both, also long after, and the same bytes are sent again.

import type { Tx } from '../../base/database.ts'
import { networkFee } from '../../ledger/journals.ts'
import { post } from '../../ledger/post.ts'
import { raiseAlert } from '../alert.ts'
import { addCoinDust, chainStateOf, lockChain } from '../chain/chain-state.ts'
import { coinUnits, ledgerCoin } from '../chain/coin.ts'
import type { ChainPayment } from './chain-payment.ts'
import {
  type ChainTransaction,
  displacedFinals,
  type Mined,
  minedToSettle,
  moveTransaction,
  transactionsOf,
} from './chain-transaction.ts'
import { eachOf, isIn, lockPayment, movePaid, type Payer } from './payer.ts'

const LOOK = 200

/** Answers how many became final, or left their block. */
export async function settleMined(payer: Payer): Promise<number> {
  const { bank, bookId, network, sender } = payer
  let moved = 0
  await eachOf(await minedToSettle(bank.db, bookId, network.code, network, LOOK), async (transaction) => {
    const where = await sender.find(transaction.tx_hash)
    if (where.at !== 'block') {
      // our chain still has the block that the node denies: it lags, or it lies
      if (transaction.displaced && (await noteLost(payer, transaction))) moved++
      return
    }
    const same = where.hash === transaction.block_hash && where.success === transaction.success
    if (same && transaction.displaced) return // the node is still on the branch that we have left
    if (await (same ? settle(payer, transaction) : noteElsewhere(payer, transaction, where))) moved++
  })
  return moved
}

const placeOf = ({ block_number, block_hash, success, fee_paid }: ChainTransaction): Mined => {
  if (block_number === null || block_hash === null || success === null || fee_paid === null)
    throw new Error('a mined transaction stands in a block')
  return { number: block_number, hash: block_hash, success, fee: fee_paid }
}

async function settle(payer: Payer, transaction: ChainTransaction): Promise<boolean> {
  const { bank, bookId, network } = payer
  const { id, tx_hash } = transaction
  const { success, fee } = placeOf(transaction)
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, transaction.payment_id)
    await lockChain(tx, bookId, network.code)
    const due = await minedToSettle(tx, bookId, network.code, network, LOOK, id)
    if (!isIn(payment, 'mined') || due[0]?.displaced !== false) return false // our chain moved meanwhile
    if (!(await moveTransaction(tx, bookId, id, 'mined', 'final', { at: bank.clock.now() }))) return false
    await bookFee(payer, tx, payment, transaction, fee)
    const reason = success ? '' : 'the chain refused it; only the fee is gone'
    await movePaid(payer, tx, payment, success ? 'confirmed' : 'failed', { txId: id, txHash: tx_hash, reason })
    return true
  })
}

/** It stands in another block than we knew, or as something else: from here on that counts. */
async function noteElsewhere(payer: Payer, transaction: ChainTransaction, mined: Mined): Promise<boolean> {
  const { bank, bookId } = payer
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, transaction.payment_id)
    if (!isIn(payment, 'mined')) return false
    const at = bank.clock.now()
    return moveTransaction(tx, bookId, transaction.id, 'mined', 'mined', { mined, at })
  })
}

/** Its block left the chain before it was final. */
async function noteLost(payer: Payer, { id, payment_id, tx_hash }: ChainTransaction): Promise<boolean> {
  const { bank, bookId } = payer
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, payment_id)
    if (!isIn(payment, 'mined')) return false
    if (!(await moveTransaction(tx, bookId, id, 'mined', 'sent', { at: bank.clock.now() }))) return false
    await movePaid(payer, tx, payment, 'broadcast', { txId: id, txHash: tx_hash, reason: 'its block left the chain' })
    return true
  })
}

// --- fees ---

/**
 * The fee is floored to ledger units; what is left over goes off the network's dust of coin. A reorganisation that undoes
 * what was final books it back, and the next time it is final it is booked anew.
 */
async function bookFee(
  { bookId, network }: Payer,
  tx: Tx,
  payment: ChainPayment,
  { tx_hash: txHash, finals }: ChainTransaction,
  fee: bigint,
): Promise<void> {
  const { units, dust } = coinUnits(network, fee < 0n ? -fee : fee)
  await addCoinDust(tx, bookId, network.code, fee < 0n ? dust : -dust)
  if (units === 0n) return
  const journal = networkFee({
    id: payment.order_id,
    orderKind: payment.order_kind,
    txHash,
    networkNo: network.no,
    asset: ledgerCoin(network),
    amount: fee < 0n ? -units : units,
  })
  const key =
    fee < 0n ? `network_fee_back:${txHash}:${finals}` : `network_fee:${txHash}${finals > 0 ? `:${finals + 1}` : ''}`
  await post(tx, { bookId, journal: { ...journal, key } })
}

// --- after it was final ---

/** Undoes what became final in blocks that our chain has replaced since. Answers how many. */
export async function reopenDisplaced(payer: Payer): Promise<number> {
  const { bank, bookId, network } = payer
  const state = await chainStateOf(bank.db, bookId, network.code)
  if (state?.phase !== 'following' || state.number === null) return 0
  const oldest = state.number - network.maxReorg
  const displaced = await displacedFinals(bank.db, bookId, network.code, oldest)
  let reopened = 0
  await eachOf(displaced, async (transaction) => {
    if (await reopen(payer, transaction, oldest)) reopened++
  })
  return reopened
}

async function reopen(payer: Payer, transaction: ChainTransaction, oldest: number): Promise<boolean> {
  const { bank, bookId, network } = payer
  const at = bank.clock.now()
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, transaction.payment_id)
    await lockChain(tx, bookId, network.code)
    const still = await displacedFinals(tx, bookId, network.code, oldest)
    if (!isIn(payment, 'confirmed', 'failed') || !still.some(({ id }) => id === transaction.id)) return false
    const { id, tx_hash, block_number } = transaction
    await bookFee(payer, tx, payment, transaction, -placeOf(transaction).fee)
    if (!(await moveTransaction(tx, bookId, id, 'final', 'sent', { at }))) return false
    // with it gone, what was signed for the same payment with the same nonce may be mined after all
    for (const twin of (await transactionsOf(tx, bookId, [payment.id])).get(payment.id) ?? []) {
      if (twin.status === 'dead' && twin.nonce !== null && twin.nonce === transaction.nonce && twin.sent_at)
        await moveTransaction(tx, bookId, twin.id, 'dead', 'sent', { at })
    }
    await raiseAlert(tx, bookId, {
      key: `deep_reorg:${network.code}:payments`,
      kind: 'deep_reorg',
      severity: 'critical',
      data: { network: network.code, block: block_number, payment: payment.id, was: payment.status },
    })
    await movePaid(payer, tx, payment, 'broadcast', { txId: id, txHash: tx_hash, reason: 'its block left the chain' })
    return true
  })
}
