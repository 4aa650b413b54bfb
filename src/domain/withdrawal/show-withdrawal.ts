// A withdrawal as its owner sees it: with its confirmations, and whether it can still be taken back.
// Must stay true: confirmations are counted by the blocks that we have read ourselves, not by the height a node claims, and
// stay at what the network asks for when it is final.

import type { Queries } from '../../base/database.ts'
import { chainStates } from '../chain/chain-state.ts'
import { networkOf } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { ownWithdrawal, type Withdrawal, type WithdrawalFilter, withdrawalsOf } from './withdrawal.ts'

export interface ShownWithdrawal extends Withdrawal {
  confirmations: number
  confirmationsRequired: number
  /** May still change when the signer is faster. */
  canCancel: boolean
}

/** The actor's, newest first. */
export async function ownWithdrawals(bank: Bank, actor: Actor, filter: WithdrawalFilter): Promise<ShownWithdrawal[]> {
  return showAll(bank, bank.db, actor.bookId, await withdrawalsOf(bank.db, actor.bookId, actor.personNo, filter))
}

/** One of the actor's. Refuses `NotFound`. */
export async function showOwnWithdrawal(bank: Bank, actor: Actor, id: string): Promise<ShownWithdrawal> {
  const order = await ownWithdrawal(bank, actor, id)
  const [shown] = await showAll(bank, bank.db, actor.bookId, [order])
  if (!shown) throw new Error('one order is shown as one')
  return shown
}

export async function showAll(
  bank: Bank,
  q: Queries,
  bookId: number,
  orders: readonly Withdrawal[],
): Promise<ShownWithdrawal[]> {
  const counting = orders.some(({ status }) => status === 'confirming')
  const reached = new Map((counting ? await chainStates(q, bookId) : []).map((state) => [state.network, state.number]))
  return orders.map((order) => {
    const { confirmations: required } = networkOf(bank.networks, order.network)
    return {
      ...order,
      confirmations: confirmationsOf(order, required, reached.get(order.network) ?? null),
      confirmationsRequired: required,
      canCancel: order.status === 'verification' || order.status === 'review' || order.status === 'approved',
    }
  })
}

function confirmationsOf({ status, block_number }: Withdrawal, required: number, reached: number | null): number {
  if (status === 'confirmed' || status === 'failed') return required
  if (status !== 'confirming' || block_number === null || reached === null) return 0
  return Math.max(1, Math.min(required, reached - Number(block_number) + 1))
}
