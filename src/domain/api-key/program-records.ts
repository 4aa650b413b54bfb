// A customer's orders as programs page through them: money out (withdrawals, payments sent) and money in (deposits, payments
// received), newest first, with the numbers and words that programs know them by.
// Must stay true: only the customer's own are ever read; a filter that fits nothing answers with nothing; lists are bounded.

import type { Bank } from '../context.ts'
import { type DepositOrder, depositsFiltered } from '../deposit/deposit.ts'
import { type NumberedKind, orderByNumber, orderNumbers } from '../order-number.ts'
import { type TransferOrder, transfersFiltered } from '../transfer.ts'
import { type Withdrawal, withdrawalsFiltered } from '../withdrawal/withdrawal.ts'
import type { Program } from './authenticate-key.ts'
import { ordersByOutBizId, type ProgramOrder, programOrders } from './program-order.ts'

type Reader = Pick<Program, 'bookId' | 'personNo'>

export interface RecordFilter {
  /** An order's number; null for what is none. */
  no?: bigint | null | undefined
  /** Orders by their own ids, for whoever was told of them. */
  ids?: readonly string[] | undefined
  outBizId?: string | undefined
  asset?: 'USDT' | 'TRX' | undefined
  txHash?: string | undefined
  remark?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
  limit: number
}

export type OutRecord =
  | { kind: 'withdrawal'; no: bigint; said: ProgramOrder | undefined; order: Withdrawal }
  | { kind: 'transfer'; no: bigint; said: ProgramOrder | undefined; order: TransferOrder }

export type InRecord =
  | { kind: 'deposit'; no: bigint; order: DepositOrder }
  | { kind: 'transfer'; no: bigint; order: TransferOrder }

/** The orders that number and own id leave: undefined where neither was given. */
async function narrowed(
  bank: Bank,
  { bookId, personNo }: Reader,
  { no, ids, outBizId }: RecordFilter,
  kinds: readonly NumberedKind[],
): Promise<readonly string[] | undefined> {
  const sets: (readonly string[])[] = []
  if (ids !== undefined) sets.push(ids)
  if (no !== undefined) {
    const order = no === null ? undefined : await orderByNumber(bank.db, bookId, no)
    sets.push(order && kinds.includes(order.kind) ? [order.id] : [])
  }
  if (outBizId !== undefined) sets.push(await ordersByOutBizId(bank.db, bookId, personNo, outBizId))
  const [first, ...others] = sets
  return first?.filter((id) => others.every((set) => set.includes(id)))
}

const newestFirst = (a: { order: { created_at: Date; id: string } }, b: { order: { created_at: Date; id: string } }) =>
  b.order.created_at.getTime() - a.order.created_at.getTime() || (a.order.id < b.order.id ? 1 : -1)

/** `kind` leaves one of the two. */
export async function recordsOut(
  bank: Bank,
  reader: Reader,
  filter: RecordFilter,
  kind?: 'withdrawal' | 'transfer',
): Promise<OutRecord[]> {
  const { bookId, personNo } = reader
  const { asset, txHash, remark, from, until, limit } = filter
  const ids = await narrowed(bank, reader, filter, ['withdrawal', 'transfer'])
  if (ids?.length === 0) return []
  // a withdrawal has no remark; a payment within the bank no hash, and is in USDT
  const [withdrawals, transfers] = await Promise.all([
    kind !== 'transfer' && remark === undefined
      ? withdrawalsFiltered(bank.db, bookId, personNo, { ids, asset, txHash, from, until, limit })
      : [],
    kind !== 'withdrawal' && txHash === undefined && asset !== 'TRX'
      ? transfersFiltered(bank.db, bookId, personNo, 'out', { ids, memo: remark, from, until, limit })
      : [],
  ])
  const found = [
    ...withdrawals.map((order) => ({ kind: 'withdrawal' as const, order })),
    ...transfers.map((order) => ({ kind: 'transfer' as const, order })),
  ]
  const shown = found.sort(newestFirst).slice(0, limit)
  const [no, said] = await Promise.all([
    numbersOf(bank, bookId, shown),
    programOrders(
      bank,
      bookId,
      personNo,
      shown.map(({ order }) => order.id),
    ),
  ])
  return shown.map((one) => ({ ...one, no: no(one.order.id), said: said.get(one.order.id) }))
}

export async function recordsIn(
  bank: Bank,
  reader: Reader,
  filter: RecordFilter,
  kind?: 'deposit' | 'transfer',
): Promise<InRecord[]> {
  const { bookId, personNo } = reader
  const { asset, txHash, from, until, limit } = filter
  const ids = await narrowed(bank, reader, filter, ['deposit', 'transfer'])
  if (ids?.length === 0) return []
  const [deposits, transfers] = await Promise.all([
    kind !== 'transfer' ? depositsFiltered(bank.db, bookId, personNo, { ids, asset, txHash, from, until, limit }) : [],
    kind !== 'deposit' && txHash === undefined && asset !== 'TRX'
      ? transfersFiltered(bank.db, bookId, personNo, 'in', { ids, from, until, limit })
      : [],
  ])
  const found = [
    ...deposits.map((order) => ({ kind: 'deposit' as const, order })),
    ...transfers.map((order) => ({ kind: 'transfer' as const, order })),
  ]
  const shown = found.sort(newestFirst).slice(0, limit)
  const no = await numbersOf(bank, bookId, shown)
  return shown.map((one) => ({ ...one, no: no(one.order.id) }))
}

const numbersOf = (
  bank: Bank,
  bookId: number,
  shown: readonly { kind: NumberedKind; order: { id: string; created_at: Date } }[],
) =>
  orderNumbers(
    bank.db,
    bookId,
    shown.map(({ kind, order }) => ({ kind, id: order.id, createdAt: order.created_at })),
  )
