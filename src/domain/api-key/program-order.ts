// What a program asked for, beside the order that came of it: its own id for it, and whom it named by what.
// Must stay true: written with the order, or not at all; a program's own id names one order of its kind for ever,
// whichever of the customer's keys is used; a contact as it was typed lies sealed.

import { seal, unseal } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { type Row, rowTable } from '../../ledger/rows.ts'
import type { Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'

export type ProgramOrderKind = 'withdrawal' | 'transfer' | 'transfer_internal'
export type ToType = 'uid' | 'phone' | 'email'

const context = (bookId: number, id: string) => `program order ${bookId} ${id}`
export const sealedProgramOrders: SealedColumn = {
  table: 'program_orders',
  column: 'to_sealed',
  key: { order_id: 'uuid' },
  context,
}

type OrderRow = {
  book_id: number
  order_id: string
  order_kind: ProgramOrderKind
  person_no: bigint
  key_id: string
  out_biz_id: string | null
  to_type: ToType | null
  to_sealed: Buffer | null
  created_at: Date
}

const table = rowTable<OrderRow>('program_orders', {
  book_id: 'integer',
  order_id: 'uuid',
  order_kind: 'text',
  person_no: 'bigint',
  key_id: 'text',
  out_biz_id: 'text',
  to_type: 'text',
  to_sealed: 'bytea',
  created_at: 'timestamptz',
})

/** A phone number comes with its country's calling code. */
export type NamedRecipient =
  | { type: 'uid' }
  | { type: 'phone'; countryCode: string; number: string }
  | { type: 'email'; email: string }

/** What a program says with an order. */
export interface Asked {
  keyId: string
  outBizId: string | undefined
  to?: NamedRecipient
}

/** The row of a posting that makes the order. */
export function programOrderRow(
  bank: Bank,
  bookId: number,
  order: { id: string; kind: ProgramOrderKind; personNo: bigint },
  { keyId, outBizId, to }: Asked,
  at: Date,
): Row {
  const sealed =
    to === undefined || to.type === 'uid'
      ? null
      : seal(bank.keys.personal, JSON.stringify(to), context(bookId, order.id))
  return table.row({
    book_id: bookId,
    order_id: order.id,
    order_kind: order.kind,
    person_no: order.personNo,
    key_id: keyId,
    out_biz_id: outBizId ?? null,
    to_type: to?.type ?? null,
    to_sealed: sealed,
    created_at: at,
  })
}

export interface ProgramOrder {
  outBizId: string | null
  to: NamedRecipient | null
}

/** What programs said with these orders of a customer, by order. */
export async function programOrders(
  bank: Bank,
  bookId: number,
  personNo: bigint,
  ids: readonly string[],
): Promise<Map<string, ProgramOrder>> {
  const rows = await bank.db.query<{
    order_id: string
    out_biz_id: string | null
    to_type: ToType | null
    to_sealed: Buffer | null
  }>(
    'program-orders',
    `select order_id, out_biz_id, to_type, to_sealed from program_orders
     where book_id = $1 and person_no = $2 and order_id = any ($3::uuid[])`,
    [bookId, personNo, ids],
  )
  return new Map(
    rows.map(({ order_id: id, out_biz_id: outBizId, to_type: type, to_sealed: sealed }) => {
      const opened = sealed && (JSON.parse(unseal(bank.keys.personal, sealed, context(bookId, id))) as NamedRecipient)
      return [id, { outBizId, to: opened ?? (type === 'uid' ? { type } : null) }]
    }),
  )
}

/** The orders of a customer that programs gave this id: one of each kind at most. */
export async function ordersByOutBizId(
  q: Queries,
  bookId: number,
  personNo: bigint,
  outBizId: string,
): Promise<string[]> {
  const rows = await q.query<{ order_id: string }>(
    'program-orders-by-out-biz',
    'select order_id from program_orders where book_id = $1 and person_no = $2 and out_biz_id = $3',
    [bookId, personNo, outBizId],
  )
  return rows.map((row) => row.order_id)
}
