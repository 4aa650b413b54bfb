// Brings planned sweeps under way: coin for the fee first, where the address lacks it, then the transfer.
// Must stay true: a top-up is what the transfer can cost less what is there, once for each time it is lacking, and never
// from what customers' withdrawals need; a transfer that the chain says would fail costs no fee and is tried again later.

import { formatAmount } from '../../base/money.ts'
import { coinDecimals, coinUnits } from '../chain/coin.ts'
import { movePayment, paymentOfOrder } from '../chain-payment/chain-payment.ts'
import { lockPayment } from '../chain-payment/payer.ts'
import { moneyOutStopped } from '../setting.ts'
import { coinMissing, coinToSpare } from './decide-moves.ts'
import { paymentMoved, tellFailed } from './settle-treasury.ts'
import {
  beginOrder,
  explainOrder,
  lockOrder,
  moveOrder,
  openOrders,
  planOrder,
  type TreasuryOrder,
} from './treasury-order.ts'
import { feeLimit, isWouldFail, type Run } from './treasury-run.ts'

/** Begins what is planned, and helps on what moves and cannot pay its fee any more. Answers how many steps were made. */
export async function beginSweeps(run: Run): Promise<number> {
  const { bank, bookId, network } = run
  let steps = 0
  for (const sweep of await openOrders(bank.db, bookId, network.code, 'sweep')) {
    if (sweep.status === 'topping_up') continue // its top-up's end begins it
    if (sweep.status === 'planned' ? await begin(run, sweep) : await helpOn(run, sweep)) steps++
  }
  return steps
}

async function begin(run: Run, sweep: TreasuryOrder): Promise<boolean> {
  const { bank, bookId } = run
  const fee = await feeOf(run, sweep)
  if ('wouldFail' in fee) return giveUpPlanned(run, sweep, fee.wouldFail)
  if (fee.most > feeLimit(run)) return wait(run, sweep, 'the network asks for more than a sweep may cost')
  const missing = await missingCoin(run, sweep, fee.most)
  if (missing > 0n) return topUp(run, sweep, missing)
  return bank.db.transaction(async (tx) => {
    if ((await moneyOutStopped(tx, bookId, sweep.network)) !== undefined) return false
    return beginOrder(tx, bookId, sweep, bank.clock.now())
  })
}

/** Fees rose after the top-up, or the token was paused: nothing was signed yet, so both can be mended. */
async function helpOn(run: Run, sweep: TreasuryOrder): Promise<boolean> {
  const { bank, bookId } = run
  const payment = await paymentOfOrder(bank.db, bookId, 'sweep', sweep.id)
  if (payment?.status !== 'ready' || payment.reason === '') return false
  const fee = await feeOf(run, sweep)
  if ('wouldFail' in fee) return giveUpReady(run, payment.id, fee.wouldFail)
  const missing = await missingCoin(run, sweep, fee.most)
  if (missing === 0n || fee.most > feeLimit(run)) return false
  return topUp(run, sweep, missing)
}

type Fee = { most: bigint } | { wouldFail: string }

async function feeOf({ sender }: Run, { asset, from_address, to_address, value }: TreasuryOrder): Promise<Fee> {
  try {
    return { most: sender.maxFee(await sender.draft({ asset, from: from_address, to: to_address, value })) }
  } catch (error) {
    if (!isWouldFail(error)) throw error
    return { wouldFail: error.wouldFail }
  }
}

/** The loop pays from what is final as well as from what is newest; so the lesser counts. */
async function missingCoin(
  { sender }: Run,
  { asset, from_address, value }: TreasuryOrder,
  fee: bigint,
): Promise<bigint> {
  const [latest, final] = await Promise.all([
    sender.balance(from_address, 'coin'),
    sender.balance(from_address, 'coin', 'final'),
  ])
  return coinMissing(fee + (asset === 'coin' ? value : 0n), latest < final ? latest : final)
}

async function topUp(run: Run, sweep: TreasuryOrder, missing: bigint): Promise<boolean> {
  const { bank, bookId, network, coin, hot } = run
  const cost = missing + coin.fee
  if (coinToSpare(coin) < cost) {
    const lacking = formatAmount(missing, coinDecimals(network))
    return wait(run, sweep, `the hot wallet has no ${network.coin} to spare for its top-up of ${lacking}`)
  }
  const at = bank.clock.now()
  const begun = await bank.db.transaction(async (tx) => {
    if ((await moneyOutStopped(tx, bookId, network.code)) !== undefined) return false
    const now = await lockOrder(tx, bookId, sweep.id)
    if (now?.status !== sweep.status) return false // another process was faster
    const order = {
      kind: 'top_up' as const,
      network: network.code,
      asset: 'coin' as const,
      from_address: hot,
      from_index: 0,
      to_address: sweep.from_address,
      to_purpose: 'deposit' as const,
      amount: coinUnits(network, missing).units,
      value: missing,
      sweep_id: sweep.id,
    }
    const id = await planOrder(tx, bookId, order, at)
    if (id === undefined) return false // one is under way
    await beginOrder(tx, bookId, { ...order, id, status: 'planned' }, at)
    if (sweep.status === 'planned') await moveOrder(tx, bookId, sweep.id, 'planned', 'topping_up', { at })
    return true
  })
  if (begun) coin.committed += cost
  return begun
}

async function giveUpPlanned({ bank, bookId }: Run, sweep: TreasuryOrder, why: string): Promise<boolean> {
  const reason = `the chain says that it would fail: ${why}`
  return bank.db.transaction(async (tx) => {
    const moved = await moveOrder(tx, bookId, sweep.id, 'planned', 'failed', { reason, at: bank.clock.now() })
    if (moved) await tellFailed(bank, tx, bookId, sweep, reason)
    return moved
  })
}

async function giveUpReady({ bank, bookId }: Run, paymentId: string, why: string): Promise<boolean> {
  const reason = `the chain says that it would fail: ${why}`
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, paymentId)
    if (payment.status !== 'ready') return false
    if (!(await movePayment(tx, bookId, paymentId, 'ready', 'void', { reason, at: bank.clock.now() }))) return false
    await paymentMoved(bank, tx, bookId, payment, 'void', reason)
    return true
  })
}

async function wait({ bank, bookId }: Run, { id, reason }: TreasuryOrder, why: string): Promise<boolean> {
  if (reason !== why) await explainOrder(bank.db, bookId, id, why)
  return false
}
