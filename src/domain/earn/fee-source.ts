// Which fees commissions are paid on: the kind of journal that earned the fee, and its name on the wire.
// Must stay true: a journal of these kinds has one customer who pays and one leg on the fees account; a name that was ever
// paid on stays, for rewards and settings carry it.

import type { JournalKind } from '../../ledger/journals.ts'

/** Add a line where another kind of journal earns fees that the payer's team should have a part of. */
export const feeSources = {
  transfer: 'transfer_fee',
  withdrawal: 'withdrawal_fee',
  remittance: 'remittance_fee',
  card_topup: 'card_topup_fee',
  node_purchase: 'node_purchase',
} as const satisfies Partial<Record<JournalKind, string>>
export type FeeSource = (typeof feeSources)[keyof typeof feeSources]

/** How far up the team commissions reach; layer 1 is the inviter. */
export const layers = ['1', '2', '3', '4', '5'] as const

/** Levels of the node programme; 0 is everybody's. */
export const levels = ['0', '1', '2', '3', '4', '5'] as const

export const feeSourceOf = (journalKind: string): FeeSource | undefined =>
  Object.hasOwn(feeSources, journalKind) ? feeSources[journalKind as keyof typeof feeSources] : undefined
