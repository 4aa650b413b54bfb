// Keeps the hot wallet between its floor and its ceiling: what is too much goes to the cold wallet, what is too little is
// told, as the cold wallet's key is not ours. Coin for fees likewise.
// Must stay true: one move to the cold wallet at a time; an alert says how much to bring, and ends by itself when it came.

import { after } from '../../base/clock.ts'
import { formatAmount, toChainUnits } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { closeAlert, raiseAlert } from '../alert.ts'
import { coinDecimals } from '../chain/coin.ts'
import { moneyOutStopped } from '../setting.ts'
import { coinShort, hotDecision, pauseAfter, RESERVE } from './decide-moves.ts'
import { beginOrder, lastOrder, planOrder } from './treasury-order.ts'
import type { Run } from './treasury-run.ts'

const usdt = (units: bigint) => formatAmount(units, assets.USDT.scale)

/** Tells what is short or too much; also while money out is stopped. */
export async function tellOfHotWallet(run: Run): Promise<void> {
  const { bank, bookId, network, hot, cold, settings, tokens, coin } = run
  const decision = hotDecision(settings, tokens)
  const facts = { network: network.code, address: hot, balance: usdt(tokens.balance), promised: usdt(tokens.committed) }
  const low = `hot_wallet_low:${network.code}`
  if (decision.is === 'low') {
    const data = { ...facts, arriving: usdt(tokens.arriving), bring: usdt(decision.amount) }
    await raiseAlert(bank.db, bookId, { key: low, kind: 'hot_wallet_low', severity: 'warning', data })
  } else await closeAlert(bank.db, bookId, low)
  const high = `hot_wallet_high:${network.code}`
  if (decision.is === 'high' && !cold) {
    const data = { ...facts, too_much: usdt(decision.amount), reason: 'there is no cold wallet to move it to' }
    await raiseAlert(bank.db, bookId, { key: high, kind: 'hot_wallet_high', severity: 'warning', data })
  } else await closeAlert(bank.db, bookId, high)
  const reserve = `gas_short:${network.code}:reserve`
  const short = coinShort(coin)
  if (short > 0n) {
    const amount = (units: bigint) => formatAmount(units, coinDecimals(network))
    const data = {
      network: network.code,
      address: hot,
      coin: network.coin,
      balance: amount(coin.balance),
      bring: amount(short),
    }
    const reason = `it must pay for what is under way and ${RESERVE} payments more`
    await raiseAlert(bank.db, bookId, {
      key: reserve,
      kind: 'gas_short',
      severity: 'warning',
      data: { ...data, reason },
    })
  } else await closeAlert(bank.db, bookId, reserve)
}

/** Begins a move of what is above the target to the cold wallet, when the ceiling is passed. */
export async function moveToCold(run: Run): Promise<boolean> {
  const { bank, bookId, network, hot, cold, settings, tokens } = run
  const decision = hotDecision(settings, tokens)
  if (decision.is !== 'high' || !cold) return false
  const now = bank.clock.now()
  const last = await lastOrder(bank.db, bookId, network.code, 'cold_move', hot)
  if (last?.status === 'failed' && last.settled_at && after(last.settled_at, pauseAfter(last.attempt)) > now)
    return false
  const value = toChainUnits(decision.amount, network.decimals, assets.USDT.scale)
  const begun = await bank.db.transaction(async (tx) => {
    if ((await moneyOutStopped(tx, bookId, network.code)) !== undefined) return false
    const order = {
      kind: 'cold_move' as const,
      network: network.code,
      asset: 'token' as const,
      from_address: hot,
      from_index: 0,
      to_address: cold,
      to_purpose: 'cold' as const,
      amount: decision.amount,
      value,
    }
    const id = await planOrder(tx, bookId, order, now)
    return id !== undefined && beginOrder(tx, bookId, { ...order, id, status: 'planned' }, now)
  })
  if (begun) tokens.committed += decision.amount
  return begun
}
