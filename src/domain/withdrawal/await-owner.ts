// A withdrawal that a program asked for and that its owner has to confirm: waiting, confirming, and its end when nobody does.
// Must stay true: the money is held all the while; whoever locks the order first decides, the owner or the end of the wait;
// what was confirmed is decided by the rules of that moment.

import { after, hours } from '../../base/clock.ts'
import type { Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { networkOf } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { tellPerson } from '../notice/security-log.ts'
import { authorizeMoneyOut, type PaymentProof } from '../payment-proof/authorize-payment.ts'
import type { Person } from '../people/people.ts'
import { openFor } from './check-withdrawal.ts'
import { decide } from './decide-withdrawal.ts'
import { giveMoneyBack } from './give-back.ts'
import { lockWithdrawal, moveWithdrawal, ownWithdrawal, type Withdrawal, waitingForOwner } from './withdrawal.ts'
import { endedRow, happened, noticeParams, tell } from './withdrawal-notice.ts'

/** How long the owner has. */
export const CONFIRM_HOURS = 24

/** Puts a new order to its owner. */
export async function awaitOwner(
  bank: Bank,
  tx: Tx,
  bookId: number,
  order: Withdrawal & { status: 'submitted' },
  person: Person,
  at: Date,
): Promise<void> {
  await tell(tx, bookId, [happened(bank, bookId, order, 'verification', at)])
  await moveWithdrawal(tx, bookId, order, 'verification', { reason: 'asks_owner', at })
  await tellPerson(bank, tx, person, 'withdrawal_verification', { ...noticeParams(bank, order), hours: CONFIRM_HOURS })
}

/**
 * The owner says that it is meant. Refuses NotFound, Outdated (it waits no more), NetworkUnavailable, and what proves a
 * payment.
 */
export async function confirmWithdrawal(bank: Bank, actor: Actor, id: string, proof: PaymentProof): Promise<void> {
  const order = await ownWithdrawal(bank, actor, id)
  refuseOver(bank, order)
  const settings = await openFor(bank, actor.bookId, networkOf(bank.networks, order.network), order.asset)
  await authorizeMoneyOut(bank, actor, proof)
  await bank.db.transaction(async (tx) => {
    const locked = await lockWithdrawal(tx, actor.bookId, id)
    const waiting = refuseOver(bank, locked)
    await decide(bank, tx, actor.bookId, waiting, settings, bank.clock.now())
  })
}

function refuseOver(bank: Bank, order: Withdrawal): Withdrawal & { status: 'verification' } {
  const { status, created_at: since } = order
  if (status !== 'verification' || after(since, hours(CONFIRM_HOURS)) <= bank.clock.now())
    throw new Refusal('Outdated', { status })
  return { ...order, status }
}

/** Gives back what nobody confirmed in time. Answers how many orders. */
export async function expireUnconfirmed(bank: Bank, bookId: number): Promise<number> {
  const before = after(bank.clock.now(), -hours(CONFIRM_HOURS))
  let ended = 0
  for (const id of await waitingForOwner(bank.db, bookId, before)) {
    if (await bank.db.transaction((tx) => dropUnconfirmed(bank, tx, bookId, id, 'not_confirmed'))) ended++
  }
  return ended
}

/** False when it waits no more. */
export async function dropUnconfirmed(
  bank: Bank,
  tx: Tx,
  bookId: number,
  id: string,
  reason: 'not_confirmed' | 'by_customer' | 'by_operator',
): Promise<boolean> {
  const order = await lockWithdrawal(tx, bookId, id)
  const { status } = order
  if (status !== 'verification') return false
  const at = bank.clock.now()
  await giveMoneyBack(tx, bookId, order, [
    endedRow(bank, bookId, order, 'cancelled', reason, at),
    happened(bank, bookId, order, 'cancelled', at, { reason }),
  ])
  await moveWithdrawal(tx, bookId, { ...order, status }, 'cancelled', { reason, at })
  return true
}
