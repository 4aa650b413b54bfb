// The node programme as operators see it: purchases, commissions, yields of many customers side by side, and the history of
// one customer's level. Must stay true: who listed what, and looked at whom, is in the audit log before it is shown.

import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../context.ts'
import { type Reward, rewards, rewardsOf } from '../earn/commission.ts'
import { type LevelChange, levelChanges } from '../earn/level.ts'
import { type NodeOrder, nodeOrders } from '../earn/node-order.ts'
import { type NodeYield, yieldsOn } from '../earn/node-yield.ts'
import { type Person, personById, personByUid } from '../people/people.ts'
import type { Operator } from './approval-kind.ts'
import { logAudit } from './audit-log.ts'

interface Page {
  offset: number
  size: number
}

/** The number behind a UID; undefined without one. Refuses `NotFound`. */
async function noOf(bank: Bank, bookId: number, uid: string | undefined): Promise<bigint | undefined> {
  if (uid === undefined) return undefined
  const person = await personByUid(bank, bookId, uid)
  if (!person) throw new Refusal('NotFound')
  return person.no
}

const listed = (bank: Bank, operator: Operator, what: string, data: Record<string, unknown>) =>
  logAudit(bank, bank.db, operator, { action: 'earnings.listed', subject: what, data })

/** Purchases of nodes, of all customers or of one. */
export async function listSales(
  bank: Bank,
  operator: Operator,
  { uid, ...page }: Page & { uid?: string | undefined },
): Promise<NodeOrder[]> {
  const personNo = await noOf(bank, operator.bookId, uid)
  await listed(bank, operator, 'node sales', { uid, ...page })
  return nodeOrders(bank.db, operator.bookId, { personNo, ...page })
}

/** Commissions: all, those of one customer, or those on one order's fee. */
export async function listRewards(
  bank: Bank,
  operator: Operator,
  { uid, orderId, ...page }: Page & { uid?: string | undefined; orderId?: string | undefined },
): Promise<Reward[]> {
  const { bookId } = operator
  const personNo = await noOf(bank, bookId, uid)
  await listed(bank, operator, 'commissions', { uid, order: orderId, ...page })
  return personNo === undefined
    ? rewards(bank.db, bookId, { orderId, ...page })
    : rewardsOf(bank.db, bookId, personNo, page)
}

/** What was paid for a day. */
export async function listYields(bank: Bank, operator: Operator, day: string, page: Page): Promise<NodeYield[]> {
  await listed(bank, operator, 'yields', { day, ...page })
  return yieldsOn(bank.db, operator.bookId, day, page)
}

/** How a customer's level came about, newest first. Refuses `NotFound`. */
export async function seeLevels(
  bank: Bank,
  operator: Operator,
  id: string,
  page: Page,
): Promise<{ person: Person; changes: LevelChange[] }> {
  const { bookId } = operator
  const person = isId(id) ? await personById(bank, bookId, id) : undefined
  if (!person) throw new Refusal('NotFound')
  await logAudit(bank, bank.db, operator, { action: 'person.seen', subject: `person:${id}`, data: { what: 'levels' } })
  return { person, changes: await levelChanges(bank.db, bookId, person.no, page) }
}
