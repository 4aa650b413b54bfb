// How much waits for operators, by kind of approval, and how much of it for the one who asks.
// Must stay true: whose turn it is follows from the same roles and checks as the check itself.

import type { Bank } from '../context.ts'
import { approvals } from './approval.ts'
import type { Operator } from './approval-kind.ts'
import { hasRole } from './role.ts'

/** Nobody works through more in a day. */
const COUNTED = 500

export interface OpenApprovals {
  kind: string
  open: number
  /** That the one who asks could check now. */
  yours: number
  oldest: Date
}

/** Among the newest five hundred. */
export async function openApprovals(bank: Bank, operator: Operator): Promise<OpenApprovals[]> {
  const { operatorId, bookId } = operator
  const { items } = await approvals(bank, bookId, { status: 'open', offset: 0, size: COUNTED })
  return [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, own]) => ({
    kind: kind.kind,
    open: own.length,
    yours: !hasRole(operator, kind.checkers)
      ? 0
      : own.filter(
          ({ madeBy, checks }) => madeBy !== operatorId && checks.every((one) => one.operatorId !== operatorId),
        ).length,
    oldest: own.reduce((oldest, { madeAt }) => (madeAt < oldest ? madeAt : oldest), bank.clock.now()),
  }))
}
