// Partners of the fiat ramp as rows: what they are called on the wire, what they may do, and what it costs.
// Must stay true: terms are changed by an approval or from a shell; what an order was made by stays with the order.

import { brokenKey, type Queries, type Tx } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { isId, newId } from '../../base/ids.ts'

/** Where a partner's customers pay fiat to. Each a text, empty where there is none. */
export const receiveFields = [
  'bankName',
  'account',
  'firstName',
  'middleName',
  'lastName',
  'country',
  'province',
  'city',
  'address',
  'bankAddress',
  'bankCountry',
  'bankProvince',
  'bankCity',
  'swift',
] as const
export type ReceiveAccount = Readonly<Record<(typeof receiveFields)[number], string>>

export interface Terms {
  name: string
  sources: readonly string[]
  release: 'manual' | 'automatic'
  /** USDT units: orders up to this are not reviewed by operators when the customer's identity is known. */
  autoUpTo: bigint
  /** Shares of the USDT, in millionths. */
  feeRate: bigint
  channelFeeRate: bigint
  orderMin: bigint
  orderMax: bigint
  /** In each direction, over 24 hours. */
  perDay: bigint
  /** How much USDT the house may have given for fiat beyond what it took. */
  floatLimit: bigint
  /** How long a customer has to pay once an order is approved. */
  payMinutes: number
  callbackUrl: string
  receiveAccount: ReceiveAccount
}

export interface Partner extends Terms {
  id: string
  /** Of its accounts. */
  no: number
  status: 'active' | 'disabled'
  createdAt: Date
  updatedAt: Date
}

const COLUMNS = `id, no, name, status, sources, release, auto_up_to as "autoUpTo", fee_rate as "feeRate",
  channel_fee_rate as "channelFeeRate", order_min as "orderMin", order_max as "orderMax", per_day as "perDay",
  float_limit as "floatLimit", pay_minutes as "payMinutes", callback_url as "callbackUrl",
  receive_account as "receiveAccount", created_at as "createdAt", updated_at as "updatedAt"`

const termValues = (terms: Terms) => [
  terms.name,
  terms.sources,
  terms.release,
  terms.autoUpTo,
  terms.feeRate,
  terms.channelFeeRate,
  terms.orderMin,
  terms.orderMax,
  terms.perDay,
  terms.floatLimit,
  terms.payMinutes,
  terms.callbackUrl,
  JSON.stringify(terms.receiveAccount),
]

/** Refuses `ContactTaken` when another partner has the name. */
export async function insertPartner(tx: Tx, bookId: number, terms: Terms, at: Date): Promise<Partner> {
  const id = newId()
  await naming(() =>
    tx.query(
      'ramp-partner-insert',
      `insert into ramp_partners (book_id, id, no, name, sources, release, auto_up_to, fee_rate, channel_fee_rate, order_min,
         order_max, per_day, float_limit, pay_minutes, callback_url, receive_account, created_at, updated_at)
       select $1, $2, 1 + coalesce(max(no), 0), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb, $3, $3
       from ramp_partners where book_id = $1`,
      [bookId, id, at, ...termValues(terms)],
    ),
  )
  return partnerById(tx, bookId, id)
}

export const updatePartner = (tx: Tx, bookId: number, id: string, terms: Terms, at: Date): Promise<unknown> =>
  naming(() =>
    tx.query(
      'ramp-partner-update',
      `update ramp_partners set name = $4, sources = $5, release = $6, auto_up_to = $7, fee_rate = $8, channel_fee_rate = $9,
         order_min = $10, order_max = $11, per_day = $12, float_limit = $13, pay_minutes = $14, callback_url = $15,
         receive_account = $16::jsonb, updated_at = $3
       where book_id = $1 and id = $2`,
      [bookId, id, at, ...termValues(terms)],
    ),
  )

async function naming<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (brokenKey(error) === 'ramp_partners_name')
      throw new Refusal('InvalidParams', { reason: 'another partner has this name' })
    throw error
  }
}

/** False when it was so already. */
export async function setPartnerStatus(
  q: Queries,
  bookId: number,
  id: string,
  status: Partner['status'],
  at: Date,
): Promise<boolean> {
  const changed = await q.query(
    'ramp-partner-status',
    'update ramp_partners set status = $3, updated_at = $4 where book_id = $1 and id = $2 and status <> $3 returning 1',
    [bookId, id, status, at],
  )
  return changed.length > 0
}

/** Refuses `NotFound`. */
export async function partnerById(q: Queries, bookId: number, id: string): Promise<Partner> {
  if (!isId(id)) throw new Refusal('NotFound')
  const [partner] = await q.query<Partner>(
    'ramp-partner-by-id',
    `select ${COLUMNS} from ramp_partners where book_id = $1 and id = $2`,
    [bookId, id],
  )
  if (!partner) throw new Refusal('NotFound')
  return partner
}

export async function partnerByName(q: Queries, bookId: number, name: string): Promise<Partner | undefined> {
  const [partner] = await q.query<Partner>(
    'ramp-partner-by-name',
    `select ${COLUMNS} from ramp_partners where book_id = $1 and lower(name) = lower($2)`,
    [bookId, name],
  )
  return partner
}

export const partners = (q: Queries, bookId: number, page: { offset: number; size: number }): Promise<Partner[]> =>
  q.query<Partner>(
    'ramp-partners',
    `select ${COLUMNS} from ramp_partners where book_id = $1 order by no limit $2 offset $3`,
    [bookId, page.size, page.offset],
  )
