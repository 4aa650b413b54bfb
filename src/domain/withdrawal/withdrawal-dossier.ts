// What whoever decides on a withdrawal needs to know: the order and its way so far, the customer, the address, the limits,
// what was asked of operators, and the payment. Must stay true: who looked at which order is in the audit log before it is
// shown; contacts are none of it.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import { type ChainPayment, paymentOfOrder } from '../chain-payment/chain-payment.ts'
import { type ChainTransaction, transactionsOf } from '../chain-payment/chain-transaction.ts'
import type { Bank } from '../context.ts'
import { type DepositTotals, depositTotals } from '../deposit/deposit-history.ts'
import { type Approval, approvalById } from '../operator/approval.ts'
import type { Operator } from '../operator/approval-kind.ts'
import { logAudit } from '../operator/audit-log.ts'
import { type Person, personByNo } from '../people/people.ts'
import { type WithdrawalSettings, withdrawalSettings } from '../setting.ts'
import { allowList, listedSince } from './address-book.ts'
import { leftToday, perDayOf } from './daily-limit.ts'
import { acquaintanceOf } from './lookalike.ts'
import { type ShownWithdrawal, showAll } from './show-withdrawal.ts'
import {
  type AddressHistory,
  addressHistory,
  type WithdrawalEvent,
  type WithdrawalTotals,
  withdrawalById,
  withdrawalEvents,
  withdrawalTotals,
} from './withdrawal.ts'

export interface Dossier {
  order: ShownWithdrawal
  events: WithdrawalEvent[]
  person: Person
  deposits: DepositTotals
  withdrawals: WithdrawalTotals
  limits: { perDay: bigint; leftToday: bigint; settings: WithdrawalSettings }
  address: AddressHistory & { listedSince: Date | null; allowListOn: boolean; lookalike: string | null }
  approval: Approval | null
  payment: ChainPayment | null
  transactions: ChainTransaction[]
}

/** Refuses `NotFound`. */
export async function seeWithdrawal(bank: Bank, operator: Operator, id: string): Promise<Dossier> {
  const { bookId } = operator
  if (!isId(id)) throw new Refusal('NotFound')
  const found = await withdrawalById(bank.db, bookId, id)
  const [person, [order]] = await Promise.all([
    personByNo(bank, bookId, found.person_no),
    showAll(bank, bank.db, bookId, [found]),
  ])
  if (!person || !order) throw new Error('an order has its customer')
  const people = [person.uid]
  await logAudit(bank, bank.db, operator, { action: 'order.seen', subject: `withdrawal:${id}`, data: { people } })

  const { asset, network, person_no: personNo, to_address: to } = order
  const who = { bookId, personNo }
  const settings = await withdrawalSettings(bank, bookId, network, asset)
  const perDay = await perDayOf(bank, bookId, person.kycLevel, asset, settings)
  const payment = (await paymentOfOrder(bank.db, bookId, 'withdrawal', id)) ?? null
  const [events, deposits, withdrawals, left, history, since, mode, acquaintance, approval, signed] = await Promise.all(
    [
      withdrawalEvents(bank.db, bookId, id),
      depositTotals(bank.db, bookId, personNo),
      withdrawalTotals(bank.db, bookId, personNo, asset),
      leftToday(bank.db, bookId, personNo, asset, perDay),
      addressHistory(bank.db, bookId, order),
      listedSince(bank.db, bookId, order),
      allowList(bank, bank.db, who),
      acquaintanceOf(bank, bank.db, who, to, id),
      order.approval_id === null ? null : approvalById(bank, bookId, order.approval_id),
      payment ? transactionsOf(bank.db, bookId, [payment.id]) : undefined,
    ],
  )
  return {
    order,
    events,
    person,
    deposits,
    withdrawals,
    limits: { perDay, leftToday: left, settings },
    address: {
      ...history,
      listedSince: since,
      allowListOn: mode.on,
      lookalike: acquaintance.lookalike ?? null,
    },
    approval,
    payment,
    transactions: (payment && signed?.get(payment.id)) ?? [],
  }
}
